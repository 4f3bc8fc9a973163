"""The filter of a view of the queue: its chips, and the editor of its lines, as somebody uses them."""

from at_queue import opened, press
from PySide6.QtCore import QPoint, Qt

CONTROL = Qt.KeyboardModifier.ControlModifier


def editor(qtbot, window):
    qtbot.waitUntil(lambda: window.queue.head.bar.editor() is not None)
    return window.queue.head.bar.editor()


def typed(editor, *, field, op, value=""):
    row = editor._rows[-1]
    row.field.setCurrentIndex(row.field.findData(field))
    row.op.setCurrentIndex(row.op.findData(op))
    row.value.setEditText(value)
    return row


def test_the_filter_of_a_view_reads_as_chips(qtbot, window):
    assert window.queue.head.bar.chips() == []
    assert opened(qtbot, window, "unclaimed").bar.chips() == ["Owner is nobody"]
    assert opened(qtbot, window, "mine").bar.chips() == ["Owner is me"]
    assert opened(qtbot, window, "hand-raises").bar.chips() == ["Raised a hand"]
    assert opened(qtbot, window, "trials-ending").bar.chips() == ["Trial ends in the next 7 days"]
    assert opened(qtbot, window, "all").bar.chips() == ["State any"]


def test_f_adds_a_filter_counts_while_it_is_edited_and_enter_applies_it(qtbot, window, fake):
    press(qtbot, window, "f")
    edit = editor(qtbot, window)
    typed(edit, field="score", op=">=", value="80")
    qtbot.waitUntil(lambda: edit.count.full_text().endswith("match"))
    many = int(edit.count.full_text().split()[0])
    assert 0 < many < 128
    qtbot.keyClick(edit._rows[0].value.lineEdit(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.queue.model.lead_count() == many)
    assert window.queue.head.bar.chips() == ["Score ≥ 80"]
    assert window.queue.head.is_dirty()
    assert fake.specs_asked[-1].filter == "score >= 80"


def test_letters_typed_into_the_editor_are_no_commands_and_esc_leaves_all_as_it_was(qtbot, window, fake):
    press(qtbot, window, "f")
    edit = editor(qtbot, window)
    qtbot.keyClicks(edit._rows[0].field, "c")
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.queue.head.bar.editor() is None)
    assert fake.calls == []
    assert window.queue.head.bar.chips() == []


def test_a_chip_is_edited_in_place_and_dropped_with_delete(qtbot, window):
    head = opened(qtbot, window, "unclaimed")
    chip = head.bar._chips[0]
    qtbot.keyClick(chip, Qt.Key.Key_Return)
    edit = editor(qtbot, window)
    typed(edit, field="owner", op="is not", value="me")
    edit.submit()
    assert head.bar.chips() == ["Owner is not me"]
    qtbot.keyClick(head.bar._chips[0], Qt.Key.Key_Delete)
    assert head.bar.chips() == []
    qtbot.waitUntil(lambda: window.queue.model.lead_count() == 128)


def test_a_click_on_the_cross_drops_a_chip(qtbot, window):
    head = opened(qtbot, window, "unclaimed")
    chip = head.bar._chips[0]
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 8, 10))
    assert head.bar.chips() == []


def test_lines_joined_by_or_are_one_chip_and_text_becomes_lines(qtbot, window):
    press(qtbot, window, "f")
    edit = editor(qtbot, window)
    typed(edit, field="score", op=">=", value="90")
    edit.more.click()
    typed(edit, field="company", op="contains", value="Kumo")
    edit.submit()
    bar = window.queue.head.bar
    assert bar.chips() == ["Score ≥ 90 or Company contains Kumo"]
    bar._chips[0].click()
    edit = editor(qtbot, window)
    edit.as_text.click()
    assert edit.text.text() == "score >= 90 or company contains Kumo"
    edit.text.setText("score >= 90 or not (pql and company contains Kumo)")
    edit.submit()
    assert bar.chips() == ["Score ≥ 90 or not (Is a PQL and Company contains Kumo)"]


def test_the_lines_of_a_filter_end_at_one_edge_and_one_alone_where_the_buttons_do(qtbot, window):
    press(qtbot, window, "f")
    edit = editor(qtbot, window)

    def ends():
        return [edge(row.value) for row in edit._rows]

    def edge(widget):
        return widget.mapTo(edit, widget.rect().topRight()).x()

    qtbot.waitUntil(lambda: ends() == [edge(edit.apply)])
    edit.more.click()
    qtbot.waitUntil(lambda: len(set(ends())) == 1 and ends()[0] < edge(edit._rows[1].drop))
    edit._rows[1].drop.click()
    qtbot.waitUntil(lambda: ends() == [edge(edit.apply)])
    edit.leave()


def test_a_filter_that_cannot_be_read_is_told_where_and_cannot_be_applied(qtbot, window):
    press(qtbot, window, "f")
    edit = editor(qtbot, window)
    edit.as_text.click()
    edit.text.setText("score >> 5")
    assert edit.says.full_text().startswith("The filter stops making sense at character 8")
    assert not edit.apply.isEnabled()
    edit.submit()
    assert window.queue.head.bar.editor() is edit
    edit.leave()
