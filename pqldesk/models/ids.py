"""Public ids: a letter and six Crockford base-32 characters of the row number, so that text order is row order."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WIDTH = 6  # 32**6: a thousand million rows of each kind
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}

LEAD, COMPANY, TRIAL, TASK, NOTE, HANDOFF, ITEM, BATCH, SUGGESTION, ASIDE, NOTICE, CONFLICT, RULE = (
    "LCRTNHOBSXYKE"
)


def public_id(letter: str, number: int) -> str:
    """``public_id(LEAD, 42)`` is ``L00001A``."""
    text = ""
    while number:
        number, digit = divmod(number, 32)
        text = ALPHABET[digit] + text
    return letter + text.rjust(WIDTH, "0")


def row_number(letter: str, text: str) -> int | None:
    """The row number in a public id of that letter, or None when *text* is no such id."""
    folded = text.strip().upper()
    if len(folded) < WIDTH + 1 or folded[0] != letter:
        return None
    number = 0
    for character in folded[1:]:
        if character not in _VALUES:
            return None
        number = number * 32 + _VALUES[character]
    return number
