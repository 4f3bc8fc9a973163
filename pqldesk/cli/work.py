"""pqldesk task, note, suggestions, placement, trial, undo, redo and history."""

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.models.work import Task
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import iso, told
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.identity import preview, suggestions
from pqldesk.services.leads import notes, tasks, undo
from pqldesk.services.leads.task_list import task_list as task_rows
from pqldesk.services.leads.task_list import tasks_of_lead
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.row_json import plain, task_json, trial_row_json
from pqldesk.services.sources import placements
from pqldesk.services.sources.placement_reports import report_rows
from pqldesk.services.trials import work as trials_work


def task_add(args: argparse.Namespace) -> None:
    """Add a follow-up."""
    ctx = Context(args)
    title = args.title_option or args.title
    if not title:
        raise BadInput(_("The task has no title."), _("Give one: task add LEAD TITLE."))
    with ctx.open():
        rep = ctx.rep
        due = ctx.moment_of(args.due, "--due") if args.due else None
        added = ctx.write(
            lambda session: tasks.add_task(
                session, lead_of(session, args.lead), title, rep, ctx.now, due_at=due, assignee=args.assignee
            )
        )
    if ctx.form == "json":
        print_json(
            {
                "task_id": added.task_id,
                "lead_id": added.lead_id,
                "title": added.title,
                "due_at": iso(added.due_at),
                "assignee": added.assignee,
                "done_at": None,
            }
        )
    else:
        message(
            _("{task}: {title}, due {due}.").format(
                task=added.task_id, title=added.title, due=told(added.due_at)
            )
        )


def task_done(args: argparse.Namespace) -> None:
    """Finish a follow-up."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ctx.write(lambda session: tasks.finish_task(session, tasks.task_of(session, args.task), rep, ctx.now))
    if ctx.form == "json":
        print_json({"task_id": args.task, "done_at": iso(ctx.now)})
    else:
        message(_("Done."))


def task_snooze(args: argparse.Namespace) -> None:
    """Put a follow-up off."""
    ctx = Context(args)
    with ctx.open():
        until = ctx.moment_of(args.until, "--until") if args.until else ctx.now + timedelta(days=args.days)
        _move_task(ctx, tasks.snooze_task, until)


def task_reschedule(args: argparse.Namespace) -> None:
    """Give a follow-up another time."""
    ctx = Context(args)
    with ctx.open():
        _move_task(ctx, tasks.reschedule_task, ctx.moment_of(args.due, "--due"))


def _move_task(
    ctx: Context, verb: Callable[[Session, Task, datetime, str, datetime], Changes], at: datetime
) -> None:
    rep, name = ctx.rep, ctx.args.task
    ctx.write(lambda session: verb(session, tasks.task_of(session, name), at, rep, ctx.now))
    print_object({"task_id": name, "due_at": iso(at)}, ctx.form, f"{name} is due {told(at)}.")


def task_list(args: argparse.Namespace) -> None:
    """Follow-ups, the most urgent first."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        if args.lead:
            found = ctx.read(lambda session: list(tasks_of_lead(session, lead_of(session, args.lead).id)))
            rows = [row for row in found if args.all or row.done_at is None]
        else:
            whose = ctx.rep if args.mine else ctx.option("rep")
            late = ctx.now if args.overdue else None
            rows = ctx.read(task_rows, assignee=whose, done=args.all, due_before=late)
    print_list(
        [{**task_json(row), "lead": row.lead_name} for row in rows],
        ctx.form,
        ("task_id", "lead_id", "title", "due_at", "assignee", "done_at"),
        _("No follow-up is open."),
    )


def note_add(args: argparse.Namespace) -> None:
    """Keep a text on a lead."""
    ctx = Context(args)
    text = args.text_option or args.text
    if not text:
        raise BadInput(_("The note is empty."), _("Give its text: note add LEAD TEXT."))
    with ctx.open():
        rep = ctx.rep
        added = ctx.write(
            lambda session: notes.add_note(
                session, lead_of(session, args.lead), text, rep, ctx.now, title=args.title_option or "Note"
            )
        )
    if ctx.form == "json":
        print_json({"note_id": added.note_id, "lead_id": added.lead_id})
    else:
        message(_("{note} is on {lead}.").format(note=added.note_id, lead=added.lead_id))


