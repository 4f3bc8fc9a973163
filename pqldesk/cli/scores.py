"""pqldesk score."""

import argparse
from dataclasses import asdict

from pqldesk.cli.context import Context
from pqldesk.cli.output import print_json, print_object, print_table
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.clock import iso
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
    text = (
        f"{summary.leads:,} leads under {summary.model} v{summary.version} as of {document['as_of']}:"
        f" {summary.qualified:,} qualified, {summary.changed:,} changed"
    )
    print_object(document, ctx.form, text)


def _explain(ctx: Context) -> None:
    lead_id = ctx.read(lambda session: lead_of(session, ctx.args.explain).id)
    document = ctx.read(explained, lead_id, ctx.at, ctx.known_at)
    if ctx.form == "json":
        print_json(document)
        return
    print_table(document["signals"], ("label", "value", "threshold", "from", "to", "weight", "points"))
    print(
        f"\n{document['score']} points ({document['band']}, cut {document['cut']}) under {document['model']}"
        f" v{document['version']} as of {document['as_of']}"
    )
    if document["qualified"]:
        by_hand = document["qualified_by"] == "hand_raise"
        raised = f"a hand raised on {(document['hand_raised_at'] or '')[:10]}, whatever the score"
        print(f"Qualified by {raised if by_hand else 'its score'}.")
    elif not document["excluded"]:
        print(
            f"Not qualified: {document['cut'] - document['score']:g} points short of the cut, no hand raised."
        )
    if document["excluded"]:
        print(f"Excluded: {document['excluded']}")
