"""Working hours name the days in the reader's language and are stored by their English names."""

import pytest
from babel.dates import get_day_names

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import LANGUAGES
from pqldesk.services.basics.weekdays import DAY_NAMES, day_of_name, short_days, whole_days
from pqldesk.services.settings.declarations import checked
from pqldesk.services.settings.working_time import week_of, week_text, week_words

STORED = "Mon-Thu 09:00-17:00, Fri 09:00-13:30"


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_have_the_names_that_cldr_gives_them(spoken, language):
    spoken([language])
    short = get_day_names("abbreviated", "stand-alone", language)
    whole = get_day_names("wide", "stand-alone", language)
    assert list(short_days()) == [short[day] for day in range(7)]
    assert [day.casefold() for day in whole_days()] == [whole[day].casefold() for day in range(7)]


@pytest.mark.parametrize(("language", "said"), [
    ("en", STORED),
    ("de", "Mo-Do 09:00-17:00, Fr 09:00-13:30"),
    ("es", "lun-jue 09:00-17:00, vie 09:00-13:30"),
])  # fmt: skip
def test_stored_hours_are_told_in_the_readers_language_and_read_back_the_same(spoken, language, said):
    spoken([language])
    assert week_words(STORED) == said
    assert week_text(week_of(said)) == STORED == checked("working_hours", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_english_days_are_understood_by_every_reader(spoken, language):
    spoken([language])
    assert [day_of_name(name) for name in DAY_NAMES] == list(range(7))
    assert week_text(week_of("monday - Thursday 9:00-17:00, FRI 9:00–13:30")) == STORED


@pytest.mark.parametrize(("language", "text"), [
    ("de", "montag-donnerstag 9:00-17:00, Fr. 09:00-13:30"),
    ("es", "LUN - jueves 9:00-17:00, viernes 09:00-13:30"),
])  # fmt: skip
def test_days_may_be_written_in_full_and_with_a_point(spoken, language, text):
    spoken([language])
    assert week_text(week_of(text)) == STORED


def test_an_accent_may_be_left_out(spoken):
    spoken(["es"])
    assert day_of_name("mie") == day_of_name("MIÉ") == day_of_name("miércoles") == 2
    assert day_of_name("sab") == 5


@pytest.mark.parametrize("text", ["Mo-Do 09:00-17:00", "lun 09:00-17:00", "Foo 09:00-17:00"])
def test_days_of_a_language_that_the_reader_does_not_read_are_refused(text):
    with pytest.raises(BadInput, match="Mon-Thu 09:00-17:00"):
        checked("working_hours", text)


def test_what_is_refused_is_answered_by_an_example_that_the_reader_can_write(spoken):
    spoken(["de"])
    with pytest.raises(BadInput, match="Mo-Do 09:00-17:00, Fr 09:00-13:30"):
        checked("working_hours", "immer")


def test_hours_without_days_and_hours_that_cannot_be_read_stay_as_they_are(spoken):
    spoken(["de"])
    assert [week_words(text) for text in ("09:00-17:00", "", "whenever")] == ["09:00-17:00", "", "whenever"]