def suggestions_list(args: argparse.Namespace) -> None:
    """Leads that may be one person."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(suggestions.open_suggestions)
    print_list(
        [
            {
                "suggestion_id": row.suggestion_id,
                "lead_id": row.lead_id,
                "name": row.lead_name,
                "other_lead_id": row.other_lead_id,
                "other_name": row.other_name,
                "reason": row.reason,
            }
            for row in rows
        ],
        ctx.form,
        ("suggestion_id", "lead_id", "name", "other_lead_id", "other_name", "reason"),
        "Nothing is to be decided.",
    )


def suggestions_show(args: argparse.Namespace) -> None:
    """What merging the two leads would give, field by field."""
    ctx = Context(args)
    with ctx.open():
        shown = ctx.read(
            lambda session: preview.merge_preview(
                session, suggestions.suggestion_of(session, args.suggestion)
            )
        )
    rows = [
        {"field": one.key, "stays": plain(one.kept), "joins": plain(one.other), "merged": plain(one.merged)}
        for one in shown.fields
    ]
    if ctx.form == "json":
        print_json(
            {
                "suggestion_id": shown.suggestion_id,
                "lead_id": shown.lead_id,
                "other_lead_id": shown.other_lead_id,
                "reason": shown.reason,
                "fields": rows,
                "moves": dict(shown.moves),
            }
        )
        return
    message(
        _("{other} would become part of {lead}: {reason}").format(
            other=shown.other_lead_id, lead=shown.lead_id, reason=shown.reason
        )
    )
    print_list(rows, ctx.form, ("field", "stays", "joins", "merged"))


def suggestions_accept(args: argparse.Namespace) -> None:
    """Merge the two leads."""
    _decide(args, accept=True)


def suggestions_reject(args: argparse.Namespace) -> None:
    """Keep the two leads apart."""
    _decide(args, accept=False)


def _decide(args: argparse.Namespace, *, accept: bool) -> None:
    ctx = Context(args)
    decide = suggestions.accept_suggestion if accept else suggestions.reject_suggestion
    with ctx.open():
        rep = ctx.rep

        def command(session: Session) -> Changes:
            return decide(session, suggestions.suggestion_of(session, args.suggestion), rep, ctx.now)

        ctx.write(command)
    state = "accepted" if accept else "rejected"
    if ctx.form == "json":
        print_json({"suggestion_id": args.suggestion, "state": state})
    else:
        said = _("{suggestion} is accepted.") if accept else _("{suggestion} is rejected.")
        message(said.format(suggestion=args.suggestion))


def placement_list(args: argparse.Namespace) -> None:
    """Registered and unknown glm_content values."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(placements.placement_rows)
    print_list(
        [
            {
                "glm_content": row.glm_content,
                "registered": row.registered,
                "note": row.note,
                "place": row.place,
                "submissions": row.submissions,
                "last_at": iso(row.last_at),
                "leads": row.leads,
                "qualified": row.qualified,
                "won": row.won,
            }
            for row in rows
        ],
        ctx.form,
        ("glm_content", "registered", "place", "note", "submissions", "leads", "qualified", "won", "last_at"),
        _("No placement is registered."),
    )


def placement_add(args: argparse.Namespace) -> None:
    """Register a glm_content value."""
    ctx = Context(args)
    if (args.glm_content is None) is not args.examples:
        raise BadInput(
            _("One value is registered, or the examples."), _("Write placement add NAME, or --examples.")
        )
    with ctx.open(create=True):
        actor = ctx.rep_if_known or "manual"
        if args.examples:
            added = ctx.write(placements.add_examples, actor, ctx.now).added
            _say_added(ctx, added)
            return
        ctx.write(
            placements.add_placement, args.glm_content, actor, ctx.now, note=args.note, place=args.place
        )
    if ctx.form == "json":
        print_json({"glm_content": args.glm_content})
    else:
        message(_("{name} is registered.").format(name=args.glm_content))


