"""Who may use which command, told before they try: buttons stand disabled with the reason, keys and palette tell it.

The workspace refuses all the same, see models/rights.py; this is the same rule where people look. A file keeps nobody
from anything, so there only a workspace that cannot be written bars commands.
"""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QWidget

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _
from pqldesk.views import wording

LOOKS, ACTS, MANAGES, ADMINS = "looks", "acts", "manages", "admins"  # what a command needs
TEAMS = "teams"  # what the team says of somebody, and nobody of themselves
RELEASE: Final = "imports.aside"
_RANK: Final = {"rep": 1, "manager": 2, "admin": 3, "owner": 3}
_NEEDED: Final = {ACTS: 1, MANAGES: 2, ADMINS: 3}
# What moves a lead, and is its owner's alone where the workspace keeps claims from other reps.
OWNERS: Final = frozenset(
    {"claim", "assign", "release", "renew", "snooze", "nurture", "disqualify", "won", "lost", "reopen", "handoff"}
)  # fmt: skip
_BY_NEED: Final = {
    ACTS: """claim assign release done task note handoff snooze disqualify nurture won lost reopen renew compare unmerge
        part set_company add_lead import undo redo save_view save_view_as view_menu accounts.rename accounts.merge
        tasks.reschedule tasks.snooze tasks.done inbox.read inbox.read_all inbox.snooze trials.extend trials.close
        handoffs.retry handoffs.edit handoffs.assign handoffs.hold handoffs.cancel conflicts.mine conflicts.theirs
        conflicts.other conflicts.all_mine conflicts.all_theirs sources.test_lead sources.test handoffs.recheck""",
    MANAGES: "sources.placement sources.pull sources.pull_all sources.stop events.remap imports.undo imports.aside",
    ADMINS: """erase sample.remove data.refill model.publish model.discard model.remove model.up model.down
        model.learn model.add activation.add activation.edit activation.remove
        events.rule events.unrule sources.connect sources.disconnect trace.links""",
    LOOKS: """next previous open back record_on record_back select select_all select_matching copy_rows export_list
        print_list bulk_result search filter columns group fold unfold next_view previous_view revert_view newcomers
        copy_email open_account trace print history palette refresh theme help sample team data.backup data.export
        data.archive about quit accounts.people handoffs.remote handoffs.playbooks go.queue go.inbox go.accounts
        go.trials go.activation go.tasks go.handoffs go.funnel go.scoring go.sources go.settings model.replay
        model.versions model.health model.table model.export activation.table activation.export funnel.period
        funnel.source funnel.rep funnel.split funnel.table funnel.export sources.mapping sources.columns sources.trace
        sources.snippet imports.rejects events.unmapped""",
}  # fmt: skip
NEEDS: Final = {command: need for need, commands in _BY_NEED.items() for command in commands.split()}


