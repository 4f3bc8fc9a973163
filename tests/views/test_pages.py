import csv
from dataclasses import replace
from threading import Event

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget
from sample_desk import REP, FakeDesk, fake_desk, funnel
from sample_lists import trials

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.resources import resource
from pqldesk.services.figure_rows import BandRate, FunnelStep, Rate
from pqldesk.services.rows import ConnectionRow, SettingRow
from pqldesk.views.connection_cards import ConnectionCard
from pqldesk.views.containers import Card
from pqldesk.views.first_start import FirstStart
from pqldesk.views.funnel_charts import BandChart, step_words
from pqldesk.views.import_wizard import ImportSheet
from pqldesk.views.labels import Label
from pqldesk.views.main_window import MainWindow
from pqldesk.views.navigation import PLACES
from pqldesk.views.parts import Button

PAGES = [place.key for place in PLACES]


@pytest.mark.parametrize("key", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_paints(qtbot, window, key, scheme):
    window.context.theme.choose(scheme)
    window.show_page(key)
    qtbot.waitUntil(lambda: not window.grab().isNull())
    window.context.theme.choose("light")


@pytest.mark.parametrize("key", ["accounts", "trials", "tasks", "handoffs"])
def test_every_list_keeps_qts_rules(qtbot, qtmodeltester, window, key):
    page = window.page(key)
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    qtmodeltester.check(page.table)


@pytest.mark.parametrize("key", PAGES)
def test_everything_that_takes_the_focus_has_a_name(qtbot, window, key):
    page = window.page(key)
    qtbot.waitUntil(lambda: page.isVisible())
    kinds = (QAbstractButton, QComboBox, QLineEdit)
    nameless = [
        widget
        for widget in page.findChildren(QWidget)
        if isinstance(widget, kinds) and widget.isVisible() and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]  # fmt: skip
    assert nameless == []


def test_a_hidden_page_does_not_ask(qtbot, window):
    page = window.page("trials")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    asked = []
    page.refresh = lambda: asked.append(1)
    window.show_page("queue")
    window.context.background.changed.emit(Changes.to(Topic.TRIALS))
    qtbot.waitUntil(lambda: not page._soon.isActive())
    assert asked == []
    window.show_page("trials")
    assert asked == [1]


def test_what_a_page_that_was_left_had_asked_for_is_given_up_and_asked_for_again(qtbot, window):
    desk = window.context.desk

    def nothing_at_hand(*_asked):
        """And while all of it is still awaited, somebody leaves the page."""
        window.show_page("queue")

    window.context.desk = replace(desk, trial_order_at_hand=nothing_at_hand)
    page = window.page("trials")
    qtbot.waitUntil(lambda: window._page_shown() == "queue" and not window.context.background.is_busy)
    assert page.table.rowCount() == 0
    window.context.desk = desk
    window.show_page("trials")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)


def test_a_page_that_was_left_before_anything_was_at_hand_asks_for_no_more(qtbot, window):
    desk, asked = window.context.desk, []

    def whole(*args):
        asked.append(args)
        return desk.trial_order(*args)

    window.context.desk = replace(desk, trial_order_at_hand=lambda *_asked: None, trial_order=whole)
    page = window.page("trials")
    window.show_page("queue")
    qtbot.waitUntil(lambda: not window.context.background.is_busy)
    assert not asked
    window.show_page("trials")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    assert len(asked) == 1


def test_a_page_that_is_back_before_anything_was_at_hand_asks_again(qtbot, window):
    window.context.desk = replace(window.context.desk, trial_order_at_hand=lambda *_asked: None)
    page = window.page("trials")
    window.show_page("queue")
    window.show_page("trials")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)


def test_an_empty_outbox_says_how_it_fills(qtbot, window, fake):
    fake.outbox_empty = True
    page = window.page("handoffs")
    qtbot.waitUntil(lambda: page.empty.isVisible())
    assert page.empty.title.full_text() == "Nothing has been handed off yet"


