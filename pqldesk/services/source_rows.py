"""What the Sources and Settings pages show beside connections and settings, as rows."""

from dataclasses import dataclass
from datetime import datetime

from pqldesk.services.record_rows import SuggestionShown

LABEL, EVENT = "feature_label.", "event_map."  # settings of names, before the key they name


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """One glm_content value; *registered* is False for one that only arrived."""

    glm_content: str
    note: str
    place: str | None
    registered: bool
    submissions: int
    last_at: datetime | None
    leads: int = 0
    qualified: int = 0
    won: int = 0


@dataclass(frozen=True, slots=True)
class ReportRow:
    """What a page reports of its buttons: *problem* missing or duplicate, *buttons* that carry the value there."""

    problem: str
    glm_content: str
    page: str
    button_text: str
    buttons: int
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class LooseEnds:
    """What waits for somebody to decide: pairs of leads that may be one person, events that do not count yet."""

    suggestions: tuple[SuggestionShown, ...] = ()
    set_aside: int = 0
    reasons: tuple[tuple[str, int], ...] = ()  # why events were set aside, how many for each


@dataclass(frozen=True, slots=True)
class NameRow:
    """One key of a source. *setting* is what stores its *label*; empty while nobody has given one."""

    setting: str
    key: str
    label: str

    @property
    def is_feature(self) -> bool:
        return self.setting.startswith(LABEL)


@dataclass(frozen=True, slots=True)
class BackupRow:
    """One copy of the workspace file. *daily* ones are made by themselves and replaced after seven days."""

    file: str
    at: datetime
    size: int
    daily: bool


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """What the Settings page says of the workspace's files; sizes in bytes, 0 for a database on a server."""

    place: str
    is_file: bool
    size: int
    log: str
    backups: tuple[BackupRow, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueLink:
    """A system on the way of a lead: at which step it stands, and where it shows its queue or log, "" for nowhere."""

    system: str
    name: str
    step: str
    url: str


@dataclass(frozen=True, slots=True)
class PullRow:
    """One source that is pulled. *state*: running, ok, waiting (is tried again by itself), problem (needs a person),
    off (only on request), new.

    *fresh_at*: everything from before then is here. *rows*: of this run or the last; *total*: ever. *has_columns*:
    somebody may choose the columns it is read by.
    """

    source: str
    title: str
    url: str
    state: str
    fresh_at: datetime | None
    next_at: datetime | None
    every_s: int | None
    rows: int
    total: int
    saying: str
    problem: str
    has_columns: bool = False


@dataclass(frozen=True, slots=True)
class AsideRow:
    """One event that does not count. *event_id* is what a release asks for."""

    event_id: str
    event: str
    key: str | None
    occurred_at: datetime
    identity: str
    reason: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """Events that are set aside: how many, and the oldest of them."""

    total: int
    rows: tuple[AsideRow, ...]
