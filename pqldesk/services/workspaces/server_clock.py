"""Whether this computer's clock agrees with the workspace's server: claims and deadlines are read by both."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from pqldesk.services.basics.places import shown
from pqldesk.services.basics.problems import WorkspaceProblem
from pqldesk.services.basics.texts import _

TOLERATED_S: Final = 60.0


def clock_off_s(session: Session) -> float | None:
    """Seconds that the server's clock is ahead of this computer's, half the way there taken off; None in a file."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    session.execute(text("SELECT 1"))  # so that connecting is not measured
    asked = datetime.now(UTC)
    there: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    answered = datetime.now(UTC)
    return (there - asked).total_seconds() - (answered - asked).total_seconds() / 2


def skewed(place: Path | str, off_s: float | None) -> WorkspaceProblem | None:
    """The sentence for clocks that differ by more than a minute."""
    if off_s is None or abs(off_s) <= TOLERATED_S:
        return None
    minutes = round(abs(off_s) / 60)
    much = _("{n} min").format(n=minutes) if minutes < 120 else _("{n} h").format(n=round(abs(off_s) / 3_600))
    sentence = (
        _("This computer's clock is {much} behind that of {place}.")
        if off_s > 0
        else _("This computer's clock is {much} ahead of that of {place}.")
    )
    return WorkspaceProblem(
        sentence.format(much=much, place=shown(place)),
        _("Set it right: claims, leases and response times are counted by it."),
    )
