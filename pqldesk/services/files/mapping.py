"""Which column is which field: found by name, corrected by the user, remembered for files with the same header."""

import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.fields import (
    CRM_COLUMNS,
    EXPORT_FIELDS,
    EXPORT_ONLY,
    FIELDS,
    IDENTIFYING,
    OF_A_TRIAL,
    REQUIRED,
    Kind,
    folded,
)

_LONGEST_NAME = 60  # of a column in a sentence


class ColumnsMissing(BadInput):
    """The columns found are not enough: one that gives one of the fields *missing* has to be named too."""

    def __init__(self, what: str, remedy: str, mapping: "ColumnMapping", missing: Sequence[str]) -> None:
        super().__init__(what, remedy)
        self.mapping, self.missing = mapping, tuple(missing)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Columns to fields, constants for all rows, and the columns nothing is known about.

    *own_export*: the file was written by PQLDesk, its ``state`` is the state of the lead.
    """

    kind: Kind
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    own_export: bool = False

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.columns.values()) | frozenset(self.constants)

    def places(self, columns: Sequence[str]) -> dict[str, int]:
        """The position of each mapped field in the values of a row."""
        return {self.columns[name]: place for place, name in enumerate(columns) if name in self.columns}

    def extended(self, columns: Sequence[str]) -> "ColumnMapping":
        """The same for columns that turned up while a file was read: fields by their own name, the rest unmapped."""
        mapped = dict(self.columns)
        for column in columns:
            if column in self.unmapped:  # seen from the start, and left out
                continue
            if column in FIELDS[self.kind] and column not in mapped and column not in self.fields:
                mapped[column] = column
        return replace(self, columns=mapped, unmapped=_rest(columns, mapped))

    def to_json(self, values: Mapping[str, Any] | None = None) -> str:
        """For keeping; ``from_json`` reads it again, ``values_in`` how the *values* of the file are read."""
        return msgspec.json.encode(
            {
                "kind": self.kind,
                "columns": self.columns,
                "constants": self.constants,
                "values": dict(values or {}),
            }
        ).decode()


def from_json(kept: str, columns: Sequence[str]) -> ColumnMapping:
    """A kept mapping for a file with these *columns*; columns that are gone are left out."""
    found: dict[str, Any] = msgspec.json.decode(kept, type=dict[str, Any])
    mapped = {column: name for column, name in found["columns"].items() if column in columns}
    return ColumnMapping(
        Kind(found["kind"]), mapped, found["constants"], _rest(columns, mapped), is_own_export(columns)
    )


def values_in(kept: str) -> dict[str, Any]:
    """How the values of a file with a kept mapping are read, as it was given to ``to_json``."""
    found: dict[str, Any] = msgspec.json.decode(kept, type=dict[str, Any])
    return dict(found.get("values") or {})


def header_signature(columns: Sequence[str]) -> str:
    """The same for files whose columns have the same names in any order."""
    names = "\n".join(sorted(folded(column) or column for column in columns if column))
    return hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_own_export(columns: Iterable[str]) -> bool:
    """Whether the header is that of our own export of leads."""
    return {"lead_id", "band"} <= set(columns)


def map_columns(
    kind: Kind,
    columns: Sequence[str],
    chosen: Sequence[str] = (),
    constants: Sequence[str] = (),
    remembered: ColumnMapping | None = None,
) -> ColumnMapping:
    """The mapping of *columns*: by name, or as *remembered*, with the user's ``COL=FIELD`` (*chosen*) on top.

    ``COL=`` leaves a column out; *constants* are ``FIELD=VALUE``. BadInput says what would have been right, also
    when no column identifies a row.
    """
    own = kind is Kind.LEADS and is_own_export(columns)
    explicit = _explicit(kind, columns, chosen, own)
    fixed = _constants(kind, constants)
    if remembered is not None and remembered.kind is kind:
        automatic = {column: name for column, name in remembered.columns.items() if column in columns}
        fixed = {**remembered.constants, **fixed}
    elif own:
        automatic = {column: EXPORT_FIELDS[column] for column in columns if column in EXPORT_FIELDS}
    else:
        automatic = _by_name(kind, columns, frozenset(explicit))
    taken = {name for name in explicit.values() if name} | fixed.keys()
    mapped = {
        column: name for column, name in automatic.items() if column not in explicit and name not in taken
    }
    mapped |= {column: name for column, name in explicit.items() if name}
    mapped = {column: mapped[column] for column in columns if column in mapped}
    mapping = ColumnMapping(kind, mapped, fixed, _rest(columns, mapped), own)
    _check_repeats(columns, mapping, explicit)
    _check_complete(mapping, columns)
    return mapping


def _by_name(kind: Kind, columns: Sequence[str], spoken_for: frozenset[str]) -> dict[str, str]:
    by_folded: dict[str, str] = {}
    for column in columns:
        if column and column not in spoken_for:
            by_folded.setdefault(folded(column), column)
    crm = not CRM_COLUMNS.isdisjoint(by_folded)
    found: dict[str, str] = {}
    for name, synonyms in FIELDS[kind].items():
        for known in (name, *synonyms):
            candidate = by_folded.get(folded(known))
            if (
                candidate is None
                or candidate in found
                or (known == "created at" and kind is Kind.LEADS and crm)
            ):
                continue
            found[candidate] = name
            break
    return found


def _explicit(kind: Kind, columns: Sequence[str], chosen: Sequence[str], own: bool) -> dict[str, str]:
    allowed = (*FIELDS[kind], *(EXPORT_ONLY if own else ()))
    explicit: dict[str, str] = {}
    for item in chosen:
        column, sign, name = item.rpartition("=")
        if not sign:
            raise BadInput(
                _("--map {item!r} has no equals sign.").format(item=item), _("Write --map COLUMN=FIELD.")
            )
        column = _column(column.strip(), columns)
        name = name.strip()
        if name and name not in allowed:
            raise BadInput(
                _("{name!r} is no field of {kind} files.").format(name=name, kind=kind),
                _("Known are {known}.").format(known=", ".join(allowed)),
            )
        if name and name in explicit.values():
            raise BadInput(
                _("Two columns are mapped to {name}.").format(name=name), _("Map each field once.")
            )
        explicit[column] = name
    return explicit


def _column(wanted: str, columns: Sequence[str]) -> str:
    if wanted in columns and wanted:
        return wanted
    alike = [column for column in columns if column and folded(column) == folded(wanted)]
    if len(alike) == 1:
        return alike[0]
    named = [column for column in columns if column]
    near = difflib.get_close_matches(wanted, named, 1)
    hint = _("Did you mean {near!r}? ").format(near=near[0]) if near else ""
    shown = _named(named, 40)
    raise BadInput(
        _("The file has no column {wanted!r}.").format(wanted=wanted),
        _("{hint}Its columns are {shown}.").format(hint=hint, shown=shown),
    )


def _named(columns: Sequence[str], most: int) -> str:
    """The first columns by name; a file that is no table may have a page of text for one."""
    cut = (
        column if len(column) <= _LONGEST_NAME else f"{column[:_LONGEST_NAME]}..."
        for column in columns[:most]
    )
    return ", ".join(cut) + (", ..." if len(columns) > most else "")


def _constants(kind: Kind, constants: Sequence[str]) -> dict[str, str]:
    fixed: dict[str, str] = {}
    for item in constants:
        name, sign, value = item.partition("=")
        name = name.strip()
        if not sign or name not in FIELDS[kind]:
            raise BadInput(
                _("--set {item!r} names no field of {kind} files.").format(item=item, kind=kind)
                if sign
                else _("--set {item!r} has no equals sign.").format(item=item),
                _("Known are {known}.").format(known=", ".join(FIELDS[kind])),
            )
        fixed[name] = value
    return fixed


def _rest(columns: Sequence[str], mapped: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(column for column in columns if column and column not in mapped)


def _check_repeats(columns: Sequence[str], mapping: ColumnMapping, explicit: Mapping[str, str]) -> None:
    """A name that the header has twice must not decide by itself which column is read."""
    for column, name in mapping.columns.items():
        twin = f"{column} (2)"
        if twin in columns and column not in explicit and twin not in explicit:
            raise BadInput(
                _("The header has the column {column!r} more than once.").format(column=column),
                _('Say which one is {name}: --map "{column}={name}" or --map "{twin}={name}".').format(
                    name=name, column=column, twin=twin
                ),
            )


def _check_complete(mapping: ColumnMapping, columns: Sequence[str]) -> None:
    wanted = IDENTIFYING[mapping.kind]
    shown = _named([column for column in columns if column], 20)
    if mapping.fields.isdisjoint(wanted):
        what = _("a company") if mapping.kind is Kind.COMPANIES else _("a lead")
        if mapping.kind in (Kind.EVENTS, Kind.TRIALS):
            what = _("a lead or a company")
        raise ColumnsMissing(
            _("No column identifies {what}; the columns are {shown}.").format(what=what, shown=shown),
            _("Map one with --map COLUMN=FIELD, FIELD being {wanted}.").format(wanted=_either(wanted)),
            mapping,
            wanted,
        )
    if mapping.kind is Kind.TRIALS and mapping.fields.isdisjoint(OF_A_TRIAL):
        raise ColumnsMissing(
            _("No column says anything of a trial; the columns are {shown}.").format(shown=shown),
            _("Map one with --map COLUMN=FIELD, FIELD being {wanted}.").format(wanted=_either(OF_A_TRIAL)),
            mapping,
            OF_A_TRIAL,
        )
    for name in REQUIRED[mapping.kind]:
        if name not in mapping.fields:
            raise ColumnsMissing(
                _("No column gives {name}; the columns are {shown}.").format(name=name, shown=shown),
                _("Map one with --map COLUMN={name}, or give a constant with --set {name}=VALUE.").format(
                    name=name
                ),
                mapping,
                (name,),
            )


def _either(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + _(" or ") + names[-1] if len(names) > 1 else names[0]
