"""Errors that were stored in one language of the program, told in another."""

import time

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from pqldesk.services.basics import retelling
from pqldesk.services.basics.retelling import retold
from pqldesk.services.basics.texts import LANGUAGES

SAID = {
    "en": "omar@northquay.example is suspended in Attio. Assign somebody else, then retry.",
    "de": "omar@northquay.example ist in Attio gesperrt. {rest}",
    "es": "omar@northquay.example está suspendido en Attio. {rest}",
}


@pytest.mark.parametrize("into", LANGUAGES)
def test_an_error_is_told_in_the_readers_language_whoever_ran_into_it(spoken, into):
    stored = {}
    for language in LANGUAGES:
        spoken([language])
        stored[language] = retold(SAID["en"])
    assert len(set(stored.values())) == len(LANGUAGES)
    spoken([into])
    assert {retold(text) for text in stored.values()} == {stored[into]}
    assert retold(SAID["en"]).startswith(SAID[into].split("{")[0].strip()[:40])


@pytest.mark.parametrize("text", [
    "", "HTTP 502", "Bad gateway: upstream said no. Ask them.", "x is y", "{who} is suspended", "1.5 s. 2 s.",
])  # fmt: skip
def test_what_another_system_said_is_left_as_it_is(spoken, text):
    spoken(["de"])
    assert retold(text) == text


def test_of_two_sentences_the_one_that_is_known_is_told(spoken):
    spoken(["de"])
    said = retold("omar@northquay.example is suspended in Attio. Their desk opens at nine.")
    assert said == "omar@northquay.example ist in Attio gesperrt. Their desk opens at nine."


def test_what_was_filled_in_stays_as_it_is_even_if_it_looks_like_a_pattern(spoken):
    spoken(["de"])
    name = r"a\1{who}.*(x)@example.com"
    assert retold(f"{name} is suspended in Attio.") == f"{name} ist in Attio gesperrt."


def test_a_long_answer_of_another_system_is_not_looked_at_for_long(spoken):
    spoken(["de"])
    retold("warm up.")
    begun = time.process_time()
    retold("The server said: " + "no. " * 400)
    assert time.process_time() - begun < 5.0


def test_a_sentence_that_has_a_context_is_told_in_that_context(spoken, tmp_path, monkeypatch):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    texts = Catalog("de")
    texts.add("{name} is closed for good.", "{name} ist endgültig zu.", context="shop")
    texts.add("{name} is closed for good.", "{name} ist abgeschlossen.", context="trial")
    with (folder / "pqldesk.mo").open("wb") as stream:
        write_mo(stream, texts)
    monkeypatch.setenv("PQLDESK_LOCALE_DIR", str(tmp_path))
    monkeypatch.setattr(retelling, "resource", lambda _name: tmp_path)
    _forget()
    try:
        spoken(["de"])
        assert retold("Acme ist endgültig zu.") == "Acme ist endgültig zu."
        assert retold("Acme is closed for good.") in {"Acme ist endgültig zu.", "Acme ist abgeschlossen."}
        spoken(["en"])
        assert retold("Acme ist abgeschlossen.") == "Acme is closed for good."
    finally:
        _forget()


def _forget():
    retelling._retold.cache_clear()
    retelling._sentences.cache_clear()
