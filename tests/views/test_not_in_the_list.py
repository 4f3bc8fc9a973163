"""A record beside the list whose lead is not in it: which lead keys act on is never in doubt."""

import pytest
from PySide6.QtWidgets import QApplication

from pqldesk.services.basics.problems import NotFound
from pqldesk.services.leads.undo import NothingLeft


@pytest.fixture
def absent(qtbot, window, fake):
    """A lead that the view in sight does not hold, shown beside it."""
    fake.gone.add(5)
    window.queue.run("refresh")
    qtbot.waitUntil(lambda: window.queue.model.find(5) is None)
    window.queue.show_lead("L000005")
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000005")
    return "L000005"


def test_no_row_looks_chosen_beside_the_record_of_somebody_else(qtbot, window, absent):
    assert window.queue.table.is_aside()
    painted = window.queue.table.viewport().grab().toImage()
    selected = window.context.theme.colour("selected")
    row = window.queue.table.currentIndex().row()
    middle = window.queue.table.rowViewportPosition(row) + 3
    assert painted.pixelColor(8, middle) != selected


def test_what_changes_in_the_background_does_not_bring_another_lead_under_the_keys(
    qtbot, window, fake, absent
):
    here = window.queue.table.current_lead()
    from dataclasses import replace

    fake.changed[here.id] = replace(here, score=1)
    window.queue.refresh()
    qtbot.waitUntil(lambda: window.queue.table.current_lead().score == 1)
    assert window.queue.current().lead_id == absent


def test_moving_goes_on_from_where_the_cursor_was(qtbot, window, absent):
    row = window.queue.table.currentIndex().row()
    qtbot.keyClick(QApplication.focusWidget() or window, "j")
    qtbot.waitUntil(lambda: window.queue.current().lead_id != absent)
    assert window.queue.table.currentIndex().row() == row + 1
    assert not window.queue.table.is_aside()


def test_the_cursor_goes_to_the_lead_once_it_has_come_into_the_list(qtbot, window, fake, absent):
    fake.gone.discard(5)
    window.queue.refresh()
    qtbot.waitUntil(lambda: not window.queue.table.is_aside())
    assert window.queue.table.current_lead().lead_id == absent


def test_a_lead_that_is_gone_leaves_the_panel_without_an_alarm(qtbot, window, fake):
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)
    shown = window.queue.panel.lead()

    def not_there(_session, lead_id):
        raise NotFound(f"There is no lead {lead_id!r}.")

    object.__setattr__(window.context.desk, "lead_detail", not_there)
    gone = []
    window.queue._details._gone = lambda: gone.append(shown)
    window.queue.refresh()
    qtbot.waitUntil(lambda: bool(gone))
    assert not window.bars.problem.isVisible()


def test_that_there_is_nothing_to_undo_is_said_in_passing(qtbot, window):
    def nothing(*_asked):
        raise NothingLeft("There is no action left to undo.", "An import is taken back under Sources.")

    object.__setattr__(window.context.desk, "undo", nothing)
    window.run("undo")
    qtbot.waitUntil(window.toast.isVisible)
    assert window.toast.words() == "There is no action left to undo. An import is taken back under Sources."
    assert not window.bars.problem.isVisible()
