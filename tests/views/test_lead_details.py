"""Records are read ahead, each once."""

from PySide6.QtCore import QObject

from pqldesk.views.lead_details import LeadDetails


class Asked:
    """A question that is answered when the test says so."""

    def __init__(self, lead_id: str) -> None:
        self.lead_id = lead_id
        self.cancelled = False

    def then(self, slot):
        self.answer = slot
        return self

    def otherwise(self, slot):
        self.fail = slot
        return self

    def cancel(self) -> None:
        self.cancelled = True


class Detail:
    def __init__(self, lead_id: str) -> None:
        self.row = type("Row", (), {"lead_id": lead_id})


def details(context):
    """The page, what reads the records, what was asked, and which records were shown."""
    asked: list[Asked] = []
    shown: list[str] = []

    class AskedPage(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.context = context

        def read(self, _query, lead_id):
            asked.append(Asked(lead_id))
            return asked[-1]

    page = AskedPage()
    return page, LeadDetails(page, lambda detail: shown.append(detail.row.lead_id)), asked, shown


def test_a_record_that_is_on_its_way_is_not_asked_for_again(context, qtbot):
    _page, reads, asked, shown = details(context)
    reads.ask("one", then="two")
    asked[0].answer(Detail("one"))
    qtbot.waitUntil(lambda: len(asked) == 2)
    reads.ask("two", then="three")
    assert [one.lead_id for one in asked] == ["one", "two"]
    assert shown == ["one"]
    asked[1].answer(Detail("two"))
    assert shown == ["one", "two"]
    qtbot.waitUntil(lambda: asked[-1].lead_id == "three")


def test_a_record_read_ahead_that_fails_is_told_once_somebody_waits_for_it(context, qtbot):
    problems: list[object] = []
    context.background.problem.connect(problems.append)
    _page, reads, asked, shown = details(context)
    reads.ask("one", then="two")
    asked[0].answer(Detail("one"))
    qtbot.waitUntil(lambda: len(asked) == 2)
    asked[1].fail(OSError("unread"))
    assert not problems
    reads.ask("one", then="two")
    qtbot.waitUntil(lambda: len(asked) == 3)
    reads.ask("two")
    assert len(asked) == 3
    asked[-1].fail(OSError("gone"))
    assert [str(one) for one in problems] == ["gone"]
    assert shown == ["one", "one"]


def test_a_record_that_is_here_is_shown_in_a_turn_of_its_own_if_it_is_still_wanted(context, qtbot):
    _page, reads, asked, shown = details(context)
    for lead_id in ("one", "two"):
        reads.ask(lead_id)
        asked[-1].answer(Detail(lead_id))
    reads.ask("one")
    assert shown == ["one", "two"]  # the list and the record's head are painted first
    reads.ask("two")
    qtbot.waitUntil(lambda: len(shown) == 3)
    assert shown[2] == "two"
    assert len(asked) == 2
