"""Brings up everything the window can show, one after the other: for pictures, and for whoever inspects it whole."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtWidgets import QTableView

from pqldesk.services.basics.texts import _
from pqldesk.views.import_wizard import ImportSheet
from pqldesk.views.main_window import MainWindow
from pqldesk.views.navigation import PLACES
from pqldesk.views.settings_page import SECTIONS, SettingsPage
from pqldesk.views.sources_page import SourcesPage

Settle = Callable[[MainWindow], None]

# name of the picture -> the page it hangs over, the command that opens it, whether a row must be under the cursor
_SHEETS = {
    "handoff": ("queue", "handoff", False),
    "add-lead": ("queue", "add_lead", False),
    "add-task": ("queue", "task", False),
    "add-note": ("queue", "note", False),
    "erase": ("queue", "erase", False),
    "import": ("queue", "import", False),
    "save-view": ("queue", "save_view_as", False),
    "columns": ("queue", "columns", False),
    "palette": ("queue", "palette", False),
    "history": ("queue", "history", False),
    "help": ("queue", "help", False),
    "trial-extend": ("trials", "trials.extend", True),
    "trial-close": ("trials", "trials.close", True),
    "task-reschedule": ("tasks", "tasks.reschedule", True),
    "account-rename": ("accounts", "accounts.rename", True),
    "account-merge": ("accounts", "accounts.merge", True),
    "write-edit": ("handoffs", "handoffs.edit", True),
    "playbooks": ("handoffs", "handoffs.playbooks", False),
    "connect": ("sources", "sources.connect", False),
    "event-rule": ("sources", "events.rule", False),
    "set-aside": ("sources", "imports.aside", False),
    "mapping": ("sources", "sources.mapping", False),
    "model-health": ("scoring", "model.health", False),
    "model-versions": ("scoring", "model.versions", False),
}


def pages(window: MainWindow, settle: Settle) -> Iterator[str]:
    """Every page as it opens; its key once it is ready."""
    for place in PLACES:
        window.overlay.close_sheet()
        window.show_page(place.key)
        settle(window)
        yield place.key


def everything(window: MainWindow, settle: Settle) -> Iterator[str]:
    """Pages, what hangs over them, sections of the settings, states of the queue. Nothing is stored by any of it."""
    yield from pages(window, settle)
    yield from _sections(window, settle)
    for name in _SHEETS:
        yield from _sheet(window, settle, name)
    yield from _import(window, settle)
    yield from _sources(window, settle)
    yield from _record(window, settle)
    yield from _queue(window, settle)
    window.show_page("queue")


def _sections(window: MainWindow, settle: Settle) -> Iterator[str]:
    page = window.page("settings")
    for key, _title in SECTIONS:
        if isinstance(page, SettingsPage):
            page.open_section(key)
        settle(window)
        yield f"settings-{key}"
    if isinstance(page, SettingsPage):
        page.open_section("keys")
        settle(window)
        window.context.wishes.rekey.emit("claim")
        settle(window)
        yield "another-key"
        window.overlay.close_sheet()
        yield from _team(window, page, settle)
        yield from _bands(window, page, settle)
        page.open_section(SECTIONS[0][0])


def _team(window: MainWindow, page: SettingsPage, settle: Settle) -> Iterator[str]:
    """The dialogs of the section about the team, opened empty or on its first row."""
    page.open_section("team")
    settle(window)
    for name, change in page.team_sheets().items():
        change()
        settle(window)
        if is_covered(window):
            yield name
        window.overlay.close_sheet()


def _bands(window: MainWindow, page: SettingsPage, settle: Settle) -> Iterator[str]:
    page.open_section("claims")
    settle(window)
    page.bands_sheet()
    settle(window)
    if is_covered(window):
        yield "bands"
    window.overlay.close_sheet()


def _sheet(window: MainWindow, settle: Settle, name: str) -> Iterator[str]:
    """One dialog or small card over its page; nothing where this workspace has no row to open it on."""
    page, command, needs_row = _SHEETS[name]
    window.show_page(page)
    settle(window)
    for step in range(_rows(window) + 1 if needs_row else 1):
        if step:
            window.run("next")
        window.run(command)
        settle(window)
        if is_covered(window):
            yield name
            break
    leave(window)


_SIGNUPS = """Work email,Full name,Company,Job,Signed up,Plan,Heard of us
mara.quist@fernhollow.example,Mara Quist,Fern Hollow,Head of Data,2026-11-21 09:12,Basic,a friend
odo.brandt@fernhollow.example,Odo Brandt,Fern Hollow,Analyst,2026-11-21 10:40,Basic,search
jules.okoro@tidewater.example,Jules Okoro,Tidewater,CTO,2026-11-22 08:01,Pro,conference
not-an-address,Nia Vale,Tidewater,Engineer,2026-11-22 11:30,Pro,
pia.lund@glasswork.example,Pia Lund,Glasswork,Operations,soon,Pro,podcast
"""
_STRANGERS = "Name,Colour\nMara Quist,red\nOdo Brandt,blue\n"


def _import(window: MainWindow, settle: Settle) -> Iterator[str]:
    """The wizard with a file: what was understood of it and would happen, an import on its way, one nobody can use."""
    window.show_page("queue")
    settle(window)
    with TemporaryDirectory(prefix="pqldesk-import-") as folder:
        for name, words in (("signups-november.csv", _SIGNUPS), ("colours.csv", _STRANGERS)):
            Path(folder, name).write_text(words, "utf-8")
        window.run("import")
        sheet = window.overlay.sheet()
        if isinstance(sheet, ImportSheet):
            sheet.choose(str(Path(folder, "signups-november.csv")))
            settle(window)
            yield "import-check"
            sheet.show_running(3, "")
            settle(window)
            yield "import-progress"
            leave(window)
            window.run("import")
        sheet = window.overlay.sheet()
        if isinstance(sheet, ImportSheet):
            sheet.choose(str(Path(folder, "colours.csv")))
            settle(window)
            yield "import-refused"
    leave(window)


def _record(window: MainWindow, settle: Settle) -> Iterator[str]:
    window.show_page("queue")
    settle(window)
    window.queue.panel.scroll_to_end()
    settle(window)
    yield "record-end"
    window.queue.panel.scroll_to_start()


def _sources(window: MainWindow, settle: Settle) -> Iterator[str]:
    """What lies further down the page of sources, and the way of a lead that raised a hand."""
    window.show_page("queue")
    window.queue.show_view("hand-raises")
    settle(window)
    window.run("trace")
    page = window.page("sources")
    settle(window)
    if isinstance(page, SourcesPage):
        page.show_card(page.trace)
        settle(window)
        yield "trace"
        page.show_card(page.masters)
        settle(window)
        yield "sources-end"
        page.show_start()
    window.queue.show_view("open")


def _queue(window: MainWindow, settle: Settle) -> Iterator[str]:
    """The queue at work: a filter being edited, several leads selected, groups, nothing found, a problem, an undo."""
    window.queue.show_view("unclaimed")
    settle(window)
    window.run("filter")
    settle(window)
    yield "queue-filter"
    if (editor := window.queue.head.bar.editor()) is not None:
        editor.leave()
    window.run("select_all")
    settle(window)
    yield "queue-selection"
    window.run("back")
    window.queue.head.group_by("band")
    settle(window)
    yield "queue-groups"
    window.run("revert_view")
    window.queue.show_view("open")
    settle(window)
    window.queue.show_search("zzzzzz")
    settle(window)
    yield "queue-empty"
    window.queue.show_search("")
    settle(window)
    window.bars.problem.say(
        _("Attio did not answer within 10 s. PQLDesk tries again in a minute; your note is kept.")
    )
    settle(window)
    yield "queue-problem"
    window.bars.problem.hide()


def is_covered(window: MainWindow) -> bool:
    """Whether a dialog or a small card is open over the page."""
    return window.overlay.sheet() is not None or window.queue.head.chooser() is not None


def leave(window: MainWindow) -> None:
    """Close whatever is open over the page."""
    window.overlay.close_sheet()
    if (chooser := window.queue.head.chooser()) is not None:
        chooser.leave()


def _rows(window: MainWindow) -> int:
    tables = [table for table in window.current().findChildren(QTableView) if table.isVisible()]
    return max((table.model().rowCount() for table in tables), default=0)
