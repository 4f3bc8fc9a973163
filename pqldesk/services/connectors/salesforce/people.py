"""Accounts, people and campaign members. A person is the Contact or Lead that is there, found by e-mail."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.salesforce.answers import Duplicates, Taken
from pqldesk.services.connectors.salesforce.api import (
    AT_ONCE,
    CONTACT,
    Api,
    Row,
    among,
    begins,
    in_parts,
    kind_of,
    same,
)
from pqldesk.services.connectors.salesforce.org import Org
from pqldesk.services.connectors.salesforce.reading import Reading
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import CompanyStep, FieldValue, ListStep, PersonStep, Ref, Seen
from pqldesk.services.remote.problems import Adoptable, Held
from pqldesk.services.remote.together import Together
from pqldesk.services.remote.values import cut, fitting, number, stamp

LONGEST_NAME = {"first": 40, "last": 80, "company": 255}
HOST_PREFIXES = ("https://", "http://")
HOST_STARTS = tuple(f"{prefix}{www}" for prefix in (*HOST_PREFIXES, "") for www in ("", "www."))


class People:
    """Writing and finding companies, people and who is on which campaign."""

    def __init__(
        self, api: Api, mapped: Mapped, catalogue: Catalogue, org: Org, reading: Reading, *, leads: bool
    ) -> None:
        """*leads*: a person who is new becomes a Lead, not a Contact."""
        self._api = api
        self._reading = reading
        self._mapped = mapped
        self._catalogue = catalogue
        self._org = org
        self._leads = leads
        self._there: Together[str, list[Row]] = Together(self._each, self._alone, AT_ONCE, str.casefold)
        self._accounts: Together[CompanyStep, list[Ref]] = Together(
            self._ours, self._looked_for, AT_ONCE, lambda step: step.domain
        )

    # Companies

    async def company(self, step: CompanyStep) -> Ref:
        """The Account of the domain, else one of that name without a website, else a new one."""
        found = await self.find_company(step)
        if found is not None:
            return found
        if self._leads:
            return Ref("", said=_("New people become Leads in Salesforce, which carry their company's name."))
        values = {"Name": cut(step.name, LONGEST_NAME["company"]), "Website": f"https://{step.domain}"}
        key = self._org.keys.get("Account")
        try:
            if key is not None:
                return Ref(await self._api.upsert("Account", key, step.domain, values))
            return Ref(await self._api.create("Account", values))
        except Duplicates as problem:
            raise _to_choose("Account", step.name, problem) from problem

    async def find_company(self, step: CompanyStep) -> Ref | None:
        """The Account of our id, else the oldest one of the domain."""
        found = await self._accounts.send(step)
        return found[0] if found else None

    async def _ours(self, steps: Sequence[CompanyStep]) -> list[list[Ref] | None]:
        """The Accounts of our ids in as few queries as they fit in; None where one has to be looked for."""
        key = self._org.keys.get("Account")
        there: dict[str, Ref] = {}
        for part in in_parts([step.domain for step in steps]) if key is not None else ():
            for row in await self._api.select(f"Id, {key}", "Account", among(str(key), part)):
                there[str(row[str(key)]).casefold()] = Ref(row["Id"])
        found = [there.get(step.domain.casefold()) for step in steps]
        return [None if ref is None else [ref] for ref in found]

    async def _looked_for(self, step: CompanyStep) -> list[Ref]:
        key = self._org.keys.get("Account")
        unnamed_too = f"({same('Name', step.name)} AND Website = null)"
        # Not anywhere in it: of a short domain, so many others end like it that the right one would not be among them.
        of_domain = begins("Website", [start + step.domain for start in HOST_STARTS])
        ways = [of_domain, unnamed_too, *([same(key, step.domain)] if key else [])]
        fields = ", ".join(["Id", "Name", "Website", *([key] if key else [])])
        any_way = f"({' OR '.join(ways)})"
        rows = await self._api.select(fields, "Account", any_way, order="CreatedDate", limit=50)
        ours = [row for row in rows if key is not None and row.get(key) == step.domain]
        theirs = [row for row in rows if _host(row["Website"]) == step.domain]
        unnamed = [row for row in rows if not row["Website"]]
        found = next(iter([*ours, *theirs, *unnamed]), None)
        return [] if found is None else [Ref(found["Id"])]

    # People

    async def person(self, step: PersonStep) -> Ref:
        """The person of the e-mail with what is mapped written; made where nobody has it."""
        found = step.known_id or await self._found(step.email)
        return Ref(await (self._make(step) if found is None else self._change(step, found)))

    async def find_person(self, step: PersonStep) -> Ref | None:
        """The person of the e-mail, with what is mapped written: an earlier try may have been refused before."""
        found = step.known_id or await self._found(step.email)
        return None if found is None else Ref(await self._change(step, found))

    async def people(self, steps: Sequence[PersonStep]) -> list[Ref | None]:
        """Up to 200 of them: two queries, a call for those who are there and one for those who are new. None where a
        step has to go by itself: what was refused, a record that a person chose, an address that queries fold."""
        refs: list[Ref | None] = [None] * len(steps)
        plain = [at for at, step in enumerate(steps) if step.known_id is None and step.email.isascii()]
        there = await self.standing([steps[at].email for at in plain])
        fresh: list[tuple[int, Row]] = []
        changed: dict[str, list[tuple[int, Row]]] = {"Contact": [], "Lead": []}
        for at, people in zip(plain, there, strict=True):
            found, step = chosen(people), steps[at]
            if found is None and not people:
                fresh.append((at, self._fresh(step)))
            elif found is not None:
                values = self._changed(step, kind_of(found["Id"]), found.get("AccountId"))
                refs[at] = None if values else Ref(str(found["Id"]))
                changed[kind_of(found["Id"])] += [(at, {"id": found["Id"], **values})] if values else []
        name = "Lead" if self._leads else "Contact"
        key = self._org.keys.get(name)
        if key is not None:
            fresh = [(at, {**row, key: steps[at].email.casefold()}) for at, row in fresh]
        made = ("POST", "") if key is None else ("PATCH", f"/{name}/{key}")
        calls = [(name, *made, fresh), *((each, "PATCH", "", rows) for each, rows in changed.items())]
        for each, method, path, rows in calls:
            if rows:
                ids = await self._api.many(method, path, each, [row for _, row in rows])
                for (at, _), record_id in zip(rows, ids, strict=True):
                    refs[at] = None if record_id is None else Ref(record_id)
        return refs

    async def present(self, record_id: str | None, email: str) -> Seen | None:
        """The person as they stand, by the id that a person chose or by e-mail."""
        if record_id is None:
            found = chosen(await self._there.send(email))
            if found is None or "Email" in found:
                return None if found is None else self._reading.person(found, kind_of(found["Id"]))
            record_id = str(found["Id"])
        name = kind_of(record_id)
        row = await self._api.get(name, record_id, self._reading.person_fields(name))
        return self._reading.person(row, name)

    async def _found(self, email: str) -> str | None:
        found = chosen(await self._there.send(email))
        return None if found is None else str(found["Id"])

    async def _alone(self, email: str) -> list[Row]:
        (found,) = await self._standing([email])
        return found

    async def standing(self, emails: Sequence[str]) -> list[list[Row]]:
        """The Contacts, then the Leads, of each e-mail, the oldest first."""
        parts = [await self._standing(part) for part in in_parts(emails)]
        return [found for part in parts for found in part]

    async def _each(self, emails: Sequence[str]) -> list[list[Row] | None]:
        """The same; None for an address of which the query may fold the letters in another way."""
        found = iter(await self.standing([email for email in emails if email.isascii()]))
        return [next(found) if email.isascii() else None for email in emails]

    async def _standing(self, emails: Sequence[str]) -> list[list[Row]]:
        where = same("Email", emails[0]) if len(emails) == 1 else among("Email", emails)
        contacts, leads = await asyncio.gather(
            *(
                self._api.select(
                    ", ".join(self._reading.person_fields(name)), name, where, order="CreatedDate"
                )
                for name in ("Contact", "Lead")
            )
        )
        if len(emails) == 1:
            return [[*contacts, *leads]]
        by_email: dict[str, list[Row]] = {}
        for row in (*contacts, *leads):
            by_email.setdefault(str(row["Email"]).casefold(), []).append(row)
        return [by_email.get(email.casefold(), []) for email in emails]

    def _fresh(self, step: PersonStep) -> Row:
        """All fields of somebody new."""
        name = "Lead" if self._leads else "Contact"
        values: Row = {
            "LastName": cut(step.last_name or step.first_name or step.email.partition("@")[0], 80),
            "Email": step.email,
            **self._written(name, step),
        }
        if step.last_name and step.first_name:
            values["FirstName"] = cut(step.first_name, LONGEST_NAME["first"])
        if self._leads:
            values["Company"] = cut(step.company or step.email.partition("@")[2], LONGEST_NAME["company"])
        elif step.company_id:
            values["AccountId"] = step.company_id
        return values

    async def _make(self, step: PersonStep) -> str:
        name, values = "Lead" if self._leads else "Contact", self._fresh(step)
        key = self._org.keys.get(name)
        try:
            if key is not None:
                return await self._api.upsert(name, key, step.email.casefold(), values)
            return await self._api.create(name, values)
        except Duplicates as problem:
            same = await self._same_email(step.email, problem.matches)
            if same is None:
                raise _to_choose(name, step.full_name or step.email, problem) from problem
            # What it is called there nobody has compared yet.
            return await self._change(replace(step, first_name="", last_name="", full_name=""), same)

    async def _same_email(self, email: str, matches: Iterable[tuple[str, str]]) -> str | None:
        """The one record of the duplicates with exactly this e-mail."""
        found = []
        for name, record_id in matches:
            if name in ("Contact", "Lead"):
                row = await self._api.get(name, record_id, ["Id", "Email"])
                if str(row["Email"] or "").casefold() == email.casefold():
                    found.append(record_id)
        return found[0] if len(found) == 1 else None

    async def _change(self, step: PersonStep, record_id: str) -> str:
        name, account = kind_of(record_id), None
        if name == "Contact" and step.company_id:
            account = (await self._api.get(name, record_id, ["AccountId"]))["AccountId"]
        values = self._changed(step, name, account)
        if values:
            await self._api.change(name, record_id, values)
        return record_id

    def _changed(self, step: PersonStep, name: str, account: str | None) -> Row:
        """What is written of somebody who is there; *account*: theirs."""
        values = self._written(name, step)
        if step.full_name:
            values["LastName"] = cut(step.last_name or step.first_name, LONGEST_NAME["last"])
            values["FirstName"] = cut(step.first_name, LONGEST_NAME["first"]) if step.last_name else ""
        if name == "Contact" and step.company_id and not account:
            values["AccountId"] = step.company_id  # one that a colleague chose is left alone
        return values

    def _written(self, name: str, step: PersonStep) -> Row:
        found = written("person", step.values, self._mapped, self._catalogue)
        return {field: value for field, value in found.items() if field in self._org.fields.get(name, ())}

    # Campaigns and claims

    async def member(self, step: ListStep, own_user: str) -> Ref:
        """The person on the campaign, once; a claim is who owns the person."""
        campaign = self._mapped.lists.get(step.list_key)
        if campaign is None:
            raise Held(
                _("The list {list_key} is not mapped to a campaign in Salesforce.").format(
                    list_key=step.list_key
                ),
                _("Connect again to map it."),
            )
        pair = {"CampaignId": campaign, f"{kind_of(step.person_id)}Id": step.person_id}
        try:
            member_id = await self._api.create("CampaignMember", pair)
        except Taken:
            conditions = [same(name, value) for name, value in pair.items()]
            rows = await self._api.select("Id", "CampaignMember", *conditions, limit=1)
            if not rows:
                raise
            member_id = str(rows[0]["Id"])
        if step.claimed_by is not None and self._mapped.slug("list.pql", "claimed_by"):
            await self._claim(step.person_id, step.claimed_by, own_user)
        return Ref(member_id)

    async def members(self, steps: Sequence[ListStep]) -> list[Ref | None]:
        """Up to 200 people, whatever their campaigns; None for claims, and for what was refused: perhaps on it."""
        refs: list[Ref | None] = [None] * len(steps)
        plain = [
            (
                at,
                {
                    "CampaignId": self._mapped.lists[step.list_key],
                    f"{kind_of(step.person_id)}Id": step.person_id,
                },
            )
            for at, step in enumerate(steps)
            if step.list_key in self._mapped.lists and step.claimed_by is None
        ]
        if plain:
            ids = await self._api.many("POST", "", "CampaignMember", [row for _, row in plain])
            for (at, _), record_id in zip(plain, ids, strict=True):
                refs[at] = None if record_id is None else Ref(record_id)
        return refs

    async def _claim(self, person_id: str, rep: str, own_user: str) -> None:
        ours = self._catalogue.member(rep)
        if ours is None:
            raise Held(
                _("{rep} is no user of this Salesforce org.").format(rep=rep),
                _("Invite them, or assign somebody else."),
            )
        name = kind_of(person_id)
        holder = (await self._api.get(name, person_id, ["OwnerId"]))["OwnerId"]
        if holder == ours.remote_id:
            return
        reps = {each.remote_id: each.email for each in self._catalogue.members if each.active}
        if holder in reps and holder != own_user:
            raise Held(
                _("{owner} owns this {name} in Salesforce.").format(owner=reps[holder], name=name),
                _("Ask them to hand it over there, then retry."),
            )
        await self._api.change(name, person_id, {"OwnerId": ours.remote_id})
        now = (await self._api.get(name, person_id, ["OwnerId"]))["OwnerId"]
        if now != ours.remote_id:
            raise Held(
                _("Salesforce gave the {name} to {owner} instead of {rep}.").format(
                    name=name, owner=reps.get(now, now), rep=rep
                ),
                _("An automation there re-assigns it; have it leave out what PQLDesk writes, then retry."),
            )


def chosen(people: Sequence[Row]) -> Row | None:
    """The Contact, else the open Lead, else the Contact that a Lead became; of that one the id alone."""
    contact = next((row for row in people if is_contact(row["Id"])), None)
    if contact is not None:
        return contact
    open_lead = next((row for row in people if not row["IsConverted"]), None)
    became = next((row["ConvertedContactId"] for row in people if row["ConvertedContactId"]), None)
    return open_lead or (None if became is None else {"Id": became})


def written(part: str, values: Any, mapped: Mapped, catalogue: Catalogue) -> Row:
    """*values* by our names as Salesforce writes them."""
    return {field.key: _wire(value) for field, value in fitting(part, values, mapped, catalogue)}


def _wire(value: FieldValue) -> Any:
    match value:
        case tuple():
            return ";".join(value) or None
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case Decimal():
            return number(value)
    return value


def is_contact(person_id: str) -> bool:
    return person_id.startswith(CONTACT)


def _host(website: str | None) -> str:
    """``northquay.example`` of ``https://www.northquay.example/about``."""
    text = (website or "").strip().casefold()
    for prefix in HOST_PREFIXES:
        text = text.removeprefix(prefix)
    return text.partition("/")[0].partition(":")[0].removeprefix("www.")


def _to_choose(name: str, who: str, problem: Duplicates) -> Held:
    if len(problem.matches) != 1:
        seen = ", ".join(f"{kind} {record_id}" for kind, record_id in problem.matches)
        return Held(
            _("Salesforce takes {who} for a duplicate of {seen}.").format(
                who=who, seen=seen or _("a record that PQLDesk may not see")
            ),
            _("Merge them there or give the {name} the e-mail of {who}, then retry.").format(
                name=name, who=who
            ),
        )
    ((kind, record_id),) = problem.matches
    return Adoptable(
        _("Salesforce takes {who} for a duplicate of the {kind} {record_id}.").format(
            who=who, kind=kind, record_id=record_id
        ),
        _("Retry to use that record, or change it there first and then retry."),
        remote_id=record_id,
    )
