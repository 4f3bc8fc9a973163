"""What we want to write to a record, held against what stands there: which fields go out, which stay, which collide.

Pure: the outbox and the pulls ask, and store what is answered (services/delivery/conflict_keeping.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.crm import DealStep, FieldStep, PersonStep, Seen, Step
from pqldesk.services.remote.ownership import Master, Masters, Phase, Plain, Verdict, verdict
from pqldesk.services.remote.seen import DEAL, PERSON, FieldValue
from pqldesk.services.remote.values import fit, from_plain, plain

Base = Mapping[str, Any]  # RemoteLink.base
CHANGES: Final = frozenset({Verdict.WRITE, Verdict.OVERWRITE})
OUT: Final = CHANGES | {Verdict.AGREED}
TAKABLE: Final = frozenset(
    {
        "person.name",
        "person.job_title",
        "person.owner",
        "person.plan_type",
        "company.name",
        "deal.value",
        "deal.outcome",
    }
)  # what PQLDesk has a place for
GIVEN_UP: Final = 3  # where a base keeps the value of ours that a person gave up
_DEAL_NAMES: Final = ("name", "Name", "dealname")
_TEXT: Final = RemoteField("", "", "text")
_MEMBER: Final = RemoteField("owner", "Owner", "member")
_MONEY: Final = RemoteField("", "", "currency")


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of a record on both sides. *field* is ``person.job_title``; *told*: theirs as it was read."""

    field: str
    base: Plain
    mine: Plain
    theirs: Plain
    told: FieldValue | None
    verdict: Verdict
    master: Master
    phase: Phase

    @property
    def is_worth_keeping(self) -> bool:
        """Whether one side's value gives way, or a person must decide."""
        if self.verdict is Verdict.TAKE:
            return self.field in TAKABLE
        return self.verdict in (Verdict.OVERWRITE, Verdict.CONFLICT)

    @property
    def rule(self) -> str:
        """``pqldesk, sales``: who is master, and in which phase."""
        return f"{self.master}, {self.phase}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A step that may go out, and what was found on the way."""

    step: Step
    compared: tuple[Compared, ...] = ()
    sends: bool = True  # False: there is nothing left to write

    @property
    def worth_keeping(self) -> tuple[Compared, ...]:
        """What must stand in the history before anything is written: overwritten by rule, taken, in conflict."""
        return tuple(one for one in self.compared if one.is_worth_keeping)

    @property
    def agreed(self) -> dict[str, Plain]:
        """What both sides hold once the step is done."""
        return agreed(self.compared)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The fields that wait for a person."""
        return tuple(one.field for one in self.compared if one.verdict is Verdict.CONFLICT)


def agreed(compared: Iterable[Compared]) -> dict[str, Plain]:
    """Field -> what both sides hold after what was found is carried out."""
    found = {one.field: one.mine for one in compared if one.verdict in OUT}
    return found | {one.field: one.theirs for one in compared if one.verdict is Verdict.TAKE}


class Comparer:
    """Compares with one connection: its mapping, its fields, its masters."""

    def __init__(self, mapped: Mapped, catalogue: Catalogue, masters: Masters) -> None:
        self._mapped = mapped
        self._catalogue = catalogue
        self._masters = masters

    def agree(self, step: Step, seen: Seen | None, base: Base, phase: Phase) -> Agreement:
        """*step* without the fields that must not go out."""
        if seen is None:
            return Agreement(step, tuple(self._fresh(step)))
        match step:
            case PersonStep():
                return self._person(step, seen, base, phase)
            case DealStep():
                return self._deal(step, seen, base, phase)
            case FieldStep():
                return self._fields(step, seen, base)
        return Agreement(step)

    def compare(
        self, kind: str, mine: Mapping[str, FieldValue | None], seen: Seen, base: Base, phase: Phase
    ) -> list[Compared]:
        """Each field of *mine* that both sides know."""
        found = []
        for name, value in mine.items():
            field = self.field(kind, name)
            if field is None or name not in seen.values:
                continue
            held = None if value is None else fit(field, value)
            if value is not None and held is None:
                continue  # the field cannot hold it
            full = f"{kind}.{name}"
            agreed = base.get(full)
            before: Plain = agreed[0] if agreed else None
            ours, theirs = plain(field, held), plain(field, seen.values[name])
            master = self._masters.of_field(full, phase)
            given_up = agreed[GIVEN_UP] if agreed and len(agreed) > GIVEN_UP else None
            said = verdict(master, before, ours, theirs, known=agreed is not None, given_up=given_up)
            found.append(Compared(full, before, ours, theirs, seen.values[name], said, master, phase))
        return found

    def field(self, kind: str, name: str) -> RemoteField | None:
        """Their field of our *name*, as far as comparing needs it; None where it is not mapped."""
        if name in ("name", "stage", "company"):
            if kind != DEAL or name != "name":
                return _TEXT
            fields = self._catalogue.deal_fields or ()
            return next((each for each in fields if each.key in _DEAL_NAMES), _TEXT)
        if name == "owner":
            return _MEMBER
        slug = self._mapped.slug(kind, name)
        if slug is None:
            return None
        found = next((f for f in self._catalogue.fields_of(kind, self._mapped) if f.key == slug), None)
        return _MONEY if found is not None and kind == DEAL and name == "value" else found

    def _person(self, step: PersonStep, seen: Seen, base: Base, phase: Phase) -> Agreement:
        compared = self.compare(PERSON, _of_person(step), seen, base, phase)
        out = {one.field.partition(".")[2] for one in compared if one.verdict in CHANGES}
        values = {name: value for name, value in step.values.items() if name in out}
        named = "name" in out
        return Agreement(
            replace(
                step,
                first_name=step.first_name if named else "",
                last_name=step.last_name if named else "",
                full_name=step.full_name if named else "",
                # Where the system does not say with the person, the connector looks, and fills only what is empty.
                company_id=step.company_id if "company" in out or "company" not in seen.values else None,
                values=values,
            ),
            tuple(compared),
        )

    def _deal(self, step: DealStep, seen: Seen, base: Base, phase: Phase) -> Agreement:
        if seen.outcome is not None:
            return Agreement(step)
        if not step.advance:  # only looked at: what an earlier try wrote, without an answer, is agreed on
            stands = self.compare(DEAL, _of_deal(step), seen, base, phase)
            return Agreement(step, tuple(one for one in stands if one.verdict is Verdict.AGREED))
        if step.first_stage is not None:
            base = {"deal.stage": [step.first_stage], **base}
        compared = self.compare(DEAL, _of_deal(step), seen, base, phase)
        kept = frozenset(one.field.partition(".")[2] for one in compared if one.verdict not in OUT)
        return Agreement(replace(step, kept=kept), tuple(compared))

    def _fields(self, step: FieldStep, seen: Seen, decided: Base) -> Agreement:
        """What a person decided, as long as theirs is what it was then."""
        compared, out = [], {}
        for name, value in step.values.items():
            field, full = self.field(step.kind, name), f"{step.kind}.{name}"
            if field is None:
                continue
            mine = value if isinstance(value, str) or value is None else list(value)  # type: ignore[arg-type]
            before, theirs = decided[full][0], plain(field, seen.values.get(name))
            said = verdict(Master.BOTH, before, mine, theirs, known=True)
            told = seen.values.get(name)
            compared.append(Compared(full, before, mine, theirs, told, said, Master.BOTH, Phase.FREE))
            if said is Verdict.WRITE and (typed := from_plain(field, mine)) is not None:
                out[name] = typed
        return Agreement(replace(step, values=out), tuple(compared), sends=bool(out))

    def _fresh(self, step: Step) -> Iterable[Compared]:
        """All of a record that is new: both sides agree from the start."""
        kind, mine = (
            (PERSON, _of_person(step))
            if isinstance(step, PersonStep)
            else (DEAL, _of_deal(step))
            if isinstance(step, DealStep)
            else ("", {})
        )
        nothing = Seen(kind, "", dict.fromkeys(mine))
        for one in self.compare(kind, mine, nothing, {}, Phase.FREE):
            yield replace(one, verdict=Verdict.WRITE)


def _of_person(step: PersonStep) -> dict[str, FieldValue | None]:
    found: dict[str, FieldValue | None] = dict(step.values)
    if step.full_name:
        found["name"] = step.full_name
    if step.company_id is not None:
        found["company"] = step.company_id
    return found


def _of_deal(step: DealStep) -> dict[str, FieldValue | None]:
    found: dict[str, FieldValue | None] = {"name": step.name, "stage": step.stage}
    if step.value is not None:
        found["value"] = step.value
    return found
