"""Removing the sample: every row it brought and all that hangs on them, in one action."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Delete, Select, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from pqldesk.models.history import Action, ActionRow, ScoreEvent
from pqldesk.models.notices import Notice, NoticeMark
from pqldesk.models.people import (
    Company,
    CompanyKey,
    Hop,
    Identity,
    IdentityLink,
    Lead,
    Merge,
    Submission,
    Suggestion,
    Trial,
)
from pqldesk.models.remote import Connection, OutboxItem, Playbook, RemoteLink
from pqldesk.models.settings import Batch, BatchRow, Placement, Setting, WrittenFile
from pqldesk.models.team import RouteTurn
from pqldesk.models.usage import EventKind, EventSetAside, UsageDay, UsageEvent, UsageTotal
from pqldesk.models.work import Claim, Handoff, HandoffDraft, Note, Task
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.basics.written_files import written_files
from pqldesk.services.demo.team import DANA, INES, MIRA, remove_team
from pqldesk.services.sample_files import sample_placements
from pqldesk.services.scoring.rescore import rescore

SOURCE = "sample"  # of its batches and identities
CONNECTED = "sample"  # the setting of a connection that the sample made
SETTINGS = {"rep": INES, "default_owner": DANA, "role": "manager"}
FEATURE_LABELS = {
    "approvals": "Approvals",
    "bulk-edit": "Bulk edit",
    "dashboards": "Dashboards",
    "filters": "Filters",
    "profile": "Profiles",
    "reports": "Reports",
    "saved-views": "Saved views",
    "search": "Search",
    "shortcuts": "Shortcuts",
    "templates": "Templates",
    "workflows": "Workflows",
}
TOPICS = Changes.to(*Topic)


@dataclass(frozen=True, slots=True)
class SampleRemoved:
    """How many leads and companies went."""

    leads: int
    companies: int
    changes: Changes


def mark_sample(session: Session) -> Changes:
    """Flag what the sample's imports brought, so that it can be told and removed."""
    batches = select(Batch.id).where(Batch.source == SOURCE)
    for table in (Lead, Company):
        session.execute(update(table).where(table.batch_id.in_(batches)).values(sample=True))
    return Changes.to(Topic.LEADS)


def remove_sample(session: Session, actor: str, at: datetime) -> SampleRemoved:
    """Leave only what is not of the sample. A company that others belong to stays as theirs.

    Raises NotFound where there is no sample. It cannot be undone; nothing of anybody's own is lost.
    """
    del actor  # the history of the sample goes too; there is no row left to say who removed it
    leads = select(Lead.id).where(Lead.sample)
    gone = len(session.scalars(leads).all())
    if not gone and not session.scalar(select(exists().where(Company.sample))):
        raise NotFound(_("There is no sample in this workspace."), _("Nothing needs to be removed."))
    others = list(session.scalars(_touched_others()))
    _remove_usage(session, leads)
    _remove_work(session, leads)
    _remove_people(session, leads)
    companies = _remove_companies(session)
    _remove_setup(session)
    session.expire_all()
    rescore(session, others, at, "sample_removed")
    return SampleRemoved(gone, companies, TOPICS)


def _touched_others() -> Select[int]:
    """Leads that stay although usage of the sample hangs on them."""
    batches = select(Batch.id).where(Batch.source == SOURCE)
    used = exists().where(UsageEvent.identity_id == Identity.id, UsageEvent.batch_id.in_(batches))
    return select(Lead.id).join(Identity, Identity.lead_id == Lead.id).where(~Lead.sample, used).distinct()


def _identities(leads: Select[int]) -> ColumnElement[bool]:
    companies = select(Company.id).where(Company.sample)
    return or_(
        Identity.lead_id.in_(leads),
        Identity.company_id.in_(companies),
        Identity.batch_id.in_(select(Batch.id).where(Batch.source == SOURCE)),
    )


def _remove_usage(session: Session, leads: Select[int]) -> None:
    identities = select(Identity.id).where(_identities(leads))
    for table in (UsageEvent, UsageDay, UsageTotal, EventSetAside, IdentityLink):
        session.execute(delete(table).where(table.identity_id.in_(identities)))


