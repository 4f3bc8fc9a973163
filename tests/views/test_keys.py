import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu
from sample_desk import REP

from pqldesk.services.basics.problems import BadInput
from pqldesk.views.commands import COMMANDS
from pqldesk.views.help_sheet import KeyLine
from pqldesk.views.keys import chord, shown_keys


def press(qtbot, window, *keys):
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or window, key)


def test_no_key_belongs_to_two_commands_of_a_page_or_of_the_window():
    keys = [(command.page, key) for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_no_key_of_a_command_is_also_the_first_of_a_pair():
    firsts = {key.split()[0] for command in COMMANDS for key in command.keys if " " in key}
    assert firsts.isdisjoint(key for command in COMMANDS for key in command.keys)


def test_no_page_takes_a_key_that_stands_on_a_button_over_every_page():
    """The button would tell a key that does something else there."""
    above = {command.keys[0] for command in COMMANDS if command.id in {"add_lead", "import"}}
    assert len(above) == 2
    assert [command.id for command in COMMANDS if command.page and above & set(command.keys)] == []


@pytest.mark.parametrize(
    ("key", "text", "scan", "said"),
    [
        (Qt.Key.Key_J, "j", 44, "J"),
        (0x0441, "с", 54, "C"),  # the key that says C on Latin keyboards, on a Russian one
        (Qt.Key.Key_Question, "?", 61, "?"),
        (Qt.Key.Key_1, "1", 10, ""),
    ],
)
def test_letters_are_found_on_any_keyboard_layout(monkeypatch, key, text, scan, said):
    monkeypatch.setattr("sys.platform", "linux")
    event = QKeyEvent(QEvent.Type.KeyPress, int(key), Qt.KeyboardModifier.NoModifier, scan, 0, 0, text)
    assert chord(event) == said


def test_j_and_k_move_through_the_leads(qtbot, window):
    press(qtbot, window, "j", "j", "k")
    assert window.queue.table.currentIndex().row() == 1
    assert window.queue.panel.lead() == window.queue.table.current_lead()


def test_c_claims_and_says_so(qtbot, window, fake):
    lead = window.queue.current()
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: ("claim", lead.lead_id, REP) in fake.calls)
    qtbot.waitUntil(window.toast.isVisible)
    assert window.toast.words() == f"Claimed {lead.name}"


def test_letters_typed_into_a_field_are_text(qtbot, window, fake):
    press(qtbot, window, "/")
    assert window.search.hasFocus()
    qtbot.keyClicks(window.search, "cj")
    assert window.search.text() == "cj"
    assert fake.calls == []


def test_nothing_happens_while_an_input_method_composes(qtbot, window, fake):
    table = window.queue.table
    QApplication.sendEvent(table, QInputMethodEvent("に", []))
    press(qtbot, window, "c")
    assert fake.calls == []
    QApplication.sendEvent(table, QInputMethodEvent("", []))
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: len(fake.calls) == 1)


def test_g_then_a_letter_goes_to_a_page(qtbot, window):
    press(qtbot, window, "g")
    assert "T Trials" in window._status.hints.full_text()
    press(qtbot, window, "t")
    assert window.current() is window._pages["trials"]
    press(qtbot, window, "g", "q")
    assert window.current() is window.queue


def test_d_then_a_digit_disqualifies_with_that_reason(qtbot, window, fake):
    lead = window.queue.current()
    press(qtbot, window, "d")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.keyClick(menu, "2")
    qtbot.waitUntil(lambda: fake.calls == [("disqualify", lead.lead_id, "no need", REP)])


def test_x_selects_several_and_c_claims_them_all(qtbot, window, fake):
    press(qtbot, window, "x", "x")
    qtbot.keyClick(window.queue.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    chosen = {lead.lead_id for lead in window.queue.chosen()}
    assert len(chosen) == 2
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: bool(fake.calls))
    (_name, verb, ids, _argument, rep) = fake.calls[0]
    assert (verb, {f"L{one:06d}" for one in ids}, rep) == ("claim", chosen, REP)


def test_z_and_ctrl_z_undo(qtbot, window, fake):
    press(qtbot, window, "z")
    qtbot.keyClick(window.queue.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: fake.calls == [("undo", REP), ("undo", REP)])


