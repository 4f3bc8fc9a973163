"""Every command of the window, declared once: menus, tooltips, palette and help are made from this list."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

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
        "bulk_result",
        _("Show what the last bulk action did to each lead"),
        ("Ctrl+Shift+B",),
        _VIEW,
        page="queue",
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
    Command("open_account", _("Open the account"), ("Shift+O",), _LEAD, True),
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
    Command("sample", _("Open the sample in a window of its own"), ("Ctrl+Shift+O",), _WINDOW),
    Command("sample.remove", _("Remove the sample data"), ("Ctrl+Shift+R",), _WINDOW),
    Command("team", _("Team and rules that give leads out"), ("G M",), _WINDOW),
    Command("data.backup", _("Back up the workspace now"), ("Ctrl+Shift+D",), _WINDOW),
    Command("data.archive", _("Export the whole workspace"), ("Ctrl+Shift+W",), _WINDOW),
    Command("data.refill", _("Fill the workspace from such an export"), ("Ctrl+Shift+I",), _WINDOW),
    Command("data.export", _("Export all leads"), ("Ctrl+Shift+E",), _WINDOW),
    Command("about", _("About PQLDesk"), ("Ctrl+F1",), _WINDOW),
    Command("quit", _("Quit"), ("Ctrl+Q",), _WINDOW),
    Command("accounts.people", _("List the account's people"), ("P",), _ACCOUNTS, page="accounts"),
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
    Command("model.remove", _("Scoring: take the row out of the draft"), ("X",), _MODEL, page="scoring"),
    Command("model.up", _("Scoring: move the row up"), ("Shift+K",), _MODEL, page="scoring"),
    Command("model.down", _("Scoring: move the row down"), ("Shift+J",), _MODEL, page="scoring"),
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
    Command("events.unrule", _("Events: remove the rule under the cursor"), ("X",), _SOURCES, page="sources"),
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
KEY: Final = re.compile(
    r"([A-Z] )?((Ctrl\+)?(Shift\+)?([A-Z]|Delete)|(Ctrl\+)?(Return|Esc|F1|F5|Up|Down)|[/?])"
)
"""How a key is written: C, Shift+C, Ctrl+Shift+Delete, G M."""


def holder(
    command: str, keys: Iterable[str], held: Mapping[str, Iterable[str]]
) -> tuple[str, Command] | None:
    """Which of *keys* another command of the same page has, or begins or ends a pair with, and that command.

    *held* are the keys that all commands have now.
    """
    for other in COMMANDS:
        if other.id != command and other.page == PAGE_OF.get(command, ""):
            theirs = set(held[other.id]) | {key.split()[0] for key in held[other.id]}
            if taken := set(keys) & theirs:
                return min(taken), other
    return None


def hidden(command: str, key: str, held: Mapping[str, Iterable[str]]) -> list[Command]:
    """Commands that share *key* with *command*, where one of the two is of a page and has the key there alone."""
    here = PAGE_OF.get(command, "")
    return [
        other
        for other in COMMANDS
        if other.id != command and bool(other.page) != bool(here) and key in held[other.id]
    ]
