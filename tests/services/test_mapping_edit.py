"""A mapping edited by hand against a real double: one change at a time, undone, and what is gone there stays held."""

import json

import pytest
from counted_there import flat
from fixtures_crm import INES, NOW, Desk

from pqldesk.cli import main
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.crm.connecting import recheck
from pqldesk.services.crm.connections import connection_rows, linked_named
from pqldesk.services.crm.mapping_edit import mapping_shown, proposals, set_mapping
from pqldesk.services.crm.mapping_rows import MappingShown, OurThing
from pqldesk.services.leads.undo import undo
from pqldesk.services.net import run_network
from pqldesk.services.outbox.outbox import retry_items


def shown(desk: Desk) -> MappingShown:
    return desk.db.read(mapping_shown, "attio").result()


def row(desk: Desk, name: str) -> OurThing:
    return next(each for each in shown(desk).ours if each.name == name)


def change(desk: Desk, **given: str | None) -> None:
    names = {name.replace("__", "."): theirs for name, theirs in given.items()}
    desk.db.write(set_mapping, "attio", names, INES, NOW).result()


def test_everything_that_can_be_mapped_is_there_with_what_the_crm_has(desk: Desk) -> None:
    found = shown(desk)
    score = row(desk, "person.pql_score")
    assert (score.state, score.theirs.key, score.chosen) == ("mapped", "pql_score", False)
    assert score.refused["plan_type"] == "plan_type is select, not number or rating"
    assert [each.title for each in found.choices("stage.sales_qualified")][:1]
    assert row(desk, "list.pql").theirs.title == "PQL queue"
    assert row(desk, "person.job_title").masters == {"free": "both", "claimed": "both", "sales": "crm"}


def test_a_field_is_left_out_chosen_and_given_back_and_each_is_undone(desk: Desk) -> None:
    before = desk.db.read(linked_named, "attio").result()
    change(desk, person__pql_score="")
    assert row(desk, "person.pql_score").state == "left_out"
    desk.db.write(undo, INES, NOW).result()
    assert desk.db.read(linked_named, "attio").result() == before
    change(desk, person__features_activated="pql_score")
    assert row(desk, "person.features_activated").chosen
    change(desk, person__features_activated=None)
    assert row(desk, "person.features_activated").theirs.key == "features_activated"


def test_what_does_not_fit_is_refused_with_the_reason_and_changes_nothing(desk: Desk) -> None:
    before = desk.db.read(linked_named, "attio").result()
    with pytest.raises(BadInput, match=r"person\.pql_score cannot be mapped to “name” in Attio"):
        change(desk, person__plan_type="", person__pql_score="name")
    with pytest.raises(BadInput, match="nothing of ours called"):
        change(desk, person__shoe_size="x")
    assert desk.db.read(linked_named, "attio").result() == before


def test_a_renamed_stage_is_told_proposed_anew_and_stays_mapped_until_then(desk: Desk) -> None:
    stages = desk.sandbox.as_user("GET", "/v2/objects/deals/attributes/stage/statuses", None)["data"]
    one = next(each for each in stages if each["title"] == "Sales Qualified")
    path = f"/v2/objects/deals/attributes/stage/statuses/{one['id']['status_id']}"
    desk.sandbox.as_user("PATCH", path, {"data": {"title": "Sales Qualified (new)"}})
    run_network(desk.db, recheck, "attio", NOW)
    stage = row(desk, "stage.sales_qualified")
    assert (stage.state, stage.theirs.key) == ("gone", "Sales Qualified")
    assert stage.proposal.key == "Sales Qualified (new)"
    (card,) = [each for each in desk.db.read(connection_rows).result() if each.system == "attio"]
    assert card.gone == ("stage.sales_qualified: no stage “Sales Qualified” any more",)
    change(desk, person__plan_type="")
    assert row(desk, "stage.sales_qualified").state == "gone"  # another change leaves it
    given = desk.db.read(proposals, "attio").result()
    desk.db.write(
        set_mapping, "attio", {"stage.sales_qualified": given["stage.sales_qualified"]}, INES, NOW
    ).result()
    assert row(desk, "stage.sales_qualified").state == "mapped"


def test_a_field_that_a_person_left_out_is_not_made(desk: Desk) -> None:
    change(desk, person__pql_score="")
    made = run_network(desk.db, recheck, "attio", NOW, create_fields=True)
    assert made.created == ()


def test_the_command_line_shows_sets_and_takes_back(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--workspace", str(desk.path), "mapping")
    assert main([*asked, "set", "attio", "person.plan_type=", "--rep", INES]) == 0
    capsys.readouterr()
    assert main([*asked, "show", "attio", "--format", "json"]) == 0
    rows = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert rows["person.plan_type"]["state"] == "left_out"
    assert main([*asked, "set", "attio", "--by-name", "person.plan_type", "--rep", INES]) == 0
    assert main(["--workspace", str(desk.path), "undo", "--rep", INES]) == 0
    assert row(desk, "person.plan_type").state == "left_out"


def test_what_every_handoff_fills_by_itself_is_not_missed(desk: Desk) -> None:
    found = shown(desk)
    assert [field.key for field in found.theirs["deal"] if field.required] == ["name", "stage", "owner"]
    assert found.unfilled == ()


def test_what_waits_for_a_renamed_stage_goes_where_a_person_maps_it_to(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    where = {"target": "deals", "attribute": "stage"}
    desk.sandbox.change("rename_choice", **where, title="Sales Qualified", to="SQL")
    assert "has no deal stage “Sales Qualified”" in str(desk.deliver().undone)
    change(desk, stage__sales_qualified="SQL")
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert "SQL" in flat(desk.sandbox.dump()["deals"])


def test_a_stage_that_a_rep_chose_does_not_follow_the_mapping_of_another(desk: Desk) -> None:
    desk.hand_off(desk.add_lead(), stage="In Progress")
    where = {"target": "deals", "attribute": "stage"}
    desk.sandbox.change("rename_choice", **where, title="In Progress", to="Talking")
    assert "has no deal stage “In Progress”" in str(desk.deliver().undone)
    desk.db.write(retry_items, [], NOW).result()
    assert "has no deal stage “In Progress”" in str(desk.deliver().undone)
    assert desk.sandbox.dump()["deals"] == []