def _remove_work(session: Session, leads: Select[int]) -> None:
    actions = select(Action.id).where(Action.lead_id.in_(leads))
    submissions = select(Submission.id).where(Submission.lead_id.in_(leads))
    statements: tuple[Delete, ...] = (
        delete(ActionRow).where(ActionRow.action_id.in_(actions)),
        delete(Action).where(Action.lead_id.in_(leads)),
        delete(OutboxItem).where(OutboxItem.lead_id.in_(leads)),
        *(
            delete(table).where(table.lead_id.in_(leads))
            for table in (Handoff, HandoffDraft, Task, Note, Claim, RouteTurn, ScoreEvent)
        ),
        delete(Notice).where(or_(Notice.lead_id.in_(leads), Notice.rep.in_((DANA, INES, MIRA)))),
        delete(NoticeMark).where(NoticeMark.rep.in_((DANA, INES, MIRA))),
        delete(Suggestion).where(or_(Suggestion.lead_id.in_(leads), Suggestion.other_id.in_(leads))),
        delete(Merge).where(or_(Merge.survivor_id.in_(leads), Merge.loser_id.in_(leads))),
        delete(Hop).where(Hop.submission_id.in_(submissions)),
        delete(Submission).where(Submission.lead_id.in_(leads)),
    )
    for statement in statements:
        session.execute(statement)


def _remove_people(session: Session, leads: Select[int]) -> None:
    batches = select(Batch.id).where(Batch.source == SOURCE)
    session.execute(delete(Trial).where(or_(Trial.lead_id.in_(leads), Trial.batch_id.in_(batches))))
    session.execute(delete(Identity).where(_identities(leads)))
    of_a_lead = or_(*(RemoteLink.kind.startswith(kind) for kind in ("person", "list_entry", "lead_deal")))
    session.execute(delete(RemoteLink).where(of_a_lead, RemoteLink.local_id.in_(leads)))
    session.execute(delete(Lead).where(Lead.sample))


def _remove_companies(session: Session) -> int:
    used = or_(*(exists().where(table.company_id == Company.id) for table in (Lead, Identity, Trial)))
    session.execute(update(Company).where(Company.sample, used).values(sample=False, batch_id=None))
    ids = select(Company.id).where(Company.sample)
    session.execute(delete(CompanyKey).where(CompanyKey.company_id.in_(ids)))
    of_a_company = or_(*(RemoteLink.kind.startswith(kind) for kind in ("company", "deal")))
    session.execute(delete(RemoteLink).where(of_a_company, RemoteLink.local_id.in_(ids)))
    gone = len(session.scalars(ids).all())
    session.execute(delete(Company).where(Company.sample))
    return gone


def _remove_setup(session: Session) -> None:
    """The sample's batches, files, settings, placements and its connection."""
    batches = select(Batch.id).where(Batch.source == SOURCE)
    ours = {str(file.path) for file in written_files(session) if file.is_ours}
    for path in session.scalars(select(Batch.rejects_file).where(Batch.source == SOURCE)):
        if path in ours:
            session.execute(delete(WrittenFile).where(WrittenFile.path == path))
            Path(path).unlink(missing_ok=True)
    session.execute(delete(BatchRow).where(BatchRow.batch_id.in_(batches)))
    session.execute(delete(Batch).where(Batch.source == SOURCE))
    for connection in session.scalars(select(Connection)).all():
        if connection.settings.get(CONNECTED):
            for table in (Playbook, RemoteLink):
                session.execute(delete(table).where(table.system == connection.system))
            session.delete(connection)
    for key, value in (
        SETTINGS | {f"feature_label.{key}": label for key, label in FEATURE_LABELS.items()}
    ).items():
        if settings.value(session, key) == value:
            session.execute(delete(Setting).where(Setting.key == key))
    registered = [row["glm_content"] for row in sample_placements()]
    session.execute(
        delete(Placement).where(
            Placement.glm_content.in_(registered),
            ~exists().where(Submission.glm_content == Placement.glm_content),
        )
    )
    session.execute(delete(EventKind).where(~_kind_used()))
    remove_team(session)
    _remove_traces(session)


def _kind_used() -> ColumnElement[bool]:
    return or_(
        *(exists().where(table.kind_id == EventKind.id) for table in (UsageEvent, UsageTotal, EventSetAside))
    )


def _remove_traces(session: Session) -> None:
    """Actions about the sample that name no lead: its placements and playbooks."""
    people = [*SETTINGS.values(), MIRA]
    actions = select(Action.id).where(
        Action.lead_id.is_(None),
        Action.actor.in_(people),
        Action.name.in_(["placement_added", "playbook_approved", "member_set", "member_away", "route_set"]),
    )
    session.execute(delete(ActionRow).where(ActionRow.action_id.in_(actions)))
    session.execute(delete(Action).where(Action.id.in_(actions)))
