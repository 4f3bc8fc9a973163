"""A CRM's schema as discovered, and how our fields, stages and lists are mapped to it by equal slug or title."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pqldesk.services.basics.texts import _

PRODUCT_QUALIFIED, SALES_QUALIFIED = "Product Qualified", "Sales Qualified"

# What we would write, by part of the CRM: {our name: kinds of field that can take it}.
WANTED: dict[str, dict[str, tuple[str, ...]]] = {
    "person": {
        "job_title": ("text",),
        "pql_score": ("number", "rating"),
        "activation_score": ("number",),
        "pql_state": ("select", "text"),
        "signup_date": ("date", "timestamp"),
        "signup_source": ("select", "text"),
        "plan_type": ("select", "text"),
        "last_activity_at": ("timestamp", "date"),
        "features_activated": ("number",),
        "milestones_completed": ("select", "text"),
    },
    "deal": {"pqldesk_id": ("text",), "value": ("currency",)},
    "list.trials": {},
    "list.pql": {
        "score": ("number",),
        "claimed_by": ("member",),
        "claimed_at": ("timestamp", "date"),
    },
}
LIST_TITLES = {"trials": "Active trials", "pql": "PQL queue"}  # what a list is called wherever people read it
LISTS: dict[str, tuple[str, ...]] = {
    "trials": ("active_trials", "trials", "trial_users"),
    "pql": ("pql_queue", "pql", "pqls", "product_qualified_leads"),
}
STOOD_IN = ("task", "note")  # steps that something else of a CRM may stand for, where a person chose it
STAGES = {"product_qualified": PRODUCT_QUALIFIED, "sales_qualified": SALES_QUALIFIED}


@dataclass(frozen=True, slots=True)
class RemoteField:
    """A field of a record or list. *kind* is text, number, date, timestamp, select, currency, member, other ..."""

    key: str
    title: str
    kind: str
    writable: bool = True
    required: bool = False
    unique: bool = False
    multiple: bool = False
    options: tuple[str, ...] = ()
    currency: str | None = None
    length: int | None = None  # of a text, in characters


@dataclass(frozen=True, slots=True)
class RemoteList:
    """A list that people can be put on."""

    key: str
    title: str
    fields: tuple[RemoteField, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague in the CRM. Suspended ones are known but take no work."""

    remote_id: str
    email: str
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class StandIn:
    """What can stand for a task or note where the CRM has none; *kind* is what it is there, for people."""

    key: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """*deal_fields* None: the CRM has no deals, or they are switched off. *account* is whose CRM this is.

    *stand_ins* None: it has tasks and notes of its own.

    *usual*: what the system calls ours where neither name nor title tells (``{"deal.value": "Amount"}``); "" where
    it has no place for it.
    """

    person_fields: tuple[RemoteField, ...] = ()
    deal_fields: tuple[RemoteField, ...] | None = None
    stages: tuple[str, ...] = ()
    lists: tuple[RemoteList, ...] = ()
    members: tuple[Member, ...] = ()
    account: str = ""
    usual: Mapping[str, str] = field(default_factory=dict)
    stand_ins: tuple[StandIn, ...] | None = None

    def member(self, email: str) -> Member | None:
        """By exact e-mail, whatever its case."""
        folded = email.strip().casefold()
        return next((m for m in self.members if m.email.casefold() == folded), None)

    def list_named(self, key: str) -> RemoteList | None:
        return next((each for each in self.lists if each.key == key), None)

    def fields_of(self, part: str, mapped: "Mapped") -> tuple[RemoteField, ...]:
        """The fields of ``person``, ``deal`` or ``list.KEY`` (our key)."""
        if part == "person":
            return self.person_fields
        if part == "deal":
            return self.deal_fields or ()
        found = self.list_named(mapped.lists.get(part.removeprefix("list."), ""))
        return found.fields if found else ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | None) -> "Catalogue":
        if not document:
            return cls()
        deals, stand_ins = document["deal_fields"], document.get("stand_ins")
        return cls(
            _fields(document["person_fields"]),
            None if deals is None else _fields(deals),
            tuple(document["stages"]),
            tuple(RemoteList(x["key"], x["title"], _fields(x["fields"])) for x in document["lists"]),
            tuple(Member(**each) for each in document["members"]),
            document.get("account", ""),
            document.get("usual", {}),
            None if stand_ins is None else tuple(StandIn(**each) for each in stand_ins),
        )


