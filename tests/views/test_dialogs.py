from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTableView, QWidget
from sample_desk import NOW, OTHER, REP, draft

from pqldesk.services.basics.problems import Problem
from pqldesk.services.rows import LeadDraft, WriteStep
from pqldesk.views import command_palette, wording
from pqldesk.views.add_lead_dialog import check_fields
from pqldesk.views.command_palette import found_commands
from pqldesk.views.commands import COMMANDS
from pqldesk.views.find_field import FindField
from pqldesk.views.handoff_dialog import HandoffSheet
from pqldesk.views.help_sheet import KeyLine
from pqldesk.views.labels import Label
from pqldesk.views.milestone_sheet import MilestoneSheet
from pqldesk.views.notices import BugSheet
from pqldesk.views.small_sheets import AmountSheet, TaskSheet


def sheet_of(qtbot, window, command):
    window.run(command)
    qtbot.waitUntil(lambda: window.overlay.sheet() is not None)
    return window.overlay.sheet()


@pytest.mark.parametrize("command", ["add_lead", "task", "help", "history"])
def test_what_a_dialog_holds_stands_in_line_with_its_title(qtbot, window, command):
    sheet = sheet_of(qtbot, window, command)
    qtbot.waitUntil(sheet.title.isVisible)
    sheet.layout().activate()
    QApplication.processEvents()
    parts = [
        part for part in sheet.findChildren(QWidget)
        if part.isVisible() and isinstance(part, QLineEdit | KeyLine | QTableView)
    ]  # fmt: skip
    left = min(part.mapTo(sheet, QPoint(0, 0)).x() for part in parts)
    assert left == sheet.title.mapTo(sheet, QPoint(0, 0)).x()


def test_a_step_of_a_handoff_is_read_whole_and_without_what_only_machines_read(qtbot, context):
    title = "PLG → Sales Handoff: Call before the trial ends: Callum Inglenook, Opal Analytics [pqd:89ERCXR3]"
    steps = (WriteStep("task", title, "For ines@northquay.example"),)
    sheet = HandoffSheet(context, replace(draft(None, "L000004", REP), steps=steps))
    qtbot.addWidget(sheet)
    told = [label.full_text().replace("\u200b", "") for label in sheet.findChildren(Label)]
    assert title.removesuffix(" [pqd:89ERCXR3]") in told


def test_a_wrong_address_is_said_while_typing(qtbot, window):
    sheet = sheet_of(qtbot, window, "add_lead")
    qtbot.keyClicks(sheet.fields["email"], "jane.example.com")
    qtbot.waitUntil(lambda: sheet.problem.full_text() == "“jane.example.com” is not an e-mail address.")
    assert not sheet.confirm.isEnabled()


