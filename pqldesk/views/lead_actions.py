"""What keys and buttons do to the leads under the cursor or selected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from pqldesk.services.basics.texts import _, p_
from pqldesk.views import wording
from pqldesk.views.lead_moves import LeadMoves
from pqldesk.views.page import Page

if TYPE_CHECKING:
    from pqldesk.services.record_rows import LeadDetail, MergePreview
    from pqldesk.services.rows import Assignable

# Verbs that go step by step where several leads are selected, and the command that does one.
_BULK = {
    "claim": "claim", "release": "release", "assign": "assign", "snooze": "snooze", "disqualify": "disqualify",
    "nurture": "nurture", "reopen": "reopen", "won": "won", "lost": "lost",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A lead of which a list knows no more: enough for a task, a note, a handoff."""

    lead_id: str
    name: str


class LeadActions(QObject):
    """Runs lead commands for the queue page; each tells what it did and can be undone."""

    def __init__(
        self,
        page: Page,
        shown: Callable[[], Any],
        chosen: Callable[[], list[Any]],
        anchor: Callable[[str], QPoint],
        open_sheet: Callable[[Any], None],
        bulk: Callable[[str, object, str], bool] = lambda _verb, _argument, _many: False,
    ) -> None:
        """*shown* is the lead in the panel, *chosen* the selected ones or that; *anchor* says where menus belong.

        Leads are QueueRows, or only Named where nothing else is asked for than a task, a note or a handoff.
        *bulk* takes a verb over where several leads are selected; it answers whether it did.
        """
        super().__init__(page)
        self._page, self._current, self._chosen_leads = page, shown, chosen
        self._anchor, self._open_sheet, self._bulk = anchor, open_sheet, bulk
        self._menu: QWidget | None = None
        self._runs: dict[str, Callable[[], None]] = {
            "claim": self._claim, "release": self._release, "done": self._finish_next, "task": self._task,
            "note": self._note, "handoff": self._handoff,
            "renew": self._renew, "copy_email": self._copy_email, "compare": self._compare_first,
            "set_company": self._move_company, "unmerge": self._take_apart, "part": self.ask_part,
            "open_account": self._open_account, "print": self._print,
            "assign": self._assign, "erase": self._erase, "trace": self._trace,
        }  # fmt: skip
        self._runs |= LeadMoves(page, chosen, self._for_each, anchor).runs

    @property
    def commands(self) -> Collection[str]:
        """The commands that act on leads."""
        return self._runs.keys()

    def run(self, command: str) -> bool:
        """Carry out *command* if it is one of these and there is a lead."""
        if command not in self._runs:
            return False
        if leads := self._chosen_leads():
            if self._page.context.may(command, getattr(leads[0], "owner", None) if len(leads) == 1 else None):
                self._runs[command]()
        else:
            self._say(_("No lead is under the cursor"))
        return True

    def finish_task(self, task_id: str) -> None:
        self._page.act(self._page.context.desk.finish_task, task_id, self._rep, told=_("Task finished"))

    def settle_suggestion(self, suggestion_id: str, same: bool) -> None:
        desk = self._page.context.desk
        if same:
            self._page.act(desk.accept_suggestion, suggestion_id, self._rep, told=_("Merged into one lead"))
        else:
            self._page.act(desk.reject_suggestion, suggestion_id, self._rep, told=_("Kept apart"))

    def compare(self, suggestion_id: str) -> None:
        """Show both leads of a suggestion side by side, to decide whether they are one person."""
        self._page.read(self._page.context.desk.merge_preview, suggestion_id).then(self._show_preview)

    def take_apart(self, lead_id: str) -> None:
        """Make the lead that was merged into another one a lead of its own again."""
        self._page.act(
            self._page.context.desk.unmerge, lead_id, self._rep, told=_("Taken apart into two leads")
        )

    def _show_preview(self, preview: MergePreview) -> None:
        from pqldesk.views.merge_sheet import MergeSheet

        sheet = MergeSheet(self._page.context, preview)
        sheet.decided.connect(self.settle_suggestion)
        self._open_sheet(sheet)

    def _compare_first(self) -> None:
        self._with_detail(self._compare_in)

    def _compare_in(self, detail: LeadDetail) -> None:
        if detail.suggestions:
            self.compare(detail.suggestions[0].suggestion_id)
        else:
            self._say(_("No other lead looks like {name}").format(name=detail.row.name))

    def _take_apart(self) -> None:
        self._with_detail(self._take_apart_in)

    def _take_apart_in(self, detail: LeadDetail) -> None:
        if detail.merged:
            self.take_apart(detail.merged[0].lead_id)
        else:
            self._say(_("No lead was merged into {name}").format(name=detail.row.name))

    def _open_account(self) -> None:
        self._with_detail(self._open_account_of)

    def _open_account_of(self, detail: LeadDetail) -> None:
        if detail.company_number is None:
            self._say(_("No company of {name} is known").format(name=detail.row.name))
        else:
            self._page.context.wishes.open_account.emit(detail.company_number)

    def ask_part(self, key: str = "") -> None:
        """Ask which id of the lead is somebody else's, starting from *key*, and say what goes with it."""
        self._with_detail(partial(self._show_ids, key))

    def _show_ids(self, key: str, detail: LeadDetail) -> None:
        from pqldesk.views.part_sheet import PartSheet

        if len(detail.ids) < 2:
            self._say(
                _("{name} has one id alone: there is nobody to part it from").format(name=detail.row.name)
            )
            return
        sheet = PartSheet(self._page.context, detail, key)
        sheet.given.connect(self._part)
        self._open_sheet(sheet)

    def _part(self, lead_id: str, key: str) -> None:
        desk = self._page.context.desk
        self._page.act(
            desk.part, lead_id, key, self._rep, told=_("{id} is a lead of its own now").format(id=key)
        )

    def _print(self) -> None:
        self._with_detail(self._print_in)

    def _print_in(self, detail: LeadDetail) -> None:
        from pqldesk.views.record_print import print_record

        context = self._page.context
        print_record(detail, context, self._page.window())

    def _with_detail(self, show: Callable[[LeadDetail], None]) -> None:
        if lead := self._current():
            self._page.read(self._page.context.desk.lead_detail, lead.lead_id).then(show)

    def _move_company(self) -> None:
        if lead := self._current():
            from pqldesk.views.company_sheet import CompanySheet

            sheet = CompanySheet(
                self._page.context, lead.lead_id, _("Move to another company"), lead.name,
                _("Company"), p_("company", "Move"), lead.company or "",
                _("A domain or the exact name finds a company; a new name makes one."),
            )  # fmt: skip
            sheet.given.connect(self._set_company)
            self._open_sheet(sheet)

    def _set_company(self, lead_id: str, company: str) -> None:
        desk = self._page.context.desk
        self._page.act(
            desk.set_company, lead_id, company, self._rep, told=_("Moved to {name}").format(name=company)
        )

    def _erase(self) -> None:
        if lead := self._current():
            from pqldesk.views.erase_sheet import EraseSheet

            self._open_sheet(EraseSheet(self._page, lead))

    def _copy_email(self) -> None:
        lead = self._current()
        if lead is not None and lead.email:
            QGuiApplication.clipboard().setText(lead.email)
            self._say(_("Copied {email}").format(email=lead.email))
        elif lead is not None:
            self._say(_("{name} has no e-mail address").format(name=lead.name))

    def _trace(self) -> None:
        if (lead := self._current()) is not None:
            self._page.context.wishes.trace.emit(lead.email or lead.lead_id)

    def _renew(self) -> None:
        desk = self._page.context.desk
        self._for_each(
            desk.renew_claim,
            self._rep,
            one=_("Renewed your claim on {name}"),
            many=_("Renewed {n} claims"),
            unchanged=_("The lease has just begun"),
        )

    def _say(self, words: str) -> None:
        self._page.context.wishes.told.emit(words, 0)

    @property
    def _rep(self) -> str:
        return self._page.context.rep

    def _for_each(
        self, command: Callable[..., Any], *args: object, one: str, many: str, unchanged: str = ""
    ) -> None:
        """Run *command* for every chosen lead; one sentence says it, and one undo takes it back."""
        verb = next(
            (key for key, name in _BULK.items() if command is getattr(self._page.context.desk, name)), ""
        )
        if verb and self._bulk(verb, args[0] if len(args) > 1 else None, many):
            return
        leads = self._chosen_leads()

        def told(changed: int) -> str:
            if len(leads) == 1:
                return one.format(name=leads[0].name)
            if changed == len(leads):
                return many.format(n=changed)
            return many.format(n=_("{n} of {all}").format(n=changed, all=len(leads)))

        self._page.act_on(
            command,
            [(lead.lead_id, *args) for lead in leads],
            told=told,
            unchanged=unchanged or _("Nothing has changed"),
        )

    def _assign(self) -> None:
        self._page.read(self._page.context.desk.assignable).then(self._offer_reps)

    def _offer_reps(self, people: Sequence[Assignable]) -> None:
        from pqldesk.views.rep_chooser import assignees, choose_rep

        reps = assignees(people, self._rep)
        self._menu = choose_rep(
            self._page, _("Assign to somebody"), reps, self._assigned, self._anchor("assign")
        )

    def _claim(self) -> None:
        leads = self._chosen_leads()
        mine = _("{name} is yours already").format(name=leads[0].name) if len(leads) == 1 else ""
        self._for_each(
            self._page.context.desk.claim,
            self._rep,
            one=_("Claimed {name}"),
            many=_("Claimed {n} leads"),
            unchanged=mine or _("They are yours already"),
        )

    def _release(self) -> None:
        desk = self._page.context.desk
        self._for_each(desk.release, self._rep, one=_("Released {name}"), many=_("Released {n} leads"))

    def _finish_next(self) -> None:
        lead = self._current()
        if lead is not None:
            self._page.read(self._page.context.desk.lead_detail, lead.lead_id).then(self._finish_first)

    def _finish_first(self, detail: Any) -> None:
        task = next((t for t in sorted(detail.tasks, key=lambda t: str(t.due_at)) if t.done_at is None), None)
        if task is None:
            words = _("{name} has no open task").format(name=detail.row.name)
            self._page.context.wishes.told.emit(words, 0)
        else:
            told = _("Finished “{title}”").format(title=task.title)
            self._page.act(self._page.context.desk.finish_task, task.task_id, self._rep, told=told)

    def _task(self) -> None:
        if lead := self._current():
            from pqldesk.views.small_sheets import TaskSheet

            sheet = TaskSheet(self._page.context, lead.lead_id, lead.name)
            sheet.given.connect(self._add_task)
            self._open_sheet(sheet)

    def _told_of(self, words: str, bare: str, lead_id: str) -> str:
        """Of one lead, by name: several may be selected, and only the one in the panel is meant."""
        lead = self._current()
        return words.format(name=lead.name) if lead is not None and lead.lead_id == lead_id else bare

    def _add_task(self, lead_id: str, title: str, due_at: object) -> None:
        context = self._page.context
        told = self._told_of(_("Task added for {name}"), _("Task added"), lead_id)
        job = self._page.act(context.desk.add_task, lead_id, title, due_at, self._rep, told=told)
        job.then(partial(context.kept.forget, f"task:{lead_id}"))

    def _note(self) -> None:
        if lead := self._current():
            from pqldesk.views.small_sheets import NoteSheet

            sheet = NoteSheet(self._page.context, lead.lead_id, lead.name)
            sheet.given.connect(self._add_note)
            self._open_sheet(sheet)

    def _add_note(self, lead_id: str, text: str) -> None:
        context = self._page.context
        told = self._told_of(_("Note added to {name}"), _("Note added"), lead_id)
        job = self._page.act(context.desk.add_note, lead_id, text, self._rep, told=told)
        job.then(partial(context.kept.forget, f"note:{lead_id}"))

    def _handoff(self) -> None:
        if lead := self._current():
            from pqldesk.views.handing_over import HandingOver

            HandingOver(self._page, self._open_sheet).begin(lead.lead_id)

    def _assigned(self, whom: str) -> None:
        desk = self._page.context.desk
        name = wording.person(whom).replace("{", "{{").replace("}", "}}")
        self._for_each(
            desk.assign, whom, self._rep,
            one=_("Assigned {name} to {whom}").replace("{whom}", name),
            many=_("Assigned {n} leads to {whom}").replace("{whom}", name),
        )  # fmt: skip
