import re
from datetime import timedelta
from pathlib import Path

import pytest
from sample_desk import NOW

from pqldesk.views import wording
from pqldesk.views.vocabulary import WORDS


@pytest.mark.parametrize(
    ("seconds", "said"), [(10, "now"), (720, "12 min"), (7_200, "2 h"), (86_400, "24 h"), (4 * 86_400, "4 d")]
)
def test_a_span_is_said_in_its_largest_unit(seconds, said):
    assert wording.span(seconds) == said


@pytest.mark.parametrize(("hours", "said"), [(23, "23 h"), (25, "1 d"), (47, "1 d"), (49, "2 d")])
def test_an_age_is_in_days_from_the_first_on_while_a_clock_still_runs_in_hours(hours, said):
    assert wording.age(NOW - timedelta(hours=hours), NOW) == said
    assert wording.ago(NOW - timedelta(hours=hours), NOW) == f"{said} ago"
    assert wording.left(NOW + timedelta(hours=30), NOW)[0] == "30 h left"


def test_something_that_never_happened_is_a_dash():
    assert wording.age(None, NOW) == "–"
    assert wording.day(None) == "–"


@pytest.mark.parametrize(("value", "said"), [(20, "+20"), (-5, "−5"), (0, "+0"), (12.5, "+12.5")])
def test_points_carry_their_sign(value, said):
    assert wording.points(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(3.14, "+3.1"), (-0.44, "−0.4"), (-45.7, "−46"), (9.96, "+10"), (107.5, "+108")]
)
def test_a_change_has_decimals_only_where_they_tell_something(value, said):
    assert wording.signed(value) == said


def test_numbers_are_grouped():
    assert wording.number(48210) == "48,210"
    assert wording.number(6.25) == "6.25"
    assert wording.number(6.0) == "6"


def test_an_overdue_first_touch_is_bad_news():
    assert wording.left(NOW - timedelta(minutes=25), NOW) == ("25 min over", "bad")
    assert wording.left(NOW + timedelta(minutes=14), NOW) == ("14 min left", "warn")
    assert wording.left(NOW + timedelta(hours=3), NOW) == ("3 h left", "ok")


def test_what_is_late_by_less_than_a_minute_is_due_now():
    moment = NOW - timedelta(seconds=20)
    assert wording.due(moment, NOW) == ("now", "bad")
    assert wording.left(moment, NOW) == ("now", "bad")
    assert wording.due(NOW - timedelta(minutes=2), NOW) == ("2 min late", "bad")


def test_figures_beside_each_other_have_as_many_decimals():
    assert [wording.figure(value, 1) for value in (2.0, 1.37)] == ["2.0", "1.4"]


def test_what_comes_within_the_minute_comes_now():
    assert wording.ahead(20) == "now"
    assert wording.ahead(150) == "in 2 min"


@pytest.mark.parametrize(
    ("state", "days", "said"),
    [
        ("active", 9, ("9 d left", "ok")),
        ("active", 3, ("3 d left", "warn")),
        ("extended", 1, ("1 d left", "bad")),
        ("active", 0, ("today", "bad")),
        ("expired", 0, ("Expired", "bad")),
        ("converted", 0, ("Converted", "ok")),
    ],
)
def test_a_trial_is_said_with_its_urgency(state, days, said):
    assert wording.trial(state, days) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Jane Doe", "JD"), ("Li", "L"), ("Ö", "Ö"), ("ana@example.com", "A"), ("", "?"), ("- -", "?")],
)
def test_initials_survive_odd_names(name, letters):
    assert wording.initials(name) == letters


def test_a_rep_is_called_by_name():
    assert wording.person("mira.okafor@example.com") == "Mira Okafor"


def test_medians_change_unit_with_their_size():
    assert wording.hours(0.43) == "26 min"
    assert wording.hours(5.4) == "5.4 h"
    assert wording.hours(50.4) == "2.1 d"
    assert wording.hours(None) == "–"


def test_a_name_that_looks_like_html_is_shown_as_it_is_in_a_tooltip():
    assert wording.tip("Ada < Bob") == "Ada < Bob"
    assert wording.tip("<img src=x>\nAcme") == "<span>&lt;img src=x&gt;<br>Acme</span>"


def test_a_notice_says_its_day_as_the_reader_does():
    assert wording.readable("The trial ends on 2026-11-22") == "The trial ends on 22 Nov"
    assert "T12:00" not in wording.readable("Due at 2026-11-22T12:00:00Z")
    assert wording.readable("Version 2026-13-45 is live") == "Version 2026-13-45 is live"


def test_every_action_that_is_recorded_has_a_word_in_the_history():
    code = "".join(file.read_text("utf-8") for file in Path(wording.__file__).parent.parent.rglob("*.py"))
    recorded = set(re.findall(r'recording\(\s*[\w.]+,\s*[\w.\[\]]+,\s*"(\w+)"', code))
    assert len(recorded) > 30
    assert recorded - set(WORDS) == set()


def test_a_message_of_the_desktop_holds_no_markup() -> None:
    said = wording.for_desktop('Ada <a href="http://evil.example">Byrne</a> & Co raised a hand')
    assert said == 'Ada ‹a href="http://evil.example"›Byrne‹/a› & Co raised a hand'


def test_every_action_that_the_history_keeps_has_its_word():
    services = Path(wording.__file__).parents[1] / "services"
    kept = {
        action
        for file in services.rglob("*.py")
        for action in re.findall(r"recording\(\s*session, [^,]+, \"([a-z_]+)\"", file.read_text("utf-8"))
    }
    assert len(kept) > 30
    assert kept - set(WORDS) == set()
