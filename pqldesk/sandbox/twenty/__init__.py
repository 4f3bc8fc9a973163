"""A local double of Twenty's REST API, as strict as a workspace about names, ids, options and uniqueness."""

import argparse
from pathlib import Path

from pqldesk.sandbox.twenty.app import TwentyDouble
from pqldesk.sandbox.twenty.workspace import Workspace, founded


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument("--bare", action="store_true", help="no custom fields and stages")
    parser.add_argument("--rate", type=_rate, default=100, metavar="N|off", help="requests a minute; 100")
    parser.add_argument(
        "--old", action="store_true", help="an older generation: other target columns, other metadata"
    )
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="JSON file the state is kept in")


def build(options: argparse.Namespace) -> TwentyDouble:
    """The double those options describe; a state file that exists wins over the seed."""

    def fresh(double: TwentyDouble) -> Workspace:
        made = founded(double.clock, bare=options.bare)
        made.switches.per_minute = options.rate
        made.switches.old_targets = options.old
        made.switches.new_metadata = not options.old
        return made

    return TwentyDouble(fresh, latency_s=options.latency / 1000, state_file=options.state)


def _rate(text: str) -> int | None:
    if text == "off":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("expected a number of requests a minute, or off")
    return int(text)
