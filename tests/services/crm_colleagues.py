"""What colleagues do in each CRM behind PQLDesk's back, in the same words for all of them."""

from typing import Any, Protocol

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


COLLEAGUES: dict[str, Any] = {"attio": InAttio, "salesforce": InSalesforce}
