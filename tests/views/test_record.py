"""The record beside the queue, used as a rep uses it."""

from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from sample_desk import NOW, OTHER, REP

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.record_rows import ScoreMove, TimelineEntry
from pqldesk.views.lead_facts import sections, why_now
from pqldesk.views.lead_panel import LeadPanel
from pqldesk.views.merge_sheet import MergeSheet
from pqldesk.views.part_sheet import PartSheet
from pqldesk.views.record_print import record_document


def press(qtbot, window, *keys):
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or window, key)


def go_to(qtbot, window, name):
    number = next(n for n in range(window.queue.model.rowCount()) if window.queue.model.lead(n).name == name)
    window.queue.table.go(number)
    qtbot.waitUntil(lambda: window.queue.panel.detail() is not None)
    assert window.queue.panel.lead().name == name


def activate(qtbot, window, section, text):
    """Click the row of a section that says *text*."""
    facts = window.queue.panel._sections._built[section].facts
    rows = facts.rows()
    at = next(n for n, row in enumerate(rows) if text in f"{row.text} {row.right}")
    y = sum(facts._height(row) for row in rows[:at]) + 4
    qtbot.mouseClick(facts, Qt.MouseButton.LeftButton, pos=QPoint(10, y))


def test_the_request_is_quoted_with_when_and_where(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    panel = window.queue.panel
    assert panel._asked.full_text() == "Asked to talk to sales"
    assert panel._asked_when.full_text() == "2 h ago from group billing"
    assert panel._comment.full_text() == "“We need SSO for 40 people before January.”"


def test_a_request_shows_its_way_and_where_it_broke(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    rows = window.queue.panel.facts("requests")
    assert [(row.text, row.right_pill[0]) for row in rows[1:]] == [
        ("Received", "Done"), ("Relay", "Done"), ("CRM", "Failed"),
    ]  # fmt: skip
    assert rows[3].second == "Attio refused the value of “score”."


def test_a_clock_that_started_later_than_the_crossing_says_when_either_was(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    panel = window.queue.panel
    usual = panel._clock.toolTip()
    assert usual.startswith("First touch due")
    assert "came to be known" not in usual
    row = replace(panel.detail().row, qualified_at=NOW - timedelta(days=30))
    panel.show_detail(replace(panel.detail(), row=row, known_qualified_at=NOW - timedelta(hours=1)))
    assert panel._clock.toolTip().partition("\n")[2] == (
        "It crossed the cut 2026-10-21 15:00:00 UTC, which came to be known here 2026-11-20 14:00:00 UTC:"
        " the clock counts from then."
    )


def test_the_moves_of_the_score_add_up_to_it(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    moves = window.queue.panel.detail().score_moves
    assert moves[-1].old + sum(move.new - move.old for move in moves) == moves[0].new
    rows = window.queue.panel.facts("moves")
    assert (rows[1].text, rows[1].second) == ("−10 on 17 Nov", "logins left the 7-day window")


def test_a_milestone_says_its_date_and_the_days_since_signup(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    assert window.queue.panel.facts("activation")[1].right == "9 Nov · +11 d"


def test_every_value_tells_where_it_comes_from(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    panel = window.queue.panel
    assert "PLG default v1" in panel._score.toolTip()
    assert "from Product" in panel._score.toolTip()
    assert "signups.csv" in panel._mail.toolTip()
    assert all(row.hint for row in panel.facts("trial") + panel.facts("activation"))


def test_older_entries_come_a_page_at_a_time(qtbot, window, fake):
    go_to(qtbot, window, "Jane Doe")
    panel = window.queue.panel
    activate(qtbot, window, "timeline", "Show older entries")  # unfolds what is here
    activate(qtbot, window, "timeline", "Show older entries")
    qtbot.waitUntil(lambda: len(panel.facts("timeline")) == 7)
    oldest = panel.detail().timeline[-1].at
    assert ("timeline", "L000002", oldest) in fake.calls
    assert all(row.action == "" for row in panel.facts("timeline"))  # no more is offered


def test_a_suggestion_is_compared_field_by_field_before_merging(qtbot, window, fake):
    go_to(qtbot, window, "Jane Doe")
    activate(qtbot, window, "suggestions", "Compare")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), MergeSheet))
    sheet = window.overlay.sheet()
    assert sheet.fields["phone"] == ("–", "+1 555 0199", "+1 555 0199")
    assert fake.calls == []
    qtbot.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: fake.calls == [("accept_suggestion", "S1", REP)])


def test_m_compares_and_two_people_are_kept_apart(qtbot, window, fake):
    go_to(qtbot, window, "Jane Doe")
    press(qtbot, window, "m")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), MergeSheet))
    window.overlay.sheet()._keep_apart()
    qtbot.waitUntil(lambda: fake.calls == [("reject_suggestion", "S1", REP)])


