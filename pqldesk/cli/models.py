"""pqldesk model: scoring models and their replay."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.cli.progress import progress_lines
from pqldesk.models.settings import ScoringModelVersion
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.rates import ENOUGH, Rate
from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.files.refusals import unreadable
from pqldesk.services.modelling import replay as replaying
from pqldesk.services.modelling.learned_weights import learned_weights
from pqldesk.services.modelling.replay_against import replay_against
from pqldesk.services.modelling.replay_figures import ModelReplayed, plain, separates_words
from pqldesk.services.modelling.versions import (
    DRAFT,
    discard_draft,
    put_live,
    save_draft,
    version_before,
    version_row,
)
from pqldesk.services.modelling.words import differences
from pqldesk.services.score_now import score_in_steps
from pqldesk.services.scoring.live import draft_version, ensure_model, models
from pqldesk.services.scoring.model import ScoringModel
from pqldesk.services.scoring.model_json import model_from_json, model_to_json


def model_list(args: argparse.Namespace) -> None:
    """All versions, the newest first."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(
            lambda session: [
                {
                    "name": one.name,
                    "version": one.version,
                    "live": one.live,
                    "published_at": iso(one.published_at),
                    "published_by": one.published_by,
                    "note": one.note,
                }
                for one in models(session)
            ]
        )
    print_list(rows, ctx.form, ("name", "version", "live", "published_at", "published_by", "note"))


def model_diff(args: argparse.Namespace) -> None:
    """What one version changes from another."""
    ctx = Context(args)
    with ctx.open():
        old = ctx.read(_named, args.old or "live")
        new = ctx.read(_named, args.new or "draft")
    rows = [{"change": words} for words in differences(old, new)]
    print_list(rows, ctx.form, ("change",), "Both score alike.")


def model_show(args: argparse.Namespace) -> None:
    """One version as the JSON that `model edit` takes."""
    ctx = Context(args)
    with ctx.open():
        print_json(model_to_json(ctx.read(_named, args.model)))


def model_edit(args: argparse.Namespace) -> None:
    """Store a changed model as a new version, not live yet."""
    ctx = Context(args)
    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as refused:
        raise unreadable(Path(args.file), refused) from None
    except ValueError as problem:
        raise BadInput(
            _("{file} cannot be read as JSON: {problem}.").format(file=args.file, problem=problem),
            _("Start from: model show"),
        ) from None
    model = model_from_json(document)
    with ctx.open(create=True):

        def store(session: Session) -> dict[str, object]:
            ensure_model(session, ctx.now)
            row = draft_version(session, model, ctx.now, args.note)
            return {"model": row.name, "version": row.version, "live": row.live}

        stored = ctx.write(store)
    print_object(
        stored,
        ctx.form,
        f"Stored as {stored['model']} v{stored['version']}; put it live with: model publish"
        f" '{stored['model']}@{stored['version']}'",
    )


