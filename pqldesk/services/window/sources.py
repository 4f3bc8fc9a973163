"""Connections and their mapping, pulls, imports, event rules, placements and the trace of a lead."""

import asyncio
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from pqldesk.services import disconnecting
from pqldesk.services.basics import written_files
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import now
from pqldesk.services.claims import named_rep
from pqldesk.services.crm import connect_remarks, connecting, mapping_edit, team_work
from pqldesk.services.crm import connectable as connectables
from pqldesk.services.crm import source_columns as source_column_queries
from pqldesk.services.crm.connections import connection_rows
from pqldesk.services.crm.mapping_file import MappingTaken
from pqldesk.services.crm.mapping_rows import MappingShown
from pqldesk.services.crm.several import named
from pqldesk.services.crm.sign_in import Browser
from pqldesk.services.events import rule_store as event_rule_store
from pqldesk.services.events.rule_rows import NameRow, RuleDraft, RulePreview, RuleShown
from pqldesk.services.identity import suggestions
from pqldesk.services.imports import listed as imports_list
from pqldesk.services.imports import set_aside as set_aside_queries
from pqldesk.services.leads.probe import send_probe
from pqldesk.services.net import Net
from pqldesk.services.rows import (
    Connectable,
    ConnectionRow,
    ConnectWanted,
    ImportRow,
)
from pqldesk.services.source_rows import (
    LooseEnds,
    PlacementRow,
    PullRow,
    QueueLink,
    ReportRow,
    SetAside,
)
from pqldesk.services.sources import placements as placement_queries
from pqldesk.services.sources import queue_links as links
from pqldesk.services.sources import stuck_leads as stuck
from pqldesk.services.sources.placement_reports import report_rows
from pqldesk.services.sources.trace import TraceHop
from pqldesk.services.sources.trace import traced as trace_of
from pqldesk.services.sources.trace_live import trace_live
from pqldesk.services.sync import state as pull_states
from pqldesk.services.workspaces.runner_lock import SYNC, is_running

ASIDE_LISTED = 500


def connections(session: Session) -> list[ConnectionRow]:
    return connection_rows(session)


def pull_rows(session: Session) -> list[PullRow]:
    return pull_states.source_states(session)


def due_pulls(session: Session) -> list[str]:
    """Nothing while another computer of the team is at it, or may not or cannot from here."""
    if team_work.is_shared(session) and (is_running(session, SYNC) or not team_work.may_pull(session)):
        return []
    return team_work.reachable(session, pull_states.due_sources(session, now()))


def stop_pulls(session: Session, sources: Sequence[str]) -> Changes:
    return pull_states.ask_to_stop(session, sources)


def imports(session: Session) -> list[ImportRow]:
    return imports_list.imports(session)


def placements(session: Session) -> list[PlacementRow]:
    return placement_queries.placement_rows(session)


def placement_reports(session: Session) -> list[ReportRow]:
    return report_rows(session, now())


def snippet(session: Session, glm_content: str) -> str:
    return placement_queries.snippet(session, glm_content)


async def follow(net: Net, lead: str) -> object:
    return await trace_live(net, lead)


async def send_test_lead(net: Net) -> object:
    return await send_probe(net, wait_s=20.0)


def traced(session: Session, lead: str) -> list[TraceHop]:
    return trace_of(session, lead)


def add_placement(session: Session, glm_content: str, place: str, note: str, rep: str) -> Changes:
    by = rep or "manual"
    return placement_queries.add_placement(session, glm_content, by, now(), note=note, place=place or None)


def queue_links(session: Session) -> list[QueueLink]:
    return links.queue_links(session)


def set_queue_link(session: Session, system: str, url: str, rep: str) -> Changes:
    return links.set_queue_link(session, system, url, rep or "manual", now())


def loose_ends(session: Session) -> LooseEnds:
    reasons = set_aside_queries.set_aside_reasons(session)
    pairs = suggestions.open_suggestions(session)
    return LooseEnds(tuple(pairs), sum(many for _reason, many in reasons), tuple(reasons))


def set_aside(session: Session) -> SetAside:
    """The oldest events that are set aside, and how many there are."""
    total = sum(many for _reason, many in set_aside_queries.set_aside_reasons(session))
    return SetAside(total, tuple(set_aside_queries.set_aside_rows(session, ASIDE_LISTED)))


def connectable(_session: Session) -> list[Connectable]:
    return connectables.connectable()


async def connect(net: Net, wanted: ConnectWanted, rep: str) -> object:
    connect_remarks.refuse_misplaced(wanted.system, wanted.settings)
    settings = {key: value for key, value in wanted.settings.items() if key != "name"}
    request = connecting.ConnectRequest(
        named(wanted.system, wanted.settings.get("name", "")),
        wanted.url or None,
        settings=settings,
        typed=wanted.typed,
        sign_in=wanted.sign_in,
        rep=rep,
    )

    async def show(address: str) -> None:
        await asyncio.to_thread(webbrowser.open, address)

    return await connecting.connect(net, request, now(), Browser(show))


async def disconnect(net: Net, system: str, rep: str) -> object:
    return await disconnecting.disconnect(net, system, named_rep(rep), now())


async def source_columns(net: Net, system: str) -> object:
    return await source_column_queries.columns_shown(net, system, now())


def set_column(session: Session, system: str, part: str, field: str, theirs: str, rep: str) -> Changes:
    return source_column_queries.set_column(session, system, part, field, theirs, rep, now())


async def recheck(net: Net, system: str) -> object:
    return await connecting.recheck(net, system, now())


def mapping(session: Session, system: str) -> MappingShown:
    return mapping_edit.mapping_shown(session, system)


def set_mapping(session: Session, system: str, given: Mapping[str, str | None], rep: str) -> Changes:
    return mapping_edit.set_mapping(session, system, given, named_rep(rep), now())


def export_mapping(session: Session, system: str, file: str) -> int:
    return mapping_edit.export_mapping(session, system, Path(file))


def import_mapping(session: Session, system: str, file: str, rep: str, dry_run: bool) -> MappingTaken:
    return mapping_edit.import_mapping(session, system, Path(file), named_rep(rep), now(), dry_run=dry_run)


async def make_fields(net: Net, system: str) -> object:
    return await connecting.recheck(net, system, now(), create_fields=True)


def event_names(session: Session) -> list[NameRow]:
    return event_rule_store.name_rows(session)


def event_rules(session: Session) -> list[RuleShown]:
    return event_rule_store.rules_shown(session)


def preview_rule(session: Session, draft: RuleDraft) -> RulePreview:
    return event_rule_store.preview_draft(session, draft)


def keep_rule(session: Session, draft: RuleDraft, rep: str) -> Changes:
    return event_rule_store.keep_draft(session, draft, named_rep(rep), now())


def remove_rule(session: Session, rule_id: str, rep: str) -> Changes:
    return event_rule_store.remove_rule(session, rule_id, named_rep(rep), now())


def note_print(session: Session, path: str, leads: Sequence[str]) -> Changes:
    return written_files.note_print(session, Path(path), leads, now())


def stuck_leads(session: Session) -> list[stuck.StuckLead]:
    return stuck.stuck_leads(session, now())
