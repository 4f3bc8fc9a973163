"""pqldesk model health, rejections and guard: what a manager who doubts the score asks."""

import argparse

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.rates import ENOUGH, Rate
from pqldesk.services.basics.texts import _, numeral, p_
from pqldesk.services.figures.model_health import model_health
from pqldesk.services.figures.model_health_rows import ModelHealth, verdicts
from pqldesk.services.modelling.replay_figures import plain
from pqldesk.services.modelling.versions import exclude_too

YEAR = 365


def health(args: argparse.Namespace) -> None:
    """Bands, cuts, drift, exclusions and rejections of the live model."""
    found, ctx = _found(args)
    if ctx.form == "json":
        print_json(plain(found))
        return
    rows = [
        {"what": f"won in {one.label}", "before": "", "now": _said(one.won), "note": ""}
        for one in found.bands
    ]
    rows += [
        {
            "what": one.label,
            "before": _said(one.before),
            "now": _said(one.lately),
            "note": _("shifted") if one.shifted else "",
        }
        for one in found.drift
    ]
    rows += [
        {
            "what": f"hidden: {one.label}",
            "before": "",
            "now": numeral(one.hidden),
            "note": _("{n} of them won").format(n=numeral(one.won)) if one.won else "",
        }
        for one in found.guard
    ]
    print_list(rows, ctx.form, ("what", "before", "now", "note"))
    for sentence in verdicts(found):
        message(sentence)


def rejected(args: argparse.Namespace) -> None:
    """The reasons of turned away leads with proposals; with --draft one of them goes into the draft."""
    found, ctx = _found(args)
    if args.draft is not None:
        chosen = next(
            (one for one in found.rejections if one.reason.casefold() == args.draft.casefold()), None
        )
        if chosen is None or chosen.proposal is None:
            known = ", ".join(f"{one.reason!r}" for one in found.rejections if one.proposal is not None)
            raise NotFound(
                _("No rule is proposed for the reason {reason!r}.").format(reason=args.draft),
                _("Proposed for: {known}.").format(known=known)
                if known
                else _("No reason has enough in common."),
            )
        rule = chosen.proposal
        with ctx.open():
            ctx.write(lambda session: exclude_too(session, rule, ctx.rep_if_known or "manual", ctx.now))
        message(
            _(
                "The draft hides {what}. See what it would change: pqldesk model replay draft --against live"
            ).format(what=chosen.what)
        )
        return
    rows = [
        {
            "reason": one.reason, "leads": one.leads, "rule": one.what or None,
            "spares": one.spares, "wins": one.wins, "queued": one.queued,
        }
        for one in found.rejections
    ]  # fmt: skip
    if ctx.form == "json":
        print_json(plain(found.rejections))
        return
    print_list(
        rows, ctx.form, ("reason", "leads", "rule", "spares", "wins", "queued"), _("No lead was turned away.")
    )


def guard(args: argparse.Namespace) -> None:
    """The exclusions with their counts, or the leads one of them hides."""
    found, ctx = _found(args)
    if args.rule is None:
        rows = [
            {"rule": one.key, "label": one.label, "hidden": one.hidden, "won": one.won} for one in found.guard
        ]
        print_list(rows, ctx.form, ("rule", "label", "hidden", "won"), _("The live model has no exclusions."))
        return
    rule = next((one for one in found.guard if one.key == args.rule), None)
    if rule is None:
        known = ", ".join(one.key for one in found.guard) or p_("signals", "none")
        raise NotFound(
            _("The live model has no exclusion {key!r}.").format(key=args.rule),
            _("Known: {known}.").format(known=known),
        )
    rows = [{"lead_id": one.lead_id, "name": one.name, "company": one.company} for one in rule.leads]
    print_list(rows, ctx.form, ("lead_id", "name", "company"), _("It hides no lead."))


def _found(args: argparse.Namespace) -> tuple[ModelHealth, Context]:
    ctx = Context(args)
    days = getattr(args, "days", None) or YEAR
    with ctx.open():
        return ctx.read(model_health, ctx.at, days=days, report=progress_lines(ctx)), ctx


def _said(rate: Rate) -> str:
    if rate.share is None:
        return p_("value", "none")
    note = "" if rate.of >= ENOUGH else ", " + _("not enough yet")
    return f"{rate.share:.0%} ({numeral(rate.n)} of {numeral(rate.of)}{note})"
