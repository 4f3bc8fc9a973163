"""Text from outside, made safe to show: nothing in it steers a terminal or turns the reading direction of what follows.

The controls are told by number, so that this file does not hold what it guards against.
"""

from typing import Final

_KEPT: Final = frozenset({0x09, 0x0A})  # tab and line feed
_CONTROLS: Final = (*range(0x20), *range(0x7F, 0xA0))  # C0, DEL, C1
# Embeddings, overrides and isolates. The marks of Hebrew and Arabic, and joiners, are no danger and stay.
_DIRECTIONS: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_BREAKS: Final = (0x2028, 0x2029)
_REMOVED: Final = {
    **{number: None for number in (*_CONTROLS, *_DIRECTIONS) if number not in _KEPT},
    **dict.fromkeys(_BREAKS, " "),
}


def plain(text: str) -> str:
    """*text* without control characters (tab and line feed stay), direction overrides and lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_REMOVED).encode("utf-8", "replace").decode()


def is_sound(text: str) -> bool:
    """Whether *text* can be stored and sent at all: no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
