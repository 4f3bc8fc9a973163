"""The Settings page as somebody uses it: sections, editors that say what is wrong, and what is stored."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QTableView
from sample_desk import NOW, REP

from pqldesk.services.basics.changes import Topic
from pqldesk.services.source_rows import BackupRow, WorkspaceFacts
from pqldesk.views.action_words import detail_words
from pqldesk.views.bands_card import BandsCard, BandSheet
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.data_cards import DataCards
from pqldesk.views.section_list import SectionItem
from pqldesk.views.setting_cards import KeysCard, NamesCard, NameSheet
from pqldesk.views.setting_times import ClockField
from pqldesk.views.settings_page import SECTIONS, SettingsPage


@pytest.fixture
def page(qtbot, window) -> SettingsPage:
    page = window.page("settings")
    qtbot.waitUntil(lambda: "rep" in page.lines)
    return page


def line_of(qtbot, page, section, key):
    page.open_section(section)
    return page.lines[key]


def write(qtbot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_every_section_opens(qtbot, page):
    for section, _text in SECTIONS:
        page.open_section(section)
        assert page.sections.current() == section
        qtbot.waitUntil(lambda: not page.grab().isNull())


def test_arrow_keys_walk_the_sections(qtbot, page):
    page.sections.setFocus()
    qtbot.keyClick(page.sections, Qt.Key.Key_Down)
    assert page.sections.current() == "hours"
    assert page.run("next")
    assert page.sections.current() == "claims"


def test_a_setting_is_stored_when_the_field_is_left_with_enter(qtbot, page, fake):
    line = line_of(qtbot, page, "claims", "lease_days")
    write(qtbot, line.editor.field, "14")
    assert fake.calls == []
    qtbot.keyClick(line.editor.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: fake.calls == [("set_setting", "lease_days", "14", REP)])


def test_what_is_wrong_is_said_while_typing_and_not_stored(qtbot, page, fake):
    line = line_of(qtbot, page, "claims", "lease_days")
    write(qtbot, line.editor.field, "900")
    assert line.problem.full_text() == "Give a whole number from 1 to 365."
    assert line.problem.isVisible()
    qtbot.keyClick(line.editor.field, Qt.Key.Key_Return)
    write(qtbot, line.editor.field, "9")
    assert not line.problem.isVisible()
    assert fake.calls == []


def test_esc_or_another_section_puts_back_what_is_stored(qtbot, page, fake):
    line = line_of(qtbot, page, "claims", "lease_days")
    write(qtbot, line.editor.field, "900")
    qtbot.keyClick(line.editor.field, Qt.Key.Key_Escape)
    assert (line.editor.field.text(), line.problem.isVisible()) == ("7", False)
    write(qtbot, line.editor.field, "900")
    page.open_section("hours")
    page.open_section("claims")
    assert (line.editor.field.text(), line.problem.isVisible()) == ("7", False)
    assert fake.calls == []


def test_a_section_that_is_left_with_the_pointer_gives_the_keyboard_to_the_list_of_sections(qtbot, page):
    line = line_of(qtbot, page, "claims", "lease_days")
    line.editor.field.setFocus()
    hours = page.sections.findChildren(SectionItem)[1]
    qtbot.mouseClick(hours, Qt.MouseButton.LeftButton)
    assert page.sections.current() == "hours"
    assert hours.hasFocus()


def test_what_was_set_is_said_with_its_name_its_unit_and_as_people_write_it(qtbot, window, page, fake):
    line = line_of(qtbot, page, "claims", "lease_days")
    write(qtbot, line.editor.field, "14")
    qtbot.keyClick(line.editor.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.toast.words() == "Claim lasts: 14 days")


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("lease_days = 14", "Claim lasts: 14 days"), ("theme = dark", "Colours: Dark"), ("rep = ", "Your e-mail: –"),
        ("quiet_hours = ", "Quiet hours: off"), ("notify.crossed = true", "A lead qualifies: on"),
        ("holidays = 2026-12-25", "Holidays: Fri 25 Dec 2026"), ("lease_days = ", "Claim lasts: 7 days"),
        ("key.claim = Shift+Q", "Claim: Shift Q"), ("key.claim = ", "Claim: the usual key"),
        ("feature_label.api = Interface", "api: Interface"),
    ],
)  # fmt: skip
def test_a_changed_setting_is_told_in_words_wherever_it_is_listed(detail, words):
    assert detail_words("setting_changed", detail) == words


def test_what_was_undone_is_named_as_people_know_it():
    assert (
        detail_words("undone", "setting_changed lease_days = 14") == "Setting changed, Claim lasts: 14 days"
    )
    assert detail_words("undone", "model_published PLG default v2") == "Model published, PLG default v2"
    assert detail_words("redone", "claimed") == "Claimed"


def test_hours_of_a_weekday_are_typed_and_kept_for_that_day(qtbot, page, fake):
    line = line_of(qtbot, page, "hours", "working_hours")
    friday = line.editor.days[4][2]
    write(qtbot, friday, "1330")
    qtbot.keyClick(friday, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(fake.calls) == 1)
    assert fake.calls[0][2] == "Mon-Thu 09:00-17:00, Fri 09:00-13:30"


def test_a_day_that_ends_before_it_begins_is_named(qtbot, page, fake):
    line = line_of(qtbot, page, "hours", "working_hours")
    write(qtbot, line.editor.days[0][2], "08:00")
    assert line.problem.full_text() == "Monday ends before it begins."
    for box, _opens, _closes in line.editor.days:
        if box.isChecked():
            box.click()
    assert line.problem.full_text() == "Work on one day at least, or no answer would ever be due."
    assert all(len(call[2]) for call in fake.calls)


def test_holidays_are_added_and_dropped_one_by_one(qtbot, page, fake):
    fake.settings["holidays"] = "2026-12-25"
    page.refresh()
    line = line_of(qtbot, page, "hours", "holidays")
    qtbot.waitUntil(lambda: len(line.editor.chips()) == 1)
    qtbot.mouseClick(line.editor.add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fake.settings["holidays"] == "2026-11-20,2026-12-25")
    line.editor.show_value("2026-12-25")
    line.editor.chips()[-1].click()
    qtbot.waitUntil(lambda: fake.settings["holidays"] == "")


@pytest.mark.parametrize(
    ("key", "held"),
    [(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier), (Qt.Key.Key_F4, Qt.KeyboardModifier.NoModifier)],
)
def test_the_calendar_of_a_date_opens_by_key(qtbot, page, key, held):
    date = line_of(qtbot, page, "hours", "holidays").editor.date
    before = date.date()
    date.setFocus()
    qtbot.keyClick(date, key, held)
    calendar = date.calendarWidget()
    qtbot.waitUntil(calendar.isVisible)
    assert date.date() == before
    assert calendar.weekdayTextFormat(Qt.DayOfWeek.Sunday).foreground().style() == Qt.BrushStyle.NoBrush
    days = calendar.findChild(QTableView)
    assert days.hasFocus()
    qtbot.keyClick(days, Qt.Key.Key_Right)
    qtbot.keyClick(days, Qt.Key.Key_Return)
    assert not calendar.isVisible()
    assert date.date() == before.addDays(1)


def test_another_time_zone_is_asked_about_with_the_number_of_leads(qtbot, window, page, fake):
    line = line_of(qtbot, page, "hours", "timezone")
    write(qtbot, line.editor.text, "nowhere")
    assert line.problem.full_text() == "No time zone has “nowhere” in its name."
    line.editor.combo.setCurrentText("America/Lima")
    line.editor.combo.activated.emit(line.editor.combo.currentIndex())
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ConfirmSheet))
    assert any(
        "48,210 leads" in label.text() for label in window.overlay.sheet().findChildren(type(line.problem))
    )
    window.overlay.sheet().confirm.click()
    qtbot.waitUntil(lambda: ("set_setting", "timezone", "America/Lima", REP) in fake.calls)
    line.editor.text.setFocus()  # where the keyboard is again once the question is gone
    page.refresh()
    qtbot.waitUntil(lambda: line.editor.text.text() == "America/Lima")
    fake.calls.clear()
    qtbot.keyClick(line.editor.text, Qt.Key.Key_Tab)
    assert window.overlay.sheet() is None  # and does not ask to go back


def test_quiet_hours_are_off_or_two_times(qtbot, page, fake):
    line = line_of(qtbot, page, "notices", "quiet_hours")
    line.editor.box.click()
    qtbot.waitUntil(lambda: fake.settings.get("quiet_hours") == "18:00-08:00")
    write(qtbot, line.editor.edits[0], "25")
    assert line.problem.full_text() == "“25” is no time such as 09:00."
    line.editor.box.click()
    qtbot.waitUntil(lambda: fake.settings["quiet_hours"] == "")


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("9", 540), ("930", 570), ("0930", 570), ("9:30", 570), ("24:00", 1440), ("9:3", None)],
)
def test_times_are_typed_as_people_write_them(qtbot, context, typed, minutes):
    field = ClockField(context, "From")
    qtbot.addWidget(field)
    field.setText(typed)
    assert field.minutes() == minutes


def test_the_window_wears_a_look_as_soon_as_it_is_chosen(qtbot, window, page, fake):
    line = line_of(qtbot, page, "look", "contrast")
    line.editor.combo.setCurrentIndex(line.editor.combo.findData("high"))
    line.editor.combo.activated.emit(1)
    qtbot.waitUntil(lambda: window.context.theme.tokens.text == "#000000")
    before = window.context.theme.row(44)
    fake.settings.update(density="roomy", contrast="system")
    page.refresh()
    window.context.background.changed.emit(fake.set_setting(None, "density", "roomy", REP))
    qtbot.waitUntil(lambda: window.context.theme.row(44) > before)
    window.context.theme.wear("light", 1.0, rows="usual", high=False, still=False)


def test_keys_of_ones_own_are_marked_and_given_up_together(qtbot, window, page, fake):
    fake.settings["key.claim"] = "Y"
    page.open_section("keys")
    page.refresh()
    card = page.findChild(KeysCard)
    qtbot.waitUntil(lambda: card.reset.isEnabled())
    assert [row[3] for row in card.table.rows() if row[4]] == ["Y"]
    card.reset.click()
    window.overlay.sheet().confirm.click()
    qtbot.waitUntil(lambda: ("set_setting", "key.claim", "", REP) in fake.calls)


def test_a_feature_gets_a_name(qtbot, window, page, fake):
    page.open_section("claims")
    card = page.findChild(NamesCard)
    qtbot.waitUntil(lambda: card.table.rowCount() == 2)
    card.rows.setCurrentIndex(card.table.index(1, 0))
    qtbot.keyClick(card.rows, Qt.Key.Key_Return)
    sheet = window.overlay.sheet()
    assert isinstance(sheet, NameSheet)
    qtbot.keyClicks(sheet.label, "Programming interface")
    qtbot.keyClick(sheet.label, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("set_setting", "feature_label.api", "Programming interface", REP) in fake.calls)


def test_a_backup_is_made_and_one_is_put_back_after_a_question(qtbot, window, page, fake, monkeypatch):
    facts = WorkspaceFacts("/w.pqldesk", True, 4_096, "/log", (BackupRow("/b.pqldesk", NOW, 2_048, True),))
    desk = window.context.desk
    object.__setattr__(desk, "workspace_facts", lambda: facts)
    object.__setattr__(desk, "back_up_now", lambda: Path("/by-hand.pqldesk"))
    wanted = []
    window.context.wishes.restore.connect(wanted.append)
    page.open_section("data")
    cards = page.findChild(DataCards)
    qtbot.waitUntil(lambda: cards.table.rowCount() == 1)
    cards.back_up_button.click()
    qtbot.waitUntil(lambda: window.toast.words() == "Backed up as by-hand.pqldesk")
    cards.rows.setCurrentIndex(cards.table.index(0, 0))
    cards.restore.click()
    assert wanted == []
    window.overlay.sheet().confirm.click()
    assert wanted == ["/b.pqldesk"]


def test_what_a_helper_has_to_know_is_written_by_a_process_of_its_own(qtbot, window, page, fake):
    page.open_section("data")
    qtbot.waitUntil(lambda: page.findChild(DataCards) is not None)
    cards = page.findChild(DataCards)
    cards.bundle_to("/files/pqldesk-help.zip")
    qtbot.waitUntil(lambda: window.toast.words() == "Written: pqldesk-help.zip")
    assert ("beside", "doctor", "--bundle", "/files/pqldesk-help.zip") in fake.calls
    assert cards.bundle.isEnabled()


def test_bands_and_cut_are_changed_as_a_draft_of_the_model(qtbot, page, window, fake):
    page.open_section("claims")
    card = page.findChild(BandsCard)
    qtbot.waitUntil(card.change.isEnabled)
    qtbot.mouseClick(card.change, Qt.MouseButton.LeftButton)
    sheet = window.overlay.sheet()
    assert isinstance(sheet, BandSheet)
    write(qtbot, sheet.limits["hot"], "30")
    assert "not in order" in sheet.wrong.full_text()
    assert not sheet.confirm.isEnabled()
    write(qtbot, sheet.limits["hot"], "85")
    write(qtbot, sheet.cut, "65")
    sheet.submit()
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    assert fake.draft["cut"] == 65
    assert [band["at_least"] for band in fake.draft["bands"]] == [85, 60, 40, None]
    assert fake.draft["signals"] == fake.document["signals"]
    qtbot.waitUntil(lambda: "a draft is under way" in card.note.full_text())


def test_the_whole_workspace_goes_into_one_file_and_an_unused_one_is_filled_from_it(
    qtbot, window, page, fake
):
    page.open_section("data")
    qtbot.waitUntil(lambda: page.findChild(DataCards) is not None)
    cards = page.findChild(DataCards)
    cards.archive_to("/files/workspace.zip")
    assert not cards.refill.isEnabled()
    qtbot.waitUntil(lambda: "1,204 rows" in window.toast.words())
    assert cards.refill.isEnabled()
    with qtbot.waitSignal(window.context.background.changed) as changed:  # every page asks again
        cards.refill_from("/files/workspace.zip")
    assert changed.args[0].touch(frozenset({Topic.LEADS}))
    assert [call for call in fake.calls if call[0] == "beside"][-2:] == [
        ("beside", "export", "all", "/files/workspace.zip"), ("beside", "import", "all", "/files/workspace.zip"),
    ]  # fmt: skip
