"""A local double of Attio's REST API v2, as strict as Attio about shapes, scopes, uniqueness and rates."""

import argparse
from dataclasses import replace
from pathlib import Path

from pqldesk.sandbox.attio.app import AttioDouble
from pqldesk.sandbox.attio.seed import DEFAULT_SECRET, seeded
from pqldesk.sandbox.attio.world import Switches, World


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument(
        "--token", action="append", default=[], metavar="NAME=SECRET", type=_pair,
        help=f"a token with all scopes, repeatable; without any the secret is {DEFAULT_SECRET}",
    )  # fmt: skip
    parser.add_argument("--no-deals", action="store_true", help="the Deals object is switched off")
    parser.add_argument(
        "--no-auto-company", action="store_true", help="people get no company by their e-mail domain"
    )
    parser.add_argument("--bare", action="store_true", help="no custom fields, lists and stages")
    parser.add_argument(
        "--rate", type=_rate, default=(100, 25), metavar="READS/WRITES|off", help="a second; 100/25"
    )
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="JSON file the state is kept in")


def build(options: argparse.Namespace) -> AttioDouble:
    """The double those options describe; a state file that exists wins over the seed."""
    reads, writes = options.rate
    switches = Switches(
        deals_enabled=not options.no_deals,
        auto_company=not options.no_auto_company,
        reads_per_s=reads,
        writes_per_s=writes,
        note_lists_per_s=None if reads is None else 10,
    )
    secrets = dict(options.token) or {"pqldesk": DEFAULT_SECRET}

    def fresh(double: AttioDouble) -> World:
        return seeded(double.clock, secrets, replace(switches), bare=options.bare)

    return AttioDouble(fresh, latency_s=options.latency / 1000, state_file=options.state)


def _pair(text: str) -> tuple[str, str]:
    name, _, secret = text.partition("=")
    if not name or not secret:
        raise argparse.ArgumentTypeError("expected NAME=SECRET")
    return name, secret


def _rate(text: str) -> tuple[int | None, int | None]:
    if text == "off":
        return None, None
    reads, _, writes = text.partition("/")
    if not (reads.isdecimal() and writes.isdecimal()):
        raise argparse.ArgumentTypeError("expected READS/WRITES, e.g. 100/25, or off")
    return int(reads), int(writes)
