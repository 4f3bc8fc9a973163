"""What a rep with forty leads and ten minutes does: choose several, act, take back, with the keyboard alone."""

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu
from sample_desk import OTHER, REP

from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.leads.bulk import BulkRow
from pqldesk.services.rows import Assignable
from pqldesk.views.bulk_run import BulkResult
from pqldesk.views.bulk_sheet import BulkSheet
from pqldesk.views.lead_cells import PERSON
from pqldesk.views.rep_chooser import RepChooser

CONTROL = Qt.KeyboardModifier.ControlModifier


def press(qtbot, window, *keys):
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or window, key)


@pytest.mark.parametrize(
    "modifier", [Qt.KeyboardModifier.NoModifier, CONTROL], ids=["enter", "control and enter"]
)
def test_a_dialog_is_sent_once(qtbot, window, fake, modifier):
    press(qtbot, window, "t")
    qtbot.keyClicks(QApplication.focusWidget(), "Call back")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, modifier)
    qtbot.waitUntil(lambda: bool(fake.calls))
    qtbot.waitUntil(lambda: window.toast.isVisible())
    assert [call[0] for call in fake.calls] == ["add_task"]


def test_x_chooses_the_lead_under_the_cursor_and_j_keeps_it_chosen(qtbot, window):
    first = window.queue.current()
    press(qtbot, window, "x", "j", "j")
    third = window.queue.current()
    press(qtbot, window, "x")
    assert [lead.lead_id for lead in window.queue.chosen()] == [first.lead_id, third.lead_id]
    assert "2 selected" in window.queue.status()


def test_x_twice_takes_the_choice_back(qtbot, window):
    press(qtbot, window, "x", "x", "j")
    assert [lead.lead_id for lead in window.queue.chosen()] == [window.queue.current().lead_id]


def test_one_lead_chosen_with_x_is_acted_on_wherever_the_cursor_went(qtbot, window, fake):
    first = window.queue.current()
    press(qtbot, window, "x", "j", "j", "c")
    qtbot.waitUntil(lambda: fake.calls == [("claim", first.lead_id, REP)])


def test_esc_drops_the_choice_and_keeps_the_cursor(qtbot, window):
    press(qtbot, window, "x", "j", "x", "j")
    here = window.queue.current()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert [lead.lead_id for lead in window.queue.chosen()] == [here.lead_id]


def test_a_click_ends_choosing_with_x(qtbot, window):
    press(qtbot, window, "x", "j", "x")
    table = window.queue.table
    at = QPoint(60, table.rowViewportPosition(4) + 5)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [lead.lead_id for lead in window.queue.chosen()] == [window.queue.current().lead_id]


def test_what_was_done_to_several_leads_is_undone_at_once(qtbot, window, fake):
    press(qtbot, window, "x", "j", "x", "c")
    qtbot.waitUntil(lambda: window.toast.words() == "Claimed 2 leads")
    press(qtbot, window, "z")
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["bulk_step", "undo"])


def test_claiming_what_is_yours_already_offers_no_undo_of_something_else(qtbot, window):
    window.context.desk = replace(window.context.desk, claim=lambda _session, _lead, _rep: Changes())
    name = window.queue.current().name
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: window.toast.words() == f"{name} is yours already")
    assert window.toast._undo.isHidden()


def test_the_sentence_counts_only_what_succeeded_and_the_rest_is_answered_for(qtbot, window, fake):
    press(qtbot, window, "x", "j", "j", "x")
    third = window.queue.current()
    fake.changed[third.id] = replace(third, owner=OTHER, state="claimed")
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: window.overlay.sheet() is not None)
    assert window.toast.words() == "Claimed 1 of 2 leads"
    listed = window.overlay.sheet().list
    assert listed.item(0).text() == f"{third.name}  ·  Skipped: {OTHER} has it."
    assert listed.item(1).text().endswith("·  Done")
    window.overlay.close_sheet()


def test_a_reason_names_the_lead_once_and_the_time_as_the_reader_writes_it(qtbot, context):
    rows = [
        BulkRow("L1", "Ada Roe", "skipped", "Ada Roe was already claimed by lee at 2026-11-23T10:05:00Z.")
    ]
    result = BulkResult("Claim")
    result.take(rows)
    (item,) = (sheet := BulkSheet(context, result)).list.findItems("", Qt.MatchFlag.MatchContains)
    assert item.text().count("Ada Roe") == 1
    assert "T10:05" not in item.text()
    assert sheet.list.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff


def test_a_bulk_goes_step_by_step_through_everything_that_matches(qtbot, window, fake):
    press(qtbot, window, "v")  # unclaimed
    qtbot.waitUntil(lambda: window.queue.view == "unclaimed" and window.queue.model.rowCount() < 128)
    matching = window.queue.model.lead_count()
    qtbot.keyClick(window.queue.table, Qt.Key.Key_A, CONTROL)
    bar = window.queue.selection.bar()
    on_screen = window.queue.table.choice.count()
    assert 1 < on_screen < matching
    assert bar.says.full_text() == f"{on_screen} selected"
    assert bar.all.text() == f"Select all {matching} matching"
    bar.all.click()
    assert bar.says.full_text() == f"All {matching} leads that match"
    assert window.queue.status().endswith("all selected")
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: window.toast.words() == f"Claimed {matching} leads", timeout=60_000)
    asked = [one for call in fake.calls for one in call[2]]
    assert len(asked) == len(set(asked)) == matching
    assert not bar.isVisible()
    assert window.queue.table.choice.count() <= 1


