from dataclasses import replace
from threading import Event

import pytest
from sample_sources import LOOK

from pqldesk.services.basics.problems import Problem
from pqldesk.services.files.fields import Kind
from pqldesk.views.desk import ImportChoices, ImportLook
from pqldesk.views.import_wizard import guess_kind, understood


@pytest.fixture
def sheet(window):
    window.run("import")
    return window.overlay.sheet()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("signups.csv", Kind.LEADS),
        ("usage-november.jsonl", Kind.EVENTS),
        ("Accounts 2026.xlsx", Kind.COMPANIES),
        ("trials.tsv", Kind.TRIALS),
    ],
)
def test_the_name_of_a_file_says_what_it_holds(name, kind):
    assert guess_kind(f"/files/{name}") == kind


def test_what_was_understood_is_one_line():
    assert understood(LOOK) == "512 rows · UTF-8 · separated by comma · names in line 1"


def test_the_result_of_the_command_line_is_understood():
    look = ImportLook.of(
        {"rows": 2, "created": 1, "rejected": 1, "mapping": {"Mail": "email"}, "unmapped": ["x"],
         "rejects": [{"line": 3, "row": 2, "reason": "no address", "values": []}], "delimiter": ";"}
    )  # fmt: skip
    assert (look.rows, look.created, look.rejected, look.updated) == (2, 1, 1, 0)
    assert look.mapping == (("Mail", "email"),)
    assert look.rejects == ((3, "no address"),)


def test_nothing_is_stored_before_import_is_pressed(qtbot, sheet, fake):
    assert not sheet.confirm.isEnabled()
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    assert [call[0] for call in fake.calls] == ["preview_import"]
    assert {row.text for row in sheet.rejects.rows()} == {reason for _line, reason in LOOK.rejects}


def test_a_changed_column_is_looked_at_again_and_imported_so(qtbot, window, sheet, fake):
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    combo = next(combo for combo in sheet.columns.combos() if combo.objectName() == "Notes")
    combo.setCurrentIndex(combo.findData("comment"))
    combo.activated.emit(combo.currentIndex())
    qtbot.waitUntil(lambda: len(fake.calls) == 2 and sheet.confirm.isEnabled())
    sheet.submit()
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    wanted = ImportChoices((("Notes", "comment"),))
    assert fake.calls[-1] == ("run_import", "/files/signups.csv", "leads", wanted)
    assert window.toast.words().startswith("Imported 510 rows, 3 left out")


def test_the_notes_of_the_look_are_shown_and_a_zone_is_asked_where_times_name_none(
    qtbot, window, sheet, fake
):
    said = "512 times without a zone are taken as UTC."
    look = replace(LOOK, notes=(said,), in_question=("zone",), zone="UTC")
    object.__setattr__(window.context.desk, "preview_import", lambda *asked: fake.calls.append(asked) or look)
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    assert sheet.notes.text() == said
    shown = [
        part.isVisibleTo(sheet) for part in (sheet.reading.zone, sheet.reading.dates, sheet.reading.numbers)
    ]
    assert shown == [True, False, False]

    sheet.reading.zone.combo.setCurrentText("America/New_York")
    sheet.reading.zone.combo.activated.emit(0)
    qtbot.waitUntil(lambda: len(fake.calls) == 2 and sheet.confirm.isEnabled())
    sheet.submit()
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    wanted = ImportChoices((), "America/New_York")
    assert fake.calls[1][2] == fake.calls[2][3] == wanted
    assert wanted.reading() == ("--zone=America/New_York",)


def test_dates_that_can_be_read_two_ways_are_asked_for_though_no_row_can_be_used(qtbot, window, sheet):
    rejects = ((2, "'02/01/2026' can be read day first or month first"),)
    bare = replace(
        LOOK, rows=1, created=0, updated=0, duplicates=0, rejected=1, rejects=rejects,
        in_question=("dates", "numbers"), refused="signups.csv has no usable row",
    )  # fmt: skip
    asked = []

    def preview(_path, _kind, choices):
        asked.append(choices)
        return bare if choices.day_first is None else LOOK

    object.__setattr__(window.context.desk, "preview_import", preview)
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(lambda: sheet.problem.full_text().startswith("No row of this file can be used"))
    assert not sheet.confirm.isEnabled()
    sheet.reading.dates.setCurrentIndex(sheet.reading.dates.findData(True))
    sheet.reading.dates.activated.emit(1)
    qtbot.waitUntil(sheet.confirm.isEnabled)
    assert asked[-1].reading() == ("--day-first",)


def test_a_file_that_is_being_read_is_named_at_once(qtbot, window, sheet):
    begun, go = Event(), Event()

    def preview(_path, _kind, _choices):
        begun.set()
        go.wait(30)
        return LOOK

    object.__setattr__(window.context.desk, "preview_import", preview)
    sheet.choose("/files/signups.csv")
    assert sheet._empty.title.text() == "Reading signups.csv…"
    assert not sheet._empty.action.isVisibleTo(sheet)
    go.set()
    qtbot.waitUntil(sheet.confirm.isEnabled)


def test_a_file_that_cannot_be_read_is_explained(qtbot, sheet):
    sheet.choose("/files/signups.bad")
    qtbot.waitUntil(lambda: sheet.problem.full_text() == "signups.bad is empty. Choose another file.")
    assert not sheet.confirm.isEnabled()
    assert sheet._empty.title.text() == "Drop a file here"


