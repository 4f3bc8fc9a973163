"""A connection's mapping as a file: to keep, to look over, and to use for another account of the same system."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import CRMS, title_of
from pqldesk.services.crm.connections import MAP_PREFIXES, Linked, linked_named
from pqldesk.services.remote.catalogue import Mapped, map_catalogue

VERSION = 1
MARK = "pqldesk_mapping"
LARGEST = 1_000_000  # bytes; a mapping has some thousand


@dataclass(frozen=True, slots=True)
class MappingTaken:
    """What an import changed: (name, before, after), None where there was or will be nothing."""

    system: str
    mapped: tuple[str, ...]
    changed: tuple[tuple[str, str | None, str | None], ...]
    changes: Changes


def mapping_document(session: Session, system: str) -> dict[str, Any]:
    """What is mapped to what, and what was left out on purpose. Lists and stand-ins by their titles, since ids are
    another account's. Raises NotFound where the system is not connected."""
    linked = linked_crm(session, system)
    left_out = {
        key: "" for key, value in linked.settings.items() if key.startswith(MAP_PREFIXES) and value == ""
    }
    return {MARK: VERSION, "system": system, "mapping": dict(sorted({**left_out, **_names(linked)}.items()))}


def write_document(document: Mapping[str, object], path: Path) -> None:
    """Write what mapping_document() gave. BadInput where the file cannot be written."""
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as why:
        raise BadInput(
            _("{path} cannot be written: {strerror}.").format(path=path, strerror=why.strerror or why),
            _("Give another file."),
        ) from None


def read_mapping(path: Path) -> dict[str, str]:
    """The mapping in a file, with the system it was made for under ``system``. Raises BadInput for anything else."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(
                _("{path} is too large for a mapping.").format(path=path),
                _("Give a file that mapping export wrote."),
            )
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise BadInput(
            _("{path} cannot be read: {strerror}.").format(path=path, strerror=why.strerror or why),
            _("Give another file."),
        ) from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("mapping"), dict):
        raise BadInput(
            _("{path} is no mapping.").format(path=path), _("Give a file that mapping export wrote.")
        )
    if document.get(MARK) != VERSION:
        raise BadInput(
            _("{path} is a mapping of version {other!r}; this PQLDesk reads {version}.").format(
                path=path, other=document.get(MARK), version=VERSION
            ),
            _("Write it again with this version."),
        )
    mapping = {"system": str(document.get("system", ""))}
    for name, theirs in document["mapping"].items():
        if not name.startswith(MAP_PREFIXES) or not isinstance(theirs, str):
            raise BadInput(
                _("{path} maps {name!r}, which is nothing of ours.").format(path=path, name=name),
                _("Names begin with {known}.").format(known=", ".join(MAP_PREFIXES)),
            )
        mapping[name] = theirs
    return mapping


def take_mapping(
    session: Session, system: str, given: Mapping[str, str], *, dry_run: bool = False
) -> MappingTaken:
    """Map as a file says, all of it or nothing; what it does not name is mapped by equal name as ever.

    Raises BadInput naming what the connected system does not have, as it was when it was last looked at.
    """
    linked = linked_crm(session, system)
    if given["system"] != system:
        raise NotAllowed(
            _("The mapping is for {given}, not for {system}.").format(
                given=title_of(given["system"]), system=title_of(system)
            ),
            _("Write one with: pqldesk mapping export {system} FILE.").format(system=system),
        )
    chosen = {name: theirs for name, theirs in given.items() if name != "system"}
    found = map_catalogue(linked.catalogue, chosen)
    why = dict(found.missing)
    lacking = [
        f"{name}: {why.get(name, _('nothing of that name'))}" for name in _lacking(found.mapped, chosen)
    ]
    if lacking:
        raise BadInput(
            _("{system} does not have all that the mapping names ({known}).").format(
                system=title_of(system), known="; ".join(lacking[:5])
            ),
            _("Make it there and connect again, or take it out of the file; nothing was changed."),
        )
    changed = difference(linked, Linked(system, linked.url, {}, {}, linked.catalogue, found.mapped))
    if not dry_run:
        row = session.scalars(select(Connection).where(Connection.system == system)).one()
        kept = {key: value for key, value in row.settings.items() if not key.startswith(MAP_PREFIXES)}
        row.settings, row.mapping = {**kept, **chosen}, found.mapped.to_json()
    changes = Changes() if dry_run else Changes.to(Topic.SOURCES, Topic.SETTINGS)
    return MappingTaken(system, found.mapped.named(), changed, changes)


def difference(before: Linked, after: Linked) -> tuple[tuple[str, str | None, str | None], ...]:
    """(name, before, after) of what is mapped otherwise; None where there was or is nothing."""
    one, other = _names(before), _names(after)
    return tuple(
        (name, one.get(name), other.get(name))
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    )


def linked_crm(session: Session, system: str) -> Linked:
    """The connection of a CRM. NotFound where it is not connected, BadInput where it is none."""
    linked = linked_named(session, system)
    if system not in CRMS:
        raise BadInput(
            _("{system} is no CRM, so nothing is mapped.").format(system=title_of(system)),
            _("CRMs: {known}.").format(known=", ".join(CRMS)),
        )
    return linked


def _names(linked: Linked) -> dict[str, str]:
    """Ours -> what it is called there."""
    mapped, catalogue = linked.mapped, linked.catalogue
    found = {f"{part}.{ours}": key for part, names in mapped.fields.items() for ours, key in names.items()}
    found |= {f"stage.{ours}": title for ours, title in mapped.stages.items()}
    for ours, key in mapped.lists.items():
        there = catalogue.list_named(key)
        found[f"list.{ours}"] = there.title if there else key
    titles = {each.key: each.title for each in catalogue.stand_ins or ()}
    return found | {f"step.{ours}": titles.get(key, key) for ours, key in mapped.steps.items()}


def _lacking(mapped: Mapped, chosen: Mapping[str, str]) -> list[str]:
    there = set(mapped.named())
    return [name for name, theirs in chosen.items() if theirs and name not in there]
