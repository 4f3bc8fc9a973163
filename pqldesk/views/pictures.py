"""Grabs every page and dialog, light and dark, into PNG files; exact enough to be compared."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QSize, QThread, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from pqldesk.views.main_window import MainWindow
from pqldesk.views.page import WAITS_S
from pqldesk.views.scenes import Settle, everything, pages
from pqldesk.views.states import in_the_way

_QUIET_MS = 40  # nothing under way for so long, and no timer that will soon set something under way
_QUIET_TURNS = 12  # of the event loop: on a busy machine 40 ms may be one turn, and layouts take several
_SOON_MS = 300  # pages gather changes for 150 ms before they ask again, searches wait for the next key
_REST_MS = 3
_LONGEST_MS = 60_000


@dataclass(frozen=True, slots=True)
class _Screen:
    """A size to take pictures at: what is shown there, pixels of the picture for each of the window's, file ending."""

    show: Callable[[MainWindow, Settle], Iterator[str]]
    size: QSize
    ratio: float = 1.0
    ending: str = ""


_SCREENS = (
    _Screen(everything, QSize(1440, 900)),
    _Screen(in_the_way, QSize(1440, 900)),
    _Screen(pages, QSize(1280, 720), 1.5, "-1920x1080"),  # a screen of 1920x1080 at 150 %
    _Screen(pages, QSize(1100, 700), 1.0, "-1100x700"),
)


_FEW = (_Screen(pages, _SCREENS[0].size),)


def grab_pages(window: MainWindow, folder: Path, *, few: bool = False) -> list[Path]:
    """Write queue-light.png, queue-1920x1080-dark.png and so on; the files in the order they were made.

    *few*: each page once, in the light look and at the usual size.
    """
    folder.mkdir(parents=True, exist_ok=True)
    QApplication.setCursorFlashTime(0)  # a blinking cursor would be there or not
    window.pin_look()
    window.show()
    files = []
    # Once for all pictures: every widget of every page is polished anew.
    for scheme in ("light",) if few else ("light", "dark"):
        window.context.theme.choose(scheme)
        for screen in _FEW if few else _SCREENS:
            window.resize(screen.size)
            _settle(window)
            for name in screen.show(window, _settle):
                file = folder / f"{name}{screen.ending}-{scheme}.png"
                file.write_bytes(png(_picture(window, screen.ratio)))
                files.append(file)
    window.overlay.close_sheet()
    window.show_page("queue")
    return files


def grab_state(window: MainWindow, folder: Path, state: str, *, unanswered: bool = False) -> list[Path]:
    """Write queue-STATE-light.png and so on, of each page of a window that is in that state; *unanswered* where it
    waits for its workspace, so that nothing ever settles."""
    window.pin_look()
    window.resize(_SCREENS[0].size)
    window.show()
    settle = _turn if unanswered else _settle
    files = []
    for scheme in ("light", "dark"):
        window.context.theme.choose(scheme)
        for name in pages(window, settle):
            file = folder / f"{name}-{state}-{scheme}.png"
            file.write_bytes(png(_picture(window, 1.0)))
            files.append(file)
    return files


def _turn(window: MainWindow) -> None:
    """Let what is there be built, laid out and painted."""
    window.current().complete()
    loop = QEventLoop()
    waited = QElapsedTimer()
    waited.start()
    while waited.elapsed() < 1.5 * WAITS_S * 1000:  # a page says only then that it waits
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        QThread.msleep(_REST_MS)


def _picture(window: MainWindow, ratio: float) -> QImage:
    """The window as a screen with *ratio* pixels for each of its own shows it."""
    picture = QImage(window.size() * ratio, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    window.render(picture)
    return picture


def png(picture: QImage) -> bytes:
    """A file of *picture* (https://www.w3.org/TR/png-3/). Its rows are left as they are, which suits areas of one
    colour: Qt tries what each row differs least from, and takes 75 ms for a file that is a third larger, this 20."""
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    width, height, used = rgb.width(), rgb.height(), 3 * rgb.width()
    rows = np.zeros((height, 1 + used), np.uint8)  # each begins with a zero: as it is
    rows[:, 1:] = np.frombuffer(rgb.constBits(), np.uint8).reshape(height, rgb.bytesPerLine())[:, :used]
    eight_bits, red_green_blue = 8, 2
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, eight_bits, red_green_blue, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), level=1)),
        (b"IEND", b""),
    )
    packed = (struct.pack(">I", len(data)) + kind + data + _checksum(kind + data) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def _checksum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def _settle(window: MainWindow) -> None:
    """Let answers arrive, be laid out and be painted."""
    whole, quiet = QElapsedTimer(), QElapsedTimer()
    whole.start()
    quiet.start()
    loop = QEventLoop()
    turns = 0
    while (quiet.elapsed() < _QUIET_MS or turns < _QUIET_TURNS) and whole.elapsed() < _LONGEST_MS:
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QThread.msleep(_REST_MS)
        turns += 1
        is_quiet = quiet.elapsed() >= _QUIET_MS and turns >= _QUIET_TURNS
        if (
            window.context.background.is_busy
            or not window.current().is_settled()
            or (is_quiet and _something_is_soon(window))
        ):
            quiet.restart()
            turns = 0


def _something_is_soon(window: MainWindow) -> bool:
    """Whether a part of the window waits for a moment before it asks or moves on."""
    return any(
        timer.isSingleShot() and timer.isActive() and timer.remainingTime() < _SOON_MS
        for timer in window.findChildren(QTimer)
    )