def test_an_import_that_runs_is_stopped_from_the_sheet(qtbot, window, sheet, fake, monkeypatch):
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    asked = []

    def run(_path, _kind, _choices, _report, stop):
        sheet._cancel()
        asked.append(stop.asked)
        raise Problem("Stopped after 2 whole batches: 1,000 rows are stored.")

    object.__setattr__(window.context.desk, "run_import", run)
    sheet.submit()
    assert sheet.cancel.text() == "Stop"
    qtbot.waitUntil(lambda: "1,000 rows are stored" in sheet.problem.full_text())
    assert asked == [True]
    assert (sheet.cancel.text(), sheet.cancel.isEnabled()) == ("Close", True)
    sheet.cancel.click()
    assert window.overlay.sheet() is None


def test_a_file_that_lacks_a_column_is_completed_in_the_sheet(qtbot, window, sheet):
    bare = replace(
        LOOK, rows=0, created=0, updated=0, duplicates=0, rejected=0, rejects=(),
        mapping=(("user", "user_id"), ("action", "event")), unmapped=("when",), missing=("occurred_at",),
        examples={"when": "11/17/2026 07:36 AM"}, refused="No column gives occurred_at",
    )  # fmt: skip
    asked = []

    def preview(_path, _kind, choices):
        asked.append(choices)
        return LOOK if choices.mapping else bare

    object.__setattr__(window.context.desk, "preview_import", preview)
    sheet.choose("/files/usage.csv")
    qtbot.waitUntil(lambda: bool(sheet.problem.full_text()) and bool(sheet.columns.combos()))
    assert "Time of the event" in sheet.problem.full_text()
    assert not sheet.confirm.isEnabled()
    (when,) = [combo for combo in sheet.columns.combos() if combo.objectName() == "when"]
    assert window.focusWidget() is when
    assert sheet.columns.examples["when"].full_text() == "11/17/2026 07:36 AM"
    when.setCurrentIndex(when.findData("occurred_at"))
    when.activated.emit(when.currentIndex())
    qtbot.waitUntil(sheet.confirm.isEnabled)
    assert asked[-1].mapping == (("when", "occurred_at"),)
    assert not sheet.problem.full_text()


def test_the_keyboard_does_not_wait_on_cancel_once_a_file_was_looked_at(qtbot, window, sheet):
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    assert window.focusWidget() is sheet.kind


def test_a_field_that_is_typed_is_met_before_the_id_that_begins_like_it(qtbot, sheet):
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    combo = sheet.columns.combos()[0]
    assert combo.findData("company") < combo.findData("company_id")


def test_letters_and_sheets_can_be_chosen(qtbot, window, sheet):
    look = replace(
        LOOK, encoding="cp1252", in_question=("encoding", "sheet"), sheets=("2025", "2026"), sheet="2025"
    )
    asked = []
    object.__setattr__(
        window.context.desk, "preview_import", lambda _path, _kind, choices: asked.append(choices) or look
    )
    sheet.choose("/files/signups.xlsx")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    assert sheet.reading.encoding.currentData() == "cp1252"
    assert sheet.reading.sheet.currentData() == "2025"
    for combo, value in ((sheet.reading.encoding, "cp1250"), (sheet.reading.sheet, "2026")):
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())
    qtbot.waitUntil(lambda: len(asked) == 2 and sheet.confirm.isEnabled())
    assert asked[-1].reading() == ("--encoding=cp1250", "--sheet=2026")


def test_columns_stand_in_the_order_of_the_file(qtbot, window, sheet):
    shown = replace(LOOK, examples={"Notes": "met in May", "E-mail": "jane@example.com"})
    object.__setattr__(window.context.desk, "preview_import", lambda *_asked: shown)
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    names = [combo.objectName() for combo in sheet.columns.combos()]
    assert names == ["Notes", "E-mail", "First", "Firm", "Signed up"]


def test_a_row_that_is_left_out_says_why_in_plain_words_and_where(qtbot, window, sheet):
    rejects = ((5, "signup_at: 'soon' is not a time; write 2024-12-15."), (7, "no address"))
    object.__setattr__(window.context.desk, "preview_import", lambda *_asked: replace(LOOK, rejects=rejects))
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    one, other = sheet.rejects.rows()
    assert (one.text, one.second) == ("'soon' is not a time; write 2024-12-15.", "Signed up at · line 5")
    assert (other.text, other.right) == ("no address", "line 7")


def test_how_a_file_is_read_stands_still_while_it_is_imported(qtbot, sheet):
    sheet.choose("/files/signups.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    sheet.show_running(128, "signups.csv: 128 rows")
    assert not any(combo.isEnabled() for combo in (sheet.kind, *sheet.columns.combos()))
    assert sheet.problem.full_text() == "128 of 512 rows"
    assert (sheet.progress.value(), sheet.progress.maximum()) == (128, 512)


def test_what_events_mean_that_no_signal_counts_is_chosen_before_they_are_stored(qtbot, window, sheet):
    asked = []

    def preview(_path, _kind, choices):
        asked.append(choices)
        return replace(LOOK, uncounted={} if choices.events else {"connected_slack": 47})

    object.__setattr__(window.context.desk, "preview_import", preview)
    sheet.choose("/files/usage.csv")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    combo = sheet.events.combo("connected_slack")
    assert combo.isVisibleTo(sheet)
    combo.setCurrentIndex(combo.findData("integration_connected"))
    combo.activated.emit(combo.currentIndex())
    qtbot.waitUntil(lambda: len(asked) == 2 and sheet.confirm.isEnabled())
    assert asked[-1].reading() == ("--map-event=connected_slack=integration_connected",)
    assert combo.isVisibleTo(sheet)  # to be chosen otherwise
    sheet.choose("/files/other.csv")
    assert sheet.events.chosen() == ()
