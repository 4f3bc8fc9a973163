"""The Scoring page, driven as a manager would."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from replay_sample import health, replayed
from sample_desk import REP

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.figure_rows import VersionRow
from pqldesk.services.modelling.replay_figures import plain
from pqldesk.services.scoring.model import DEFAULT_MODEL
from pqldesk.services.scoring.model_json import model_to_json
from pqldesk.views import scoring_page
from pqldesk.views.health_sheet import HealthSheet
from pqldesk.views.model_sheets import LearnSheet, PublishSheet, VersionsSheet


class Workspace:
    """Keeps the draft, and answers what the command line would."""

    def __init__(self, fake, monkeypatch):
        self.fake, self.words, self.stops = fake, [], []
        fake.document = {**model_to_json(DEFAULT_MODEL), "version": 4}
        monkeypatch.setattr(fake, "beside", self.beside)

    def beside(self, words, report, stop):
        self.words.append(words)
        self.stops.append(stop)
        report(500, "500 of 1,000 leads replayed")
        if words[1] == "replay":
            return plain(replayed())
        if words[1] == "learn":
            return PROPOSAL
        return {"live": True}


PROPOSAL = {
    "decided": 180, "won": 61, "folds": 5, "auc_now": 0.7, "auc_now_low": 0.6, "auc_now_high": 0.8,
    "auc_learned": 0.74, "auc_learned_low": 0.65, "auc_learned_high": 0.83, "sentence": "It may be chance.",
    "weights": [{"key": "logins", "label": "Logins (7d)", "weight": 10, "learned": 30}],
    "document": {**model_to_json(DEFAULT_MODEL), "cut": 55},
}  # fmt: skip


@pytest.fixture
def desk(fake, monkeypatch):
    return Workspace(fake, monkeypatch)


@pytest.fixture
def page(qtbot, desk, window, monkeypatch):
    monkeypatch.setattr(scoring_page, "SOON_MS", 0)
    page = window.page("scoring")
    qtbot.waitUntil(lambda: page.editor.view().table.rowCount() == 6)
    qtbot.waitUntil(lambda: page.flips.table.rowCount() == 8)
    return page


def type_into_cell(qtbot, page, row, column, text):
    view = page.editor.view()
    view.setFocus()
    view.setCurrentIndex(view.table.index(row, column))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    editor = view.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    return editor


def column_of(page, title):
    return [column.title for column in page.editor.view().table.columns].index(title)


def test_a_threshold_is_typed_into_its_cell_and_becomes_a_draft(qtbot, page, fake):
    editor = type_into_cell(qtbot, page, 2, column_of(page, "Threshold"), "1")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(fake.drafts))
    assert fake.drafts[-1]["signals"][2]["threshold"] == 1
    qtbot.waitUntil(lambda: page.publish_button.isVisible())
    assert "threshold 2 → 1" in page.differs.full_text()


def test_a_wrong_value_is_said_while_it_is_typed_and_not_kept(qtbot, page, fake):
    editor = type_into_cell(qtbot, page, 0, column_of(page, "Weight"), "1.234")
    assert "fraction" in page.editor.sentence.full_text()
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert fake.drafts == []
    assert page.editor.view().table.index(0, column_of(page, "Weight")).data() == "10"


def test_the_fields_below_change_the_row_under_the_keyboard(qtbot, page, fake):
    view = page.editor.view()
    view.setCurrentIndex(view.table.index(4, 0))
    cap = page.editor.fields["cap"]
    cap.setFocus()
    qtbot.keyClicks(cap, "500")
    qtbot.keyClick(cap, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(fake.drafts))
    assert fake.drafts[-1]["signals"][4]["cap"] == 500
    points = page.editor.fields["proportional"]
    points.setCurrentIndex(1)
    points.activated.emit(1)
    qtbot.waitUntil(lambda: fake.drafts[-1]["signals"][4]["proportional"] is True)


def test_signals_are_added_moved_and_removed(qtbot, page, fake):
    page.run("model.add")
    qtbot.waitUntil(lambda: len(fake.drafts) == 1)
    assert [one["key"] for one in fake.drafts[-1]["signals"]][-1] == "signal_1"
    page.editor.move_row(-1)
    qtbot.waitUntil(lambda: len(fake.drafts) == 2)
    assert [one["key"] for one in fake.drafts[-1]["signals"]][-2:] == ["signal_1", "active_days"]
    view = page.editor.view()
    view.setCurrentIndex(view.table.index(5, 0))
    page.editor.remove_row()
    qtbot.waitUntil(lambda: len(fake.drafts) == 3)


def test_the_last_signal_cannot_be_taken_away(qtbot, page, fake):
    for _n in range(6):
        page.editor.view().setCurrentIndex(page.editor.view().table.index(0, 0))
        page.editor.remove_row()
    assert "no signals" in page.editor.sentence.full_text()
    assert page.editor.view().table.rowCount() == 1


def test_exclusions_fit_and_bands_are_edited_in_their_tabs(qtbot, page, fake):
    for tab, words in (("exclusions", "Our own people"), ("fit", "New fact")):
        page.editor.tabs.choose(tab)
        page.editor.add_row()
        assert page.editor.view().table.index(0, 0).data() == words
    page.editor.tabs.choose("bands")
    editor = type_into_cell(qtbot, page, 0, 1, "85")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(fake.drafts) and fake.drafts[-1]["bands"][0]["at_least"] == 85)
    editor = type_into_cell(qtbot, page, 0, 1, "5")
    assert "not in order" in page.editor.sentence.full_text()


def test_the_cut_is_edited_and_checked(qtbot, page, fake):
    page.editor.cut.setFocus()
    page.editor.cut.selectAll()
    qtbot.keyClicks(page.editor.cut, "5x")
    assert "cut" in page.editor.sentence.full_text()
    page.editor.cut.selectAll()
    qtbot.keyClicks(page.editor.cut, "55")
    qtbot.keyClick(page.editor.cut, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(fake.drafts) and fake.drafts[-1]["cut"] == 55)


def test_the_replay_says_both_models_with_counts_and_withholds_small_rates(qtbot, page, desk, fake):
    fake.keep_draft({**fake.document, "cut": 50})
    page.refresh()
    qtbot.waitUntil(lambda: ("model", "replay", "draft", "--against", "live", "--days", "90") in desk.words)
    qtbot.waitUntil(lambda: "→" in page.card.precision.value.full_text())
    assert page.card.precision.value.full_text() == "22.2% → 25.8%"
    assert page.card.precision.note.full_text() == "20 of 90 → 31 of 120"
    assert "95 % interval" in page.card.precision.toolTip()
    assert "tells won from lost leads apart" in page.card.words.full_text()
    assert "No times of receipt" in page.card.words.full_text()
    lift = column_of(page, "Lift")
    shown = [page.editor.view().table.index(n, lift).data() for n in range(6)]
    assert shown[0] == "1.2×"
    assert shown[-1] == "few"  # 20 decided leads reached it


def test_the_lift_curve_can_be_read_as_a_table(page):
    lift = page.card.lift
    headers, rows = lift.table()
    assert headers == ("Best leads", "Live", "Chance")  # nothing is drafted
    assert rows[1] == ("20%", "50%", "20%")
    lift._is_draft = True
    headers, rows = lift.table()
    assert headers == ("Best leads", "Live", "Draft", "Chance")
    assert rows[1] == ("20%", "50%", "50%", "20%")


def test_a_mark_of_the_lift_curve_opens_its_leads(qtbot, page, fake, window):
    chart = page.card.lift
    chart.setFocus()
    qtbot.waitUntil(lambda: chart.focusPolicy() == Qt.FocusPolicy.StrongFocus)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    sheet = window.overlay.sheet()
    assert sheet.title.full_text() == "Decided leads from 5% to 10%, best score first"
    qtbot.waitUntil(lambda: [row.lead_id for row in sheet.table.rows()] == ["L000003", "L000004"])
    assert sheet.note.full_text() == "9 leads · the best 2 are listed"


def test_publishing_names_what_will_happen_first(qtbot, page, desk, fake, window):
    fake.keep_draft({**fake.document, "cut": 50})
    page.refresh()
    qtbot.waitUntil(lambda: page.publish_button.isVisible())
    window.run("model.publish")
    sheet = window.overlay.sheet()
    assert isinstance(sheet, PublishSheet)
    qtbot.waitUntil(sheet.confirm.isEnabled)
    words = "21 of 1,000 leads change their band. 18 qualify that do not now, 2 no longer do."
    assert sheet.effect.full_text() == words
    qtbot.keyClicks(sheet.why, "Less strict")
    qtbot.keyClick(sheet.why, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: ("model", "publish", "--note", "Less strict") in desk.words)


def test_without_a_draft_there_is_nothing_to_publish(qtbot, page, window):
    window.run("model.publish")
    assert window.overlay.sheet() is None


def test_a_replay_under_way_is_stopped_by_a_change(qtbot, page, desk):
    page.replay()
    qtbot.waitUntil(lambda: len(desk.stops) == 2)
    page.replay()
    page.replay()
    qtbot.waitUntil(lambda: len(desk.stops) == 4)
    assert [stop.asked for stop in desk.stops[2:]] == [True, False]


def test_discarding_goes_back_to_the_live_model(qtbot, page, fake):
    fake.keep_draft({**fake.document, "cut": 50})
    page.refresh()
    qtbot.waitUntil(lambda: page.discard_button.isVisible())
    page.discard_button.click()
    qtbot.waitUntil(lambda: fake.document["cut"] == 60 and not page.discard_button.isVisible())
    assert page.editor.cut.text() == "60"


def test_an_earlier_version_comes_back(qtbot, page, desk, fake, window):
    fake.versions = (
        VersionRow("PLG default", 4, True, window.context.now(), REP, "Now", ("cut 50 → 60",)),
        VersionRow("PLG default", 3, False, window.context.now(), REP, "Then"),
    )
    window.context.background.changed.emit(Changes.to(Topic.MODEL))
    qtbot.waitUntil(lambda: len(page._model.versions) == 2)
    page.versions_button.click()
    sheet = window.overlay.sheet()
    assert isinstance(sheet, VersionsSheet)
    assert not sheet.back.isEnabled()
    sheet.rows.step(1)
    sheet.back.click()
    qtbot.waitUntil(lambda: ("model", "rollback", "PLG default@3") in desk.words)


def test_learned_weights_are_shown_and_only_used_when_taken(qtbot, page, desk, fake, window):
    page.learn_button.click()
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), LearnSheet))
    assert fake.drafts == []
    window.overlay.sheet().take.click()
    qtbot.waitUntil(lambda: bool(fake.drafts) and fake.drafts[-1]["cut"] == 55)


def test_a_lead_that_flips_is_opened(qtbot, page, window):
    page.flips.rows.setCurrentIndex(page.flips.table.index(1, 0))
    qtbot.keyClick(page.flips.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.current() is window.queue)


def test_a_draft_that_flips_nobody_shows_no_empty_table(page):
    assert page.flips.rows.isVisibleTo(page)
    found = replace(replayed(), flips=(), newly_qualified=0, no_longer_qualified=0)
    page.flips.show_replay(found, is_draft=True)
    assert not page.flips.rows.isVisibleTo(page)
    assert page.flips.note.text().startswith("none")


@pytest.fixture
def sheet(qtbot, desk, page, window, monkeypatch):
    answers = desk.beside
    monkeypatch.setattr(
        desk.fake,
        "beside",
        lambda words, *rest: plain(health()) if words[1] == "health" else answers(words, *rest),
    )
    window.run("model.health")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), HealthSheet))
    return window.overlay.sheet()


def test_the_health_of_the_model_is_told_in_sentences_with_the_figures_below(sheet):
    said = sheet.verdicts.text()
    assert "No band wins clearly less than one below it." in said
    assert "A cut of 40 would have added 50 leads" in said
    assert "Logins (7d): new leads reach it 75% now, 40% before." in said
    table = sheet.bands.table
    assert table.data(table.index(0, 1)).startswith("75%")


def test_a_hidden_lead_is_opened_from_its_exclusion(qtbot, sheet, window):
    opened = []
    sheet.lead_wanted.connect(opened.append)
    sheet.tabs.choose("guard")
    sheet.hidden.setFocus()
    sheet.hidden.setCurrentIndex(sheet.hidden.table.index(0, 0))
    qtbot.keyClick(sheet.hidden, Qt.Key.Key_Return)
    assert opened == ["L000007"]


def test_a_proposed_rule_is_taken_into_the_draft_and_none_where_nothing_is_in_common(
    qtbot, sheet, desk, fake
):
    sheet.tabs.choose("rejections")
    sheet.rejections.setCurrentIndex(sheet.rejections.table.index(1, 0))
    assert not sheet.take.isEnabled()
    sheet.rejections.setCurrentIndex(sheet.rejections.table.index(0, 0))
    qtbot.mouseClick(sheet.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(fake.excluded))
    assert fake.excluded[0]["values"] == ["rival.example"]
