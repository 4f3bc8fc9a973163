"""The window in another language: a made-up one, whose every text stands in brackets, shows what was forgotten."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from pqldesk.services.basics.texts import (
    LANGUAGES,
    _,
    asked_for,
    decimal,
    in_sentence,
    language,
    n_,
    percent,
    use_language,
)
from pqldesk.services.handoffs.shown import EditField, ItemEdit
from pqldesk.services.rows import SettingRow
from pqldesk.services.scoring.model import DEFAULT_MODEL
from pqldesk.services.scoring.reasons import why_moved
from pqldesk.views import wording
from pqldesk.views.action_words import detail_words
from pqldesk.views.main_window import MainWindow
from pqldesk.views.route_cards import leads_words
from pqldesk.views.write_edit_sheet import WriteEditSheet

TOOLS = Path(__file__).parents[2] / "tools"
VIEWS = {
    "Open",
    "Unclaimed PQLs",
    "Hand-raises",
    "My leads",
    "Trials ending",
    "All leads",
}  # the sample's own
CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pqldesk.services.basics.texts import use_language
use_language()
from desk_background import DeskBackground
from sample_desk import NOW, REP, FakeDesk, fake_desk
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QTableView
from pqldesk.app import application
from pqldesk.views.main_window import MainWindow
from pqldesk.views.navigation import PLACES
from pqldesk.views.page import Context
from pqldesk.views.painting import Paintbox
from pqldesk.views.theme import Theme

app = application()
theme = Theme("light")
theme.apply(app)
window = MainWindow(Context(DeskBackground(), fake_desk(FakeDesk()), theme, Paintbox(theme), REP, lambda: NOW))
window.show()
said = {"title": [window.windowTitle()]}
for place in PLACES:
    window.show_page(place.key)
    for turn in range(20):
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
    texts = {button.text() for button in window.findChildren(QAbstractButton)}
    texts |= {field.placeholderText() for field in window.findChildren(QLineEdit)}
    for table in window.findChildren(QTableView):
        model = table.model()
        across = Qt.Orientation.Horizontal
        texts |= {str(model.headerData(n, across) or "") for n in range(model.columnCount())}
    said[place.key] = sorted(texts)
window.run("undo")
for turn in range(20):
    app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
said["undone"] = [window.toast.words()]
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of catalogues with one made-up language."""
    folder = tmp_path_factory.mktemp("locale")
    subprocess.run([sys.executable, TOOLS / "make_catalogue.py", "--pseudo", folder], check=True)
    return folder


