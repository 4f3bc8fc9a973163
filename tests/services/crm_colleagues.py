"""What colleagues do in each CRM behind PQLDesk's back, in the same words for all of them."""

from typing import Any, Protocol

import httpx
from fixtures_crm import Sandbox


class Colleague(Protocol):
    """Somebody at work in a CRM. Ids are the CRM's own."""

    def add_person(self, email: str, name: str, title: str) -> str: ...
    def retitle(self, person_id: str, title: str) -> None: ...
    def title_of(self, person_id: str) -> str | None: ...
    def own(self, person_id: str, rep: str | None) -> None: ...
    def move_deal(self, deal_id: str, stage: str) -> None: ...
    def revalue(self, deal_id: str, value: int) -> None: ...
    def give_deal(self, deal_id: str, rep: str) -> None: ...
    def add_deal(self, person_id: str, name: str, stage: str, value: int) -> str: ...
    def finish_task(self, person_id: str, rep: str) -> None: ...
    def merge_people(self, stays: str, goes: str) -> str: ...
    def delete_person(self, person_id: str) -> None: ...
    def bring_back(self, person_id: str, email: str, name: str, title: str) -> str: ...

    won: str
    lost: str
    moved_on: str


class InAttio:
    won, lost, moved_on = "Won 🎉", "Lost", "In Progress"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _write(self, method: str, path: str, **values: Any) -> str:
        answer = self._sandbox.as_user(method, path, {"data": {"values": values}})
        return str(answer["data"]["id"]["record_id"])

    def _person(self, person_id: str, **values: Any) -> None:
        self._write("PATCH", f"/v2/objects/people/records/{person_id}", **values)

    def _deal(self, deal_id: str, **values: Any) -> None:
        self._write("PATCH", f"/v2/objects/deals/records/{deal_id}", **values)

    def add_person(self, email: str, name: str, title: str) -> str:
        first, _, last = name.rpartition(" ")
        full = {"first_name": first, "last_name": last, "full_name": name}
        return self._write(
            "POST", "/v2/objects/people/records", email_addresses=[email], name=[full], job_title=title
        )

    def bring_back(self, person_id: str, email: str, name: str, title: str) -> str:
        return self.add_person(email, name, title)

    def retitle(self, person_id: str, title: str) -> None:
        self._person(person_id, job_title=title)

    def title_of(self, person_id: str) -> str | None:
        rows = self._sandbox.dump()["people"]
        return next(row["job_title"] for row in rows if row["record_id"] == person_id)

    def own(self, person_id: str, rep: str | None) -> None:
        entries = self._sandbox.dump()["entries"]["pql_queue"]
        entry = next(row for row in entries if row["parent_record_id"] == person_id)
        values = {"claimed_by": [{"workspace_member_email_address": rep}] if rep else []}
        method = "PATCH" if rep else "PUT"
        path = f"/v2/lists/pql_queue/entries/{entry['entry_id']}"
        self._sandbox.as_user(method, path, {"data": {"entry_values": values}})

    def move_deal(self, deal_id: str, stage: str) -> None:
        self._deal(deal_id, stage=stage)

    def revalue(self, deal_id: str, value: int) -> None:
        self._deal(deal_id, value=value)

    def give_deal(self, deal_id: str, rep: str) -> None:
        self._deal(deal_id, owner=rep)

    def add_deal(self, person_id: str, name: str, stage: str, value: int) -> str:
        people = [{"target_object": "people", "target_record_id": person_id}]
        values = {"name": name, "stage": stage, "value": value, "owner": "dana@northquay.example"}
        return self._write("POST", "/v2/objects/deals/records", **values, associated_people=people)

    def finish_task(self, person_id: str, rep: str) -> None:
        task = {
            "content": "Call",
            "format": "plaintext",
            "deadline_at": None,
            "is_completed": True,
            "linked_records": [{"target_object": "people", "target_record_id": person_id}],
            "assignees": [{"workspace_member_email_address": rep}],
        }
        self._sandbox.as_user("POST", "/v2/tasks", {"data": task})

    def merge_people(self, stays: str, goes: str) -> str:
        pair = {"primary_record_id": stays, "secondary_record_id": goes}
        return str(self._sandbox.change("merge_away", object="people", **pair)["new_record_id"])

    def delete_person(self, person_id: str) -> None:
        self._sandbox.as_user("DELETE", f"/v2/objects/people/records/{person_id}", None)


