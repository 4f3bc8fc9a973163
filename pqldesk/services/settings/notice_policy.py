"""When a notice may pop up: quiet hours, a budget of messages a day, or one digest at a fixed time.

All in the workspace's zone and by what its clocks show, so quiet hours keep their times when the clocks change.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pqldesk.services.basics.moments import local_days, micros, moment, wall_time

SINGLY = 3  # so many at once pop up one by one; more are summed up in one message


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one workspace. *quiet* is two minutes of the day, *digest* one; *budget* counts messages a day."""

    zone: ZoneInfo
    quiet: tuple[int, int] | None = None
    budget: int = 20
    digest: int | None = None

    def is_quiet(self, at: datetime) -> bool:
        """Whether *at* lies in the quiet hours, which may run over midnight."""
        if self.quiet is None:
            return False
        local = at.astimezone(self.zone)
        minute, (begin, end) = local.hour * 60 + local.minute, self.quiet
        return begin <= minute < end if begin < end else minute >= begin or minute < end

    def day_began(self, at: datetime) -> datetime:
        """The midnight before *at*: the budget counts from there."""
        days = local_days(self.zone)
        return moment(days.midnight(days.day_of(micros(at))))

    def digest_before(self, at: datetime) -> datetime:
        """The last moment at which a digest was due; what came after it waits for the next."""
        if self.digest is None:
            return at
        day = local_days(self.zone).day_of(micros(at))
        today = moment(wall_time(day, *divmod(self.digest, 60), self.zone))
        return today if today <= at else moment(wall_time(day - 1, *divmod(self.digest, 60), self.zone))

    def messages(self, waiting: int, told_today: int) -> int:
        """How many messages *waiting* notices make now: one for each, one for all, or none."""
        left = self.budget - told_today
        if not waiting or left <= 0:
            return 0
        singly = self.digest is None and waiting <= min(SINGLY, left)
        return waiting if singly else 1


def policy_of(zone: ZoneInfo, quiet: str, budget: str, digest: str) -> Policy:
    """From the texts of the settings."""
    spans = [_minute(part) for part in quiet.split("-")] if quiet else []
    return Policy(
        zone,
        (spans[0], spans[1]) if spans else None,
        int(budget),
        _minute(digest) if digest else None,
    )


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
