"""Twenty's own ways: ids of ours, a trash, two generations, options by label, a slow rate."""

import pytest
from fixtures_crm import HOUSES, NOW, Desk, House

from pqldesk.services.outbox.outbox import retry_items


@pytest.fixture
def house() -> House:
    return HOUSES["twenty"]


def test_what_lies_in_the_trash_is_never_revived_without_a_person(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    desk.sandbox.change("trash", object="people", id=desk.sandbox.dump()["people"][0]["id"])
    desk.hand_off(desk.add_lead(name="Nadia Again"))
    assert "lies in Twenty's trash" in str(desk.deliver().undone)
    assert desk.sandbox.dump()["people"] == []
    assert not any(entry["method"] == "DELETE" for entry in desk.sandbox.log())


def test_an_older_generation_with_other_columns_and_metadata_is_written_as_well(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("switch", old_targets=True, new_metadata=False)
    bare_desk.connect()
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    there = bare_desk.sandbox.dump()
    person, deal = there["people"][0]["id"], there["deals"][0]["id"]
    assert sorted(there["tasks"][0]["on"]) == sorted(there["notes"][0]["on"]) == sorted([person, deal])


def test_options_are_written_by_their_label_and_a_renamed_stage_holds_the_handoff(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    (person,) = desk.sandbox.dump()["people"]
    assert (person["pqlState"], person["pqlScore"]) == ("HANDED_OFF", 85)
    desk.sandbox.forget_log()
    desk.sandbox.change(
        "rename_choice", object="opportunities", field="stage", title="Sales Qualified", to="SQL"
    )
    desk.hand_off(desk.add_lead("omid@quayworks.example", name="Omid Rahimi"))
    assert "has no deal stage “Sales Qualified”" in str(desk.deliver().undone)
    assert desk.sandbox.writes() == []


def test_a_key_that_expired_holds_everything_before_the_first_write(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", key_expired=True)
    assert "does not accept the key: Token has expired" in str(desk.deliver().undone)
    assert set(desk.states().values()) == {"held"}
    assert desk.sandbox.writes() == []


def test_a_role_that_may_not_write_holds_the_item_and_a_retry_finishes(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", read_only=["notes"])
    assert "The role of the Twenty key may not do this" in str(desk.deliver().undone)
    desk.sandbox.change("switch", read_only=[])
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert len(desk.sandbox.dump()["notes"]) == 1


@pytest.mark.parametrize("headers", [True, False])
def test_a_full_minute_is_waited_out_with_and_without_headers_and_counts_as_no_try(
    desk: Desk, headers: bool
) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", per_minute=0, rate_headers=headers)
    desk.deliver(max_wait_s=0, once=True)
    (first,) = [row for row in desk.outbox() if row.kind == "company"]
    assert (first.state, first.attempts) == ("pending", 0)
    assert first.next_attempt_at is not None
    assert 0 < (first.next_attempt_at - desk.clock()).total_seconds() <= 61


def test_missing_fields_and_lists_are_made_on_request(bare_desk: Desk) -> None:
    for name in ("pqlScore", "milestonesCompleted", "pqlLists"):
        bare_desk.sandbox.change("remove_field", object="people", field=name)
    connected = bare_desk.connect(create_fields=True)
    assert connected.created == (
        "person.pql_score", "person.milestones_completed", "list.trials", "list.pql",
    )  # fmt: skip
    assert connected.missing == ()
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    assert len(bare_desk.sandbox.dump()["entries"]["PQL queue"]) == 1
