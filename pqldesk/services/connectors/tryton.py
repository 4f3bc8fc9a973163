"""Tryton, by its REST API: companies and people are parties with a website or an e-mail, notes stand on the party.

The whole connector in one file; docs/writing-a-connector.md goes through it. Tryton knows no record by an id of ours,
so everything is looked for before it is made, and looked for again after a lost answer.
"""

import base64
import json
from typing import Any, Final

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.connector import Connector, Opening, Way
from pqldesk.services.remote.crm import Account, CompanyStep, NoteStep, PersonStep, Ref
from pqldesk.services.remote.problems import Gone, Held, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer
from pqldesk.services.remote.seen import PERSON, Seen

BUDGET: Final = (5.0, 5.0)  # reads and writes a second; Tryton itself sets no limit
PARTY, MECHANISM, NOTE = "party.party", "party.contact_mechanism", "ir.note"

Row = dict[str, Any]


class Tryton(Connector):
    """A connected database (services/remote/crm.py says what each call promises)."""

    title = "Tryton"

    def __init__(self, opening: Opening) -> None:
        """Secrets: token, the key of a user application. Chosen: rate."""
        self._database = opening.url.rstrip("/").rpartition("/")[2]
        self._rest = opening.rest(self.title, explain, opening.budget(BUDGET))
        self.look = self._seen
        self.ways = {
            CompanyStep: Way(self._company, self._find_company, once=False),
            PersonStep: Way(self._person, self._find_person, once=False),
            NoteStep: Way(self._note, self._find_note, once=False),
        }

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        """A party has no fields of ours: nothing is mapped."""

    async def account(self) -> Account:
        """Asks for one party, which needs the key and the right to read them."""
        await self._search(PARTY, [], "rec_name", most=1)
        return Account(self._database, frozenset())

    async def catalogue(self) -> Catalogue:
        return Catalogue()

    # Parties

    async def _company(self, step: CompanyStep) -> Ref:
        return await self._find_company(step) or await self._make(
            step.name, "website", f"https://{step.domain}"
        )

    async def _find_company(self, step: CompanyStep) -> Ref | None:
        for row in await self._search(
            MECHANISM, [["type", "=", "website"], ["value", "ilike", f"%{step.domain}%"]], "party", "value"
        ):
            host = str(row["value"]).casefold().partition("://")[2] or str(row["value"]).casefold()
            if host.partition("/")[0].removeprefix("www.") == step.domain:
                return Ref(str(row["party"]))
        return None

    async def _person(self, step: PersonStep) -> Ref:
        return await self._find_person(step) or await self._make(
            step.full_name or step.email, "email", step.email
        )

    async def _find_person(self, step: PersonStep) -> Ref | None:
        found = await self._seen(step.email)
        return None if found is None else Ref(found.remote_id)

    async def _seen(self, email: str) -> Seen | None:
        """The party of the e-mail, the oldest where there are several."""
        wanted = [["type", "=", "email"], ["value", "ilike", email.replace("_", "\\_").replace("%", "\\%")]]
        rows = await self._search(MECHANISM, wanted, "party")
        return Seen(PERSON, str(min(row["party"] for row in rows))) if rows else None

    async def _make(self, name: str, kind: str, value: str) -> Ref:
        """A party with one way to reach it, both made in the same call: all of it or nothing."""
        ways = [["create", [{"type": kind, "value": value}]]]
        made = await self._rest.write(
            "POST", f"/rest/model/{PARTY}", body={"name": name, "contact_mechanisms": ways}
        )
        return Ref(str(made["id"]))

    # Notes

    async def _note(self, step: NoteStep) -> Ref:
        found = await self._find_note(step)
        if found is not None:
            return found
        body = {"resource": f"{PARTY},{step.person_id}", "message": f"{step.title}\n{step.text}"}
        made = await self._rest.write("POST", f"/rest/model/{NOTE}", body=body)
        return Ref(str(made["id"]))

    async def _find_note(self, step: NoteStep) -> Ref | None:
        wanted = [["resource", "=", f"{PARTY},{step.person_id}"], ["message", "ilike", f"%{step.marker}%"]]
        rows = await self._search(NOTE, wanted, "rec_name", most=1)
        return Ref(str(rows[0]["id"])) if rows else None

    async def _search(self, model: str, domain: list[Any], *fields: str, most: int = 100) -> list[Row]:
        """The records that meet the domain, by id."""
        packed = base64.urlsafe_b64encode(json.dumps(domain).encode()).decode()
        order = base64.urlsafe_b64encode(b'[["id", "ASC"]]').decode()
        params = {"d": packed, "o": order, "f": list(fields), "s": most}
        rows: list[Row] = await self._rest.read("GET", f"/rest/model/{model}", params=params)
        return rows


def explain(answer: Answer) -> RemoteProblem:
    """The problem that an answer of 400 to 499 (but 408, 425 and 429) stands for."""
    said = _said(answer)
    match answer.status:
        case 401:
            return Held(
                _("Tryton does not accept the key: {said}.").format(said=said),
                _("Make a new user application there and connect again."),
            )
        case 403:
            return Held(
                _("The Tryton user may not do this: {said}.").format(said=said),
                _("Give them the right to read and write parties and notes, then retry."),
            )
        case 404:
            return Gone(
                _("Tryton has no such record: {said}.").format(said=said),
                _("It was deleted; retry to look for it again."),
            )
    return Refused(
        _("Tryton refused ({status}): {said}.").format(status=answer.status, said=said),
        _("Correct it, then retry."),
    )


def _said(answer: Answer) -> str:
    text = str(answer.body.get("message") or "") if isinstance(answer.body, dict) else ""
    return text.strip().rstrip(".")[:400] or f"{answer.method} {answer.path} was answered {answer.status}"
