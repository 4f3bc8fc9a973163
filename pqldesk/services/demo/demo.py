"""The demo's workspace: the sample, imported as everybody's files are, and what two reps have done with it since."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.ids import LEAD, public_id, row_number
from pqldesk.models.people import Lead
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.places import FILE_NAME, default_place
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.basics.texts import _
from pqldesk.services.claims import claim_lead
from pqldesk.services.crm.connecting import Connected, ConnectRequest, connect
from pqldesk.services.delivery.deliver import Delivered, run_outbox
from pqldesk.services.demo.sample import CONNECTED, FEATURE_LABELS, SETTINGS, SOURCE, mark_sample
from pqldesk.services.demo.story import Step, Story
from pqldesk.services.demo.team import BEGAN, gather_team, set_rules
from pqldesk.services.files.refusals import unwritable
from pqldesk.services.handoffs.handoff import HandoffPushed, handoff_draft, push_handoff
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import FileResult, ImportOptions
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.tasks import add_task
from pqldesk.services.net import run_network
from pqldesk.services.outbox.playbooks import approve_playbook
from pqldesk.services.queue.find import lead_of
from pqldesk.services.sample_files import sample_files, sample_placements
from pqldesk.services.score_now import ScoreSummary, score_now
from pqldesk.services.sources.placements import add_placement
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

IMPORTED_BEFORE = timedelta(minutes=20)  # the demo's now
IMPORTED_AT = time(8, 40)  # on the days before
REP = SETTINGS["rep"]
PLAYBOOKS = ("signup", "qualification")
DEAL_VALUE = 18_000


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a rep did with the lead that had raised a hand, and what was delivered."""

    lead_id: str
    email: str
    pushed: HandoffPushed
    delivered: Delivered


def demo_place() -> Path:
    """Where the demo's workspace is: a folder of its own beside the default one."""
    return default_place().parent / "demo" / FILE_NAME


def fresh_workspace(place: Path) -> Workspace:
    """A new workspace at *place*; an earlier demo's is removed.

    Raises NotAllowed where something lies there that is not of the demo, BadInput where nothing can be written.
    """
    marker = place.with_name("demo-workspace")
    if place.exists() and not marker.exists():
        raise NotAllowed(
            _("{place} is a workspace of somebody's own.").format(place=place),
            _("Name another place: the demo makes its own and replaces it."),
        )
    try:
        for old in place.parent.glob(f"{place.name}*"):
            old.unlink()
        place.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text("The demo replaces the workspace in this folder at each start.\n", "utf-8")
    except OSError as refused:
        raise unwritable(marker, refused) from None
    return open_workspace(place, create=True)


def set_up(db: Database, at: datetime) -> None:
    """Settings, placements and the team, as they were before the first file came."""
    db.write(_set_up, at).result()
    db.write(gather_team, at).result()


def live(db: Database, folder: Path, at: datetime, *, crm: bool) -> list[FileResult]:
    """Take in the sample's files week by week, and let two reps work the leads that qualified; with a *crm* some are
    handed over to it. The lead that raised_hand() names is left as it is.

    The newest usage is of the day before *at*. The moved copies of the files stay in *folder*, with the rows that were
    rejected beside them.
    """
    try:
        files = sample_files(folder, at.date())
    except OSError as refused:
        raise unwritable(folder, refused) from None
    results, story = [], Story(at, crm=crm)
    for days_ago, came_together in groupby(files, attrgetter("days_ago")):
        came = _came(db, at, days_ago)
        _carry_out(db, story.next(came))
        db.write(set_rules, active=False).result()
        for file in came_together:
            options = ImportOptions(source=SOURCE, rejects_dir=folder)
            results.append(
                import_file(db, file.kind, file.path, options, at=came, actor=REP, fallback_dir=folder)
            )
        db.write(set_rules, active=True).result()
        db.read(story.hear).result()
    db.write(mark_sample).result()
    spared = db.read(raised_hand).result()
    db.read(story.end, None if spared is None else row_number(LEAD, spared)).result()
    _carry_out(db, story.next(at))
    return results