def test_a_merge_is_taken_apart_from_the_record(qtbot, window, fake):
    go_to(qtbot, window, "Tomás Rey")
    activate(qtbot, window, "merged", "Take apart")
    qtbot.waitUntil(lambda: fake.calls == [("unmerge", "L000120", REP)])


def test_the_record_leads_to_the_account_of_the_lead(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    activate(qtbot, window, "people", "Usage, trials and score")
    qtbot.waitUntil(lambda: window.current() is window.page("accounts"))
    accounts = window.page("accounts")
    number = window.context.desk.lead_detail(None, "L000002").company_number
    qtbot.waitUntil(lambda: accounts.table.key_of(accounts.rows.currentIndex()) == number)
    window.run("go.queue")
    accounts.tabs.choose("trial")  # a tab that need not hold it
    press(qtbot, window, "j")
    window.queue.show_lead("L000001")
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000001")
    window.run("open_account")
    qtbot.waitUntil(lambda: accounts.table.key_of(accounts.rows.currentIndex()) == 1)
    assert accounts.tabs.current() == "all"


def test_a_lead_of_no_known_company_has_no_account_to_go_to(qtbot, window):
    number = next(n for n in range(10) if int(window.queue.model.lead(n).lead_id[1:]) > 3)
    window.queue.table.go(number)
    window.run("open_account")
    qtbot.waitUntil(lambda: window.toast.isVisible() and "No company" in window.toast.words())


def test_the_record_says_what_a_lead_is_known_by_and_where_each_id_came_from(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    rows = window.queue.panel.facts("ids")
    assert [(row.text, row.second, row.right) for row in rows] == [
        ("jane@exampleinc.example", "180 usage events, 1 form", "Separate…"),
        ("Stripe: cus_91", "34 usage events, 1 trial", "Separate…"),
    ]
    assert rows[1].hint.startswith("stripe:cus_91: from Stripe, received 3 d ago")
    go_to(qtbot, window, "Tomás Rey")
    assert [row.right for row in window.queue.panel.facts("ids")] == [""]


def test_an_id_that_is_somebody_elses_is_parted_after_saying_what_goes_with_it(qtbot, window, fake):
    go_to(qtbot, window, "Jane Doe")
    activate(qtbot, window, "ids", "cus_91")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), PartSheet))
    words = window.overlay.sheet().words.text()
    assert "Goes with it: 34 usage events, 1 trial." in words
    assert "Tasks, notes and the claim stay with Jane Doe" in words
    assert fake.calls == []
    qtbot.keyClick(window.overlay.sheet(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: fake.calls == [("part", "L000002", "stripe:cus_91", REP)])


def test_the_key_parts_another_id_too_and_says_that_the_address_goes(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    qtbot.keyClick(
        QApplication.focusWidget(), Qt.Key.Key_M,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )  # fmt: skip
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), PartSheet))
    sheet = window.overlay.sheet()
    assert sheet.choice.currentData() == "stripe:cus_91"
    qtbot.keyClick(sheet.choice, Qt.Key.Key_Up)
    assert sheet.choice.currentData() == "email:jane@exampleinc.example"
    assert "Jane Doe has no e-mail address then." in sheet.words.text()


def test_a_lead_with_one_id_says_that_there_is_nothing_to_part(qtbot, window):
    go_to(qtbot, window, "Tomás Rey")
    window.run("part")
    qtbot.waitUntil(lambda: "one id alone" in window.toast._words.text())


def test_the_owner_sees_until_when_and_renews(qtbot, window, fake):
    go_to(qtbot, window, "Jane Doe")
    press(qtbot, window, "c")
    panel = window.queue.panel
    qtbot.waitUntil(lambda: panel._owner.full_text() == "Yours until Thu 26 Nov, 15:00")
    qtbot.mouseClick(panel._renew, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("renew_claim", "L000002", REP) in fake.calls)


def test_nobody_renews_the_claim_of_somebody_else(qtbot, window):
    go_to(qtbot, window, "Aiko Tanaka")
    assert window.queue.panel.lead().owner == OTHER
    assert not window.queue.panel._renew.isVisible()


