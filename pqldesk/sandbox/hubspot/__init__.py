"""A local double of HubSpot's CRM API, as strict as HubSpot about properties, directions, uniqueness and rates."""

import argparse
from pathlib import Path

from pqldesk.sandbox.hubspot.app import HubSpotDouble
from pqldesk.sandbox.hubspot.portal import Portal, founded


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument("--bare", action="store_true", help="no custom properties, lists and stages")
    parser.add_argument(
        "--rate",
        type=_rate,
        default=100,
        metavar="N|off",
        help="requests in ten seconds; 100. Searches: 5 a second",
    )
    parser.add_argument("--daily", type=int, metavar="N", help="requests a day; no limit")
    parser.add_argument(
        "--lag", type=float, default=3.0, metavar="S", help="how late the search shows a record; 3"
    )
    parser.add_argument(
        "--auto-company", action="store_true", help="contacts get a company by their e-mail's domain"
    )
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="JSON file the state is kept in")


def build(options: argparse.Namespace) -> HubSpotDouble:
    """The double those options describe; a state file that exists wins over the seed."""

    def fresh(double: HubSpotDouble) -> Portal:
        portal = founded(double.clock, bare=options.bare)
        switches = portal.switches
        switches.ten_seconds = options.rate
        switches.search_per_s = None if options.rate is None else 5
        switches.daily, switches.search_lag_s = options.daily, options.lag
        switches.auto_company = options.auto_company
        return portal

    return HubSpotDouble(fresh, latency_s=options.latency / 1000, state_file=options.state)


def _rate(text: str) -> int | None:
    if text == "off":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("expected a number of requests in ten seconds, or off")
    return int(text)