class Rights(QObject):
    """What whoever sits here may do; until the workspace has said so, nothing is barred."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._role = self._rep = ""
        self._is_only_read = False

    @property
    def role(self) -> str:
        """The role that the workspace keeps whoever sits here to; "" where it keeps nobody to one."""
        return self._role

    def know(self, role: str, rep: str) -> None:
        """Take the role that the workspace keeps its people to; "" where it keeps nobody to one."""
        if (role, rep) != (self._role, self._rep):
            self._role, self._rep = role, rep
            self.changed.emit()

    def only_look(self, why: object) -> None:
        """The workspace can only be looked at; None, and it can be changed."""
        only = isinstance(why, Problem)
        if only != self._is_only_read:
            self._is_only_read = only
            self.changed.emit()

    def why_not(self, command: str, owner: str | None = None) -> str:
        """Why *command*, or what needs that much, is not for who sits here; "" where it is. *owner* has the lead."""
        need = NEEDS.get(command, command)
        if need == LOOKS:
            return ""
        if self._is_only_read:
            return _("This workspace can only be looked at, so nothing in it can be changed.")
        rank = _RANK.get(self._role)
        if rank is None:
            return ""
        if need == TEAMS:
            return _(
                "The team says who you are and what you do here; an admin changes it under Settings, Team."
            )
        if rank < _NEEDED[need]:
            return _refusal(self._role, need)
        theirs = owner is not None and owner.casefold() != self._rep.casefold()
        if rank == 1 and theirs and command in OWNERS:
            return _("{who} has claimed it: only they, a manager or an admin can do this.").format(
                who=wording.person(owner)
            )
        return ""

    def hold(self, widget: QWidget | QAction, command: str, owner: str | None = None) -> None:
        """Show *widget* disabled, with the reason in its tooltip, for as long as *command* is barred."""
        if isinstance(widget, QAction):
            if why := self.why_not(command, owner):
                widget.setEnabled(False)
                widget.setToolTip(wording.tip(why))
            return
        held = next((one for one in widget.children() if isinstance(one, _Held)), None) or _Held(self, widget)
        held.look_at(command, owner)

    def hint(self, label: QLabel, words: str, command: str) -> None:
        """Let *label* say how *command* is given, and nothing for as long as that is barred."""
        _Hint(self, label, words, command)


class _Held(QObject):
    """Keeps one widget disabled while it is barred, whatever its page makes of it meanwhile."""

    def __init__(self, rights: Rights, widget: QWidget) -> None:
        super().__init__(widget)
        self._rights, self._widget = rights, widget
        self._command, self._owner = LOOKS, ""
        self._why = self._tip = ""
        self._was_enabled = self._is_mine = False
        rights.changed.connect(self._look)

    def look_at(self, command: str, owner: str | None) -> None:
        self._command, self._owner = command, owner or ""
        self._look()

    def _look(self) -> None:
        why = self._rights.why_not(self._command, self._owner or None)
        if why == self._why:
            return
        widget, before, self._why = self._widget, self._why, why
        self._is_mine = True
        if why and not before:
            self._tip = widget.toolTip()
            self._was_enabled = not widget.testAttribute(Qt.WidgetAttribute.WA_ForceDisabled)
            widget.installEventFilter(self)
        widget.setProperty("barred", bool(why))  # a button then tells no key
        if why:
            widget.setEnabled(False)
            widget.setToolTip(wording.tip(why))
        else:
            widget.removeEventFilter(self)
            widget.setEnabled(self._was_enabled)
            widget.setToolTip(self._tip)
        self._is_mine = False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """What the page sets meanwhile counts once the widget is no longer barred."""
        if self._is_mine:
            return False
        if event.type() == QEvent.Type.ToolTipChange:
            self._is_mine = True
            self._tip = self._widget.toolTip()
            self._widget.setToolTip(wording.tip(self._why))
            self._is_mine = False
        elif event.type() == QEvent.Type.EnabledChange and not self._widget.testAttribute(
            Qt.WidgetAttribute.WA_ForceDisabled
        ):
            self._is_mine = self._was_enabled = True
            self._widget.setEnabled(False)
            self._is_mine = False
        return False


class _Hint(QObject):
    """Keeps a hint from telling what may not be done."""

    def __init__(self, rights: Rights, label: QLabel, words: str, command: str) -> None:
        super().__init__(label)
        self._rights, self._label, self._words, self._command = rights, label, words, command
        rights.changed.connect(self._look)
        self._look()

    def _look(self) -> None:
        self._label.setText("" if self._rights.why_not(self._command) else self._words)


def _refusal(role: str, need: str) -> str:
    if need == MANAGES:
        return _(
            "Only managers and admins can do this, and you are a rep. Settings, Team shows who they are."
        )
    if role == "manager":
        return _("Only admins can do this, and you are a manager. Settings, Team shows who they are.")
    return _("Only admins can do this, and you are a rep. Settings, Team shows who they are.")
