"""Views, columns and groups of the queue, as somebody uses them."""

from array import array
from dataclasses import replace

import pytest
from at_queue import opened, press
from PySide6.QtCore import QEvent, QObject, QSizeF, Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QApplication, QMenu
from sample_desk import REP

from pqldesk.services.rows import QueueView
from pqldesk.services.view_spec import ViewSpec
from pqldesk.views.lead_cells import PERSON, SCORE
from pqldesk.views.list_text import list_document, list_html

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_changed_view_is_kept_apart_until_it_is_saved_or_reverted(qtbot, window, fake):
    head = opened(qtbot, window, "unclaimed")
    head._take_filter("owner is nobody and score >= 60")
    assert head.is_dirty()
    assert head.save_as.isVisible()
    assert not head.save.isVisible()  # built in
    opened(qtbot, window, "open")
    assert not head.is_dirty()
    opened(qtbot, window, "unclaimed")
    assert head.bar.chips() == ["Owner is nobody", "Score ≥ 60"]
    head.revert.click()
    assert head.bar.chips() == ["Owner is nobody"]
    assert not head.is_dirty()


def test_a_changed_view_is_saved_under_a_name_and_becomes_a_tab(qtbot, window, fake):
    head = opened(qtbot, window, "unclaimed")
    head._take_filter("owner is nobody and score >= 60")
    qtbot.keyClick(window.queue.table, Qt.Key.Key_S, CONTROL)  # built in: asks for a name
    sheet = window.overlay.sheet()
    qtbot.keyClicks(sheet.name, "Hot and free")
    sheet.submit()
    qtbot.waitUntil(lambda: "hot-and-free" in window.queue.tabs.shown())
    assert head.key == "hot-and-free"
    assert not head.is_dirty()
    spec = ViewSpec(filter="owner is nobody and score >= 60")
    assert ("save_view", "Hot and free", spec, False, REP) in fake.calls
    head._take_filter("owner is nobody")
    head.save.click()
    qtbot.waitUntil(lambda: not head.is_dirty())
    assert fake.saved["hot-and-free"].spec.filter == "owner is nobody"


def test_views_are_renamed_and_deleted_with_an_offer_to_undo(qtbot, window, fake):
    fake.saved["beta"] = QueueView("beta", "Beta", 3, False, ViewSpec(filter="pql"), REP)
    window.queue.refresh()
    qtbot.waitUntil(lambda: "beta" in window.queue.tabs.shown())
    head = opened(qtbot, window, "beta")
    head._wish("rename", "beta")
    window.overlay.sheet().name.setText("Gamma")
    window.overlay.sheet().submit()
    qtbot.waitUntil(lambda: "Gamma" in window.queue.tabs.labels())
    head._wish("delete", "beta")
    qtbot.waitUntil(lambda: window.toast.words() == "Deleted the view “Gamma”")
    assert not window.toast._undo.isHidden()
    qtbot.waitUntil(lambda: head.key == "open")


def test_tabs_that_do_not_fit_stand_behind_one_button_and_the_current_one_stays(qtbot, window, fake):
    for n in range(12):
        fake.saved[f"v{n}"] = QueueView(f"v{n}", f"A rather long name {n}", n, False, ViewSpec(), REP)
    window.queue.refresh()
    qtbot.waitUntil(lambda: "v11" in window.queue.tabs.shown())
    tabs = window.queue.tabs
    assert tabs.more.isVisible()
    assert "A rather long name 11" not in tabs.labels()
    opened(qtbot, window, "v11")
    assert "A rather long name 11" in tabs.labels()
    end = max(tab.geometry().right() for tab in tabs._tabs.values() if not tab.isHidden())
    assert end < tabs.more.geometry().left() < tabs.plus.geometry().right() <= tabs.width()


