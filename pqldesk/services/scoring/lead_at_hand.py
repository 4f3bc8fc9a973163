"""A lead while it is being rescored: its columns as they are stored, and what is measured of it now."""

from typing import Any

import msgspec

from pqldesk.services.scoring.rules import Earned

KNOWN = ("signup_at", "hand_raised_at", "owner", "first_touch_at")
WRITTEN = (
    "score", "fit", "excluded", "qualified", "qualified_at", "activation", "signals", "milestones",
    "last_active_at", "signed_up_at", "due_at", "model_version_id", "state", "respond_by",
    "known_qualified_at",
)  # fmt: skip
_START, _END = 1 + len(KNOWN), 1 + len(KNOWN) + len(WRITTEN)
_NOTHING_EARNED = Earned((), 0, 0, "[]")
_milestones_in = msgspec.json.Decoder(dict[str, int | None]).decode
signals_in = msgspec.json.Decoder(list[tuple[int, int]]).decode


class LeadAtHand:
    """A lead's columns as the driver gave them, and what is measured of it now."""

    __slots__ = (
        "_milestones",
        "_signals",
        "about",
        "earned",
        "first_touch_at",
        "hand_raised_at",
        "id",
        "known_qualified_at",
        "lapse_day",
        "milestones_text",
        "new_from",
        "owner",
        "qualified",
        "qualified_at",
        "respond_by",
        "score",
        "signup_at",
        "state",
        "stored",
        "values",
        "version_id",
    )  # fmt: skip

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.id: int = row[0]
        self.signup_at: int | None
        self.hand_raised_at: int | None
        self.owner: str | None
        self.first_touch_at: int | None
        _, self.signup_at, self.hand_raised_at, self.owner, self.first_touch_at = row[:_START]
        self.stored = row[_START:_END]  # in the order of WRITTEN
        self.about = row[_END:]
        (
            self.score, _, _, self.qualified, self.qualified_at, _, self._signals, self.milestones_text,
            _, _, _, self.version_id, self.state, self.respond_by,
            self.known_qualified_at,
        ) = self.stored  # fmt: skip
        self._milestones: dict[str, int | None] | None = None
        self.values: tuple[int, ...] = ()
        self.earned: Earned = _NOTHING_EARNED
        self.lapse_day: int | None = None
        self.new_from: int | None = None  # what was reached before it stands; None: work everything out again

    @property
    def milestones(self) -> dict[str, int | None]:
        if self._milestones is None:
            self._milestones = _milestones_in(self.milestones_text) if self.milestones_text else {}
        return self._milestones

    @property
    def points(self) -> tuple[int, ...]:
        return tuple([pair[1] for pair in signals_in(self._signals)]) if self._signals else ()

    @property
    def crossing_stands(self) -> bool:
        """It lies before everything that is new."""
        return (
            self.new_from is not None and self.qualified_at is not None and self.new_from > self.qualified_at
        )
