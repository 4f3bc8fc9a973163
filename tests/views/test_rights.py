"""What a role may not do is said before it is tried: on buttons, by keys and in the palette."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from sample_desk import OTHER, REP

from pqldesk.services.basics.problems import WorkspaceOnlyRead
from pqldesk.views.command_palette import PaletteSheet
from pqldesk.views.commands import COMMANDS
from pqldesk.views.labels import Label
from pqldesk.views.navigation import PLACES
from pqldesk.views.rights import ACTS, ADMINS, LOOKS, MANAGES, NEEDS, Rights
from pqldesk.views.section_list import SectionList
from pqldesk.views.settings_page import SECTIONS

FOR_ADMINS = "Only admins can do this, and you are a rep. Settings, Team shows who they are."


def seated(qtbot, window, fake, role):
    """The window as somebody with that role in a team workspace has it."""
    fake.kept_role = role
    window.rep_known()
    qtbot.waitUntil(lambda: bool(window.context.rights.why_not(ADMINS)) == (role in {"rep", "manager"}))


def test_every_command_says_who_may_use_it():
    assert sorted(NEEDS) == sorted(command.id for command in COMMANDS)


def test_a_file_keeps_nobody_from_anything():
    rights = Rights()
    rights.know("", REP)
    assert not any(rights.why_not(command) for command in NEEDS)


@pytest.mark.parametrize(
    ("role", "barred"),
    [("rep", {MANAGES, ADMINS}), ("manager", {ADMINS}), ("admin", set()), ("owner", set())],
)
def test_each_role_is_kept_from_what_is_above_it(role, barred):
    rights = Rights()
    rights.know(role, REP)
    assert {NEEDS[command] for command in NEEDS if rights.why_not(command)} == barred


def test_a_button_that_is_not_for_a_rep_stands_disabled_and_says_who_may(qtbot, window, fake):
    page = window.page("activation")
    button = page.add_button
    hint = button.toolTip()
    seated(qtbot, window, fake, "rep")
    assert not button.isEnabled()
    assert button.toolTip() == FOR_ADMINS
    button.setEnabled(True)  # as a page does when something comes under the cursor
    button.setToolTip("Another hint")
    assert (button.isEnabled(), button.toolTip()) == (False, FOR_ADMINS)
    seated(qtbot, window, fake, "admin")
    assert (button.isEnabled(), button.toolTip()) == (True, "Another hint  A") != (True, hint)


def test_a_hint_tells_no_key_that_would_be_refused(qtbot, window, fake):
    page = window.page("activation")
    notes = {label.full_text() for label in page.findChildren(Label, "note")}
    assert "Enter edits one" in notes
    seated(qtbot, window, fake, "rep")
    assert notes - {label.full_text() for label in page.findChildren(Label, "note")} == {"Enter edits one"}
    seated(qtbot, window, fake, "admin")
    assert {label.full_text() for label in page.findChildren(Label, "note")} == notes


def test_a_key_that_is_not_for_a_rep_says_so_and_opens_nothing(qtbot, window, fake):
    seated(qtbot, window, fake, "rep")
    window.run("erase")
    assert window.overlay.sheet() is None
    assert window.toast.words() == FOR_ADMINS
    window.run("go.scoring")
    window.run("model.publish")
    assert window.overlay.sheet() is None
    assert window.toast.words() == FOR_ADMINS
    assert fake.calls == []


def test_the_palette_says_why_a_command_is_barred(qtbot, window, fake):
    seated(qtbot, window, fake, "rep")
    window.run("palette")
    sheet = window.overlay.sheet()
    assert isinstance(sheet, PaletteSheet)
    qtbot.keyClicks(sheet.field, "erase the person")
    found = next(one for one in sheet.choices() if one.command == "erase")
    assert found.barred
    assert found.note == FOR_ADMINS
    assert not next(one for one in sheet.choices() if one.command != "erase").barred


def test_what_another_rep_has_claimed_is_theirs(qtbot, window, fake):
    seated(qtbot, window, fake, "rep")
    theirs = next(n for n in range(1, 20) if fake.row(n).owner == OTHER)
    window.context.wishes.open_lead.emit(fake.row(theirs).lead_id)
    panel = window.queue.panel
    qtbot.waitUntil(lambda: panel.lead() is not None and panel.lead().owner == OTHER)
    claim = panel.findChild(QAbstractButton, "claim")
    assert not claim.isEnabled()
    assert "Dana Kim has claimed it" in claim.toolTip()
    assert panel.findChild(QAbstractButton, "task").isEnabled()
    qtbot.keyClick(window.queue.table, Qt.Key.Key_S)
    assert "Dana Kim has claimed it" in window.toast.words()


def test_a_manager_gives_leads_out_and_publishes_no_model(qtbot, window, fake):
    seated(qtbot, window, fake, "manager")
    page = window.page("scoring")
    qtbot.waitUntil(lambda: page.is_settled())
    assert not page.learn_button.isEnabled()
    assert "you are a manager" in page.learn_button.toolTip()
    assert page.health_button.isEnabled()
    assert not page.editor.form.isEnabled()
    index = page.editor.view().model().index(0, 2)
    assert not page.editor.view().model().flags(index) & Qt.ItemFlag.ItemIsEditable


def controls(place: QWidget) -> list[QAbstractButton]:
    sections = place.findChild(SectionList)
    return [
        one
        for one in place.findChildren(QAbstractButton)
        if one.isVisible() and one.isEnabled() and not (sections and sections.isAncestorOf(one))
    ]


def test_in_a_workspace_that_is_only_read_no_button_in_sight_changes_anything(
    qtbot, window, fake, context, monkeypatch
):
    """Every button that can be pressed is pressed, on every page; what they open is closed again."""
    written = []
    context.background.only_read.emit(WorkspaceOnlyRead("It cannot be written.", "Copy it."))
    monkeypatch.setattr(
        context.background, "write", lambda command, *args: written.append(command) or Never()
    )
    monkeypatch.setattr(
        context.background, "start", lambda command, *args: written.append(command) or Never()
    )
    monkeypatch.setattr("pqldesk.views.file_dialog.FileDialog.__init__", lambda *_a, **_k: None)
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda *_a: True)
    places = [(place.key, "") for place in PLACES] + [("settings", key) for key, _text in SECTIONS]
    for key, section in places:
        page = window.page(key)
        if section:
            page.open_section(section)
        qtbot.waitUntil(lambda page=page: page.is_settled() and not context.background.is_busy)
        window.run("next")
        for button in controls(page):
            if getattr(button, "menu", None) is None or button.menu() is None:
                button.click()
            window.overlay.close_sheet()
            if window.current() is not page:
                window.show_page(key)
    assert [one.__name__ for one in written] == []


def test_the_line_below_tells_no_key_that_is_refused(qtbot, window, context):
    window.show_page("queue")
    line = window._status.hints
    assert all(words in line.full_text() for words in ("C claim", "T task", "H hand off", "Z undo"))
    context.background.only_read.emit(WorkspaceOnlyRead("It cannot be written.", "Copy it."))
    assert not any(words in line.full_text() for words in ("claim", "task", "hand off"))
    assert "J K move" in line.full_text()
    context.background.only_read.emit(None)
    assert "C claim" in line.full_text()


class Never:
    """A job that is not answered."""

    def then(self, _slot):
        return self

    otherwise = ended = then


def test_what_only_looks_is_never_barred():
    rights = Rights()
    rights.only_look(WorkspaceOnlyRead("It cannot be written.", "Copy it."))
    assert {NEEDS[command] for command in NEEDS if not rights.why_not(command)} == {LOOKS}
    assert rights.why_not(ACTS)