def test_a_bulk_can_be_cancelled_and_what_is_done_stays_done(qtbot, window, fake):
    qtbot.keyClick(window.queue.table, Qt.Key.Key_A, CONTROL)
    qtbot.keyClick(window.queue.table, Qt.Key.Key_A, CONTROL)
    bar = window.queue.selection.bar()
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: bar.stop.isVisible())
    assert bar.says.full_text().startswith("Claiming ")
    bar.stop.click()
    qtbot.waitUntil(lambda: window.toast.words().endswith("; cancelled"))
    assert 0 < len(fake.calls) < 16


def test_assign_offers_reps_and_tells_whom(qtbot, window, fake):
    name = window.queue.current().name
    press(qtbot, window, "a")
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    menu.actions()[1].trigger()
    menu.close()
    qtbot.waitUntil(lambda: window.toast.words() == f"Assigned {name} to Dana Kim")
    assert fake.calls[0][:3] == ("assign", "L000015", OTHER)


def test_the_selection_bar_can_be_used_at_twice_the_text_size(qtbot, window, fake, context):
    context.theme.choose("light", 2.0)
    window.resize(1280, 720)
    press(qtbot, window, "x", "j", "x", "j", "x")
    bar = window.queue.selection.bar()
    qtbot.waitUntil(lambda: bar is not None and bar.isVisible())
    shown = [one for one in bar.findChildren(QAbstractButton) if one.isVisible()]
    assert {bar.buttons["claim"], bar.drop} <= set(shown)
    assert window.queue.table.rect().contains(bar.geometry())
    qtbot.waitUntil(lambda: all(one.width() >= one.minimumSizeHint().width() for one in [*shown, bar.says]))
    assert all(bar.rect().contains(one.geometry()) for one in [*shown, bar.says])
    assert not any(a.geometry().intersects(b.geometry()) for a, b in combinations([*shown, bar.says], 2))
    person = window.queue.table.horizontalHeader().sectionSize(PERSON)
    assert person > context.theme.px(100), "a row says whose it is"
    assert bar.height() < window.queue.table.height() // 2, "rows stay in sight"
    qtbot.mouseClick(bar.buttons["claim"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.toast.words() == "Claimed 3 leads")


def test_in_a_large_team_the_rep_is_found_by_typing(qtbot, window, fake):
    fake.team = tuple(Assignable(f"rep{n:02}@example.com", n) for n in range(28)) + fake.team
    name = window.queue.current().name
    press(qtbot, window, "a")
    qtbot.waitUntil(lambda: window.findChild(RepChooser) is not None)
    chooser = window.findChild(RepChooser)
    assert len(chooser.shown()) == 30
    assert chooser.shown()[0] == REP
    assert window.rect().contains(chooser.geometry())
    qtbot.keyClicks(chooser.field, "dan kim")
    assert chooser.shown() == [OTHER]
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.toast.words() == f"Assigned {name} to Dana Kim")
    assert fake.calls[0][:3] == ("assign", "L000015", OTHER)
    press(qtbot, window, "a")
    qtbot.waitUntil(lambda: window.findChild(RepChooser) not in {None, chooser})
    chooser = window.findChild(RepChooser)
    qtbot.keyClicks(chooser.field, "zzz")
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    assert chooser.isVisible()
    qtbot.keyClick(chooser.field, Qt.Key.Key_Escape)
    assert not chooser.isVisible()
    assert window.queue.table.hasFocus()
    assert len(fake.calls) == 1


def test_copied_rows_go_into_a_spreadsheet_without_running(qtbot, window, fake):
    first = window.queue.current()
    fake.changed[first.id] = replace(first, name="=1+1")
    press(qtbot, window, "x", "j", "x")
    qtbot.keyClick(window.queue.table, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: window.toast.words() == "Copied 2 rows")
    titles, row, second = QApplication.clipboard().text().split("\n")
    assert titles.split("\t")[:3] == ["Score", "Name", "E-mail"]
    assert row.split("\t")[1] == "'=1+1"
    assert len(second.split("\t")) == len(titles.split("\t"))


@pytest.mark.parametrize("key", ["d", "s"])
def test_menus_open_inside_the_window(qtbot, window, key):
    press(qtbot, window, key)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    area = menu.geometry()
    menu.close()
    assert area.right() <= window.mapToGlobal(window.rect().bottomRight()).x()
    assert area.top() >= window.mapToGlobal(window.rect().topLeft()).y()


def test_the_record_stays_inside_the_window_at_a_large_text_size(qtbot, window):
    window.context.theme.choose("light", 1.6)
    window.resize(1440, 900)
    panel = window.queue.panel
    qtbot.waitUntil(lambda: panel.width() > 372)

    def right() -> int:
        return panel.mapTo(window, panel.rect().topRight()).x()

    qtbot.waitUntil(lambda: right() < window.width())


def test_a_command_right_after_a_search_meets_what_was_found_and_not_what_was_shown_before(
    qtbot, window, fake
):
    wanted = window.queue.model.lead(5)
    assert wanted.lead_id != window.queue.current().lead_id
    window.search.take_focus()
    qtbot.keyClicks(window.search, wanted.email)
    press(qtbot, window, Qt.Key.Key_Return, "c")
    qtbot.waitUntil(lambda: bool(fake.calls))
    assert fake.calls == [("claim", wanted.lead_id, REP)]


def test_a_command_during_a_search_that_fails_is_dropped(qtbot, window, fake):
    def fail(*_asked):
        raise BadInput("The workspace is damaged.", "Restore a backup.")

    window.context.desk = replace(window.context.desk, view_order=fail)
    window.search.take_focus()
    qtbot.keyClicks(window.search, "lead7")
    press(qtbot, window, Qt.Key.Key_Return, "c")
    qtbot.waitUntil(lambda: window.bars.problem.isVisible() and window.queue.is_settled())
    assert fake.calls == []
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["claim"])
