"""Who wins where PQLDesk and a CRM say different things: the rule for each combination, spelled out."""

from decimal import Decimal

import pytest

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.remote.catalogue import RemoteField
from pqldesk.services.remote.ownership import DEFAULTS, Master, Masters, Phase, Verdict, phase_of, verdict
from pqldesk.services.remote.values import from_plain, plain
from pqldesk.services.settings.declarations import checked

A, B, C = "a", "b", "c"


@pytest.mark.parametrize(
    ("master", "base", "mine", "theirs", "expected"),
    [
        # both sides the same, or only one changed
        (Master.BOTH, A, A, A, Verdict.AGREED),
        (Master.BOTH, A, B, B, Verdict.AGREED),
        (Master.BOTH, A, B, A, Verdict.WRITE),
        (Master.BOTH, A, A, B, Verdict.TAKE),
        (Master.BOTH, A, B, C, Verdict.CONFLICT),
        # never agreed on anything
        (Master.BOTH, None, A, B, Verdict.CONFLICT),
        (Master.BOTH, None, A, None, Verdict.WRITE),
        (Master.BOTH, None, None, B, Verdict.TAKE),
        # ours always goes there; what it replaces is told
        (Master.PQLDESK, A, B, A, Verdict.WRITE),
        (Master.PQLDESK, A, B, C, Verdict.OVERWRITE),
        (Master.PQLDESK, None, B, C, Verdict.OVERWRITE),
        (Master.PQLDESK, A, None, B, Verdict.LEAVE),
        # theirs always comes here; only what is empty there is filled
        (Master.CRM, A, B, A, Verdict.TAKE),
        (Master.CRM, None, A, B, Verdict.TAKE),
        (Master.CRM, None, A, None, Verdict.WRITE),
        # cleared there: not filled again unless PQLDesk is master
        (Master.BOTH, A, A, None, Verdict.LEAVE),
        (Master.BOTH, A, B, None, Verdict.CONFLICT),
        (Master.CRM, A, B, None, Verdict.LEAVE),
        (Master.PQLDESK, A, A, None, Verdict.WRITE),
    ],
)
def test_each_combination_of_base_mine_and_theirs_has_its_rule(
    master: Master, base: str | None, mine: str | None, theirs: str | None, expected: Verdict
) -> None:
    assert verdict(master, base, mine, theirs, known=base is not None) is expected


def test_a_value_that_a_person_gave_up_for_theirs_is_not_written_again() -> None:
    assert verdict(Master.BOTH, B, A, B, known=True, given_up=A) is Verdict.LEAVE
    assert verdict(Master.BOTH, B, C, B, known=True, given_up=A) is Verdict.WRITE


def test_a_remote_value_is_overwritten_by_the_rule_of_pqldesk_alone() -> None:
    """Over all combinations: whatever stands there and differs from the base survives unless PQLDesk is master."""
    for master in Master:
        for base in (None, A, B, C):
            for mine in (None, A, B, C):
                for theirs in (A, B, C):
                    said = verdict(master, base, mine, theirs, known=base is not None)
                    if said is Verdict.OVERWRITE:
                        assert master is Master.PQLDESK
                    if said is Verdict.WRITE:
                        assert theirs == base


def test_a_phase_of_its_own_choice_comes_before_the_choice_for_all_and_that_before_the_default() -> None:
    masters = Masters({"person.job_title": "pqldesk", "person.job_title.sales": "both"})
    assert [masters.of_field("person.job_title", phase) for phase in Phase] == ["pqldesk", "pqldesk", "both"]
    assert Masters({}).of_field("person.job_title", Phase.SALES) is Master.CRM
    assert masters.is_chosen("person.job_title", Phase.FREE)
    assert not masters.is_chosen("person.name", Phase.FREE)


def test_every_field_has_a_master_in_every_phase() -> None:
    assert all(set(masters) == set(Phase) for masters in DEFAULTS.values())


@pytest.mark.parametrize(
    ("state", "before", "phase"),
    [
        ("new", None, "free"),
        ("qualified", None, "free"),
        ("working", None, "claimed"),
        ("snoozed", "working", "claimed"),
        ("snoozed", None, "free"),
        ("handed_off", None, "sales"),
        ("won", None, "sales"),
    ],
)
def test_the_phase_follows_the_state_of_the_lead(state: str, before: str | None, phase: str) -> None:
    assert phase_of(state, before) == phase


def test_a_master_that_does_not_exist_is_refused_with_those_that_do() -> None:
    assert checked("master.attio.person.job_title.sales", "both") == "both"
    with pytest.raises(BadInput, match="one of pqldesk, crm, both"):
        checked("master.attio.person.job_title", "sales")
    with pytest.raises(BadInput, match=r"person\.job_title"):
        checked("master.attio.person.hair", "both")
    with pytest.raises(BadInput, match="free, claimed, sales"):
        checked("master.attio.person.job_title.later", "both")


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("number", 85.0, "85"),
        ("number", "100", "100"),
        ("currency", "75000.50", "75000.5"),
        ("text", "  Head  of Ops ", "Head of Ops"),
        ("select", ("Pro",), "Pro"),
        ("member", "Ines@Northquay.example", "ines@northquay.example"),
        ("text", "", None),
    ],
)
def test_values_are_compared_as_the_same_text_for_the_same_thing(
    kind: str, value: object, kept: str | None
) -> None:
    field = RemoteField("f", "F", kind)
    if kind == "currency":
        value = Decimal(str(value))
    assert plain(field, value) == kept
    if kept is not None and kind != "member":
        assert plain(field, from_plain(field, kept)) == kept