def test_copying_the_address_says_so(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    window.run("copy_email")
    assert QApplication.clipboard().text() == "jane@exampleinc.example"
    assert window.toast.words() == "Copied jane@exampleinc.example"


def test_the_next_record_is_read_before_it_is_asked_for(qtbot, window, monkeypatch):
    read = []
    page, desk = window.queue, window.context.desk
    asked = desk.lead_detail
    object.__setattr__(desk, "lead_detail", lambda s, lead: read.append(lead) or asked(s, lead))
    page._details.forget()
    page.table.go(3)
    below = page.model.lead(4).lead_id
    qtbot.waitUntil(lambda: below in read)
    page.table.step(1)
    qtbot.waitUntil(lambda: page.panel.detail() is not None)
    assert page.panel.detail().row.lead_id == below
    assert read.count(below) == 1


def test_what_has_changed_is_read_again(qtbot, window):
    read = []
    page, desk = window.queue, window.context.desk
    asked = desk.lead_detail
    object.__setattr__(desk, "lead_detail", lambda s, lead: read.append(lead) or asked(s, lead))
    shown = page.panel.lead().lead_id
    window.context.background.changed.emit(Changes.to(Topic.LEADS))
    qtbot.waitUntil(lambda: shown in read)


def test_the_printed_record_has_the_arithmetic_and_every_section(qtbot, window):
    go_to(qtbot, window, "Jane Doe")
    text = record_document(window.queue.panel.detail(), REP, NOW).toPlainText()
    for words in (
        "Jane Doe",
        "Team invites",
        "logins left the 7-day window",
        "38 more imported records",
        "Timeline",
    ):
        assert words in text


def test_before_any_details_are_here_there_is_no_empty_box_and_no_button_for_what_nobody_has(window):
    panel = LeadPanel(window.context, window.keys)
    panel.show_lead(window.queue.model.lead(0))
    assert panel.name.full_text()
    for part in (panel._quote, panel._renew, panel._hint, panel._sections._usage):
        assert part.isHidden()


def test_erasing_shows_first_what_goes_from_where_and_then_what_is_left_to_do(qtbot, window, fake):
    go_to(qtbot, window, "Jane Doe")
    window.run("erase")
    sheet = window.overlay.sheet()
    assert not sheet.erase.isEnabled()
    qtbot.waitUntil(sheet.erase.isEnabled)
    assert fake.calls[-1] == ("beside", "erase", "L000002", "--dry-run")
    goes = {"Name, addresses and keys: 3", "Usage, trials and scores: 40", "/home/kim/leads.csv",
            "Attio: https://app.attio.example/p-1"}  # fmt: skip
    qtbot.waitUntil(lambda: goes <= set(sheet.told()))  # Qt shows a new line at the next turn
    assert sheet.erase.text() == "Erase Jane Doe for good"
    assert window.focusWidget() is sheet.leave
    qtbot.keyClick(sheet.leave, Qt.Key.Key_Return)  # where the keyboard starts, Enter erases nothing
    assert window.overlay.sheet() is None
    assert fake.calls[-1][-1] == "--dry-run"

    window.run("erase")
    sheet = window.overlay.sheet()
    qtbot.waitUntil(sheet.erase.isEnabled)
    qtbot.mouseClick(sheet.erase, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fake.calls[-1] == ("beside", "erase", "L000002"))
    qtbot.waitUntil(lambda: "Erased. 1 thing is left for you to do." in sheet.told())
    assert sheet.leave.text() == "Close"
    assert not sheet.erase.isVisible()


def test_a_person_who_cannot_be_erased_stays_and_it_says_why(qtbot, window, fake, monkeypatch):
    def refuse(words, report, stop):
        raise NotFound("There is nobody 'L000001' here.")

    monkeypatch.setattr(fake, "beside", refuse)
    go_to(qtbot, window, "Jane Doe")
    window.run("erase")
    sheet = window.overlay.sheet()
    qtbot.waitUntil(lambda: "There is nobody 'L000001' here." in sheet.told())
    assert not sheet.erase.isEnabled()


def test_a_model_that_came_and_went_is_no_reason_to_look_at_a_lead(fake):
    own = ScoreMove(NOW - timedelta(days=2), 40, 80, "events", (), "team invites reached 2")
    there = ScoreMove(NOW - timedelta(minutes=3), 80, 100, "model", (), "another scoring model went live")
    back = ScoreMove(NOW - timedelta(minutes=2), 100, 80, "model", (), "another scoring model went live")
    row = replace(fake.row(4), state="new", qualified_at=NOW - timedelta(days=2), trial=None)
    detail = replace(
        fake.lead_detail(None, row.lead_id), row=row, submissions=(), score_moves=(back, there, own)
    )
    assert why_now(detail, NOW)[2] == "Team invites reached 2."
    assert why_now(replace(detail, score_moves=(there,)), NOW)[2] == "Another scoring model went live."


def test_a_trial_that_ends_soon_is_a_reason_that_reads_as_a_sentence(fake):
    row = replace(fake.row(4), state="new", trial=replace(fake.row(4).trial, state="active", days_left=1))
    detail = replace(fake.lead_detail(None, row.lead_id), row=row, submissions=())
    assert why_now(detail, NOW)[:2] == ("The trial ends", "in 1 day")
    today = replace(row, trial=replace(row.trial, days_left=0))
    assert why_now(replace(detail, row=today), NOW)[1] == "today"


def test_a_form_in_the_timeline_names_its_placement_in_words(fake):
    form = TimelineEntry(NOW - timedelta(hours=2), "submission", "hand_raise", "group-billing · We need SSO")
    bare = replace(form, detail="We need SSO")
    detail = replace(fake.lead_detail(None, fake.row(4).lead_id), timeline=(form, bare))
    (rows,) = (rows for key, rows, _side in sections(detail, NOW) if key == "timeline")
    assert [row.text for row in rows[:2]] == ["Group billing · We need SSO", "We need SSO"]
