"""Every action has a key, a place in the palette, a tooltip that tells the key, a way back, and a twin on the command
line: held for all commands at once, so that a new one cannot lack any of it."""

import argparse
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from pqldesk.cli.grammar import build_parser
from pqldesk.views.command_palette import found_commands
from pqldesk.views.commands import COMMANDS, PAGE_OF
from pqldesk.views.file_dialog import FileDialog
from pqldesk.views.keys import chord
from pqldesk.views.navigation import PLACES
from pqldesk.views.parts import Button
from pqldesk.views.rights import LOOKS, NEEDS

SHOWS = "moves, shows or arranges what is on screen"
_SHOWING = """next previous open back record_on record_back select select_all select_matching bulk_result search fold
    unfold next_view previous_view revert_view newcomers help palette refresh theme funnel.table model.table
    activation.table go.settings quit copy_email about"""
# What does the same on the command line, or why nothing has to.
TWINS = {
    **dict.fromkeys(_SHOWING.split(), SHOWS),
    "copy_rows": "queue", "export_list": "export leads", "print_list": "queue", "filter": "queue",
    "columns": "view save", "group": "view save", "save_view": "view save", "save_view_as": "view save",
    "view_menu": "view rename",
    "claim": "lead claim", "assign": "lead assign", "release": "lead release", "done": "task done", "task": "task add",
    "note": "note add", "handoff": "handoff", "snooze": "lead snooze", "disqualify": "lead disqualify",
    "nurture": "lead nurture", "won": "lead won", "lost": "lead lost", "reopen": "lead reopen", "renew": "lead renew",
    "compare": "suggestions show", "unmerge": "lead unmerge", "part": "lead part", "set_company": "lead company",
    "trace": "trace", "open_account": "company show",
    "print": "show", "erase": "erase", "add_lead": "lead add", "import": "import leads",
    "undo": "undo", "redo": "redo", "history": "history", "sample": "demo", "sample.remove": "sample remove",
    "team": "team list", "data.backup": "backup", "data.export": "export leads",
    "data.archive": "export all", "data.refill": "import all",
    "accounts.people": "company show", "accounts.rename": "company rename", "accounts.merge": "company merge",
    "tasks.reschedule": "task reschedule", "tasks.snooze": "task snooze", "tasks.done": "task done",
    "inbox.read": "notifications read", "inbox.read_all": "notifications read", "inbox.snooze": "notifications snooze",
    "trials.extend": "trial extend", "trials.close": "trial close", "handoffs.retry": "outbox retry",
    "handoffs.edit": "outbox edit", "handoffs.assign": "outbox assign", "handoffs.hold": "outbox hold",
    "handoffs.cancel": "outbox cancel", "handoffs.remote": "outbox list", "handoffs.recheck": "connect",
    "handoffs.playbooks": "playbook list", "go.queue": "queue", "go.inbox": "notifications list",
    "go.accounts": "accounts", "go.trials": "trials", "go.activation": "activation", "go.tasks": "task list",
    "go.handoffs": "outbox list", "go.funnel": "funnel", "go.scoring": "model show", "go.sources": "connections",
    "model.publish": "model publish", "model.discard": "model discard", "model.replay": "model replay",
    "model.versions": "model rollback", "model.learn": "model learn", "model.health": "model health",
    **dict.fromkeys(["model.add", "model.remove", "model.up", "model.down"], "model edit"),
    "model.export": "model replay", "activation.add": "milestone set", "activation.edit": "milestone set",
    "activation.remove": "milestone remove", "activation.export": "activation",
    **dict.fromkeys(["funnel.period", "funnel.source", "funnel.rep", "funnel.split", "funnel.export"], "funnel"),
    "sources.connect": "connect", "sources.mapping": "mapping show", "sources.test": "doctor",
    "sources.trace": "trace", "sources.test_lead": "test-lead", "sources.placement": "placement add",
    "sources.snippet": "placement snippet", "sources.disconnect": "disconnect", "sources.pull": "sync",
    "sources.columns": "connect", "sources.pull_all": "sync", "sources.stop": "sync",
    "events.rule": "events rules add", "events.unrule": "events rules remove", "events.unmapped": "events names",
    "events.remap": "events rules remap", "imports.undo": "import undo", "imports.rejects": "import leads",
    "imports.aside": "events set-aside list", "trace.links": "queue-page",
    "conflicts.mine": "conflicts resolve", "conflicts.theirs": "conflicts resolve",
    "conflicts.other": "conflicts resolve",
    "conflicts.all_mine": "conflicts resolve", "conflicts.all_theirs": "conflicts resolve",
}  # fmt: skip


def parser_at(path: str) -> argparse.ArgumentParser | None:
    """The parser of a command of the command line, None where there is no such command."""
    parser: argparse.ArgumentParser = build_parser("0")
    for word in path.split():
        below = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
        if not below or word not in below[0].choices:
            return None
        parser = below[0].choices[word]
    return parser


