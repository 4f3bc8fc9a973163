"""The shipped translations against the code: whole, with every field, and compiled."""

import re
import runpy
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from pqldesk.services.basics.texts import DOMAIN, LANGUAGES, np_, p_, use_language

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(set(LANGUAGES) - {"en"})


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "make_catalogue.py"))


@pytest.fixture(scope="module")
def texts(tool: dict[str, Any]) -> Any:
    """Those of the code, looked for once."""
    return tool["collected"]()


@pytest.mark.parametrize("language", SHIPPED)
def test_every_text_of_the_code_is_translated_with_all_its_fields(
    tool: dict[str, Any], texts: Any, language: str
) -> None:
    assert tool["untranslated"](tool["updated"](language, texts)) == []


@pytest.mark.parametrize("language", SHIPPED)
def test_what_the_program_reads_is_what_translators_wrote(tool: dict[str, Any], language: str) -> None:
    compiled = ROOT / "resources" / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    assert compiled.read_bytes() == tool["compiled"](tool["read"](language)), (
        "run: python tools/make_catalogue.py"
    )


WORDS = re.compile(r"[^\W\d_]{2,}")
FIELDS = re.compile(r"\{[^}]*\}|--[\w-]+|[\w.]*\.example\S*|[A-Z]{2,}[A-Z_=]*")


def sentences(catalogue: Any) -> dict[Any, tuple[str, ...]]:
    """What has three words or more besides fields, options and names in capitals; shorter ones may well be alike."""
    found = {}
    for message in catalogue:
        said = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if message.id and all(len(WORDS.findall(FIELDS.sub(" ", one))) > 2 for one in said):
            found[message.id, message.context] = said
    return found


def test_no_language_holds_the_sentences_of_another(tool: dict[str, Any]) -> None:
    """A text in the wrong language counts as translated, so that nothing else would tell."""
    spoken = {language: sentences(tool["read"](language)) for language in SHIPPED}
    for one, other in combinations(SHIPPED, 2):
        alike = [key for key, said in spoken[one].items() if set(said) & set(spoken[other].get(key, ()))]
        assert alike == [], f"{one} and {other} say the same"
    for language, told in spoken.items():
        kept = [key for key, said in told.items() if key[0] in said or key[0] == said]
        assert kept == [], f"{language} says it in English"


# One word for each thing: others for it, and familiar address, which were all in use once.
OTHER_WORDS = {
    "de": (
        "Kennung", "Knopf", "Knöpfe", "Hinweis", "Nachricht", "Rechner", "Rechners", "Zeiger",
        "disqualifizier", "umgewandelt",
        "abgeholt", "Relais", "Unternehmen", "Herr der", "vermerken", "Vorführung",
        "du", "dir", "dich", "dein", "deine", "deinen", "Gib", "Füge", "Nenne", "Lege",
    ),
    "es": (
        "acuerdo", "ordenador", "cualificad", "descalific", "reclama", "período", "identificador",
        "recepción de", "playbook",
        "Añade", "Indica", "tú", "tuya", "tuyo", "tienes", "puedes", "Indícalo", "Conéctalo", "Dale",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", SHIPPED)
def test_a_thing_has_one_word_and_the_reader_one_address(tool: dict[str, Any], language: str) -> None:
    other = re.compile(rf"(?<![-\w])(?:{'|'.join(OTHER_WORDS[language])})\b")
    said = [m.string if isinstance(m.string, str) else " / ".join(m.string) for m in tool["read"](language)]
    assert [text for text in said if other.search(text)] == [], "see docs/translating.md, Words"


@pytest.mark.parametrize("language", SHIPPED)
def test_no_translation_says_a_sentence_twice(tool: dict[str, Any], language: str) -> None:
    catalogue = tool["read"](language)
    forms = [form for m in catalogue if m.id for form in tool["_forms"](m.string)]
    parts = {form: [one.strip() for one in re.split(r"(?<=[.!?])", form) if len(one) > 20] for form in forms}
    assert [form for form, said in parts.items() if len(set(said)) < len(said)] == []


@pytest.fixture
def spoken():
    yield use_language
    use_language(["en"])


@pytest.mark.parametrize(("language", "said"), [
    ("en", ["Mine", "Mine", "Mine", "Done", "Done"]),
    ("de", ["Meine", "Meine", "Eigener Wert", "Erledigt", "Fertig"]),
    ("es", ["Míos", "Mías", "Valor propio", "Hechas", "Listo"]),
])  # fmt: skip
def test_one_english_word_is_said_by_what_it_is_about(spoken: Any, language: str, said: list[str]) -> None:
    spoken([language])
    about = (("leads", "Mine"), ("tasks", "Mine"), ("value", "Mine"), ("tasks", "Done"), ("button", "Done"))
    assert [p_(context, text) for context, text in about] == said


def test_a_text_whose_context_is_not_in_the_catalogue_is_itself_and_its_number_is_written(
    spoken: Any,
) -> None:
    spoken(["de"])
    assert p_("a context that nobody uses", "Mine") == "Mine"
    assert np_("a context that nobody uses", "{n} file", "{n} files", 1340) == "1.340 files"


def test_contexts_are_collected_made_up_and_missed(
    tool: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "pqldesk"
    code.mkdir()
    (code / "words.py").write_text(
        '_("Mine")\np_("tasks", "Mine")\nnp_("tasks", "{n} of mine", "{n} of mine", 2)\n'
    )
    monkeypatch.setitem(tool["collected"].__globals__, "ROOT", tmp_path)
    texts = tool["collected"]()
    assert {(m.context, m.id) for m in texts if m.id} == {
        (None, "Mine"), ("tasks", "Mine"), ("tasks", ("{n} of mine", "{n} of mine")),
    }  # fmt: skip
    assert sorted(tool["untranslated"](texts)) == ["Mine", "Mine (tasks)", "{n} of mine (tasks)"]
    assert tool["pseudo"](texts).get("Mine", "tasks").string == "[Míñé~]"
    texts.get("Mine", "tasks").string = "Mías"
    texts.get("Mine").string = "Míos"
    assert tool["untranslated"](texts) == ["{n} of mine (tasks)"]