def test_a_search_without_result_is_offered_among_all_leads_and_then_dropped(qtbot, window):
    window.search.take_focus()
    qtbot.keyClicks(window.search, "zzz")
    qtbot.waitUntil(lambda: window.queue.empty.isVisible())
    assert window.queue.empty.title.full_text() == "Nobody in this view matches “zzz”"
    window.queue.empty.acted.emit()
    qtbot.waitUntil(lambda: window.queue.empty.title.full_text() == "Nobody matches “zzz”")
    assert (window.queue.view, window.search.text()) == ("all", "zzz")
    window.queue.empty.acted.emit()
    qtbot.waitUntil(lambda: window.queue.model.rowCount() == 128)
    assert window.search.text() == ""


def test_a_tab_shows_its_view(qtbot, window):
    window.queue.tabs.choose("hand-raises")
    qtbot.waitUntil(lambda: window.queue.model.rowCount() == 1)
    assert window.queue.table.current_lead().name == "Jane Doe"


def test_the_panels_points_add_up_to_the_score(window):
    lead = window.queue.panel.lead()
    assert sum(signal.points for signal in lead.signals) == lead.score
    assert window.queue.panel._score.full_text() == str(lead.score)


def test_opening_a_trial_shows_its_lead(qtbot, window):
    page = window.page("trials")
    row = trials(None)[1]
    page.rows.opened.emit(row)
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == row.lead_id)
    assert window.current() is window.queue


def test_the_sample_banner_goes_with_the_sample(qtbot, window, fake):
    qtbot.waitUntil(window.bars.sample.isVisible)
    fake.sample = False
    window.bars.sample.acted.emit()
    assert fake.calls == []  # it cannot be undone, so it is asked for by name
    sheet = window.overlay.sheet()
    assert sheet.title.full_text() == "Remove the sample data"
    sheet.submit()
    qtbot.waitUntil(lambda: not window.bars.sample.isVisible())
    assert ("remove_sample", REP) in fake.calls


def test_the_first_rows_are_painted_before_anything_is_asked(qtbot, context, fake):
    window = MainWindow(context)
    qtbot.addWidget(window)
    rows = [fake.row(n) for n in (5, 4, 3, 2, 1)]
    window.queue.show_first({row.id: lambda row=row: row for row in rows}, [5, 4, 3, 2, 1], 50_000)
    assert window.queue.table.current_lead() == rows[0]
    assert window.queue.model.rowCount() == 50_000
    assert fake.asked == []
    window.show()  # asks for everything anew, and nothing has been answered yet
    assert window.queue.model.lead(3) == rows[3]
    window.queue.model.again(0, 20)
    assert window.queue.model.lead(4) == rows[4]


def test_charts_can_be_read_as_tables(qtbot, window):
    page = window.page("funnel")
    qtbot.waitUntil(lambda: page.funnel_chart.table()[1] != [])
    headers, rows = page.funnel_chart.table()
    assert headers[0] == "Step"
    assert rows[0][:2] == ("Signed up", "4,812")
    page.funnel_card.switch.click()
    assert page.funnel_card.switch.text() == "Chart"
    page.funnel_card.switch.click()
    assert page.funnel_card.switch.text() == "Table"


def test_every_mark_of_the_activation_page_opens_its_leads(qtbot, window):
    page = window.page("activation")
    qtbot.waitUntil(lambda: page.steps.rowCount() > 0)
    page.curves.grab()
    assert ("milestone", "invited_teammate") in page.curves.doors()
    page.curves.opened.emit(("milestone", "invited_teammate"))
    qtbot.waitUntil(
        lambda: window.overlay.sheet() is not None and window.overlay.sheet().table.rowCount() == 5
    )
    assert window.overlay.sheet().title.full_text() == "Invited a teammate"


def test_the_speed_chart_names_both_targets(qtbot, window):
    page = window.page("funnel")
    qtbot.waitUntil(lambda: page.speeds._speed.n > 0)
    assert page.speeds._targets() == [(4, "hot: 4 working hours"), (24, "target 1 d")]


def test_the_navigation_says_what_the_person_at_the_desk_does(qtbot, window, fake):
    qtbot.waitUntil(lambda: window.navigation._role.full_text() == "Rep")
    fake.settings["role"] = "manager"
    window.context.background.changed.emit(Changes.to(Topic.SETTINGS))
    qtbot.waitUntil(lambda: window.navigation._role.full_text() == "Manager")