def model_discard(args: argparse.Namespace) -> None:
    """Drop the draft."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(discard_draft, ctx.rep_if_known or "manual", ctx.now)
    message(_("The draft is gone; the live model is as it was."))


def model_publish(args: argparse.Namespace) -> None:
    """Put a version live and rescore every lead."""
    ctx = Context(args)
    with ctx.open():
        _go_live(ctx, lambda session: version_row(session, args.model), args.note)


def model_rollback(args: argparse.Namespace) -> None:
    """Put the version back that was live before, or the one named."""
    ctx = Context(args)
    with ctx.open():
        _go_live(
            ctx,
            lambda session: version_row(session, args.model) if args.model else version_before(session),
            "",
        )


def _go_live(ctx: Context, chosen: Callable[[Session], ScoringModelVersion], note: str) -> None:
    by = ctx.rep_if_known or "manual"
    ctx.write(lambda session: put_live(session, chosen(session), by, ctx.now, note))
    score_in_steps(ctx.workspace.db, ctx.now, full=True, cause="model", report=progress_lines(ctx))
    live = ctx.read(replaying.version_named, None).model
    if ctx.form == "json":
        print_json({"model": live.name, "version": live.version, "live": True})
    else:
        message(_("{model} v{version} is live.").format(model=live.name, version=live.version))


def _named(session: Session, text: str | None) -> ScoringModel:
    """The live model for None or "live", the draft for "draft", else the version named."""
    if text == DRAFT:
        return model_from_json(version_row(session, DRAFT).spec)
    return replaying.version_named(session, None if text == "live" else text).model


def replay(args: argparse.Namespace) -> None:
    """What a model would have said on a past day, against what came; with --against over the past weeks."""
    if args.against:
        _replay_against(args)
        return
    ctx = Context(args)
    with ctx.open():
        figures = ctx.read(
            replaying.replay,
            ctx.at,
            ctx.now,
            model=args.model,
            within=args.within,
            cut=args.cut,
            known_at=ctx.known_at,
        )
    because = figures["known_because"]
    known = (
        _("as known at {at}").format(at=figures["known_at"])
        if figures["known_at"]
        else _("all that occurred by then")
    )
    print_object(figures, ctx.form)
    message(
        _("Scores of {at}, {known} ({because}).").format(at=figures["as_of"], known=known, because=because)
    )
    if not figures["separates"]:
        message(
            _(
                "The score does not tell won from lost leads apart: the 95 % interval of its AUC includes one half."
            )
        )


def _replay_against(args: argparse.Namespace) -> None:
    ctx = Context(args)
    with ctx.open():
        old = ctx.read(_named, args.against)
        new = ctx.read(_named, args.model or DRAFT)
        found = ctx.read(replay_against, ctx.at, old, new, days=args.days or 90, report=progress_lines(ctx))
    if ctx.form == "json":
        print_json(plain(found))
        return
    sides = (found.live, found.draft)
    rows: list[dict[str, object]] = [
        {"figure": title, "against": said(sides[0]), "model": said(sides[1])}
        for title, said in _FIGURES.items()
    ]
    print_list(rows, ctx.form, ("figure", "against", "model"))
    message(
        _(
            "{since} to {until}: {leads} leads, {decided} decided, {won} won."
            " {newly} would qualify, {no_longer} no longer."
        ).format(
            since=f"{found.since:%Y-%m-%d}",
            until=f"{found.until:%Y-%m-%d}",
            leads=numeral(found.leads),
            decided=numeral(found.decided),
            won=numeral(found.won),
            newly=numeral(found.newly_qualified),
            no_longer=numeral(found.no_longer_qualified),
        )
    )
    for side in sides:
        said = separates_words(side)
        message(_("{model} v{version} {said}.").format(model=side.name, version=side.version, said=said))


def _rate(rate: Rate) -> str:
    if rate.share is None or rate.low is None or rate.high is None:
        return f"none of {rate.of}"
    note = "" if rate.of >= ENOUGH else ", not enough yet"
    return f"{rate.share:.1%} ({rate.n} of {rate.of}, {rate.low:.1%} to {rate.high:.1%}{note})"


_FIGURES: dict[str, Callable[[ModelReplayed], str]] = {
    "PQLs": lambda one: str(one.pqls),
    "won among PQLs": lambda one: _rate(one.precision),
    "wins caught": lambda one: _rate(one.recall),
    "days of warning": lambda one: (
        "" if one.warning_days is None else f"{one.warning_days:.1f} (median of {one.warning_n})"
    ),
    "AUC": lambda one: "" if one.auc is None else f"{one.auc:.3f} ({one.auc_low:.3f} to {one.auc_high:.3f})",
}


def learn(args: argparse.Namespace) -> None:
    """Weights as past outcomes suggest them. A proposal; with --draft it becomes the draft."""
    ctx = Context(args)
    with ctx.open():
        proposal = ctx.read(learned_weights, ctx.at, days=args.days or 365, report=progress_lines(ctx))
        if args.draft:
            by = ctx.rep_if_known or "manual"
            ctx.write(lambda session: save_draft(session, proposal.document, by, ctx.now))
    if ctx.form == "json":
        print_json(plain(proposal))
        return
    print_list(
        [{"signal": one.label, "weight": one.weight, "learned": one.learned} for one in proposal.weights],
        ctx.form,
        ("signal", "weight", "learned"),
    )
    message(proposal.sentence)