def test_v_goes_to_the_next_view_and_the_menu_can_do_everything_by_key(qtbot, window):
    press(qtbot, window, "v")
    assert window.queue.head.key == "unclaimed"
    qtbot.keyClick(window.queue.table, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    assert window.queue.head.key == "open"
    window.run("view_menu")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [a.isEnabled() for a in menu.actions()] == [False, True, False, True, True, True, False]
    menu.close()


def test_columns_are_chosen_moved_and_kept_with_the_view(qtbot, window, fake):
    window.run("columns")
    chooser = window.queue.head.chooser()
    first, second = (chooser.list.visualItemRect(chooser.list.item(n)) for n in (0, 1))
    assert first.height() >= 24, "a target to hit, and boxes that do not touch"
    assert not first.intersects(second)
    plan = next(n for n in range(chooser.list.count()) if chooser.list.item(n).text() == "Plan")
    chooser.list.item(plan).setCheckState(Qt.CheckState.Checked)
    chooser.list.setCurrentRow(0)
    qtbot.keyClick(chooser.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    chooser.leave()
    table = window.queue.table
    shown = [table.model().headerData(n, Qt.Orientation.Horizontal) for n in table.shown_columns()]
    assert shown[:2] == ["Person", "Score"]
    assert shown[-1] == "Plan"
    qtbot.waitUntil(lambda: sum(call[0] == "keep_columns" for call in fake.calls) == 2)
    kept = fake.calls[-1]
    assert kept[1] == "open"
    assert [key for key, _width in kept[2]][:2] == ["person", "score"]
    assert not window.queue.head.is_dirty()


def test_a_ticked_column_that_the_list_has_no_room_for_says_so(qtbot, window):
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: "activation" not in window.queue.table.columns_in_sight())
    window.run("columns")
    chooser = window.queue.head.chooser()

    def words():
        items = [chooser.list.item(n) for n in range(chooser.list.count())]
        return [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]

    assert "Activation (no room)" in words()
    plan = next(n for n in range(chooser.list.count()) if chooser.list.item(n).text() == "Plan")
    chooser.list.item(plan).setCheckState(Qt.CheckState.Checked)
    assert {"Activation", "Plan"} <= set(words())
    assert {"activation", "plan"} <= set(window.queue.table.columns_in_sight())
    chooser.leave()


def test_a_column_made_wider_keeps_its_width(qtbot, window, fake):
    table = window.queue.table
    table.horizontalHeader().resizeSection(2, 190)
    qtbot.waitUntil(lambda: any(call[0] == "keep_columns" for call in fake.calls))
    assert dict(fake.calls[-1][2])["company"] == 190
    window.resize(1200, 800)
    assert table.columnWidth(2) == 190


def test_groups_have_headers_with_counts_that_fold(qtbot, window):
    head = window.queue.head
    head._grouped(type("Action", (), {"data": lambda _self: "band"})())
    model, table = window.queue.model, window.queue.table
    qtbot.waitUntil(lambda: len(model.counts) == 4)
    assert model.is_header(0)
    qtbot.waitUntil(lambda: model.header(0).name == "Hot")
    assert model.header(0).count == model.counts[0]
    assert model.lead_count() == 128
    assert model.rowCount() == 132
    assert head.group.words() == "Grouped by band"
    table.go(1)
    qtbot.keyClick(table, Qt.Key.Key_Left)
    assert model.header(0).folded
    assert model.rowCount() == 132 - model.counts[0]
    press(qtbot, window, "j")
    assert table.currentIndex().row() == 2  # past the next header
    table.go(0)
    qtbot.keyClick(table, Qt.Key.Key_Right)
    assert model.rowCount() == 132
    table.selectAll()
    assert table.choice.count() == 128


def test_what_comes_above_the_rows_on_screen_is_offered_and_moves_nothing(qtbot, window, fake):
    table, model = window.queue.table, window.queue.model
    table.go(4)
    chosen, place = table.current_id(), table.rowViewportPosition(4)
    old = array("q", model.ids)
    qtbot.waitUntil(lambda: not table.is_in_use())
    table.show_order(array("q", [901, 902, 903, *old]))
    assert table.current_id() == chosen
    assert table.rowViewportPosition(table.currentIndex().row()) == place
    pill = window.queue._newcomers
    assert pill.text() == "3 new · show"
    press(qtbot, window, "u")
    assert not pill.isVisible()
    assert table.verticalScrollBar().value() == 0


def test_the_first_frame_loads_no_filter_language():
    import subprocess
    import sys

    code = (
        "import sys; import pqldesk.views.queue_page;"
        "sys.exit(any(f'pqldesk.{name}' in sys.modules for name in"
        " ('services.filter_language', 'views.filter_editor', 'views.column_chooser', 'views.selection_bar')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("key", ["c", "t", "h"])
def test_a_key_on_the_header_of_a_group_acts_on_no_lead_and_says_so(qtbot, window, fake, key):
    window.queue.head.group_by("band")
    model, table = window.queue.model, window.queue.table
    qtbot.waitUntil(lambda: model.is_header(0))
    table.go(1)
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)
    table.go(0)
    press(qtbot, window, key)
    qtbot.waitUntil(window.toast.isVisible)
    assert window.toast.words() == "No lead is under the cursor"
    assert window.overlay.sheet() is None
    assert [call for call in fake.calls if call[0] != "keep_columns"] == []


def test_the_list_is_printed_to_the_printer_that_was_chosen(qtbot, window, tmp_path, fake):
    window.run("print_list")
    qtbot.waitUntil(lambda: window.findChild(QPrintDialog) is not None)
    dialog = window.findChild(QPrintDialog)
    printer = dialog.printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "list.pdf"))
    dialog.accepted.emit(dialog.printer())
    qtbot.waitUntil(lambda: window.toast.words() == "Printed into list.pdf", timeout=20_000)
    written = (tmp_path / "list.pdf").read_bytes()
    assert written.startswith(b"%PDF-")
    assert written.count(b"/Type /Page\n") >= 2  # 128 leads on A4 across
    dialog.reject()
    first = window.queue.model.line(0).row.lead_id
    qtbot.waitUntil(lambda: ("note_print", str(tmp_path / "list.pdf"), 128, first) in fake.calls)


