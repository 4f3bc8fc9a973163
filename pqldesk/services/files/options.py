"""How the values of a file are to be read: what the user said, or the workspace's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from pqldesk.services.basics.texts import n_
from pqldesk.services.files.bytesource import Format
from pqldesk.services.files.times import TimeReader
from pqldesk.services.files.values import EMPTY_TEXTS, NumberStyle


@dataclass(frozen=True, slots=True)
class ValueOptions:
    """*zone* is meant by times that name none. *event_map*: event name (folded) to kind, beside the defaults.

    *day_first* None refuses dates such as 02/01/2014. *null_texts* are empty besides the empty cell; None means
    values.EMPTY_TEXTS in CSV files and sheets, and nothing where the format has a null of its own.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    day_first: bool | None = None
    decimal_comma: bool = False
    currency: str = "USD"
    null_texts: frozenset[str] | None = None
    event_map: Mapping[str, str] = field(default_factory=dict)

    def empty_texts(self, form: Format) -> frozenset[str]:
        """The texts that are empty in a file of that format."""
        if self.null_texts is not None:
            return self.null_texts
        return EMPTY_TEXTS if form in (Format.CSV, Format.WORKBOOK) else frozenset()

    @property
    def style(self) -> NumberStyle:
        return NumberStyle(self.decimal_comma)

    def times(self) -> TimeReader:
        """A reader for the times of one file."""
        return TimeReader(self.zone, self.day_first)


def unzoned_note(count: int, zone: ZoneInfo) -> str:
    """The sentence for times that were taken in that zone."""
    return n_(
        "{n} time without a zone is taken as {zone}.", "{n} times without a zone are taken as {zone}.", count
    ).format(zone=zone.key)
