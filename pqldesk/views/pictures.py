"""Grabs every page and dialog, light and dark, into PNG files; exact enough to be compared."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QSize
from PySide6.QtWidgets import QApplication

from pqldesk.services.texts import _
from pqldesk.views.main_window import MainWindow
from pqldesk.views.navigation import PLACES

SIZE = QSize(1440, 900)
_QUIET_MS = 180  # nothing under way for so long: pages gather changes for 150 ms before they ask again
_QUIET_TURNS = 12  # of the event loop: on a busy machine 180 ms may be one turn, and layouts take several
_LONGEST_MS = 60_000


def grab_pages(window: MainWindow, folder: Path) -> list[Path]:
    """Write queue-light.png, queue-dark.png and so on into *folder*; the files in the order they were made."""
    folder.mkdir(parents=True, exist_ok=True)
    QApplication.setCursorFlashTime(0)  # a blinking cursor would be there or not
    before = window.context.theme.scheme
    window.pin_look()
    window.resize(SIZE)
    window.show()
    _settle(window)
    files = []
    for scheme in ("light", "dark"):
        window.context.theme.choose(scheme)
        for name in _scenes(window):
            file = folder / f"{name}-{scheme}.png"
            window.grab().save(str(file))
            files.append(file)
    window.overlay.close_sheet()
    window.context.theme.choose(before)
    window.show_page("queue")
    return files


def _scenes(window: MainWindow) -> Iterator[str]:
    """Bring up one picture after the other; its name once it is ready."""
    for place in PLACES:
        window.overlay.close_sheet()
        window.show_page(place.key)
        _settle(window)
        yield place.key
    window.show_page("queue")
    for command, name in (
        ("handoff", "handoff"),
        ("add_lead", "add-lead"),
        ("palette", "palette"),
        ("help", "help"),
    ):
        window.run(command)
        _settle(window)
        yield name
        window.overlay.close_sheet()
    for page, command, name in (
        ("trials", "trials.extend", "trial-extend"),
        ("tasks", "tasks.reschedule", "task-reschedule"),
        ("accounts", "accounts.merge", "account-merge"),
        ("handoffs", "handoffs.playbooks", "playbooks"),
    ):
        window.show_page(page)
        _settle(window)
        window.run("next")
        window.run(command)
        _settle(window)
        yield name
        window.overlay.close_sheet()
    window.show_page("queue")
    _settle(window)
    window.queue.panel.scroll_to_end()
    _settle(window)
    yield "record-end"
    yield from _queue_scenes(window)
    window.queue.show_search("zzzzzz")
    _settle(window)
    yield "queue-empty"
    window.queue.show_search("")
    _settle(window)
    window.problem_bar.say(
        _("Attio did not answer within 10 s. PQLDesk tries again in a minute; your note is kept.")
    )
    _settle(window)
    yield "queue-problem"
    window.problem_bar.hide()


def _queue_scenes(window: MainWindow) -> Iterator[str]:
    """The queue at work: a filter being edited, several leads selected, groups."""
    window.queue.show_view("unclaimed")
    _settle(window)
    window.run("filter")
    _settle(window)
    yield "queue-filter"
    if (editor := window.queue.head.bar.editor()) is not None:
        editor.leave()
    window.run("select_all")
    _settle(window)
    yield "queue-selection"
    window.run("back")
    window.queue.head.group_by("band")
    _settle(window)
    yield "queue-groups"
    window.run("revert_view")
    window.queue.show_view("open")
    _settle(window)


def _settle(window: MainWindow) -> None:
    """Let answers arrive, be laid out and be painted."""
    whole, quiet = QElapsedTimer(), QElapsedTimer()
    whole.start()
    quiet.start()
    loop = QEventLoop()
    turns = 0
    while (quiet.elapsed() < _QUIET_MS or turns < _QUIET_TURNS) and whole.elapsed() < _LONGEST_MS:
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        turns += 1
        if window.context.background.is_busy or not window.current().is_settled():
            quiet.restart()
            turns = 0