def test_every_command_has_a_twin_on_the_command_line_or_only_shows():
    assert sorted(TWINS) == sorted(command.id for command in COMMANDS)
    missing = {path for path in TWINS.values() if path != SHOWS and parser_at(path) is None}
    assert not missing
    changing = {command for command, need in NEEDS.items() if need != LOOKS}
    assert not {command for command in changing if TWINS[command] == SHOWS}


def pressed(keys: str) -> str:
    """What the program reads of a press of *keys*, as Qt sends it."""
    *held, name = keys.split("+") if keys != "+" else ["+"]
    flags = Qt.KeyboardModifier.NoModifier
    for one in held:
        flags |= {"Ctrl": Qt.KeyboardModifier.ControlModifier, "Shift": Qt.KeyboardModifier.ShiftModifier}[
            one
        ]
    named = {
        "Return": Qt.Key.Key_Return,
        "Esc": Qt.Key.Key_Escape,
        "/": Qt.Key.Key_Slash,
        "?": Qt.Key.Key_Question,
    }
    key = named.get(name) or getattr(Qt.Key, f"Key_{name}")
    text = name.lower() if len(name) == 1 else ""
    return chord(QKeyEvent(QEvent.Type.KeyPress, key, flags, text))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_a_key_that_can_be_pressed(command):
    assert command.keys
    for keys in command.keys:
        assert " ".join(pressed(one) for one in keys.split()) == keys


def test_every_command_stands_in_the_palette_with_its_key(window):
    found = {choice.command: choice.keys for choice in found_commands("", window.keys)}
    assert found == {
        command.id: window.keys.first(command.id) for command in COMMANDS if command.id != "palette"
    }


# Buttons of pages that are no command, and why.
OWN_KEYS = {
    "…": "opens a menu, whose entries tell their keys",
}


def buttons(place: QWidget) -> Iterator[QAbstractButton]:
    yield from (one for one in place.findChildren(Button) if one.isVisible())


@pytest.mark.parametrize("place", [one.key for one in PLACES if one.key != "settings"])
def test_every_button_of_a_page_tells_its_key_in_its_tooltip(qtbot, window, place):
    page = window.page(place)
    qtbot.waitUntil(lambda: page.is_settled() and not window.context.background.is_busy)
    known = {window.keys.first(command.id) for command in COMMANDS}
    silent = []
    for button in buttons(page):
        QApplication.sendEvent(
            button, QHelpEvent(QEvent.Type.ToolTip, QPoint(2, 2), button.mapToGlobal(QPoint(2, 2)))
        )
        words = button.toolTip()
        if button.text() not in OWN_KEYS and not any(words.endswith(f"  {key}") for key in known):
            silent.append(button.text())
    assert silent == []


# Commands that change something and neither offer an undo nor ask, and why.
NEITHER = {
    "undo": "takes back", "redo": "takes back a taking back",
    "handoffs.retry": "nothing has left yet: hold and cancel are the way back",
    "handoffs.recheck": "asks the CRM and changes nothing there",
    "sources.pull": "fetches; `import undo` takes a batch back", "sources.pull_all": "the same",
    "sources.stop": "the next pull goes on from there",
    "sources.test_lead": "is meant to be seen in every system, and can be erased; its card says how it goes",
    "model.learn": "proposes; taking the proposal over is an edit of the draft",
}  # fmt: skip


def seen_of(window) -> str:
    """What somebody sees of a command: something that opened, an offer to undo, a sentence, or nothing."""
    if window.overlay.sheet() is not None:
        return "asked"
    if (menu := QApplication.activePopupWidget()) is not None:
        menu.close()
        return "asked"
    if dialogs := [one for one in window.findChildren(FileDialog) if one.isVisible()]:
        dialogs[0].close()
        return "asked"
    if window.toast.isVisible():
        return "undo" if window.toast.offers_undo() else "told"
    return ""


CHANGING = sorted(one for one, need in NEEDS.items() if need != LOOKS and one not in NEITHER)


@pytest.mark.parametrize("command", CHANGING)
def test_what_changes_something_offers_an_undo_or_asks_first_and_nothing_stays_silent(
    qtbot, window, fake, command
):
    if command == "sample.remove":
        window.bars.sample.show()
    window.show_page(PAGE_OF.get(command, "queue"))
    page = window.current()
    page.complete()
    qtbot.waitUntil(lambda: page.is_settled() and not window.context.background.is_busy)
    window.run("next")
    qtbot.waitUntil(lambda: page.is_settled() and not window.context.background.is_busy)
    window.toast.hide()
    fake.calls.clear()
    seen: list[str] = []
    window.run(command)
    idle = lambda: not window.context.background.is_busy  # noqa: E731
    qtbot.waitUntil(lambda: idle() and bool(seen.append(seen_of(window)) or seen[-1]))
    wrote = [call for call in fake.calls if call[0] != "beside"]
    assert seen[-1] in {"asked", "undo"} or not wrote
    assert seen[-1] != "asked" or not wrote  # nothing is done before it was asked
