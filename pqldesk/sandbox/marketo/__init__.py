"""A local double of Marketo's REST API: refusals inside answers of 200, limits of the whole instance, rows of 300."""

import argparse
from pathlib import Path

from pqldesk.sandbox.marketo.app import MarketoDouble
from pqldesk.sandbox.marketo.instance import Instance, founded


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument("--bare", action="store_true", help="no custom fields, lists and activity types")
    parser.add_argument(
        "--rate", type=_rate, default=100, metavar="N|off", help="calls in twenty seconds; 100"
    )
    parser.add_argument("--daily", type=int, default=50_000, metavar="N", help="calls a day; 50000")
    parser.add_argument(
        "--lag", type=float, default=0.0, metavar="S", help="how late an activity can be read; 0"
    )
    parser.add_argument("--no-crm-sync", action="store_true", help="no native sync with Salesforce")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="JSON file the state is kept in")


def build(options: argparse.Namespace) -> MarketoDouble:
    """The double those options describe; a state file that exists wins over the seed."""

    def fresh(double: MarketoDouble) -> Instance:
        instance = founded(double.clock, bare=options.bare)
        switches = instance.switches
        switches.per_window, switches.daily = options.rate, options.daily
        switches.concurrent = None if options.rate is None else 10
        switches.activity_lag_s, switches.crm_sync = options.lag, not options.no_crm_sync
        return instance

    return MarketoDouble(fresh, latency_s=options.latency / 1000, state_file=options.state)


def _rate(text: str) -> int | None:
    if text == "off":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("expected a number of calls in twenty seconds, or off")
    return int(text)
