"""The time, in one place: passed on as a value, pinned by PQLDESK_NOW."""

import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _


def now() -> datetime:
    """The current moment in UTC, or the one that PQLDESK_NOW names."""
    pinned = os.environ.get("PQLDESK_NOW")
    return parse_moment(pinned, ZoneInfo("UTC"), "PQLDESK_NOW") if pinned else datetime.now(UTC)


def parse_moment(text: str, zone: ZoneInfo, name: str) -> datetime:
    """Read ISO text: a date alone is the end of that day in *zone*, a time without a zone is in *zone*."""
    try:
        if len(text.strip()) == 10:
            day = date.fromisoformat(text.strip())
            following = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
            return following.astimezone(UTC) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise BadInput(
            _("{name} is {text!r}, which is no ISO date or time.").format(name=name, text=text),
            _("Write it like 2026-11-21 or 2026-11-21T10:00:00Z."),
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def iso(moment: datetime | None) -> str | None:
    """UTC text as in JSON output: ``2026-11-21T10:00:00Z``, a fraction only where there is one."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    if "." in text:
        text = text.rstrip("0")
    return text + "Z"


def told(moment: datetime | None) -> str:
    """The same for people, in sentences and tables: to the second, empty for None."""
    return "" if moment is None else iso(moment.replace(microsecond=0)) or ""
