"""What a handoff says, line by line."""

import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.moments import micros
from pqldesk.services.handoffs.note import (
    FOLLOW_UP_TITLE,
    SALES_HANDOFF_TITLE,
    HandoffFacts,
    finished_note,
    key_features,
    marked,
    marker,
    markers_in,
    milestone_note,
    note_body,
    qualified_deal_name,
    reached_features,
    recommended_approach,
    task_content,
    upgrade_deal_name,
)
from pqldesk.services.scoring.model import DEFAULT_MODEL

AS_OF = micros(datetime.fromisoformat("2024-12-15T12:00:00Z"))
FACTS = HandoffFacts(8500, 7, ("Integrations", "Imports"), date(2024, 12, 1), 92, "Offer annual plan upgrade")


def test_a_note_is_six_facts_the_request_and_a_last_line_with_the_marker() -> None:
    note = finished_note(note_body(FACTS, "We need SSO.\nBy March. "), "PLG default", 3, AS_OF, "0123ABCD")
    assert note.split("\n") == [
        "PQL Score: 85",
        "Active Users: 7",
        "Key Features: Integrations, Imports",
        "Trial Start: 2024-12-01",
        "Activation: 92%",
        "Recommended Approach: Offer annual plan upgrade",
        "We need SSO.",
        "By March.",
        "PQLDesk model PLG default v3, as of 2024-12-15T12:00:00Z [pqd:0123ABCD]",
    ]


def test_what_is_unknown_is_said_and_no_line_is_left_out() -> None:
    empty = HandoffFacts(1250, 0, (), None, 0, "Keep nurturing")
    assert note_body(empty, "  ").split("\n") == [
        "PQL Score: 12.5",
        "Active Users: 0",
        "Key Features: none yet",
        "Trial Start: none",
        "Activation: 0%",
        "Recommended Approach: Keep nurturing",
    ]


def test_an_edited_note_gets_exactly_one_last_line() -> None:
    once = finished_note(note_body(FACTS), "PLG default", 1, AS_OF, "0123ABCD")
    again = finished_note(once + "\n\n", "PLG default", 2, AS_OF, "WXYZ0000")
    assert again.count("[pqd:") == 1
    assert again.endswith("PQLDesk model PLG default v2, as of 2024-12-15T12:00:00Z [pqd:WXYZ0000]")
    assert again.split("\n")[:6] == once.split("\n")[:6]


@given(st.text(min_size=1))
def test_a_marker_is_eight_signs_of_its_alphabet_and_is_found_again(key: str) -> None:
    code = marker(key)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{8}", code)
    assert marker(key) == code
    assert markers_in(f"x {marked(code)} y") == [code]


def test_markers_of_different_keys_differ_and_use_the_whole_alphabet() -> None:
    codes = {marker(str(number)) for number in range(5_000)}
    assert len(codes) == 5_000
    assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert markers_in("[pqd:0123ABCI] [pqd:123] [pqd:0123abcd]") == []


def test_key_features_are_the_five_most_used_then_what_was_reached() -> None:
    used = {"b": 3, "a": 3, "api": 9, "e": 1, "d": 2, "c": 2, "": 50, "zero": 0}
    assert key_features(used, {"api": "Public API"}, ("Integrations", "Imports")) == (
        "Public API",
        "a",
        "b",
        "c",
        "d",
        "Integrations",
        "Imports",
    )
    assert key_features({}, {}) == ()


def test_integrations_and_imports_are_named_once_their_signals_are_reached() -> None:
    assert reached_features(DEFAULT_MODEL, [0, 0, 0, 1 * MILLION, 99 * MILLION, 0]) == ("Integrations",)
    assert reached_features(DEFAULT_MODEL, [0, 0, 0, 0, 100 * MILLION, 0]) == ("Imports",)
    assert reached_features(DEFAULT_MODEL, [0, 0, 0, MILLION, 100 * MILLION, 0]) == (
        "Integrations",
        "Imports",
    )


@pytest.mark.parametrize(
    ("hand_raised", "left", "at_cut", "approach"),
    [
        (True, 0, True, "Reply to the request"),
        (False, 7, True, "Call before the trial ends"),
        (False, 0, False, "Call before the trial ends"),
        (False, 8, True, "Offer annual plan upgrade"),
        (False, None, True, "Offer annual plan upgrade"),
        (False, None, False, "Keep nurturing"),
    ],
)
def test_the_first_approach_that_applies_is_recommended(
    hand_raised: bool, left: int | None, at_cut: bool, approach: str
) -> None:
    assert recommended_approach(hand_raised=hand_raised, trial_days_left=left, at_cut=at_cut) == approach


def test_a_milestone_note_has_three_facts_and_the_marker_alone() -> None:
    assert milestone_note("first_integration", AS_OF, 3, "0123ABCD") == (
        "Milestone: first_integration\nTimestamp: 2024-12-15T12:00:00Z\nDays since signup: 3\n[pqd:0123ABCD]"
    )
    assert "Days since signup: unknown\n" in milestone_note("x", AS_OF, None, "0123ABCD")


def test_deals_and_tasks_are_named_as_agreed() -> None:
    assert qualified_deal_name("Acme", "Ada Byrne") == "PQL - Acme"
    assert upgrade_deal_name(None, "Ada Byrne") == "Enterprise Upgrade - Ada Byrne"
    assert (
        task_content(FOLLOW_UP_TITLE, "Call Ada\n today", "0123ABCD")
        == "PQL Follow-up: Call Ada today [pqd:0123ABCD]"
    )
    assert task_content(SALES_HANDOFF_TITLE, "", "0123ABCD") == "PLG → Sales Handoff [pqd:0123ABCD]"
