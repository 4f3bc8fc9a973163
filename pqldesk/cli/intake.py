"""pqldesk intake."""

import argparse
import json

from pqldesk.cli.context import Context
from pqldesk.services.intake.serve import serve as run_server


def serve(args: argparse.Namespace) -> None:
    """Receive leads and usage until told to stop."""
    ctx = Context(args)
    with ctx.open(create=True) as workspace:
        run_server(
            workspace.db,
            args.host,
            args.port,
            lambda address: print(json.dumps({"listening": address}), flush=True),
            may_lack_key=args.allow_anonymous,
        )
