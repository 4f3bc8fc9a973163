"""A local double of Salesforce's REST API, as strict as an org with duplicate and assignment rules."""

import argparse
from pathlib import Path

from pqldesk.sandbox.salesforce.app import SalesforceDouble
from pqldesk.sandbox.salesforce.org import Org, founded


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument("--bare", action="store_true", help="no custom fields, campaigns and stages")
    parser.add_argument("--no-notes", action="store_true", help="the newer kind of notes is switched off")
    parser.add_argument(
        "--duplicates", choices=("off", "alert", "block"), default="alert", help="duplicate rules; alert"
    )
    parser.add_argument("--calls", type=int, default=15_000, metavar="N", help="API calls a day; 15000")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="JSON file the state is kept in")


def build(options: argparse.Namespace) -> SalesforceDouble:
    """The double those options describe; a state file that exists wins over the seed."""

    def fresh(double: SalesforceDouble) -> Org:
        org = founded(double.clock, bare=options.bare)
        org.switches.notes_enabled = not options.no_notes
        org.switches.duplicate_mode = options.duplicates
        org.switches.daily_limit = options.calls
        return org

    return SalesforceDouble(fresh, latency_s=options.latency / 1000, state_file=options.state)
