"""How far a piece of work is; standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """*done* counts what the work counts; *text* is for people."""

    done: int
    text: str
