"""pqldesk sql."""

import argparse
import sys

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_csv, print_list
from pqldesk.services.basics.texts import n_
from pqldesk.services.workspaces.own_query import own_query


def sql(args: argparse.Namespace) -> None:
    """Run a query of the user's own, which can only read."""
    ctx = Context(args)
    query = sys.stdin.read() if args.query == "-" else args.query
    with ctx.open():
        ctx.settle()
        found = ctx.read(own_query, query, args.limit or None)
    if ctx.form == "csv":
        print_csv(found.as_dicts(), found.columns)  # its header also where there is no row
    else:
        print_list(found.as_dicts(), ctx.form, found.columns)
    if found.is_cut:
        message(
            n_(
                "This is the first row; --limit 0 prints all.",
                "These are the first {n} rows; --limit 0 prints all.",
                args.limit,
            )
        )