def test_every_button_field_and_column_of_every_page_is_translated(made_up: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(Path(__file__).parent)],
        env={**os.environ, "PQLDESK_LOCALE_DIR": str(made_up), "PQLDESK_LANGUAGE": "en_XA"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    said = json.loads(child.stdout)
    assert {"title", "queue", "settings"} < set(said)
    assert "[tásk áddéd~~~], Mira Okafor" in said["undone"][0]
    forgotten = {
        page: [text for text in texts if _is_words(text) and not text.startswith("[") and text not in VIEWS]
        for page, texts in said.items()
    }
    assert {page: texts for page, texts in forgotten.items() if texts} == {}


def _is_words(text: str) -> bool:
    return sum(letter.isalpha() for letter in text) > 2 and text != "PQLDesk" and "@" not in text


def test_the_wanted_language_decides_and_an_unknown_one_is_passed_over(
    made_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PQLDESK_LOCALE_DIR", str(made_up))
    try:
        assert use_language(["xx", "en_XA"]) == "en_XA"
        assert _("Hot") == "[Hót~]"
        assert n_("{n} lead", "{n} leads", 1340) == "[1,340 léáds~~~]"
        assert use_language(["en_GB", "en_XA"]) == "en"
        assert (_("Hot"), language()) == ("Hot", "en")
    finally:
        use_language(["en"])


def test_no_text_is_no_text_in_any_language(made_up: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PQLDESK_LOCALE_DIR", str(made_up))
    try:
        use_language(["en_XA"])
        assert _("") == ""
    finally:
        use_language(["en"])


def test_our_own_variable_comes_before_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "es_MX.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.delenv("PQLDESK_LANGUAGE", raising=False)
    assert asked_for() == ["es_MX"]
    monkeypatch.setenv("PQLDESK_LANGUAGE", "de")
    assert asked_for() == ["de"]
    assert set(LANGUAGES) >= {"en", "de", "es"}


def test_the_language_chosen_in_the_settings_is_kept_for_the_next_start(
    qtbot, context, fake, tmp_path
) -> None:
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    chosen = SettingRow("language", "Language", "", "de", "choice", ("system", "en", "de", "es"))
    context.desk = replace(context.desk, settings_rows=lambda _session: [chosen])
    window = MainWindow(context, memory)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: memory.value("language") == "de")


@pytest.fixture
def german():
    use_language(["de"])
    yield
    use_language(["en"])


@pytest.mark.parametrize("amount", [75_000, 4_800, 10.5, 999, 1_234_567])
def test_an_amount_is_read_back_as_it_was_shown(german, amount):
    assert wording.amount_in(wording.number(amount)) == amount


@pytest.mark.parametrize("text", ["75,000", "10.50"])
def test_an_amount_by_another_languages_signs_is_refused_and_not_read_as_a_thousandth(german, text):
    with pytest.raises(ValueError, match=r"."):
        wording.amount_in(text)


def test_a_deal_of_another_language_keeps_its_value_when_its_write_is_edited(german, qtbot, context):
    fields = (EditField("name", "Enterprise Upgrade"), EditField("value", "75000"))
    sheet = WriteEditSheet(context, ItemEdit("O1", "deal", "held", "attio", "Lars Holm", fields))
    qtbot.addWidget(sheet)
    assert sheet.inputs["value"].text() == "75.000"
    sheet.inputs["value"].setText("75,000")
    sheet.submit()
    assert "75.000" in sheet.problem.full_text()  # how it is written here
    sheet.inputs["value"].setText("90.500,50")
    with qtbot.waitSignal(sheet.given) as given:
        sheet.submit()
    assert given.args == ["O1", {"value": "90500.5"}, True]


@pytest.mark.parametrize(("parts", "cause", "words"), [
    ({"records": 2000}, "events", "Daten importiert: 100 erreicht"),
    ({"logins": -1000}, "window", "Anmeldungen: nicht mehr in den letzten 7 Tagen"),
])  # fmt: skip
def test_why_a_score_moved_is_said_in_one_language(german, parts, cause, words):
    assert why_moved(cause, parts, DEFAULT_MODEL.signals) == words


def test_words_stored_between_names_are_said_in_the_readers_language(german):
    said = detail_words("handed_off", "Lars Holm · Upgrade, to two, to Attio")
    assert said == "Lars Holm · Upgrade, to two, nach Attio"
    assert detail_words("note_added", "sent it, to Lars") == "sent it, to Lars"


def test_how_many_notices_were_read_is_said_in_the_readers_language(german):
    said = [detail_words("notices_read", f"{n} notices") for n in ("1,340", "3")]
    assert said == ["1.340 Mitteilungen", "3 Mitteilungen"]


def test_numbers_inside_sentences_are_written_as_the_reader_writes_them(german):
    assert (decimal(0.2321, 3), percent(0.547), in_sentence("Stufe")) == ("0,232", "55 %", "Stufe")
    use_language(["en"])
    assert (decimal(0.2321, 3), percent(0.547), in_sentence("Band")) == ("0.232", "55%", "band")


def test_spanish_parts_the_digits_of_a_number_only_from_five_on(german):
    use_language(["es"])
    assert [n_("{n} lead", "{n} leads", n) for n in (1340, 13400)] == ["1340 leads", "13.400 leads"]


def test_a_rule_is_read_in_words_and_one_that_cannot_be_read_as_it_is_written():
    assert leads_words("country is any of (AT, CH)") == "Country is AT or CH"
    assert leads_words("country is any of (AT") == "country is any of (AT"
