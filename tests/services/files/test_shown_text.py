"""Texts that people will see: nothing in them steers a terminal, a page or the reading direction."""

import pytest

from pqldesk.services.basics.plain_text import plain
from pqldesk.services.files.values import BadValue, shown_text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada \x1b[31mByrne\x07", "Ada [31mByrne"),
        ("moc.live\u202e", "moc.live"),
        ("a\u2066b\u2069c", "abc"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("שלום\u200f", "שלום\u200f"),
        ("two\nlines", "two\nlines"),
        ("\x01", None),
        (" ", None),
    ],
)
def test_what_steers_is_removed_and_all_else_stays(given: str, kept: str | None) -> None:
    assert shown_text(given, "name", 100) == kept


def test_a_text_over_its_limit_is_refused_with_both_numbers() -> None:
    with pytest.raises(BadValue, match="it has 1,001 characters; the limit is 1,000"):
        shown_text("x" * 1_001, "name", 1_000)


def test_half_of_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert plain("a\ud800b") == "a?b"