def _say_added(ctx: Context, added: tuple[str, ...]) -> None:
    if ctx.form == "json":
        print_json({"glm_content": list(added)})
    else:
        said = _("Registered: {names}.") if added else _("All examples are registered already.")
        message(said.format(names=", ".join(added)))


def placement_reports(args: argparse.Namespace) -> None:
    """What pages report of their buttons."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(report_rows, ctx.now)
    print_list(
        [
            {
                "problem": row.problem, "glm_content": row.glm_content or None, "page": row.page,
                "button_text": row.button_text, "buttons": row.buttons, "times": row.times, "last_at": iso(row.last_at),
            }
            for row in rows
        ],
        ctx.form,
        ("problem", "glm_content", "page", "button_text", "buttons", "times", "last_at"),
        _("No page reports anything wrong with its buttons."),
    )  # fmt: skip


def placement_snippet(args: argparse.Namespace) -> None:
    """The lines that put the button on a page."""
    ctx = Context(args)
    with ctx.open():
        lines = ctx.read(placements.snippet, args.glm_content, args.url)
    if ctx.form == "json":
        print_json({"glm_content": args.glm_content, "html": lines})
    else:
        print(lines)


def trial_extend(args: argparse.Namespace) -> None:
    """Move the end of a trial."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ctx.write(
            lambda session: trials_work.extend_trial(
                session, trials_work.trial_of(session, args.trial), args.days, args.reason, rep, ctx.now
            )
        )
        _print_trial(ctx)


def trial_close(args: argparse.Namespace) -> None:
    """Close a trial as lost."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ctx.write(
            lambda session: trials_work.close_trial(
                session, trials_work.trial_of(session, args.trial), args.reason, rep, ctx.now
            )
        )
        _print_trial(ctx)


def _print_trial(ctx: Context) -> None:
    from pqldesk.models.people import Trial
    from pqldesk.services.trials.trials import trial_rows

    number = ctx.read(lambda session: trials_work.trial_of(session, ctx.args.trial).id)
    row = next(iter(ctx.read(trial_rows, ctx.now, Trial.id == number)), None)
    if ctx.form == "json":
        print_json(trial_row_json(row) if row else {"trial_id": ctx.args.trial})
    else:
        said = _("{trial} is {state}, ends {end}.") if row else _("Done.")
        end, state = (told(row.ends_at), row.state) if row else ("", "")
        message(said.format(trial=ctx.args.trial, state=state, end=end))


def undo_last(args: argparse.Namespace) -> None:
    """Take back your last action."""
    _turn(args, back=True)


def redo_last(args: argparse.Namespace) -> None:
    """Do again what you took back."""
    _turn(args, back=False)


def _turn(args: argparse.Namespace, *, back: bool) -> None:
    ctx = Context(args)
    with ctx.open():
        done = ctx.write(undo.undo if back else undo.redo, ctx.rep, ctx.now)
        while done.more is not None:
            done = ctx.write(undo.undo_rest, ctx.rep, ctx.now, done.more)
    if ctx.form == "json":
        print_json({"action": done.action, "detail": done.detail, "lead": done.lead_name or None})
    else:
        what = " ".join(filter(None, (done.action.replace("_", " "), done.detail)))
        about = f" ({done.lead_name})" if done.lead_name and done.lead_name not in what else ""
        message((_("Took back: {what}") if back else _("Did again: {what}")).format(what=what + about))


def history(args: argparse.Namespace) -> None:
    """Who did what."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(_history, args.lead, args.limit)
    print_list(
        rows, ctx.form, ("at", "actor", "action", "lead_id", "detail"), _("Nobody has done anything yet.")
    )


def _history(session: Session, lead: str | None, limit: int) -> list[dict[str, object]]:
    from pqldesk.services.leads.action_list import action_list

    lead_id = None if lead is None else lead_of(session, lead).id
    return [
        {
            "at": iso(row.at),
            "actor": row.actor,
            "action": row.action,
            "lead_id": row.lead_id,
            "detail": row.detail,
        }
        for row in action_list(session, lead_id=lead_id, limit=limit or None)
    ]
