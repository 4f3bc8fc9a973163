"""pqldesk without a command: the window."""

import argparse
import gc

from pqldesk.services.places import place_of


def open_window(args: argparse.Namespace) -> int:
    """Open the window on the workspace and stay until it is closed."""
    gc.disable()  # until the first frame: a twentieth of the time to it went into finding nothing to collect
    from pqldesk.app import run_window

    return run_window(place_of(getattr(args, "workspace", None)), str(getattr(args, "rep", None) or ""))
