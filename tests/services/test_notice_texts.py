"""A notice is told in the language of whoever reads it, not of the process that looked for news."""

import pytest

from pqldesk.services.basics.retelling import retold
from pqldesk.services.basics.texts import LANGUAGES
from pqldesk.services.notices.rows import notice_text

PROBLEM = "omar@northquay.example is suspended in Attio. Assign somebody else, then retry."


@pytest.mark.parametrize("written_in", LANGUAGES)
def test_what_has_stopped_is_told_in_the_readers_language(spoken, written_in):
    spoken([written_in])
    facts = {"system": "Attio", "problem": retold(PROBLEM)}
    spoken(["de"])
    assert notice_text("stopped", facts).startswith(
        "Attio ist stehen geblieben: omar@northquay.example ist in Attio gesperrt. "
    )
    spoken(["en"])
    assert notice_text("stopped", facts) == f"Attio has stopped: {PROBLEM}"


@pytest.mark.parametrize("facts", [
    {"step": "portal", "time": "2026-11-20 10:00"},
    {"system": "Customer portal", "time": "2026-11-20 10:00"},  # as it was stored until now
    {"system": "Kundenportal", "time": "2026-11-20 10:00"},
    {"system": "Portal de clientes", "time": "2026-11-20 10:00"},
])  # fmt: skip
def test_where_a_form_is_stuck_is_told_in_the_readers_language(spoken, facts):
    assert notice_text("stuck", facts) == "Stuck on the way to Customer portal since 2026-11-20 10:00"
    spoken(["de"])
    assert "Kundenportal" in notice_text("stuck", facts)
    spoken(["es"])
    assert "Portal de clientes" in notice_text("stuck", facts)


def test_a_system_that_no_catalogue_knows_keeps_its_name(spoken):
    spoken(["de"])
    assert "Vertriebsbus" in notice_text("stuck", {"system": "Vertriebsbus", "time": "10:00"})
    assert "own_step" in notice_text("stuck", {"step": "own_step", "time": "10:00"})


def test_points_are_written_as_the_reader_writes_numbers(spoken):
    assert notice_text("crossed", {"score": 85.5}) == "Qualifies now, at 85.5 points"
    spoken(["de"])
    assert "85,5" in notice_text("crossed", {"score": 85.5})
    assert "70 " in notice_text("crossed", {"score": 70.0})
