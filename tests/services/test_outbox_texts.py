"""Names in any script, long texts, money and times arrive in every CRM: cut with a mark, never refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fixtures_crm import HOUSES, Desk, House

NAMES = (
    ("สมหญิง", "ใจดี"),
    ("نادية", "الأحمد"),
    ("Ŝkölärné 🧭", "O'Brien-\\%_"),
    ("", "李小龍"),
)
LONG = "Überall 🧭 " * 9_000  # 99,000 characters, those outside the first plane counting twice in UTF-16


@pytest.fixture(params=sorted(HOUSES))
def house(request: pytest.FixtureRequest) -> House:
    return HOUSES[request.param]


def flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [one for each in value.values() for one in flat(each)]
    if isinstance(value, list):
        return [one for each in value for one in flat(each)]
    return [value]


def test_names_in_any_script_arrive_as_they_are(desk: Desk) -> None:
    for number, (first, last) in enumerate(NAMES):
        email, whole = f"lead{number}@firm{number}.example", f"{first} {last}".strip()
        desk.hand_off(desk.add_lead(email, f"Firm {last}", name=whole, first_name=first, last_name=last))
    assert desk.deliver(max_wait_s=30).undone is None
    people = desk.sandbox.dump()["people"]
    told = " ".join(str(one) for one in flat(people))
    for first, last in NAMES:
        assert last in told
        assert first in told


def test_texts_beyond_every_limit_are_cut_with_a_mark_and_keep_their_marker(desk: Desk, house: House) -> None:
    title = "Head of " + "Everything 🧭 " * 60
    lead = desk.add_lead(
        company="Quayworks " * 40, job_title=title, first_name="N" * 300, last_name="O" * 300
    )
    desk.hand_off(lead, note=LONG, task=LONG, deal_name="Upgrade " * 60)
    assert desk.deliver(max_wait_s=30).undone is None
    there = desk.sandbox.dump()
    for kind in ("tasks", "notes"):
        (row,) = there[kind]
        texts = [one for one in flat(row) if isinstance(one, str) and "pqd:" in one]
        assert texts, kind
        assert any("…" in one or LONG.strip() in one for one in texts), kind  # some have no limit
    assert [len(there[kind]) for kind in ("people", "tasks", "notes")] == [1, 1, 1]


def test_cents_and_the_moment_a_task_is_due_arrive_whatever_the_zone(desk: Desk, house: House) -> None:
    due = datetime.fromisoformat("2026-12-01T01:30:00+09:00")
    desk.hand_off(desk.add_lead(), deal_value=12345.67, task_due_at=due)
    assert desk.deliver(max_wait_s=30).undone is None
    there = desk.sandbox.dump()
    if "deal" not in house.cannot:
        assert {12345.67, "12345.67", 12345670000, "12345670000"} & set(flat(there["deals"]))
    told = [str(one) for one in flat(there["tasks"])]
    utc = due.astimezone(UTC)
    forms = (f"{utc:%Y-%m-%dT%H:%M}", f"{utc:%Y-%m-%d %H:%M}", str(int(utc.timestamp() * 1000)))
    assert any(form in one for form in forms for one in told), told
