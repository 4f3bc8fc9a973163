"""A local double of a customer portal: takes hand raises and trials, keeps its tables, passes leads on when told to."""

import argparse
from pathlib import Path

from pqldesk.sandbox.portal.app import PortalDouble
from pqldesk.sandbox.portal.tables import Tables


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument("--database", type=Path, metavar="FILE", help="SQLite file the tables are kept in")
    parser.add_argument("--paused", action="store_true", help="keep leads in the queue to Workato")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )


def build(options: argparse.Namespace) -> PortalDouble:
    """The double those options describe."""
    return PortalDouble(Tables(options.database), paused=options.paused, latency_s=options.latency / 1000)