def test_an_empty_funnel_still_paints(qtbot, context, fake):
    nothing = replace(funnel(None, 8, None, None), steps=(), previous=(), bands=(), cohorts=(), days_to_first_value=(),
                      reps=(), weekly_signups=(), median_days_to_value=None)  # fmt: skip
    desk = replace(fake_desk(fake), funnel=lambda *_args: nothing)
    window = MainWindow(replace(context, desk=desk))
    qtbot.addWidget(window)
    window.show()
    page = window.page("funnel")
    qtbot.waitUntil(lambda: page.grab().width() > 0)


def test_a_new_workspace_offers_a_file_the_sample_or_a_connection(qtbot, context):
    window = MainWindow(replace(context, desk=fake_desk(FakeDesk(leads=0))))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.findChild(FirstStart) is not None)
    start = window.findChild(FirstStart)
    qtbot.waitUntil(start.isVisible)
    start.connect_way.click()
    assert QGuiApplication.clipboard().text().startswith("pqldesk connect")
    next(b for b in start.findChildren(Button) if b.text() == "Import…").click()
    assert isinstance(window.overlay.sheet(), ImportSheet)
    refill = next(b for b in start.findChildren(Button) if b.text() == "Fill from such a file…")
    with qtbot.waitSignal(start.wanted, check_params_cb=lambda command: command == "data.refill"):
        refill.click()


def test_the_ways_to_begin_have_the_keyboard_again_when_one_comes_back_to_them(qtbot, context):
    window = MainWindow(replace(context, desk=fake_desk(FakeDesk(leads=0))))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.findChild(FirstStart) is not None)
    first = window.findChild(FirstStart).focusProxy()
    qtbot.waitUntil(lambda: window.focusWidget() is first)
    window.page("settings")
    window.show_page("queue")
    qtbot.waitUntil(lambda: window.focusWidget() is first)
    window.queue.refresh()
    qtbot.wait(50)
    assert window.focusWidget() is first


def test_the_sample_is_announced_with_as_many_people_as_it_has(qtbot, context):
    start = FirstStart(context)
    qtbot.addWidget(start)
    (words,) = (
        label.full_text() for label in start.findChildren(Label) if "made-up people" in label.full_text()
    )
    with resource("sample", "leads.csv").open(encoding="utf-8") as file:
        people = sum(1 for _row in csv.DictReader(file))
    assert abs(int(words.split()[0]) - people) < 50


def test_the_sample_is_built_and_opened_by_a_button_that_says_so_meanwhile(qtbot, context):
    go, asked = Event(), []

    def open_sample():
        asked.append(1)
        go.wait(30)
        return True

    desk = replace(fake_desk(FakeDesk(leads=0)), open_sample=open_sample)
    window = MainWindow(replace(context, desk=desk))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.findChild(FirstStart) is not None)
    start = window.findChild(FirstStart)
    qtbot.waitUntil(start.isVisible)
    start.sample.click()
    assert not start.sample.isEnabled()
    (words,) = (label for label in start.findChildren(Label) if "being built" in label.full_text())
    qtbot.waitUntil(lambda: words.width() > 300)
    window.run("sample")
    go.set()
    qtbot.waitUntil(start.sample.isEnabled)
    assert window.toast.words() == "The sample opens in a window of its own."
    assert asked == [1]


def test_the_whole_answer_of_a_stuck_write_and_what_to_do_can_be_read(qtbot, window):
    page = window.page("handoffs")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    page.tabs.choose("problems")
    qtbot.waitUntil(lambda: page.rows.current() is not None)
    row = page.rows.current()
    assert page.panel._told.full_text() == row.error
    assert "try again" in page.panel._advice.full_text()


def test_sources_show_placements_pairs_and_what_does_not_count(qtbot, window):
    page = window.page("sources")
    qtbot.waitUntil(lambda: page.placements.table.rowCount() == 2)
    assert page.placements.note.full_text() == "1 unknown"
    assert page.placements.table.index(1, 1).data() == "Unknown"
    qtbot.waitUntil(lambda: bool(page.loose_ends.aside.full_text()))
    assert "Priya Nair and P. Nair. Same name and company." in page.loose_ends.pairs.full_text()
    assert page.loose_ends.aside.full_text() == "3 events are set aside and do not count. Dated 2 days ahead."


