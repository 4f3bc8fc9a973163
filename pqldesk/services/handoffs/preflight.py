"""Looking at a whole group before its first write: what would be refused half-way holds it from the start."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.catalogue import LIST_TITLES, STAGES, WANTED, Catalogue, Mapped


class Written(Protocol):
    """An item, planned or stored."""

    @property
    def kind(self) -> str: ...

    @property
    def payload(self) -> Mapping[str, Any]: ...


def assignee_of(payload: Mapping[str, Any], key: str, claimant: str | None, default_owner: str) -> str | None:
    """Who gets the deal or task: whoever is named, else the claimant, else the default owner."""
    return payload.get(key) or claimant or default_owner or None


def as_mapped_now(
    kind: str, payload: Mapping[str, Any], mapped: Mapped, catalogue: Catalogue
) -> Mapping[str, Any]:
    """*payload* as it was queued. A deal's stage that is there no more gives way to what a person has mapped in its
    place since."""
    if kind != "deal" or payload["stage"] in catalogue.stages:
        return payload
    usual = next((ours for ours, title in STAGES.items() if title == payload["stage"]), None)
    now = mapped.stages.get(payload.get("step") or usual or "")
    return payload if now is None else {**payload, "stage": now}


def obstacle(
    items: Iterable[Written],
    claimant: str | None,
    default_owner: str,
    mapped: Mapped,
    catalogue: Catalogue,
    title: str,
) -> str | None:
    """Why the group cannot go out whole, as a sentence with what to do; None when it can."""
    for item in items:
        problem = _OBSTACLES.get(item.kind, _nothing)(item.payload, mapped, catalogue, title)
        stand_in = mapped.steps.get(item.kind)
        if stand_in is not None:
            problem = _stand_in(stand_in, item.kind, catalogue, title)
        elif problem is None and item.kind in _PEOPLE:
            who = assignee_of(item.payload, _PEOPLE[item.kind], claimant, default_owner)
            problem = _member(who, item.kind, catalogue, title)
        if problem is not None:
            return problem
    return None


_PEOPLE = {"deal": "owner", "task": "assignee"}


def _stand_in(key: str, kind: str, catalogue: Catalogue, title: str) -> str | None:
    if any(each.key == key for each in catalogue.stand_ins or ()):
        return None
    return (
        _("What stands for a {kind} in {title} ({key}) is gone or switched off there.").format(
            kind=kind, title=title, key=key
        )
        + " "
        + _("Restore it or connect again, then retry.")
    )


def _nothing(payload: Mapping[str, Any], mapped: Mapped, catalogue: Catalogue, title: str) -> str | None:
    return None


def _member(who: str | None, kind: str, catalogue: Catalogue, title: str) -> str | None:
    if not who:
        return (
            _("Nobody is named for the {kind}.").format(kind=kind)
            + " "
            + _("Claim the lead, use --assign, or set default_owner; then retry.")
        )
    member = catalogue.member(who)
    if member is None:
        return (
            _("{who} is no member of {title}.").format(who=who, title=title)
            + " "
            + _("Invite them there or assign somebody else, then retry.")
        )
    if not member.active:
        return (
            _("{who} is suspended in {title}.").format(who=who, title=title)
            + " "
            + _("Assign somebody else, then retry.")
        )
    return None


def _person(payload: Mapping[str, Any], mapped: Mapped, catalogue: Catalogue, title: str) -> str | None:
    return _fields("person", payload.get("fields", ()), mapped, catalogue, title)


def _list(payload: Mapping[str, Any], mapped: Mapped, catalogue: Catalogue, title: str) -> str | None:
    key = payload["list"]
    theirs = mapped.lists.get(key)
    if theirs is None or catalogue.list_named(theirs) is None:
        return (
            _("{title} has no list “{name}” any more.").format(title=title, name=LIST_TITLES.get(key, key))
            + " "
            + _("Restore it or connect again, then retry.")
        )
    wanted = [name for name in ("score",) if mapped.slug(f"list.{key}", name)]
    if payload.get("claimed_by"):
        wanted += ["claimed_by", "claimed_at"]
    problem = _fields(f"list.{key}", wanted, mapped, catalogue, title)
    if problem is None and payload.get("claimed_by"):
        problem = _member(payload["claimed_by"], "claim", catalogue, title)
    return problem


def _deal(payload: Mapping[str, Any], mapped: Mapped, catalogue: Catalogue, title: str) -> str | None:
    if catalogue.deal_fields is None:
        return (
            _("Deals are switched off in {title}.").format(title=title)
            + " "
            + _("Have them switched on there or connect again, then retry.")
        )
    if payload["stage"] not in catalogue.stages:
        known = ", ".join(catalogue.stages)
        return (
            _("{title} has no deal stage “{stage}” (it has: {known}).").format(
                title=title, stage=payload["stage"], known=known
            )
            + " "
            + _("Add it there or choose another, then retry.")
        )
    problem = _fields("deal", WANTED["deal"], mapped, catalogue, title)
    if problem is not None or payload.get("value") is None:
        return problem
    slug = mapped.slug("deal", "value")
    theirs = next((f.currency for f in catalogue.deal_fields if f.key == slug), None)
    if theirs is not None and theirs != payload["currency"]:
        return (
            _("Deal values in {title} are in {theirs}, this one is in {ours}; nothing is converted.").format(
                title=title, theirs=theirs, ours=payload["currency"]
            )
            + " "
            + _("Hand off with --currency {theirs}, then cancel this one.").format(theirs=theirs)
        )
    return None


def _fields(part: str, wanted: Iterable[str], mapped: Mapped, catalogue: Catalogue, title: str) -> str | None:
    there = {field.key: field for field in catalogue.fields_of(part, mapped)}
    for name in wanted:
        slug = mapped.slug(part, name)
        if slug is None:
            continue
        found = there.get(slug)
        if found is None or not found.writable:
            said = (
                _("The field {slug} that {part}.{name} is mapped to is gone in {title}.") if found is None
                else _("The field {slug} that {part}.{name} is mapped to is read-only now in {title}.")
            )  # fmt: skip
            words = said.format(slug=slug, part=part, name=name, title=title)
            return words + " " + _("Restore it or connect again, then retry.")
        kinds = WANTED[part][name]
        if found.kind not in kinds:
            return (
                _("The field {slug} is {kind} in {title} now, not {kinds}.").format(
                    slug=slug, kind=found.kind, title=title, kinds=_(" or ").join(kinds)
                )
                + " "
                + _("Connect again to map anew, then retry.")
            )
    return None


_OBSTACLES = {"person": _person, "list_entry": _list, "deal": _deal}
