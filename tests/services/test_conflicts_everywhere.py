"""What a colleague changed is not lost in any CRM that can be asked; where it cannot, the table says so."""

from typing import Any

import pytest
from crm_colleagues import COLLEAGUES
from fixtures_crm import HOUSES, INES, NOW, RELAYS, Desk, House
from sqlalchemy.orm import Session
from test_conflicts import write_again

from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.services.connectors import CRMS
from pqldesk.services.delivery.conflicts import conflict_rows, resolve_conflict
from pqldesk.services.outbox.playbooks import approve_playbook


@pytest.fixture(params=sorted(HOUSES))
def house(request: pytest.FixtureRequest) -> House:
    return HOUSES[request.param]


def test_a_title_changed_on_both_sides_waits_for_a_person_whose_decision_is_written(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.db.write(approve_playbook, "signup", INES, NOW, backfill=True).result()
    assert desk.deliver().undone is None
    retitle(desk, "Chief of Staff")
    desk.db.write(change_lead, lead, job_title="VP Ops").result()
    write_again(desk, lead)
    (found,) = desk.db.read(conflict_rows).result()
    assert (found.field, found.base, found.mine, found.theirs) == (
        "person.job_title", "Head of Ops", "VP Ops", "Chief of Staff",
    )  # fmt: skip
    assert _titles(desk) == ["Chief of Staff"]
    desk.db.write(resolve_conflict, found.conflict_id, "mine", INES, NOW).result()
    assert desk.deliver().undone is None
    assert _titles(desk) == ["VP Ops"]


@pytest.mark.parametrize("system", sorted({**HOUSES, **RELAYS}))
def test_the_table_says_what_is_compared(system: str) -> None:
    can = CRMS[system].can
    assert can is not None
    assert bool(can.compared) == (system not in RELAYS)


def retitle(desk: Desk, title: str) -> None:
    person = desk.sandbox.dump()["people"][0]
    person_id = next(str(person[key]) for key in ("record_id", "Id", "id") if key in person)
    if desk.house.system == "marketo":
        desk.sandbox.change("change_lead", id=person_id, values={"title": title})
    else:
        COLLEAGUES[desk.house.system](desk.sandbox).retitle(person_id, title)


def _titles(desk: Desk) -> list[Any]:
    names = ("job_title", "Title", "jobtitle", "jobTitle", "title")
    return [next(row[name] for name in names if name in row) for row in desk.sandbox.dump()["people"]]


def change_lead(session: Session, lead: str, **columns: Any) -> None:
    row = session.get_one(Lead, row_number(LEAD, lead))
    for name, value in columns.items():
        setattr(row, name, value)
