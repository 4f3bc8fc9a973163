"""Editing a connection's mapping by hand: what there is, what is proposed, and one change at a time with undo."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import system_named, title_of
from pqldesk.services.crm.connections import chosen_mapping
from pqldesk.services.crm.field_masters import master_rows
from pqldesk.services.crm.mapping_file import (
    MappingTaken,
    difference,
    linked_crm,
    mapping_document,
    read_mapping,
    take_mapping,
    write_document,
)
from pqldesk.services.crm.mapping_rows import MappingShown, OurThing, TheirThing, part_of
from pqldesk.services.history import recording
from pqldesk.services.remote.catalogue import (
    LISTS,
    STAGES,
    STOOD_IN,
    WANTED,
    Catalogue,
    Mapped,
    RemoteField,
    folded,
    gone_from,
    map_catalogue,
    why_not,
)
from pqldesk.services.remote.suggested import FIELDS

# Of SequenceMatcher; "lead_score" and "pql_score" have 0.63, "signup_date" and "close_date" 0.57
ALIKE = 0.62
# Other names that CRMs give to what we write: they are proposed, never mapped by themselves.
ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "job_title": ("title", "position", "role"),
    "pql_score": ("lead_score", "score", "product_score", "person_score"),
    "activation_score": ("activation", "activation_rate"),
    "pql_state": ("lead_status", "lifecycle_stage", "status"),
    "signup_date": ("signed_up", "sign_up_date", "registered_at", "registration_date"),
    "signup_source": ("lead_source", "source", "original_source"),
    "plan_type": ("plan", "subscription_plan", "tier"),
    "last_activity_at": ("last_activity", "last_seen", "last_active"),
    "features_activated": ("features_used", "active_features"),
    "milestones_completed": ("milestones",),
    "pqldesk_id": ("external_id",),
    "value": ("amount", "deal_amount", "deal_value"),
    "score": ("pql_score", "lead_score"),
    "claimed_by": ("owner", "assigned_to"),
    "claimed_at": ("assigned_at", "claim_date"),
}


def mapping_shown(session: Session, system: str) -> MappingShown:
    """Everything of ours that could be mapped and everything there is to map it to. NotFound where it is not
    connected."""
    linked = linked_crm(session, system)
    catalogue, mapped = linked.catalogue, linked.mapped
    chosen = chosen_mapping(linked.settings)
    lacking = dict(map_catalogue(catalogue, chosen).missing)
    gone = gone_from(catalogue, mapped)
    masters = {row.field: row.masters for row in master_rows(session, system)}
    can = system_named(system).can
    theirs = _theirs(catalogue, mapped)
    rows = []
    for name in _names(catalogue, mapped):
        key, kinds = mapped.target(name), _kinds(name)
        there = {each.key: each for each in theirs.get(part_of(name), ())}
        state = (
            "gone" if name in gone else "mapped" if key else "left_out" if chosen.get(name) == "" else "open"
        )
        target = None if key is None else there.get(key, TheirThing(key, key, ""))
        refused = _refused(catalogue, mapped, name)
        proposal = None
        if state in ("open", "gone"):
            proposal = _proposal(name, (t for t in there.values() if t.key not in refused and not t.used_by))
        why = gone.get(name) or ("" if key else lacking.get(name, _("no such field")))
        rows.append(
            OurThing(
                name, state, bool(chosen.get(name)), target, why, proposal, kinds, refused, masters.get(name),
                bool(can and can.fields) and state == "open" and (name in FIELDS or part_of(name) in ("list", "stage")),
            )
        )  # fmt: skip
    filled = {f"{part_of(row.name)}.{row.theirs.key}" for row in rows if row.theirs is not None}
    filled |= can.always if can else frozenset()
    unfilled = tuple(
        (part, each)
        for part in ("person", "deal")
        for each in theirs.get(part, ())
        if each.required and each.writable and f"{part}.{each.key}" not in filled
    )
    return MappingShown(system, title_of(system), tuple(rows), theirs, unfilled)


def set_mapping(
    session: Session, system: str, given: Mapping[str, str | None], rep: str, at: datetime
) -> Changes:
    """Map each name of *given* to what it says: a key there, "" to leave it out, None to go by the equal name.

    All of it or nothing; what is not named stays as it is, also where it is gone there. Raises BadInput naming what
    cannot be.
    """
    linked = linked_crm(session, system)
    known = set(_names(linked.catalogue, linked.mapped))
    for name in given:
        if name not in known:
            raise BadInput(
                _("There is nothing of ours called {name!r} to map.").format(name=name),
                _("Known: {known}.").format(known=", ".join(known)),
            )
    chosen = {name: theirs for name, theirs in chosen_mapping(linked.settings).items() if name not in given}
    chosen |= {name: theirs for name, theirs in given.items() if theirs is not None}
    found = map_catalogue(linked.catalogue, chosen)
    why = dict(found.missing)
    for name, theirs in given.items():
        if theirs and found.mapped.target(name) is None:
            raise BadInput(
                _("{name} cannot be mapped to “{theirs}” in {system}: {why}.").format(
                    name=name,
                    theirs=theirs,
                    system=title_of(system),
                    why=why.get(name, _("nothing of that name")),
                ),
                _("Choose another, or make it there and ask again."),
            )
    touched = {name for name in known if name in given or part_of(name) in given}
    mapped = linked.mapped.with_names(found.mapped, touched)
    changed = difference(linked, replace(linked, mapped=mapped))
    row = session.scalars(select(Connection).where(Connection.system == system)).one()
    kept = {key: value for key, value in row.settings.items() if key not in given}
    after = {**kept, **{name: theirs for name, theirs in given.items() if theirs is not None}}
    if not changed and after == row.settings:
        return Changes()
    with recording(session, rep, "mapping_changed", at=at, detail=_detail(system, given)):
        row.settings, row.mapping = after, mapped.to_json()
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def proposals(session: Session, system: str) -> dict[str, str]:
    """What is proposed: {ours: their key}."""
    rows = mapping_shown(session, system).ours
    return {row.name: row.proposal.key for row in rows if row.proposal is not None}


def export_mapping(session: Session, system: str, path: Path) -> int:
    """Write the mapping into a file; how many names it holds. BadInput where it cannot be written."""
    document = mapping_document(session, system)
    write_document(document, path)
    return len(document["mapping"])


def import_mapping(
    session: Session, system: str, path: Path, rep: str, at: datetime, *, dry_run: bool = False
) -> MappingTaken:
    """Map as a file says, all of it or nothing; one action that undo takes back."""
    given = read_mapping(path)
    if dry_run:
        return take_mapping(session, system, given, dry_run=True)
    with recording(session, rep, "mapping_imported", at=at, detail=f"{path.name} for {title_of(system)}"):
        return take_mapping(session, system, given)


def _names(catalogue: Catalogue, mapped: Mapped) -> list[str]:
    """Everything of ours that this CRM could take, in the order in which people look for it."""
    names = [f"person.{ours}" for ours in WANTED["person"]]
    if catalogue.deal_fields is not None:
        names += [f"deal.{ours}" for ours in WANTED["deal"]] + [f"stage.{key}" for key in STAGES]
    for key in LISTS:
        names.append(f"list.{key}")
        names += [f"list.{key}.{ours}" for ours in WANTED[f"list.{key}"] if key in mapped.lists]
    if catalogue.stand_ins is not None:
        names += [f"step.{kind}" for kind in STOOD_IN]
    return names


def _kinds(name: str) -> tuple[str, ...]:
    return WANTED.get(part_of(name), {}).get(name.rpartition(".")[2], ())


def _theirs(catalogue: Catalogue, mapped: Mapped) -> dict[str, tuple[TheirThing, ...]]:
    found: dict[str, list[TheirThing]] = {}
    for part in ("person", "deal", *(f"list.{key}" for key in LISTS)):
        found[part] = [_their_field(each) for each in catalogue.fields_of(part, mapped)]
    found["stage"] = [TheirThing(stage, stage, "stage") for stage in catalogue.stages]
    found["list"] = [TheirThing(each.key, each.title, "list") for each in catalogue.lists]
    found["step"] = [TheirThing(each.key, each.title, each.kind) for each in catalogue.stand_ins or ()]
    used: dict[tuple[str, str], list[str]] = {}
    for name in mapped.named():
        if (key := mapped.target(name)) is not None:
            used.setdefault((part_of(name), key), []).append(name)
    return {
        part: tuple(replace(each, used_by=tuple(used.get((part, each.key), ()))) for each in things)
        for part, things in found.items()
    }


def _their_field(each: RemoteField) -> TheirThing:
    return TheirThing(
        each.key, each.title, each.kind, each.required, each.unique, each.writable, each.options
    )


def _refused(catalogue: Catalogue, mapped: Mapped, name: str) -> dict[str, str]:
    kinds = _kinds(name)
    if not kinds:
        return {}
    ours = name.rpartition(".")[2]
    found = {each.key: why_not(each, ours, kinds) for each in catalogue.fields_of(part_of(name), mapped)}
    return {key: why for key, why in found.items() if why}


def _proposal(name: str, candidates: Iterable[TheirThing]) -> TheirThing | None:
    """The candidate whose name is most like ours, where it is like it at all."""
    ours = name.rpartition(".")[2]
    wanted = (ours, *ALSO_CALLED.get(ours, ()))
    best, likeness = None, ALIKE
    for each in candidates:
        names = {folded(each.key), folded(each.title), folded(each.key.removesuffix("__c"))}
        found = max(SequenceMatcher(None, one, other).ratio() for one in names for other in wanted)
        if found > likeness:
            best, likeness = each, found
    return best


def _detail(system: str, given: Mapping[str, str | None]) -> str:
    words = [f"{name} → {theirs or '–'}" if theirs is not None else name for name, theirs in given.items()]
    more = f" (+{len(words) - 2})" if len(words) > 2 else ""
    return f"{', '.join(words[:2])}{more} in {title_of(system)}"
