"""Faults in what we override of Qt's, in a form that Qt's wrappers survive."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from PySide6.QtCore import QObject

#: Overridden by name; those that end in Event are met by that.
_OTHERS: Final = frozenset(("event", "eventFilter", "paint", "data", "sizeHint"))


def keep_sound() -> None:
    """See to every class of ours that is made from now on.

    Python before 3.12 makes the object of an error that C code raises (``{}[[]]``, ``[][1]``) only where somebody
    catches it. PySide 6.11 looks for its arguments earlier, where it leaves a method that Qt called, and the program
    died without a word instead of showing what went wrong. The frame costs 0.05 microseconds a call.
    """
    if sys.version_info < (3, 12):
        cast("Any", QObject).__init_subclass__ = classmethod(_see_to)


def _see_to(cls: Any, /, **options: object) -> None:
    super(QObject, cls).__init_subclass__(**options)
    for name, member in list(vars(cls).items()):
        if (name in _OTHERS or name.endswith("Event")) and callable(member):
            setattr(cls, name, _sound(member))


def _sound(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def made_whole(*args: Any) -> Any:
        try:
            return method(*args)
        except BaseException:  # caught, it is an object
            raise

    return made_whole
