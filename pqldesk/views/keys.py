"""Every command of the window, declared once: menus, tooltips, palette and help are made from this list."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _


@dataclass(frozen=True, slots=True)
class Command:
    """Something the user can do. *keys* are alternatives; ``G Q`` is G, then Q.

    A command of one *page* has its keys there alone, before those of the whole window.
    """

    id: str
    label: str
    keys: tuple[str, ...]
    group: str
    on_lead: bool = False  # needs a lead under the cursor
    page: str = ""


_LEAD, _MOVE, _GO, _WINDOW = _("This lead"), _("Move"), _("Go to"), _("Window")
_HANDOFFS, _TRIALS, _ACCOUNTS = _("Handoffs page"), _("Trials page"), _("Accounts page")
_VIEW, _TASKS = _("This list"), _("Tasks page")
_MODEL, _SOURCES = _("Scoring page"), _("Sources page")
_ACTIVATION, _FUNNEL = _("Activation page"), _("Funnel page")
COMMANDS: Final = (
    Command("next", _("Next lead"), ("J", "Down"), _MOVE),
    Command("previous", _("Previous lead"), ("K", "Up"), _MOVE),
    Command("open", _("Open the record"), ("Return",), _MOVE, True),
    Command("back", _("Back to the list"), ("Esc",), _MOVE),
    Command("record_on", _("Scroll the record on"), ("Shift+J",), _MOVE),
    Command("record_back", _("Scroll the record back"), ("Shift+K",), _MOVE),
    Command("select", _("Select"), ("X",), _MOVE, True),
    Command(
        "select_all", _("Select what is on screen; again: all that match"), ("Ctrl+A",), _MOVE, page="queue"
    ),
    Command("select_matching", _("Select all leads that match"), ("Ctrl+Shift+A",), _MOVE, page="queue"),
    Command("copy_rows", _("Copy the selected rows"), ("Ctrl+C",), _VIEW, page="queue"),
    Command("export_list", _("Export this list as CSV or XLSX"), ("Ctrl+E",), _VIEW, page="queue"),
    Command("print_list", _("Print this list"), ("Ctrl+Shift+P",), _VIEW, page="queue"),
    Command(
        "bulk_result", _("Show what the last bulk did to each lead"), ("Ctrl+Shift+B",), _VIEW, page="queue"
    ),
    Command("search", _("Search leads"), ("/", "Ctrl+F"), _MOVE),
    Command("filter", _("Add a filter"), ("F",), _VIEW, page="queue"),
    Command("columns", _("Choose columns"), ("Shift+F",), _VIEW, page="queue"),
    Command("group", _("Group the list"), ("Shift+G",), _VIEW, page="queue"),
    Command("fold", _("Fold all groups"), ("Ctrl+Shift+F",), _VIEW, page="queue"),
    Command("unfold", _("Unfold all groups"), ("Ctrl+Shift+U",), _VIEW, page="queue"),
    Command("next_view", _("Next view"), ("V",), _VIEW, page="queue"),
    Command("previous_view", _("Previous view"), ("Shift+V",), _VIEW, page="queue"),
    Command("save_view", _("Save the view"), ("Ctrl+S",), _VIEW, page="queue"),
    Command("save_view_as", _("Save as a new view"), ("Ctrl+Shift+S",), _VIEW, page="queue"),
    Command("revert_view", _("Back to the view as it is saved"), ("Ctrl+R",), _VIEW, page="queue"),
    Command("view_menu", _("Rename, move or delete the view"), ("Ctrl+Shift+V",), _VIEW, page="queue"),
    Command("newcomers", _("Show what is new above"), ("U",), _VIEW, page="queue"),
    Command("claim", _("Claim"), ("C",), _LEAD, True),
    Command("assign", _("Assign to somebody"), ("A",), _LEAD, True),
    Command("release", _("Release"), ("Shift+C",), _LEAD, True),
    Command("done", _("Finish the next task"), ("E",), _LEAD, True),
    Command("task", _("Add a task"), ("T",), _LEAD, True),
    Command("note", _("Add a note"), ("N",), _LEAD, True),
    Command("handoff", _("Hand off to sales"), ("H",), _LEAD, True),
    Command("snooze", _("Snooze"), ("S",), _LEAD, True),
    Command("disqualify", _("Disqualify, then 1 to 9"), ("D",), _LEAD, True),
    Command("nurture", _("Leave to marketing until"), ("Shift+S",), _LEAD, True),
    Command("won", _("Mark as won"), ("W",), _LEAD, True),
    Command("lost", _("Mark as lost"), ("Shift+W",), _LEAD, True),
    Command("reopen", _("Reopen"), ("O",), _LEAD, True),
    Command("renew", _("Renew the claim"), ("Shift+R",), _LEAD, True),
    Command("compare", _("Compare with a lead that may be the same"), ("M",), _LEAD, True),
    Command("unmerge", _("Take the last merge apart"), ("Shift+M",), _LEAD, True),
    Command("part", _("Give an id of the lead a lead of its own"), ("Ctrl+Shift+M",), _LEAD, True),
    Command("set_company", _("Move to another company"), ("Shift+A",), _LEAD, True),
    Command("copy_email", _("Copy the e-mail address"), ("Ctrl+Shift+C",), _LEAD, True),
    Command("trace", _("Follow the lead through every system"), ("Shift+T",), _LEAD, True),
    Command("print", _("Print the record"), ("Ctrl+P",), _LEAD, True),
    Command("erase", _("Erase the person for good"), ("Ctrl+Shift+Delete",), _LEAD, True),
    Command("add_lead", _("Add a lead"), ("L", "Ctrl+N"), _WINDOW),
    Command("import", _("Import a file"), ("I", "Ctrl+O"), _WINDOW),
    Command("undo", _("Undo"), ("Z", "Ctrl+Z"), _WINDOW),
    Command("redo", _("Redo"), ("Shift+Z", "Ctrl+Shift+Z"), _WINDOW),
    Command("history", _("What was done, to undo it"), ("Shift+U",), _WINDOW),
    Command("palette", _("Search people and commands"), ("Ctrl+K",), _WINDOW),
    Command("refresh", _("Refresh"), ("R", "F5"), _WINDOW),
    Command("theme", _("Switch between light and dark"), ("Ctrl+Shift+L",), _WINDOW),
    Command("help", _("All shortcuts"), ("?", "F1"), _WINDOW),
    Command("sample", _("Open the sample in a window of its own"), (), _WINDOW),
    Command("team", _("Team and rules that give leads out"), (), _WINDOW),
    Command("data.backup", _("Back up the workspace now"), (), _WINDOW),
    Command("data.export", _("Export all leads"), (), _WINDOW),
    Command("about", _("About PQLDesk"), (), _WINDOW),
    Command("quit", _("Quit"), ("Ctrl+Q",), _WINDOW),
    Command("accounts.people", _("List the account's people"), ("L",), _ACCOUNTS, page="accounts"),
    Command("accounts.rename", _("Rename the account"), ("E",), _ACCOUNTS, page="accounts"),
    Command("accounts.merge", _("Merge the account into another"), ("M",), _ACCOUNTS, page="accounts"),
    Command("tasks.reschedule", _("Give the task another time"), ("R",), _TASKS, page="tasks"),
    Command("tasks.snooze", _("Put the task off"), ("S",), _TASKS, page="tasks"),
    Command("tasks.done", _("Finish the task"), ("E",), _TASKS, page="tasks"),
    Command("inbox.read", _("Mark the notice read"), ("E",), _("Inbox page"), page="inbox"),
    Command("inbox.read_all", _("Mark all notices read"), ("Shift+E",), _("Inbox page"), page="inbox"),
    Command("inbox.snooze", _("Put the notice off"), ("S",), _("Inbox page"), page="inbox"),
    Command("trials.extend", _("Extend the trial"), ("E",), _TRIALS, page="trials"),
    Command("trials.close", _("Close the trial as lost"), ("D",), _TRIALS, page="trials"),
    Command("handoffs.retry", _("Try the write again"), ("R",), _HANDOFFS, page="handoffs"),
    Command(
        "handoffs.edit", _("Edit the write, or go on with the draft"), ("E",), _HANDOFFS, page="handoffs"
    ),
    Command("handoffs.assign", _("Assign the handoff to somebody else"), ("A",), _HANDOFFS, page="handoffs"),
    Command("handoffs.hold", _("Hold the write"), ("Shift+H",), _HANDOFFS, page="handoffs"),
    Command("handoffs.cancel", _("Cancel the write, or drop the draft"), ("D",), _HANDOFFS, page="handoffs"),
    Command("handoffs.remote", _("Open the record in the CRM"), ("O",), _HANDOFFS, page="handoffs"),
    Command("handoffs.recheck", _("Ask the CRM again what it has"), ("Shift+R",), _HANDOFFS, page="handoffs"),
    Command("handoffs.playbooks", _("Playbooks: switch and dry run"), ("P",), _HANDOFFS, page="handoffs"),
    Command("go.queue", _("Queue"), ("G Q",), _GO),
    Command("go.inbox", _("Inbox"), ("G I", "B"), _GO),
    Command("go.accounts", _("Accounts"), ("G A",), _GO),
    Command("go.trials", _("Trials"), ("G T",), _GO),
    Command("go.activation", _("Activation"), ("G V",), _GO),
    Command("go.tasks", _("Tasks"), ("G K",), _GO),
    Command("go.handoffs", _("Handoffs"), ("G H",), _GO),
    Command("go.funnel", _("Funnel"), ("G F",), _GO),
    Command("go.scoring", _("Scoring"), ("G S",), _GO),
    Command("model.publish", _("Scoring: publish the draft"), ("P",), _MODEL, page="scoring"),
    Command("model.discard", _("Scoring: discard the draft"), ("D",), _MODEL, page="scoring"),
    Command("model.replay", _("Scoring: replay past weeks"), ("R",), _MODEL, page="scoring"),
    Command("model.versions", _("Scoring: versions and rolling back"), ("V",), _MODEL, page="scoring"),
    Command("model.learn", _("Scoring: learn weights from outcomes"), ("W",), _MODEL, page="scoring"),
    Command("model.health", _("Scoring: health of the live model"), ("H",), _MODEL, page="scoring"),
    Command("model.add", _("Scoring: add a row"), ("A",), _MODEL, page="scoring"),
    Command("activation.add", _("Activation: add a milestone"), ("A",), _ACTIVATION, page="activation"),
    Command(
        "activation.edit",
        _("Activation: edit the milestone under the cursor"),
        ("E",),
        _ACTIVATION,
        page="activation",
    ),
    Command(
        "activation.remove",
        _("Activation: take the milestone under the cursor away"),
        ("D",),
        _ACTIVATION,
        page="activation",
    ),
    Command(
        "activation.table",
        _("Activation: the chart as a table, and back"),
        ("T",),
        _ACTIVATION,
        page="activation",
    ),
    Command(
        "activation.export", _("Activation: export the chart"), ("Ctrl+E",), _ACTIVATION, page="activation"
    ),
    Command("funnel.period", _("Funnel: another period"), ("P",), _FUNNEL, page="funnel"),
    Command("funnel.source", _("Funnel: of one source"), ("S",), _FUNNEL, page="funnel"),
    Command("funnel.rep", _("Funnel: of one rep"), ("Shift+R",), _FUNNEL, page="funnel"),
    Command("funnel.split", _("Funnel: split by something else"), ("B",), _FUNNEL, page="funnel"),
    Command("funnel.table", _("Funnel: the chart as a table, and back"), ("T",), _FUNNEL, page="funnel"),
    Command("funnel.export", _("Funnel: export the chart"), ("Ctrl+E",), _FUNNEL, page="funnel"),
    Command("model.table", _("Scoring: the lift curve as a table, and back"), ("T",), _MODEL, page="scoring"),
    Command("model.export", _("Scoring: export the lift curve"), ("Ctrl+E",), _MODEL, page="scoring"),
    Command("sources.connect", _("Sources: connect a system"), ("C",), _SOURCES, page="sources"),
    Command("sources.mapping", _("Sources: fields of the CRM"), ("F",), _SOURCES, page="sources"),
    Command("sources.test", _("Sources: test a connection"), ("Y",), _SOURCES, page="sources"),
    Command(
        "sources.trace", _("Sources: way of a lead through every system"), ("W",), _SOURCES, page="sources"
    ),
    Command("sources.test_lead", _("Sources: send a test lead"), ("Shift+W",), _SOURCES, page="sources"),
    Command("sources.placement", _("Sources: register a placement"), ("B",), _SOURCES, page="sources"),
    Command("sources.snippet", _("Sources: copy a button's snippet"), ("Shift+B",), _SOURCES, page="sources"),
    Command("sources.disconnect", _("Sources: disconnect a system"), ("Shift+X",), _SOURCES, page="sources"),
    Command(
        "sources.pull", _("Sources: pull the one under the cursor now"), ("R",), _SOURCES, page="sources"
    ),
    Command(
        "sources.columns",
        _("Sources: columns of the one under the cursor"),
        ("Shift+F",),
        _SOURCES,
        page="sources",
    ),
    Command("sources.pull_all", _("Sources: pull all now"), ("Shift+R",), _SOURCES, page="sources"),
    Command("sources.stop", _("Sources: stop the pull"), ("D",), _SOURCES, page="sources"),
    Command(
        "events.rule", _("Events: a rule for the name under the cursor"), ("E",), _SOURCES, page="sources"
    ),
    Command("events.unmapped", _("Events: only names without a rule"), ("U",), _SOURCES, page="sources"),
    Command(
        "events.remap",
        _("Events: apply the rules to what was received"),
        ("Shift+E",),
        _SOURCES,
        page="sources",
    ),
    Command("imports.undo", _("Sources: take an import back"), ("Shift+I",), _SOURCES, page="sources"),
    Command(
        "imports.rejects", _("Sources: rejected rows of an import"), ("Shift+D",), _SOURCES, page="sources"
    ),
    Command("imports.aside", _("Sources: events that are set aside"), ("Shift+C",), _SOURCES, page="sources"),
    Command(
        "trace.links",
        _("Sources: links of the steps of a lead's way"),
        ("Shift+L",),
        _SOURCES,
        page="sources",
    ),
    Command("conflicts.mine", _("Conflict: keep mine"), ("M",), _SOURCES, page="sources"),
    Command("conflicts.theirs", _("Conflict: take theirs"), ("T",), _SOURCES, page="sources"),
    Command("conflicts.other", _("Conflict: another value"), ("V",), _SOURCES, page="sources"),
    Command("conflicts.all_mine", _("Conflicts: keep mine in all"), ("Shift+M",), _SOURCES, page="sources"),
    Command(
        "conflicts.all_theirs", _("Conflicts: take theirs in all"), ("Shift+T",), _SOURCES, page="sources"
    ),
    Command("go.sources", _("Sources"), ("G O",), _GO),
    Command("go.settings", _("Settings"), ("G E",), _GO),
)

PAGE_OF: Final = {command.id: command.page for command in COMMANDS if command.page}

# The row and place of letters on every keyboard, whatever is printed on them (set 1 and evdev agree).
_PLACES: Final = {
    code: letter
    for start, letters in ((16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"))
    for code, letter in enumerate(letters, start)
}
_NAMED: Final = {
    Qt.Key.Key_Escape: "Esc", Qt.Key.Key_Return: "Return", Qt.Key.Key_Enter: "Return", Qt.Key.Key_F1: "F1",
    Qt.Key.Key_F5: "F5", Qt.Key.Key_Up: "Up", Qt.Key.Key_Down: "Down",
}  # fmt: skip
_PREFIX_MS: Final = 1_500


def chord(event: QKeyEvent) -> str:
    """A key press as it is written in `COMMANDS`: J, Shift+Z, Ctrl+K, ?, Esc; "" for none of these."""
    flags, key = event.modifiers(), event.key()
    if flags & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
        return ""
    control, shift = (
        bool(flags & Qt.KeyboardModifier.ControlModifier),
        flags & Qt.KeyboardModifier.ShiftModifier,
    )
    if name := _NAMED.get(Qt.Key(key)) if key in _NAMED else None:
        return f"Ctrl+{name}" if control else name
    if event.text() in {"/", "?"} and not control:
        return event.text()
    letter = chr(key) if Qt.Key.Key_A <= key <= Qt.Key.Key_Z else ""
    if not letter and not (event.text() and event.text().isascii() and not control):
        scan = event.nativeScanCode() - (8 if sys.platform.startswith("linux") else 0)
        letter = _PLACES.get(scan, "")
    if not letter:
        return ""
    return ("Ctrl+" if control else "") + ("Shift+" if shift else "") + letter


def typing(widget: QWidget | None) -> bool:
    """Whether letters belong to *widget*. Asked by name: Python need not load the classes for it."""
    if widget is None:
        return False
    if widget.inherits("QComboBox"):
        return bool(widget.property("editable"))
    return any(
        widget.inherits(kind) for kind in ("QLineEdit", "QTextEdit", "QPlainTextEdit", "QAbstractSpinBox")
    )


def shown_keys(keys: str) -> str:
    """Keys as people read them: Return becomes an arrow, Ctrl becomes Cmd on macOS."""
    if sys.platform == "darwin":
        keys = keys.replace("Ctrl+", "⌘").replace("Shift+", "⇧")
    return keys.replace("Return", "Enter").replace("+", " ")


class Keys(QObject):
    """Turns key presses anywhere in one window into commands."""

    triggered = Signal(str)
    prefixed = Signal(str)  # the first key of a pair, or "" when the wait is over

    def __init__(
        self,
        window: QWidget,
        held: Callable[[], bool],
        overrides: Mapping[str, tuple[str, ...]] | None = None,
        page: Callable[[], str] = str,
    ) -> None:
        """*held* says that a dialog has the keyboard, *page* which page is shown."""
        super().__init__(window)
        self._window, self._held, self._page = window, held, page
        self._keys = {command.id: command.keys for command in COMMANDS} | dict(overrides or {})
        self._composing = False
        self._prefix = ""
        self._over = QTimer(self, singleShot=True, interval=_PREFIX_MS)
        self._over.timeout.connect(self._drop_prefix)
        self._watched: QWidget | None = None
        self._follow()
        if isinstance(app := QApplication.instance(), QApplication):
            app.focusChanged.connect(self._follow)

    def keys_of(self, command: str) -> tuple[str, ...]:
        return self._keys[command]

    def page_shown(self) -> str:
        """The page whose own keys count now."""
        return self._page()

    def first(self, command: str) -> str:
        """The key shown on buttons and in hints."""
        keys = self._keys[command]
        return shown_keys(keys[0]) if keys else ""

    def check(self, command: str, keys: tuple[str, ...]) -> None:
        """BadInput names the command that already has one of *keys*, or begins or ends a pair with it."""
        for other in COMMANDS:
            if other.id == command or other.page != PAGE_OF.get(command, ""):
                continue
            theirs = set(self._keys[other.id]) | {key.split()[0] for key in self._keys[other.id]}
            if taken := set(keys) & theirs:
                raise BadInput(
                    _("{key} already belongs to “{label}”.").format(key=min(taken), label=other.label),
                    _("Choose another key, or give that command a new one first."),
                )

    def rebind(self, command: str, keys: tuple[str, ...]) -> None:
        """Give a command other keys; BadInput names the command that already has one of them."""
        self.check(command, keys)
        self._keys[command] = keys

    def take(self, stored: Mapping[str, str]) -> None:
        """Use the keys of the settings, command -> key; one that clashes or is unknown keeps its usual key."""
        self._keys = {command.id: command.keys for command in COMMANDS}
        for command, key in stored.items():
            if command in self._keys and key:
                with suppress(BadInput):
                    self.rebind(command, (key,))

    def _follow(self) -> None:
        """Watch the widget that keys go to, and no other: a filter on the application is called for every event of
        the program, and makes Qt's wrappers load all their classes to name what it is called with."""
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        target = QApplication.focusWidget() or self._window
        if isValid(self) and isValid(
            target
        ):  # at the end of the program the application outlives its windows
            self._watched = target
            target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._composing = bool(event.preeditString())
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._mine(watched):
            return self._pressed(event)
        return False

    def _mine(self, watched: QObject) -> bool:
        focus = QApplication.focusWidget() or self._window
        return (
            watched is focus
            and focus.window() is self._window
            and QApplication.activePopupWidget() is None
            and not self._composing
            and not self._held()
        )

    def _pressed(self, event: QKeyEvent) -> bool:
        pressed = chord(event)
        if not pressed:
            return False
        if typing(QApplication.focusWidget()) and (
            not pressed.startswith("Ctrl+") or pressed in {"Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+A", "Ctrl+C"}
        ):
            return False
        wanted = f"{self._prefix} {pressed}" if self._prefix else pressed
        found = self._found(wanted)
        if found in {"next", "previous", "open"} and pressed in {"Up", "Down", "Return"}:
            return False  # the list, or the button in focus, does this itself
        if self._prefix:
            self._drop_prefix()
        elif any(key.startswith(f"{pressed} ") for keys in self._keys.values() for key in keys):
            self._prefix = pressed
            self._over.start()
            self.prefixed.emit(pressed)
            return True
        if found is None:
            return False
        self.triggered.emit(found)
        return True

    def _found(self, wanted: str) -> str | None:
        """The command with that key: one of the page that is shown, else one of the window."""
        having = [command for command, keys in self._keys.items() if wanted in keys]
        here = self._page()
        mine = next((one for one in having if here and PAGE_OF.get(one) == here), None)
        return mine or next((one for one in having if one not in PAGE_OF), None)

    def _drop_prefix(self) -> None:
        self._prefix = ""
        self._over.stop()
        self.prefixed.emit("")