def test_the_record_is_printed_to_the_printer_that_was_chosen(qtbot, window, tmp_path, fake):
    window.run("print")
    qtbot.waitUntil(lambda: window.findChild(QPrintDialog) is not None)
    dialog = window.findChild(QPrintDialog)
    dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    dialog.printer().setOutputFileName(str(tmp_path / "record.pdf"))
    dialog.accepted.emit(dialog.printer())
    qtbot.waitUntil(lambda: window.toast.words() == "Printed into record.pdf", timeout=20_000)
    assert (tmp_path / "record.pdf").read_bytes().startswith(b"%PDF-")
    dialog.reject()
    qtbot.waitUntil(lambda: [call[1:3] for call in fake.calls] == [(str(tmp_path / "record.pdf"), 1)])


def test_a_place_that_cannot_be_printed_into_is_named(qtbot, window, tmp_path):
    window.run("print")
    qtbot.waitUntil(lambda: window.findChild(QPrintDialog) is not None)
    dialog = window.findChild(QPrintDialog)
    dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    dialog.printer().setOutputFileName(str(tmp_path / "nowhere" / "record.pdf"))
    dialog.accepted.emit(dialog.printer())
    qtbot.waitUntil(lambda: "record.pdf" in window.bars.problem.words(), timeout=20_000)
    dialog.reject()


