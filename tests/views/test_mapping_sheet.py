"""The mapping of a CRM in the window: found among two hundred fields, changed by keyboard, asked before it makes."""

import pytest
from PySide6.QtCore import Qt
from sample_desk import REP

from pqldesk.views.mapping_sheet import MappingSheet


@pytest.fixture
def sheet(qtbot, window) -> MappingSheet:
    page = window.page("sources")
    qtbot.waitUntil(lambda: page.placements.table.rowCount() == 2)
    page.run("sources.mapping")
    sheet = window.overlay.sheet()
    assert isinstance(sheet, MappingSheet)
    qtbot.waitUntil(lambda: sheet.our_table.rowCount() == 8)
    return sheet


def texts(table, column: int) -> list[str]:
    return [table.index(row, column).data() for row in range(table.rowCount())]


def choose(sheet: MappingSheet, name: str) -> None:
    sheet.ours.setCurrentIndex(sheet.our_table.index(sheet.our_table.find(name), 0))


def test_it_says_what_is_mapped_what_is_gone_and_what_the_crm_demands(sheet):
    assert "4 of 8 are mapped" in sheet.note.full_text()
    assert "1 is gone there" in sheet.note.full_text()
    assert "nothing of ours fills what Attio demands: Region" in sheet.note.full_text()
    choose(sheet, "stage.sales_qualified")
    assert "It was “Sales Qualified” there" in sheet.why.full_text()
    assert texts(sheet.their_table, 0)[0] == "Sales accepted"  # the proposal first


def test_a_field_among_two_hundred_is_found_by_typing_and_mapped_with_the_keyboard_alone(qtbot, sheet, fake):
    choose(sheet, "person.job_title")
    sheet.ours.setFocus()
    assert sheet.their_table.rowCount() == 200
    qtbot.keyClick(sheet.ours, Qt.Key.Key_Return)
    assert sheet.window().focusWidget() is sheet.theirs
    sheet.find_theirs.setFocus()
    qtbot.keyClicks(sheet.find_theirs, "field 117")
    assert texts(sheet.their_table, 0) == ["Custom field 117"]
    qtbot.keyClick(sheet.find_theirs, Qt.Key.Key_Tab)
    assert sheet.window().focusWidget() is sheet.theirs
    qtbot.keyClick(sheet.theirs, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("set_mapping", "attio", {"person.job_title": "custom_117"}, REP) in fake.calls)
    qtbot.waitUntil(lambda: "Undo takes it back" in sheet.question.words.full_text())


def test_a_field_of_another_kind_says_why_it_cannot_take_it_and_nothing_is_changed(qtbot, sheet, fake):
    choose(sheet, "person.signup_source")
    sheet.find_theirs.setText("pql")
    qtbot.keyClick(sheet.theirs, Qt.Key.Key_Return)
    assert "it is of kind Number, not Choice or Text" in sheet.question.words.full_text()
    assert fake.calls == []


def test_leaving_out_and_taking_the_choice_back(qtbot, sheet, fake):
    choose(sheet, "deal.value")
    sheet.leave_out.click()
    qtbot.waitUntil(lambda: fake.calls[-1:] == [("set_mapping", "attio", {"deal.value": ""}, REP)])
    sheet.by_name.click()
    qtbot.waitUntil(lambda: fake.calls[-1:] == [("set_mapping", "attio", {"deal.value": None}, REP)])
    choose(sheet, "person.pql_score")
    assert not sheet.by_name.isEnabled()


def test_all_proposals_are_taken_as_one_change(qtbot, sheet, fake):
    assert sheet.propose.text() == "Take 2 proposals"
    sheet.propose.click()
    taken = {"person.signup_source": "lead_source", "stage.sales_qualified": "Sales accepted"}
    qtbot.waitUntil(lambda: ("set_mapping", "attio", taken, REP) in fake.calls)


def test_fields_are_made_only_after_the_question_that_names_them(qtbot, sheet, fake):
    sheet.make.click()
    assert "Person: Job title" in sheet.question.words.full_text()
    assert sheet.question.yes.text() == "Make them in Attio"
    assert fake.calls == []
    sheet.question.no.click()
    sheet.make.click()
    qtbot.keyClick(sheet.question.yes, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: ("make_fields", "attio") in fake.calls)


def test_what_a_file_would_change_is_shown_before_it_is_taken(qtbot, sheet, fake):
    sheet.files.import_from("/files/mapping.json")
    qtbot.waitUntil(lambda: "2 names would change" in sheet.question.words.full_text())
    assert "Stage: Sales Qualified: Sales Qualified → Won" in sheet.question.words.full_text()
    sheet.question.yes.click()
    qtbot.waitUntil(lambda: ("import_mapping", "attio", "/files/mapping.json", REP, False) in fake.calls)
    sheet.files.export_to("/files/out.json")
    qtbot.waitUntil(lambda: "21 names are written" in sheet.question.words.full_text())


def test_a_crm_that_does_not_answer_is_said_in_the_sheet(qtbot, sheet, fake):
    fake.refuse_connect = True
    sheet.look.click()
    qtbot.waitUntil(lambda: "Attio did not answer" in sheet.question.words.full_text())
    assert sheet.look.isEnabled()


def test_the_master_of_a_field_is_chosen_beside_its_mapping(qtbot, sheet, fake):
    choose(sheet, "person.job_title")
    box = sheet.masters.boxes["sales"]
    assert box.currentData() == "crm"
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.waitUntil(
        lambda: ("set_masters", "attio", "person.job_title", {"sales": "pqldesk"}, REP) in fake.calls
    )
    choose(sheet, "list.pql")
    assert not sheet.masters.isVisible()
    assert "nothing of that sort" in sheet.none.full_text()


def test_ours_are_found_by_name_and_by_state(qtbot, sheet):
    sheet.find_ours.setText("gone")
    assert texts(sheet.our_table, 0) == ["Stage: Sales Qualified"]