class InSalesforce:
    won, lost, moved_on = "Closed Won", "Closed Lost", "Negotiation"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _change(self, row_id: str, **values: Any) -> None:
        self._sandbox.change("change_row", id=row_id, values=values)

    def _add(self, thing: str, **values: Any) -> str:
        return str(self._sandbox.change("add_row", object=thing, values=values)["id"])

    def _user(self, email: str) -> str:
        return next(row["Id"] for row in self._sandbox.dump()["members"] if row["Email"] == email)

    def add_person(self, email: str, name: str, title: str) -> str:
        first, _, last = name.rpartition(" ")
        return self._add("Contact", FirstName=first, LastName=last, Email=email, Title=title)

    def bring_back(self, person_id: str, email: str, name: str, title: str) -> str:
        return self.add_person(email, name, title)

    def retitle(self, person_id: str, title: str) -> None:
        self._change(person_id, Title=title)

    def title_of(self, person_id: str) -> str | None:
        return next(row["Title"] for row in self._sandbox.dump()["people"] if row["Id"] == person_id)

    def own(self, person_id: str, rep: str | None) -> None:
        self._change(person_id, OwnerId=self._user(rep or "pqldesk@northquay.example"))

    def move_deal(self, deal_id: str, stage: str) -> None:
        self._change(deal_id, StageName=stage)

    def revalue(self, deal_id: str, value: int) -> None:
        self._change(deal_id, Amount=value)

    def give_deal(self, deal_id: str, rep: str) -> None:
        self._change(deal_id, OwnerId=self._user(rep))

    def add_deal(self, person_id: str, name: str, stage: str, value: int) -> str:
        deal = self._add("Opportunity", Name=name, StageName=stage, Amount=value, CloseDate="2026-11-20")
        self._add("OpportunityContactRole", OpportunityId=deal, ContactId=person_id)
        return deal

    def finish_task(self, person_id: str, rep: str) -> None:
        self._add("Task", Subject="Call", WhoId=person_id, OwnerId=self._user(rep), Status="Completed")

    def merge_people(self, stays: str, goes: str) -> str:
        self._sandbox.change("merge_rows", stays=stays, goes=goes)
        return stays

    def delete_person(self, person_id: str) -> None:
        self._sandbox.change("delete_row", id=person_id)


class InHubSpot:
    won, lost, moved_on = "Closed won", "Closed lost", "Appointment"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        sandbox.change(
            "switch", search_lag_s=0.0
        )  # how late the search shows new records is not what is asked here

    def _change(self, kind: str, record_id: str, **values: Any) -> None:
        self._sandbox.change("change_record", object=kind, id=record_id, values=values)

    def _add(self, kind: str, type_id: int | None, to: str, **values: Any) -> str:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        links = [{"to": {"id": to}, "types": types}] if type_id else []
        order = {"object": kind, "values": values, "associations": links}
        return str(self._sandbox.change("add_record", **order)["id"])

    def _owner(self, rep: str) -> str:
        """Ids of owners are told by the listing alone."""
        key = {"Authorization": "Bearer sandbox-hubspot-key"}
        rows = httpx.get(f"{self._sandbox.url}/crm/owners/2026-09", headers=key).json()["results"]
        return next(str(row["id"]) for row in rows if row["email"] == rep)

    def _stage(self, title: str) -> str:
        key = {"Authorization": "Bearer sandbox-hubspot-key"}
        found = httpx.get(f"{self._sandbox.url}/crm/pipelines/2026-09/deals", headers=key).json()["results"]
        return next(str(row["id"]) for row in found[0]["stages"] if row["label"] == title)

    def add_person(self, email: str, name: str, title: str) -> str:
        first, _, last = name.rpartition(" ")
        values = {"email": email, "firstname": first, "lastname": last, "jobtitle": title}
        return self._add("contacts", None, "", **values)

    def bring_back(self, person_id: str, email: str, name: str, title: str) -> str:
        return self.add_person(email, name, title)

    def retitle(self, person_id: str, title: str) -> None:
        self._change("contacts", person_id, jobtitle=title)

    def title_of(self, person_id: str) -> str | None:
        return next(row["jobtitle"] for row in self._sandbox.dump()["people"] if row["id"] == person_id)

    def own(self, person_id: str, rep: str | None) -> None:
        self._change("contacts", person_id, hubspot_owner_id=self._owner(rep) if rep else "")

    def move_deal(self, deal_id: str, stage: str) -> None:
        self._change("deals", deal_id, dealstage=self._stage(stage))

    def revalue(self, deal_id: str, value: int) -> None:
        self._change("deals", deal_id, amount=str(value))

    def give_deal(self, deal_id: str, rep: str) -> None:
        self._change("deals", deal_id, hubspot_owner_id=self._owner(rep))

    def add_deal(self, person_id: str, name: str, stage: str, value: int) -> str:
        values = {"dealname": name, "dealstage": self._stage(stage), "amount": str(value)}
        return self._add("deals", 3, person_id, **values)

    def finish_task(self, person_id: str, rep: str) -> None:
        due = "2026-11-20T10:00:00Z"
        task = self._add("tasks", 204, person_id, hs_timestamp=due, hubspot_owner_id=self._owner(rep))
        self._change("tasks", task, hs_task_status="COMPLETED")

    def merge_people(self, stays: str, goes: str) -> str:
        self._sandbox.change("merge_records", object="contacts", stays=stays, goes=goes)
        return stays

    def delete_person(self, person_id: str) -> None:
        self._sandbox.change("archive_record", object="contacts", id=person_id)