def test_ctrl_z_in_a_field_takes_back_typing_only(qtbot, window, fake):
    window.search.take_focus()
    qtbot.keyClicks(window.search, "ab")
    qtbot.keyClick(window.search, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.search.text() == ""
    assert fake.calls == []


def test_enter_opens_the_record_and_esc_comes_back(qtbot, window):
    window.queue.focus_list()
    qtbot.keyClick(window.queue.table, Qt.Key.Key_Return)
    assert window.queue.panel.isAncestorOf(QApplication.focusWidget())
    press(qtbot, window, Qt.Key.Key_Escape)
    assert window.queue.table.hasFocus()


def test_an_open_dialog_keeps_the_keys_to_itself(qtbot, window, fake):
    window.run("help")
    press(qtbot, window, "c", "j")
    assert fake.calls == []
    assert window.queue.table.currentIndex().row() == 0
    press(qtbot, window, Qt.Key.Key_Escape)
    assert window.overlay.sheet() is None


def test_a_key_that_is_taken_is_refused_with_the_name_of_its_command(window):
    with pytest.raises(BadInput, match="“Claim”"):
        window.keys.rebind("task", ("C",))
    window.keys.rebind("task", ("Y",))
    assert window.keys.first("task") == "Y"


def test_a_key_is_changed_by_pressing_it(qtbot, window, fake):
    window.context.wishes.rekey.emit("task")
    sheet = window.overlay.sheet()
    qtbot.keyClick(sheet.catcher, "c")
    assert sheet.problem.full_text().startswith("C already belongs to “Claim”.")
    assert not sheet.confirm.isEnabled()
    qtbot.keyClick(sheet.catcher, "g")
    assert not sheet.confirm.isEnabled()  # G begins the pairs that go to pages
    qtbot.keyClick(sheet.catcher, "y")
    sheet.submit()
    qtbot.waitUntil(lambda: fake.calls == [("set_setting", "key.task", "Y", REP)])


def test_a_key_that_would_hide_another_on_a_page_says_which(qtbot, window, fake):
    window.context.wishes.rekey.emit("print_list")
    sheet = window.overlay.sheet()
    qtbot.keyClick(sheet.catcher, "c")
    assert sheet.hint.full_text() == "On its page C then no longer does “Claim”."
    assert sheet.confirm.isEnabled()
    qtbot.keyClick(sheet.catcher, "y")
    assert sheet.hint.full_text() == ""
    sheet.close_sheet()
    window.context.wishes.rekey.emit("claim")
    qtbot.keyClick(window.overlay.sheet().catcher, "y")
    assert "“Sources: test a connection”" in window.overlay.sheet().hint.full_text()


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_5, Qt.Key.Key_Home])
def test_a_key_that_no_command_can_have_is_refused_in_words(qtbot, window, key):
    window.context.wishes.rekey.emit("task")
    sheet = window.overlay.sheet()
    qtbot.keyClick(sheet.catcher, Qt.Key.Key_F5)  # of the whole window: refused
    qtbot.keyClick(sheet.catcher, "y")  # which another page has too: that is said
    assert sheet.hint.isVisible()
    qtbot.keyClick(sheet.catcher, Qt.Key.Key_Shift)
    assert sheet.confirm.isEnabled()
    qtbot.keyClick(sheet.catcher, key)
    assert sheet.problem.full_text().startswith("That key is no key of a command.")
    assert (sheet.problem.isVisible(), sheet.hint.isVisible()) == (True, False)
    assert not sheet.confirm.isEnabled()


def test_stored_keys_are_used_and_clashing_ones_are_not(window):
    window.keys.take({"task": "Y", "note": "C", "unknown": "B"})
    assert window.keys.first("task") == "Y"
    assert window.keys.first("note") == "N"
    window.keys.take({})
    assert window.keys.first("task") == "T"


def test_a_program_that_ends_without_closing_its_window_ends_quietly(tmp_path):
    script = (
        "import sys; from pathlib import Path; from PySide6.QtTest import QTest;"
        " from pqldesk.app import application, build_window; app = application();"
        " w = build_window(Path(sys.argv[1]), 'kim@example.com', with_errands=False);"
        " w.show(); w.activateWindow(); QTest.qWaitForWindowActive(w); w.setFocus(); assert app.focusWidget() is w"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "w.pqldesk")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_help_begins_with_the_keys_of_the_page_in_sight(qtbot, window):
    window.show_page("tasks")
    window.run("help")
    first = window.overlay.sheet().findChildren(KeyLine)[0]
    assert first.accessibleName() == "Give the task another time: R"
    assert first.mapTo(window, QPoint(0, 0)).y() < window.height() // 3


@pytest.mark.parametrize(("keys", "caps"), [
    ("Ctrl+Shift+Return", "Ctrl Shift Enter"), ("J", "J"), ("G Q", "G Q"), ("Down", "↓"),
    ("Ctrl+Shift+Delete", "Ctrl Shift Del"), ("F5", "F5"), ("?", "?"),
])  # fmt: skip
def test_keys_are_shown_as_they_are_printed_on_a_keyboard(monkeypatch, keys, caps):
    monkeypatch.setattr("sys.platform", "linux")
    assert shown_keys(keys) == caps


def test_delete_is_pressed_with_what_else_is_held(qtbot, window):
    told = []
    window.keys.triggered.connect(told.append)
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    window.queue.focus_list()
    qtbot.keyClick(window.queue.table, Qt.Key.Key_Delete, held)
    assert told == ["erase"]
