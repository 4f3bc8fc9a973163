"""pqldesk sandbox."""

import argparse
import os
import subprocess
import sys


def sandbox(args: argparse.Namespace) -> int:
    """Run a local double of another system until it is stopped.

    It takes the place of this process where the system can do that, so that whoever ends the one ends the other.
    """
    command = [sys.executable, "-m", "pqldesk.sandbox", args.system, *args.rest]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - our own module
    child = subprocess.Popen(command)  # noqa: S603
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        return child.wait()
