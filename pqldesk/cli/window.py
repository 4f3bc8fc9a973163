"""pqldesk without a command: the window."""

import gc
from typing import TYPE_CHECKING

from pqldesk.cli.qt_libraries import check_qt
from pqldesk.services.basics.places import place_of
from pqldesk.services.basics.texts import use_language

if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace


def open_window(args: "argparse.Namespace | SimpleNamespace") -> int:
    """Open the window on the workspace and stay until it is closed."""
    gc.disable()  # until the first frame: a twentieth of the time to it went into finding nothing to collect
    check_qt(window=True)
    _speak_as_chosen()
    from pqldesk.app import run_window

    return run_window(place_of(getattr(args, "workspace", None)), str(getattr(args, "rep", None) or ""))


def open_file(args: "argparse.Namespace") -> int:
    """The same on the workspace file that a person opened in a file manager."""
    if args.file is not None:
        args.workspace = args.file
    return open_window(args)


def _speak_as_chosen() -> None:
    """Take the language that a person chose in the window over the environment's; before its modules are loaded."""
    from PySide6.QtCore import QSettings

    chosen = str(QSettings("PQLDesk", "PQLDesk").value("language") or "system")
    if chosen != "system":
        use_language([chosen])
