"""The Activation page from the keyboard."""

import pytest

from pqldesk.views.milestone_sheet import MilestoneSheet


@pytest.fixture
def page(qtbot, window):
    window.show_page("activation")
    page = window.page("activation")
    qtbot.waitUntil(lambda: page.steps.rowCount() > 0)
    return page


@pytest.mark.parametrize(("command", "field"), [("activation.add", False), ("activation.edit", True)])
def test_keys_add_a_milestone_and_edit_the_one_under_the_cursor(window, page, command, field):
    page.steps_view.setFocus()
    page.steps_view.step(1)
    window.run(command)
    sheet = window.overlay.sheet()
    assert isinstance(sheet, MilestoneSheet)
    assert bool(sheet.name_field.text()) == field


def test_keys_show_the_curves_as_their_table(window, page):
    window.run("activation.table")
    assert (page.curve_card.switch.text(), page.map_card.switch.text()) == ("Chart", "Table")


def test_the_curves_are_told_by_the_days_of_24_hours_since_signup(page):
    page.curves.grab()
    head, rows = page.curves.table()
    assert head[1:] == tuple(f"Within {n} d" for n in (1, 2, 3, 7, 14, 30))
    step = next(s for s in page.curves._steps if len(s.by_day) >= 7)
    row = next(row for row in rows if row[0] == step.label)
    assert row[4] == f"{round(step.by_day[6] * 100)}%"  # a week after signup is the end of its seventh day
    assert page.curve_card.note.full_text().startswith("days of 24 hours")
