"""Settings, scoring models, saved views, and the batches that imports and syncs brought."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When


class Setting(Base):
    """One setting that differs from its default."""

    __tablename__ = "setting"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)
    value: Mapped[str]


class ScoringModelVersion(Base):
    """One version of a scoring model; exactly one row is live."""

    __tablename__ = "scoring_model_version"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[Key]
    name: Mapped[str]
    version: Mapped[int]
    spec: Mapped[Json]
    live: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    created_at: Mapped[When]


class SavedView(Base):
    """A view of the queue that somebody saved: filters and order as data."""

    __tablename__ = "saved_view"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    spec: Mapped[Json]
    owner: Mapped[str | None]
    position: Mapped[int] = mapped_column(default=0)


class ViewLayout(Base):
    """How one rep keeps one view: its place among the tabs, and its columns where they differ from the view's own."""

    __tablename__ = "view_layout"
    __table_args__ = (UniqueConstraint("rep", "view"),)

    id: Mapped[Key]
    rep: Mapped[str]
    view: Mapped[str]
    columns: Mapped[Json | None]  # [[key, width], ...]
    position: Mapped[int | None]
    pinned: Mapped[bool] = mapped_column(default=True)


class Placement(Base):
    """A registered glm_content value: where a hand-raise button stands."""

    __tablename__ = "placement"

    id: Mapped[Key]
    glm_content: Mapped[str] = mapped_column(unique=True)
    note: Mapped[str]
    place: Mapped[str | None]
    created_at: Mapped[When]


class PlacementReport(Base):
    """What a page's buttons told: one without glm-content (*glm_content* ''), or one value on several buttons."""

    __tablename__ = "placement_report"
    __table_args__ = (UniqueConstraint("problem", "glm_content", "page"),)

    id: Mapped[Key]
    problem: Mapped[str]  # missing, duplicate
    glm_content: Mapped[str]
    page: Mapped[str]
    button_text: Mapped[str]
    buttons: Mapped[int]  # that carry it on that page
    times: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[When]
    last_at: Mapped[When] = mapped_column(index=True)


class Batch(Base):
    """What one import or one page of a sync brought."""

    __tablename__ = "batch"

    id: Mapped[Key]
    kind: Mapped[str]
    source: Mapped[str]
    file: Mapped[str | None]
    at: Mapped[When]
    rows: Mapped[Big] = mapped_column(default=0)
    created: Mapped[Big] = mapped_column(default=0)
    updated: Mapped[Big] = mapped_column(default=0)
    duplicates: Mapped[Big] = mapped_column(default=0)
    rejected: Mapped[Big] = mapped_column(default=0)
    set_aside: Mapped[Big] = mapped_column(default=0)
    rejects_file: Mapped[str | None]
    finished: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None]


class BatchRow(Base):
    """A row that existed before and that a batch changed: what it held before and after."""

    __tablename__ = "batch_row"

    id: Mapped[Key]
    batch_id: Mapped[Big] = mapped_column(ForeignKey("batch.id"), index=True)
    table: Mapped[str]
    row_id: Mapped[Big]
    before: Mapped[Json]
    after: Mapped[Json]


class ImportMapping(Base):
    """The columns of a file as last mapped, found again by the file's header."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("kind", "signature"),)

    id: Mapped[Key]
    kind: Mapped[str]
    signature: Mapped[str]
    mapping: Mapped[Json]
    at: Mapped[When]


class WrittenFile(Base):
    """An export, rejects file or backup that PQLDesk wrote: erasing a person must find them.

    A path means something on one computer only. In a team workspace the server says whose login wrote it, so that
    nobody can have a file of somebody else deleted by naming it here.
    """

    __tablename__ = "written_file"

    id: Mapped[Key]
    path: Mapped[str]
    kind: Mapped[str]
    at: Mapped[When]
    machine: Mapped[str | None]
    login: Mapped[str | None]


class Runner(Base):
    """Who is delivering or syncing right now. A dead holder's heartbeat stops, and another takes over."""

    __tablename__ = "runner"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    since: Mapped[When]
    heartbeat_at: Mapped[When]
