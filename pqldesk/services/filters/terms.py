"""What a filter is read against: the moment, the zone of days, who asks, the live model."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pqldesk.services.basics.exact import HUNDRED, parts
from pqldesk.services.basics.moments import day_number, local_days, micros
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.language import Clause, Node, clauses_in
from pqldesk.services.scoring.milestones import Milestone
from pqldesk.services.scoring.model import ScoringModel

_UNIT_US = {"hours": 3_600_000_000, "days": 86_400_000_000, "weeks": 7 * 86_400_000_000}


@dataclass(frozen=True)
class Terms:
    """The surroundings of a filter. *rep* None is nobody in particular."""

    at: datetime
    zone: ZoneInfo
    rep: str | None
    model: ScoringModel
    milestones: tuple[Milestone, ...]
    is_sqlite: bool = True

    @property
    def now(self) -> int:
        return micros(self.at)

    def signal_at(self, key: str) -> int:
        """The place of a signal in the model. Call check() first."""
        return next(n for n, signal in enumerate(self.model.signals) if signal.key == key)

    def check(self, node: Node) -> None:
        """BadInput names a band, signal or milestone that this workspace does not have, and those it has."""
        signals = [signal.key for signal in self.model.signals]
        bands = [band.key for band in self.model.bands]
        milestones = [milestone.key for milestone in self.milestones]
        for clause in clauses_in(node):
            known, asked = {
                "signal": (signals, (clause.key,)),
                "milestone": (milestones, (clause.key,)),
                "band": (bands, clause.values),
            }.get(clause.field, ([], ()))
            for one in asked:
                if one not in known:
                    raise BadInput(
                        _("There is no {what} “{key}”.").format(what=clause.field, key=one),
                        _("Known: {known}.").format(known=", ".join(known)),
                    )

    def span(self, clause: Clause) -> tuple[int | None, int | None]:
        """From (inclusive) and to (exclusive) in microseconds of a clause about a time; None is open."""
        op = clause.op
        if op in ("last", "not last"):
            return self.now - self.within(clause), self.now + 1
        if op in ("next", "not next"):
            return self.now + 1, self.now + self.within(clause) + 1
        begin, end = self._day(clause.values[0])
        return {"before": (None, begin), "after": (end, None), "on": (begin, end)}[op]

    def within(self, clause: Clause) -> int:
        """The length of a relative time, such as 7 days, in microseconds."""
        number, unit = clause.values
        return int(number) * _UNIT_US[unit]

    def _day(self, text: str) -> tuple[int, int]:
        """The first microsecond of a day and of the next one; a moment is a day of one microsecond."""
        shift = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(text)
        if shift is not None:
            day = self.at.astimezone(self.zone).date() + timedelta(days=shift)
        elif len(text) > 10:
            moment = datetime.fromisoformat(text)
            at = micros(moment if moment.tzinfo is not None else moment.replace(tzinfo=self.zone))
            return at, at + 1
        else:
            day = datetime.fromisoformat(text).date()
        days, number = local_days(self.zone), day_number(day)
        return days.midnight(number), days.midnight(number + 1)


def hundredths(clause: Clause) -> int:
    """The number of a clause in the field's own unit: scores and fit in hundredths, activation in percent times 100."""
    return parts(clause.values[0], HUNDRED)
