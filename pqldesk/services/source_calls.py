"""What the Sources page asks for and does, by the names of views/desk.py; window_calls.py has everything else."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import now
from pqldesk.services.claims import named_rep
from pqldesk.services.crm import connections, mapping_edit
from pqldesk.services.crm.mapping_file import MappingTaken
from pqldesk.services.crm.mapping_rows import MappingShown
from pqldesk.services.events import rule_store as event_rule_store
from pqldesk.services.events.rule_rows import NameRow, RuleDraft, RulePreview, RuleShown
from pqldesk.services.net import Net
from pqldesk.services.sources import stuck_leads as stuck


def mapping(session: Session, system: str) -> MappingShown:
    return mapping_edit.mapping_shown(session, system)


def set_mapping(session: Session, system: str, given: Mapping[str, str | None], rep: str) -> Changes:
    return mapping_edit.set_mapping(session, system, given, named_rep(rep), now())


def export_mapping(session: Session, system: str, file: str) -> int:
    return mapping_edit.export_mapping(session, system, Path(file))


def import_mapping(session: Session, system: str, file: str, rep: str, dry_run: bool) -> MappingTaken:
    return mapping_edit.import_mapping(session, system, Path(file), named_rep(rep), now(), dry_run=dry_run)


async def make_fields(net: Net, system: str) -> object:
    return await connections.recheck(net, system, now(), create_fields=True)


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


def stuck_leads(session: Session) -> list[stuck.StuckLead]:
    return stuck.stuck_leads(session, now())