def test_columns_on_paper_stand_apart_from_each_other(qtbot, window):
    lines = [window.queue.model.line(0)]
    document = list_document(list_html("Open", "1 lead", lines, range(9)))
    document.setPageSize(QSizeF(900, 600))
    table = next(one for one in document.rootFrame().childFrames())
    places = [table.cellAt(1, n).firstCursorPosition().block().layout() for n in range(table.columns())]
    document.documentLayout().documentSize()
    boxes = [
        document.documentLayout().blockBoundingRect(table.cellAt(1, n).firstCursorPosition().block())
        for n in range(table.columns())
    ]
    texts = [box.x() + one.lineAt(0).naturalTextWidth() for box, one in zip(boxes, places, strict=True)]
    assert all(following.x() - end >= 8 for end, following in zip(texts, boxes[1:], strict=False))


def test_the_first_letter_is_searched_for_at_once(qtbot, window):
    qtbot.waitUntil(lambda: not window.context.background.is_busy)
    window.queue.show_search("a")
    assert window.context.background.is_busy
    assert not window.queue.is_settled()


def test_what_is_typed_ends_in_the_search_for_all_of_it(qtbot, window, fake):
    asked = []
    desk = window.context.desk
    window.context.desk = replace(
        desk, view_order=lambda *args: (asked.append(args[2]), desk.view_order(*args))[1]
    )
    for text in ("j", "ja", "jan", "jane"):
        window.queue.show_search(text)
    qtbot.waitUntil(window.queue.is_settled)
    assert asked[-1] == "jane"


def test_a_letter_after_a_search_that_is_answered_waits_for_nothing(qtbot, window):
    qtbot.waitUntil(lambda: not window.context.background.is_busy)
    window.queue.show_search("a")
    window.queue._search_rest.setInterval(60_000)
    window.queue._search_rest.start()
    window.queue.show_search("an")
    assert window.queue._search_waits
    qtbot.waitUntil(lambda: window.queue._order_job is None)
    window.queue.show_search("ann")
    assert not window.queue._search_waits


def test_a_view_begins_before_all_of_it_is_in_order(qtbot, window):
    desk, shown = window.context.desk, []

    def whole(*args):
        shown.append(list(window.queue.model.ids))
        return desk.view_order(*args)

    window.queue.table.setCurrentIndex(window.queue.model.index(0, 0))
    begins = list(desk.view_start(None, window.queue.tabs.view("all").spec))
    assert len(begins) == 100
    assert window.queue.table.current_id() in begins
    window.context.desk = replace(desk, view_order=whole)
    opened(qtbot, window, "all")
    assert shown == [begins]
    assert len(window.queue.model.ids) > 100


def test_the_cursor_stays_on_its_lead_though_another_view_does_not_begin_with_it(qtbot, window):
    opened(qtbot, window, "all")
    window.queue.table.setCurrentIndex(window.queue.model.index(110, 0))
    qtbot.waitUntil(lambda: window.queue.table.current_lead() is not None)
    lead = window.queue.current().lead_id
    opened(qtbot, window, "open")
    assert window.queue.current().lead_id == lead


class Resized(QObject):
    """How often a widget has been given another size."""

    def __init__(self, widget):
        super().__init__(widget)
        self.times = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.times += event.type() == QEvent.Type.Resize
        return False


def test_the_head_is_laid_out_once_after_another_order_was_chosen_and_not_for_each_part(qtbot, window):
    head = window.queue.head
    tabs = Resized(head.tabs)
    head.sort_by("name", False)
    assert tabs.times == 0
    qtbot.waitUntil(lambda: tabs.times > 0)
    assert tabs.times == 1
    assert head.order.isVisible()
    assert head.save_as.isVisible()
    assert head.tabs.geometry().right() < head.save_as.geometry().left() < head.order.geometry().left()


def test_people_have_names_in_the_largest_text_of_the_smallest_window(qtbot, window):
    window.context.theme.choose("light", 2.0)
    window.resize(1100, 700)
    table = window.queue.table
    qtbot.waitUntil(lambda: table.columnWidth(PERSON) > 200)
    assert not table.isColumnHidden(SCORE)