def _came(db: Database, at: datetime, days_ago: int) -> datetime:
    """When the files of that day came: in the morning, the last ones just now."""
    if not days_ago:
        return at - IMPORTED_BEFORE
    zone = db.read(settings.zone).result()
    return datetime.combine(at.date() - timedelta(days=days_ago), IMPORTED_AT, zone).astimezone(UTC)


def _carry_out(db: Database, steps: list[Step]) -> None:
    for step in steps:
        db.write(step.do, step.at).result()
        if step.delivers:
            _deliver(db, step.at + timedelta(seconds=20))


def _set_up(session: Session, at: datetime) -> Changes:
    for key, text in SETTINGS.items():
        settings.store(session, key, text)
    for key, label in FEATURE_LABELS.items():
        settings.store(session, f"feature_label.{key}", label)
    for row in sample_placements():
        add_placement(session, row["glm_content"], REP, at - BEGAN, note=row["note"], place=row["place"])
    return Changes.to(Topic.SETTINGS, Topic.LEADS, Topic.SOURCES)


def connect_sandbox(db: Database, url: str, token_variable: str, at: datetime) -> Connected:
    """Connect the local CRM; its token is in the environment variable of that name."""
    request = ConnectRequest(
        "attio", url, {"token": token_variable}, {CONNECTED: "yes"}, default_owner=SETTINGS["default_owner"]
    )
    return run_network(db, connect, request, at)


def _deliver(db: Database, at: datetime) -> Delivered:
    """Run the outbox as it would have run at that moment: what it stamps is the story's time, not today's."""
    pinned = os.environ.get("PQLDESK_NOW")
    os.environ["PQLDESK_NOW"] = at.isoformat()
    try:
        return run_outbox(db, max_wait_s=10)
    finally:
        if pinned is None:
            del os.environ["PQLDESK_NOW"]
        else:
            os.environ["PQLDESK_NOW"] = pinned


def approve_playbooks(db: Database, at: datetime) -> None:
    """Switch on what should write by itself from now on; what is past stays as it is."""
    for name in PLAYBOOKS:
        db.write(approve_playbook, name, REP, at - IMPORTED_BEFORE).result()


def bring_up_to_date(db: Database, at: datetime) -> ScoreSummary:
    """Scores, leases and sleeps as of now."""
    return db.write(score_now, at).result()


def raised_hand(session: Session) -> str | None:
    """The best lead that asked to talk to sales and that nobody has claimed."""
    found = session.scalar(
        select(Lead.id)
        .where(
            Lead.hand_raised_at.is_not(None), Lead.is_open == 1, Lead.owner.is_(None), Lead.email.is_not(None)
        )
        .order_by(Lead.score.desc(), Lead.active_order.desc(), Lead.id)
        .limit(1)
    )
    return None if found is None else public_id(LEAD, found)


def hand_over(db: Database, lead_id: str, at: datetime) -> HandedOver:
    """Claim the lead, add a task and a note, hand it off to the CRM and deliver what that queued."""

    def command(act: Callable[[Session, Lead], object]) -> None:
        db.write(lambda session: act(session, lead_of(session, lead_id))).result()

    command(lambda session, lead: claim_lead(session, lead, REP, at - timedelta(minutes=12)))
    command(
        lambda session, lead: add_task(
            session, lead, "Call back about the request", REP, at - timedelta(minutes=9)
        )
    )
    command(
        lambda session, lead: add_note(
            session,
            lead,
            "Called: budget is there, decision before the trial ends.",
            REP,
            at - timedelta(minutes=3),
        )
    )
    draft = db.read(handoff_draft, lead_id, REP, at).result()
    pushed = db.write(
        push_handoff, replace(draft, deal_value=DEAL_VALUE), REP, at - timedelta(minutes=1)
    ).result()
    delivered = _deliver(db, at - timedelta(seconds=40))
    email = db.read(lambda session: lead_of(session, lead_id).email).result() or ""
    return HandedOver(lead_id, email, pushed, delivered)