@dataclass(frozen=True, slots=True)
class Mapped:
    """Ours -> theirs. *fields* by part: {"person": {"pql_score": "pql_score"}}; *deals*: the CRM takes deals;
    *steps*: what stands for a step that it lacks."""

    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    deals: bool = False
    steps: Mapping[str, str] = field(default_factory=dict)

    def slug(self, part: str, ours: str) -> str | None:
        """What *ours* is called there; None when it is not mapped."""
        return self.fields.get(part, {}).get(ours)

    def target(self, name: str) -> str | None:
        """What ``person.pql_score``, ``list.trials``, ``stage.sales_qualified`` ... is mapped to."""
        part, _dot, ours = name.rpartition(".")
        named = {"list": self.lists, "stage": self.stages, "step": self.steps}.get(part)
        return self.slug(part, ours) if named is None else named.get(ours)

    def with_names(self, other: "Mapped", names: Collection[str]) -> "Mapped":
        """This mapping with those *names* as *other* has them."""
        wanted = {*(name for name in self.named() if name not in names), *names}
        pairs = [(name, (other if name in names else self).target(name)) for name in sorted(wanted)]
        fields: dict[str, dict[str, str]] = {part: {} for part in {*self.fields, *other.fields}}
        named: dict[str, dict[str, str]] = {"list": {}, "stage": {}, "step": {}}
        for name, key in pairs:
            part, _dot, ours = name.rpartition(".")
            if key is not None:
                (named[part] if part in named else fields.setdefault(part, {}))[ours] = key
        return Mapped(fields, named["list"], named["stage"], other.deals, named["step"])

    def named(self) -> tuple[str, ...]:
        """Everything mapped, as ``person.pql_score``, ``list.trials``, ``stage.sales_qualified``."""
        fields = [f"{part}.{ours}" for part, names in self.fields.items() for ours in names]
        parts = (("list", self.lists), ("stage", self.stages), ("step", self.steps))
        return (*fields, *(f"{part}.{key}" for part, named in parts for key in named))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | None) -> "Mapped":
        return cls(**document) if document else cls()


@dataclass(frozen=True, slots=True)
class MappingFound:
    """What could be mapped, and a sentence fragment for each thing that could not."""

    mapped: Mapped
    missing: tuple[tuple[str, str], ...]  # (name, why)


def folded(text: str) -> str:
    """How slugs and titles are compared."""
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def map_catalogue(catalogue: Catalogue, chosen: Mapping[str, str] | None = None) -> MappingFound:
    """Map by equal slug or title; *chosen* (``{"person.pql_score": "lead_score"}``) wins, "" leaves out."""
    chosen = chosen or {}
    missing: list[tuple[str, str]] = []
    lists = {
        key: found.key
        for key, names in LISTS.items()
        if (found := _list(catalogue.lists, names, chosen.get(f"list.{key}"))) is not None
    }
    missing += [(f"list.{key}", _("no such list")) for key in LISTS if key not in lists]
    deals = catalogue.deal_fields is not None
    if not deals:
        missing.append(("deals", "switched off" if catalogue.stand_ins is None else _("there are none")))
    stages = {}
    for key, title in STAGES.items() if deals else ():
        wanted = chosen.get(f"stage.{key}", title)
        found_stage = next((stage for stage in catalogue.stages if folded(stage) == folded(wanted)), None)
        if found_stage is None:
            missing.append((f"stage.{key}", _("no stage “{wanted}”").format(wanted=wanted)))
        else:
            stages[key] = found_stage
    fields: dict[str, dict[str, str]] = {}
    partly = Mapped(lists=lists)
    for part, wanted_fields in WANTED.items():
        if (part == "deal" and not deals) or (part.startswith("list.") and part[5:] not in lists):
            continue
        fields[part] = {}
        for ours, kinds in wanted_fields.items():
            theirs = catalogue.fields_of(part, partly)
            name = f"{part}.{ours}"
            if name not in chosen and catalogue.usual.get(name) == "":
                continue
            match, why = _field(theirs, ours, kinds, chosen.get(name, catalogue.usual.get(name)))
            if match is None:
                missing.append((f"{part}.{ours}", why))
            else:
                fields[part][ours] = match.key
    steps = {}
    for kind in STOOD_IN if catalogue.stand_ins is not None else ():
        stand_in, why = _stand_in(kind, catalogue, chosen.get(f"step.{kind}"))
        if stand_in is None:
            missing.append((f"step.{kind}", why))
        else:
            steps[kind] = stand_in.key
    return MappingFound(Mapped(fields, lists, stages, deals, steps), tuple(missing))


