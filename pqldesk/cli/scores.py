"""pqldesk score."""

import argparse
from dataclasses import asdict

from pqldesk.cli.context import Context
from pqldesk.cli.output import print_json, print_object, print_table
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.queue.find import lead_of
from pqldesk.services.score_now import explained, score_in_steps, score_then


def score(args: argparse.Namespace) -> None:
    """Rescore, or explain one lead; with --as-of or --known-at nothing is stored."""
    ctx = Context(args)
    with ctx.open() as workspace:
        if args.explain:
            _explain(ctx)
            return
        if ctx.is_past:
            summary = ctx.read(score_then, ctx.at, ctx.known_at)
        else:
            summary = score_in_steps(workspace.db, ctx.now, full=args.full, report=progress_lines(ctx))
    document = asdict(summary) | {"as_of": iso(summary.as_of.replace(microsecond=0))}
    del document["changes"]
    text = _(
        "{leads} leads under {model} v{version} as of {at}: {qualified} qualified, {changed} changed"
    ).format(
        leads=numeral(summary.leads), model=summary.model, version=summary.version, at=document["as_of"],
        qualified=numeral(summary.qualified), changed=numeral(summary.changed),
    )  # fmt: skip
    print_object(document, ctx.form, text)


def _explain(ctx: Context) -> None:
    lead_id = ctx.read(lambda session: lead_of(session, ctx.args.explain).id)
    document = ctx.read(explained, lead_id, ctx.at, ctx.known_at)
    if ctx.form == "json":
        print_json(document)
        return
    print_table(document["signals"], ("label", "value", "threshold", "from", "to", "weight", "points"))
    points = _("{score} points ({band}, cut {cut}) under {model} v{version} as of {as_of}")
    print("\n" + points.format(**document))
    if document["qualified"]:
        by_hand = document["qualified_by"] == "hand_raise"
        raised = _("Qualified by a hand raised on {day}, whatever the score.")
        day = (document["hand_raised_at"] or "")[:10]
        print(raised.format(day=day) if by_hand else _("Qualified by its score."))
    elif not document["excluded"]:
        short = _("Not qualified: {n} points short of the cut, no hand raised.")
        print(short.format(n=f"{document['cut'] - document['score']:g}"))
    if document["excluded"]:
        print(_("Excluded: {reason}").format(reason=document["excluded"]))