def test_a_new_lead_is_stored_and_shown(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "add_lead")
    qtbot.keyClicks(sheet.fields["email"], "ada@example.org")
    qtbot.keyClicks(sheet.fields["company"], "Example Org")
    qtbot.keyClick(sheet.fields["company"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    (call,) = fake.calls
    assert call == ("add_lead", LeadDraft(email="ada@example.org", company="Example Org"), REP)
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000001")


def test_a_lead_that_is_already_here_is_offered_instead(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "add_lead")
    qtbot.keyClicks(sheet.fields["email"], "jane@example.com")
    sheet.submit()
    qtbot.waitUntil(sheet.open_existing.isVisible)
    assert "already here" in sheet.problem.full_text()
    qtbot.mouseClick(sheet.open_existing, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000002")
    assert fake.calls == []


def test_sending_what_is_wrong_goes_to_the_field_that_is(qtbot, window):
    sheet = sheet_of(qtbot, window, "add_lead")
    sheet.fields["email"].setText("not an address")
    sheet.fields["company"].setFocus()
    qtbot.keyClick(sheet.fields["company"], Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is sheet.fields["email"]


def test_sending_somebody_who_is_here_already_offers_to_open_them(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "add_lead")
    sheet.fields["email"].setText("jane@example.com")
    qtbot.waitUntil(sheet.open_existing.isVisible)
    sheet.submit()
    assert not sheet.confirm.isEnabled()
    assert window.focusWidget() is sheet.open_existing
    qtbot.keyClick(sheet.open_existing, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000002")
    assert fake.calls == []


def test_a_name_brings_no_command_that_only_shares_letters_with_it(window):
    assert found_commands("jerab", window.keys) == []  # of "Erase the person", as it was
    best = found_commands("exprt", window.keys)[:2]
    assert {found.command for found in best} == {"data.export", "data.archive"}  # "Export …" both


def test_where_nothing_is_found_there_is_nothing_to_choose(qtbot, window):
    sheet = sheet_of(qtbot, window, "palette")
    qtbot.keyClicks(sheet.field, "qqqq")
    qtbot.waitUntil(lambda: sheet.list.count() == 1)  # after the people were asked for
    assert sheet.choices() == []
    qtbot.keyClick(sheet.field, Qt.Key.Key_Down)
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert window.overlay.sheet() is sheet


def test_an_empty_form_is_told_off_only_when_sent(qtbot, window):
    sheet = sheet_of(qtbot, window, "add_lead")
    qtbot.keyClicks(sheet.fields["email"], "a")
    sheet.fields["email"].clear()
    sheet.submit()
    assert sheet.problem.full_text() == "A lead needs an e-mail address or a name."


def test_a_lead_may_have_a_name_alone():
    assert check_fields(LeadDraft(last_name="Ng")) == {}
    assert "domain" in check_fields(LeadDraft(last_name="Ng", domain="@x"))


@pytest.mark.parametrize(
    ("text", "value"), [("75,000", 75000), ("75 000", 75000), ("", None), ("12.5", 12.5), ("0", 0)]
)
def test_amounts_are_read_as_people_write_them(text, value):
    assert wording.amount_in(text) == value


@pytest.mark.parametrize("text", ["a lot", "-5", "1e400x", "NaN", "Infinity", "75.000", "10,50", "1,2,3"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        wording.amount_in(text)


def test_a_handoff_is_sent_as_it_was_edited(qtbot, context):
    sheet = HandoffSheet(context, draft(None, "L000002", REP))
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.value.setText("90,500")
    sheet.owner.setCurrentIndex(0)
    sheet.note_text.setPlainText("PQL Score: 80")
    with qtbot.waitSignal(sheet.given) as given:
        qtbot.keyClick(sheet.note_text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (sent,) = given.args
    assert (sent.deal_value, sent.assignee, sent.note) == (90500, REP, "PQL Score: 80")
    assert sent.task_due_at == draft(None, "L000002", REP).task_due_at


def test_a_handoff_with_a_wrong_amount_cannot_be_sent(qtbot, context):
    sheet = HandoffSheet(context, draft(None, "L000002", OTHER))
    qtbot.addWidget(sheet)
    sheet.value.setText("a lot")
    assert not sheet.confirm.isEnabled()
    assert "not an amount" in sheet.problem.full_text()


def test_h_opens_the_handoff_and_it_is_queued(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "handoff")
    assert sheet.title.full_text().startswith("Hand off ")
    sheet.submit()
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["push_handoff"])


def test_a_task_is_due_on_the_next_working_morning(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "task")
    lead = window.queue.current()
    qtbot.keyClicks(sheet.name_field, "Call back")
    qtbot.keyClick(sheet.name_field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(fake.calls) == 1)
    name, lead_id, title, due, rep = fake.calls[0]
    assert (name, lead_id, title, rep) == ("add_task", lead.lead_id, "Call back", REP)
    assert due > NOW
    assert due.astimezone().weekday() < 5
    assert due.astimezone().hour == 10


def test_tab_stays_inside_an_open_dialog(qtbot, window):
    sheet = sheet_of(qtbot, window, "add_lead")
    for _n in range(20):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert sheet.isAncestorOf(QApplication.focusWidget())


def test_enter_on_cancel_cancels(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "task")
    cancel = next(b for b in sheet.findChildren(QAbstractButton) if b.text() == "Cancel")
    cancel.setFocus()
    qtbot.keyClick(cancel, Qt.Key.Key_Return)
    assert window.overlay.sheet() is None
    assert fake.calls == []


def test_esc_gives_the_focus_back(qtbot, window):
    window.queue.focus_list()
    sheet_of(qtbot, window, "note")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert window.overlay.sheet() is None
    assert window.queue.table.hasFocus()


def test_the_palette_finds_people_and_commands(qtbot, window):
    sheet = sheet_of(qtbot, window, "palette")
    qtbot.keyClicks(sheet.field, "jane")
    qtbot.waitUntil(lambda: any(choice.lead_id == "L000002" for choice in sheet.choices()))
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000002")


def test_the_palette_runs_a_command_and_shows_its_key(qtbot, window):
    (best, *_rest) = found_commands("funel", window.keys)
    assert (best.command, best.keys) == ("go.funnel", "G F")
    sheet = sheet_of(qtbot, window, "palette")
    qtbot.keyClicks(sheet.field, "funel")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert window.current() is window._pages["funnel"]


def test_a_command_is_found_without_its_accents(window, monkeypatch):
    (funnel,) = (command for command in COMMANDS if command.id == "go.funnel")
    monkeypatch.setattr(command_palette, "COMMANDS", (replace(funnel, label="Ir a la Conversión"),))
    for typed in ("conversion", "CONVERSIÓN", "ir a la conversion"):
        assert [found.command for found in found_commands(typed, window.keys)] == ["go.funnel"]


def test_a_list_is_narrowed_without_regard_to_accents_and_case(qtbot, context):
    field = FindField(context.theme, "Name")
    qtbot.addWidget(field)
    for typed in ("munoz jose", "MUÑOZ"):
        field.setText(typed)
        assert (field.fits("José Muñoz", "jm@example.com"), field.fits("Munez", "jm@example.com")) == (
            True,
            False,
        )


def test_every_command_is_in_the_palette(window):
    listed = {choice.command for choice in found_commands("", window.keys)}
    assert listed == {command.id for command in COMMANDS} - {"palette"}


def test_a_problem_is_said_in_the_bar(window):
    window.context.background.problem.emit(Problem("Attio did not answer within 20 s.", "Your note is kept."))
    assert window.bars.problem.isVisible()
    assert window.bars.problem.words() == "Attio did not answer within 20 s. Your note is kept."


def test_a_lost_claim_names_the_winner(qtbot, window, fake):
    window.queue.show_lead("L000003")
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000003")
    window.run("claim")
    qtbot.waitUntil(window.bars.problem.isVisible)
    assert window.bars.problem.words().startswith("Aiko Tanaka was already claimed by dana.kim@example.com")


def test_a_lead_gone_to_with_control_still_held_is_the_only_one_chosen(qtbot, window):
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)
    QTest.keyPress(window, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    window.queue.show_lead("L000003")
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000003")
    assert [lead.lead_id for lead in window.queue.chosen()] == ["L000003"]
    QTest.keyRelease(window, Qt.Key.Key_Control)


def test_a_bug_can_be_copied(qtbot, window):
    try:
        raise KeyError("colour")
    except KeyError as fault:
        window.show_problem(fault)
    sheet = window.overlay.sheet()
    assert isinstance(sheet, BugSheet)
    sheet.copy.click()
    copied = QApplication.clipboard().text()
    assert "KeyError: 'colour'" in copied
    assert copied.startswith("PQLDesk ")


def test_a_toast_stays_while_the_pointer_rests_on_it(qtbot, window):
    window.tell("Claimed Jane Doe", True)
    assert window.toast._over.isActive()
    window.toast.enterEvent(None)
    assert not window.toast._over.isActive()
    window.toast.leaveEvent(None)
    assert window.toast._over.isActive()
    assert window.toast._over.interval() >= 8_000


def test_an_address_that_is_here_already_is_said_while_typing(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "add_lead")
    qtbot.keyClicks(sheet.fields["email"], "jane@example.com")
    qtbot.waitUntil(lambda: sheet.open_existing.isVisible())
    assert sheet.problem.full_text() == "Jane Doe · Example, Inc. is here already with that address."
    assert not sheet.confirm.isEnabled()
    sheet.open_existing.click()
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000002")
    assert fake.calls == []


def test_the_company_is_found_by_the_domain_until_somebody_writes_another(qtbot, window):
    sheet = sheet_of(qtbot, window, "add_lead")
    qtbot.keyClicks(sheet.fields["email"], "wei@kumolabs.example")
    qtbot.waitUntil(lambda: sheet.fields["company"].text() == "Kumo Labs")
    sheet.fields["company"].setText("Kumo Labs Japan")
    qtbot.keyClicks(sheet.fields["first_name"], "Wei")
    qtbot.waitUntil(lambda: not sheet._soon.isActive())
    assert sheet.fields["company"].text() == "Kumo Labs Japan"


def test_several_leads_are_added_in_a_row(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "add_lead")
    for address in ("ada@example.org", "bo@example.org"):
        qtbot.keyClicks(sheet.fields["email"], address)
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        qtbot.keyClick(sheet.fields["email"], Qt.Key.Key_Return, both)
        qtbot.waitUntil(lambda: sheet.fields["email"].text() == "")
    assert [call[1].email for call in fake.calls] == ["ada@example.org", "bo@example.org"]
    assert sheet.isVisible()
    assert sheet.note.full_text() == "bo@example.org is added. The next one:"


def test_the_palette_finds_companies_and_offers_what_was_used_last_first(qtbot, window):
    sheet = sheet_of(qtbot, window, "palette")
    qtbot.keyClicks(sheet.field, "funel")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    sheet = sheet_of(qtbot, window, "palette")
    assert sheet.choices()[0].command == "go.funnel"
    qtbot.keyClicks(sheet.field, "kumo")
    qtbot.waitUntil(lambda: any(choice.company == "Kumo Labs" for choice in sheet.choices()))
    (at,) = [n for n, choice in enumerate(sheet.choices()) if choice.company]
    sheet.list.setCurrentRow(at)
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert (window.queue.view, window.search.text()) == ("all", "Kumo Labs")


def test_what_was_done_is_listed_and_taken_back(qtbot, window, fake):
    sheet = sheet_of(qtbot, window, "history")
    qtbot.waitUntil(lambda: sheet.table.rowCount() == 2)
    assert [row.can_undo for row in sheet.table.rows()] == [True, False]
    sheet.undo.click()
    qtbot.waitUntil(lambda: ("undo", REP) in fake.calls)


def test_a_toast_is_whole_when_texts_become_larger_while_it_is_said(qtbot, window):
    window.tell("Text size: Largest", 1)
    usual = window.toast.width()
    window.context.theme.wear("light", 21 / 13, rows="usual", high=False, still=False)
    try:
        qtbot.waitUntil(lambda: window.toast.width() > usual * 1.3)
        words = window.toast._words
        assert words.width() >= words.fontMetrics().horizontalAdvance(words.full_text())
    finally:
        window.context.theme.wear("light", 1.0, rows="usual", high=False, still=False)


def test_a_long_toast_stays_inside_the_window(qtbot, window):
    window.tell("Attio has stopped: " + "the token was revoked and nobody knows why " * 8)
    assert window.toast.geometry().right() < window.width()
    assert window.toast.geometry().bottom() < window.height()


@pytest.mark.parametrize("undoes", [0, 1])
def test_a_dialog_takes_the_place_of_what_was_only_said_and_leaves_an_undo_on_offer(qtbot, window, undoes):
    window.tell("Reading past outcomes …", undoes)
    sheet_of(qtbot, window, "add_lead")
    assert window.toast.isVisible() == bool(undoes)


@pytest.mark.parametrize("make", [
    lambda context: AmountSheet(context, "Mark as won", "Jane Doe", "Deal value", "Mark as won"),
    lambda context: MilestoneSheet(context, None, ("login",)),
    lambda context: TaskSheet(context, "L000001", "Jane Doe"),
])  # fmt: skip
@pytest.mark.parametrize(("size", "scale", "scrolls"), [((1440, 900), 1.0, False), ((1100, 560), 2.0, True)])
def test_a_small_dialog_scrolls_only_where_the_window_has_no_room_for_it(
    qtbot, window, make, size, scale, scrolls
):
    window.context.theme.choose("light", scale)
    window.resize(*size)
    sheet = make(window.context)
    window.open_sheet(sheet)
    qtbot.waitUntil(sheet.isVisible)
    qtbot.wait(20)
    assert sheet.scrolls() == (scrolls and isinstance(sheet, MilestoneSheet))


@pytest.mark.parametrize("make", [
    lambda context: AmountSheet(context, "Mark as won", "Jane Doe", "Deal value", "Mark as won"),
    lambda context: MilestoneSheet(context, None, ("login",)),
    lambda context: TaskSheet(context, "L000001", "Jane Doe"),
])  # fmt: skip
def test_a_small_dialog_is_as_high_as_what_it_holds(qtbot, window, make):
    sheet = make(window.context)
    window.open_sheet(sheet)
    qtbot.waitUntil(sheet.isVisible)
    qtbot.wait(20)
    last = max(edit.mapTo(sheet, edit.rect().bottomLeft()).y() for edit in sheet.findChildren(QLineEdit))
    top = sheet.confirm.mapTo(sheet, sheet.confirm.rect().topLeft()).y()
    assert 20 < top - last < 50  # margins and a line