def _field(
    fields: Iterable[RemoteField], ours: str, kinds: tuple[str, ...], chosen: str | None
) -> tuple[RemoteField | None, str]:
    if chosen == "":
        return None, "left out"
    wanted = folded(chosen or ours)
    match = next((f for f in fields if f.key == (chosen or ours)), None) or next(
        (f for f in fields if wanted in (folded(f.key), folded(f.title))), None
    )
    if match is None:
        return None, _("no such field")
    why = why_not(match, ours, kinds)
    return (None, why) if why else (match, "")


def why_not(field: RemoteField, ours: str, kinds: tuple[str, ...]) -> str:
    """Why a field cannot take what *ours* is, "" where it can."""
    if not field.writable:
        return _("{field} cannot be written").format(field=field.key)
    if field.kind not in kinds:
        return _("{field} is {kind}, not {known}").format(
            field=field.key, kind=field.kind, known=" or ".join(kinds)
        )
    if ours == "pqldesk_id" and not field.unique:
        return _("{field} is not unique").format(field=field.key)
    return ""


def gone_from(catalogue: Catalogue, mapped: Mapped) -> dict[str, str]:
    """{name: why} of what is mapped to something that is no longer there as it was."""
    found = {}
    there = {
        "list": {each.key for each in catalogue.lists},
        "stage": set(catalogue.stages),
        "step": {each.key for each in catalogue.stand_ins or ()},
    }
    for name in mapped.named():
        part, _dot, ours = name.rpartition(".")
        key = str(mapped.target(name))
        if part in there:
            if key not in there[part]:
                found[name] = _("no {part} “{key}” any more").format(part=part, key=key)
            continue
        match = next((each for each in catalogue.fields_of(part, mapped) if each.key == key), None)
        kinds = WANTED.get(part, {}).get(ours, ())
        why = _("no field {key} any more").format(key=key) if match is None else why_not(match, ours, kinds)
        if why:
            found[name] = why
    return found


def keeping_gone(
    before: Mapped, found: MappingFound, catalogue: Catalogue, chosen: Mapping[str, str]
) -> MappingFound:
    """*found*, with what was mapped *before* and is gone kept as it was: such writes are held, never left out."""
    kept = {
        name
        for name in gone_from(catalogue, before)
        if found.mapped.target(name) is None and chosen.get(name) != ""
    }
    return MappingFound(found.mapped.with_names(before, kept), found.missing) if kept else found


def _stand_in(kind: str, catalogue: Catalogue, chosen: str | None) -> tuple[StandIn | None, str]:
    """What a person chose to stand for the step; never anything by itself."""
    known = catalogue.stand_ins or ()
    if not chosen:
        options = ", ".join(f"“{each.title}” ({each.kind})" for each in known) or _("none there yet")
        return None, _(
            "there are no {kind}s; --set step.{kind}=NAME lets something stand for them: {options}"
        ).format(kind=kind, options=options)
    wanted = folded(chosen)
    match = next((each for each in known if wanted in (folded(each.key), folded(each.title))), None)
    return match, "" if match else _("there is no “{chosen}” to stand for a {kind}").format(
        chosen=chosen, kind=kind
    )


def _list(lists: Iterable[RemoteList], names: tuple[str, ...], chosen: str | None) -> RemoteList | None:
    if chosen == "":
        return None
    wanted = (folded(chosen),) if chosen else names
    return next(
        (each for name in wanted for each in lists if name in (folded(each.key), folded(each.title))), None
    )


def _fields(rows: Iterable[Mapping[str, Any]]) -> tuple[RemoteField, ...]:
    return tuple(RemoteField(**{**row, "options": tuple(row["options"])}) for row in rows)
