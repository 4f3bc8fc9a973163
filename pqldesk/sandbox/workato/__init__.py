"""A local double of a relay: Workato's API platform, and a signed HTTP endpoint. It keeps what it takes."""

import argparse
from pathlib import Path

from pqldesk.sandbox.workato.app import Recipe, WorkatoDouble


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `build` understands."""
    parser.add_argument("--per-minute", type=int, metavar="N", help="deliveries a minute; no limit")
    parser.add_argument("--token-life", type=float, default=3_599.0, metavar="S", help="3599")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="JSON file the state is kept in")


def build(options: argparse.Namespace) -> WorkatoDouble:
    """The double those options describe."""

    def fresh() -> Recipe:
        return Recipe(per_minute=options.per_minute, token_life_s=options.token_life)

    return WorkatoDouble(fresh, latency_s=options.latency / 1000, state_file=options.state)
