"""A local double of PostHog's private API: HogQL over events and persons, as strict as its contract."""

import argparse

from pqldesk.sandbox.posthog.app import PostHogDouble


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument("--events", type=int, default=0, metavar="N", help="made-up events to begin with")
    parser.add_argument("--per-minute", type=int, metavar="N", help="queries a minute; 240")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )


def build(options: argparse.Namespace) -> PostHogDouble:
    """The double those options describe."""
    return PostHogDouble(
        events=options.events, per_minute=options.per_minute, latency_s=options.latency / 1000
    )
