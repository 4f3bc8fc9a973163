"""What Qt needs of a Linux system, said in a sentence where it is missing: Qt itself aborts."""

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _

LIBRARIES: Final = "libglib2.0-0 libegl1 libgl1 libdbus-1-3 libfontconfig1 libxkbcommon0"
WINDOW_LIBRARIES: Final = "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
_X11_PLUGIN: Final = "Qt/plugins/platforms/libqxcb.so"


def check_qt(*, window: bool) -> None:
    """Raise a Problem with what to install where Qt cannot be loaded, or, for a *window*, not reach its display."""
    try:
        import PySide6.QtWidgets  # noqa: F401 - only whether it can be
    except ModuleNotFoundError:
        raise
    except ImportError as missing:
        raise _missing(missing, LIBRARIES) from None
    if window and sys.platform == "linux" and _on_x11():
        _check_x11()


def _on_x11() -> bool:
    """Whether Qt is going to use its X11 plugin."""
    wanted = os.environ.get("QT_QPA_PLATFORM", "")
    if wanted:
        return wanted.split(":")[0] == "xcb"
    return "DISPLAY" in os.environ and "WAYLAND_DISPLAY" not in os.environ


def _check_x11() -> None:
    """Load what Qt is about to load, and knock at the display: 3 ms together."""
    package = find_spec("PySide6")
    plugin = Path(package.origin or "").parent / _X11_PLUGIN if package else Path()
    if not plugin.is_file():
        return  # another build of Qt, which has it elsewhere
    try:
        ctypes.CDLL(str(plugin))
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as missing:
        raise _missing(missing, WINDOW_LIBRARIES) from None
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if refused:
        raise Problem(
            _("The display {display} does not answer.").format(display=os.environ.get("DISPLAY", "")),
            _("Start it on a desktop, or use the command line: pqldesk queue, pqldesk demo --headless DIR."),
        )


def _missing(said: Exception, packages: str) -> Problem:
    name, sign, _rest = str(said).partition(": ")
    what = name if sign and ".so" in name else str(said)
    return Problem(
        _("Qt needs a library of the system that is not installed ({what}).").format(what=what),
        _("On Debian or Ubuntu: sudo apt install {packages}").format(packages=packages),
    )