def test_more_systems_than_fit_side_by_side_go_into_the_next_row(qtbot, context, fake):
    names = ("attio", "hubspot", "relay", "salesforce", "twenty", "workato")
    fields = tuple(f"person.field_of_ours_{n}" for n in range(9))
    rows = [
        ConnectionRow(name, name.title(), f"https://{name}.example", "ok", None, "", fields) for name in names
    ]
    window = MainWindow(replace(context, desk=replace(fake_desk(fake), connections=lambda _s: rows)))
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    window.show_page("sources")
    page = window.page("sources")

    def edges() -> set[int]:
        cards = page.findChildren(ConnectionCard)
        return {card.mapTo(page, card.rect().bottomRight()).x() for card in cards if card.isVisible()}

    qtbot.waitUntil(lambda: len(edges()) == 3)
    assert max(edges()) <= page.width()


@pytest.mark.parametrize(("n", "said"), [(1, "not enough yet"), (29, "not enough yet"), (30, "100%")])
def test_a_rate_of_fewer_than_thirty_is_not_pretended(context, n, said):
    chart = BandChart(context.theme)
    chart.show_bands((BandRate("hot", n, n, 1.0, 0.2, 1.0),))
    assert chart.table()[1][0][3] == said


def test_a_step_that_many_reach_without_the_one_before_says_so():
    won = FunnelStep("won", 40, 500, 0.08, 0.05, 0.1, None, from_before=Rate(0, 5, 0.0, 0.0, 0.4))
    assert step_words(won) == "0 of 5 · 40 skipped the step above"
    opportunity = FunnelStep(
        "opportunity", 5, 500, 0.01, 0.0, 0.1, None, from_before=Rate(5, 6, 0.8, 0.4, 0.9)
    )
    assert step_words(opportunity) == "5 of 6 · not enough yet"


def test_what_is_wrong_in_a_dialog_takes_room_only_when_something_is(qtbot, window):
    window.run("add_lead")
    sheet = window.overlay.sheet()
    assert not sheet.problem.isVisible()
    sheet.problem.setText("a@b is not an e-mail address: " + "write it whole. " * 60)
    assert sheet.problem.isVisible()
    qtbot.waitUntil(lambda: sheet.problem.height() >= sheet.problem.heightForWidth(sheet.problem.width()))
    sheet.problem.setText("")
    assert not sheet.problem.isVisible()
    window.overlay.close_sheet()


def test_another_tab_of_a_long_list_shows_what_it_asked_for(qtbot, window):
    page = window.page("trials")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    page.tabs.choose("expired")
    qtbot.waitUntil(lambda: [row.state for row in page.table.rows()] == ["expired", "lost"])
    page.rows.horizontalHeader().sectionClicked.emit(8)
    scores = sorted(row.score for row in page.table.rows())
    qtbot.waitUntil(lambda: [row.score for row in page.table.rows()] == scores)


def test_the_window_wears_what_the_settings_say(qtbot, context, fake):
    rows = [SettingRow("theme", "Appearance", "", "dark", "choice", ("system", "light", "dark")),
            SettingRow("font_size", "Text size", "", "17", "number")]  # fmt: skip
    window = MainWindow(replace(context, desk=replace(fake_desk(fake), settings_rows=lambda _s: rows)))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: context.theme.tokens.dark)
    assert context.theme.font().pixelSize() == 17


def test_a_note_beside_a_title_is_read_whole_or_almost_or_not_at_all(qtbot, theme) -> None:
    card = Card(theme, "Days from signup to first value", "days of 24 hours, each counted from the signup")
    qtbot.addWidget(card)
    card.show()
    for width, beginning in ((900, "days of 24 hours, each counted from the signup"), (330, ""), (180, "")):
        card.resize(width, 80)
        assert card.note.text() == beginning
    assert "days of 24 hours" in card.note.toolTip()
    assert "days of 24 hours" in card.title.toolTip()
