"""pqldesk sandbox."""

import argparse
import subprocess
import sys


def sandbox(args: argparse.Namespace) -> int:
    """Run a local double of another system as a child process, until it is stopped."""
    child = subprocess.Popen([sys.executable, "-m", "pqldesk.sandbox", args.system, *args.rest])  # noqa: S603
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        return child.wait()