class InTwenty:
    won, lost, moved_on = "Customer", "Lost", "Proposal"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _change(self, plural: str, record_id: str, **values: Any) -> None:
        self._sandbox.change("change_record", object=plural, id=record_id, values=values)

    def _add(self, plural: str, **values: Any) -> str:
        return str(self._sandbox.change("add_record", object=plural, values=values)["id"])

    def _member(self, rep: str) -> str:
        return next(str(row["id"]) for row in self._sandbox.dump()["members"] if row["userEmail"] == rep)

    def add_person(self, email: str, name: str, title: str) -> str:
        first, _, last = name.rpartition(" ")
        names = {"firstName": first, "lastName": last}
        return self._add("people", name=names, emails={"primaryEmail": email}, jobTitle=title)

    def bring_back(self, person_id: str, email: str, name: str, title: str) -> str:
        self._sandbox.change("restore", object="people", id=person_id)  # the address stays taken in the trash
        return person_id

    def retitle(self, person_id: str, title: str) -> None:
        self._change("people", person_id, jobTitle=title)

    def title_of(self, person_id: str) -> str | None:
        return next(row["jobTitle"] for row in self._sandbox.dump()["people"] if row["id"] == person_id)

    def own(self, person_id: str, rep: str | None) -> None:
        raise AssertionError("a person has no owner in Twenty")

    def move_deal(self, deal_id: str, stage: str) -> None:
        self._change("opportunities", deal_id, stage=stage.upper())

    def revalue(self, deal_id: str, value: int) -> None:
        self._change("opportunities", deal_id, amount=_money(value))

    def give_deal(self, deal_id: str, rep: str) -> None:
        self._change("opportunities", deal_id, ownerId=self._member(rep))

    def add_deal(self, person_id: str, name: str, stage: str, value: int) -> str:
        values = {"name": name, "stage": stage.upper(), "amount": _money(value)}
        return self._add("opportunities", **values, pointOfContactId=person_id)

    def finish_task(self, person_id: str, rep: str) -> None:
        task = self._add("tasks", title="Call", status="DONE", assigneeId=self._member(rep))
        self._add("taskTargets", taskId=task, targetPersonId=person_id)

    def merge_people(self, stays: str, goes: str) -> str:
        self._sandbox.change("merge_people", stays=stays, goes=goes)
        return stays

    def delete_person(self, person_id: str) -> None:
        self._sandbox.change("trash", object="people", id=person_id)


def _money(value: int) -> dict[str, Any]:
    return {"amountMicros": value * 1_000_000, "currencyCode": "USD"}


COLLEAGUES: dict[str, Any] = {
    "attio": InAttio,
    "salesforce": InSalesforce,
    "hubspot": InHubSpot,
    "twenty": InTwenty,
}
