"""One window for each workspace: a second start raises the first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCryptographicHash, QDir, QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

RAISE_WAIT_MS = 500


class Door(QObject):
    """Where a second start of the same workspace knocks."""

    knocked = Signal()

    def __init__(self, place: Path | str) -> None:
        super().__init__()
        self._name = _door_name(place)
        self._server: QLocalServer | None = None

    def open(self) -> None:
        """Begin to listen."""
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        if not self._server.listen(self._name):
            QLocalServer.removeServer(self._name)  # left by a window that was killed
            self._server.listen(self._name)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def _answer(self) -> None:
        assert self._server is not None  # noqa: S101 - it is its own signal that called
        while (knock := self._server.nextPendingConnection()) is not None:
            knock.close()
            self.knocked.emit()


def raise_first(place: Path | str) -> bool:
    """Knock at a window that has this workspace open already; True when there is one."""
    name = _door_name(place)
    if os.name == "posix" and not os.path.exists(QDir.tempPath() + "/" + name):  # where Qt puts the door
        return False
    from PySide6.QtNetwork import QLocalSocket  # a tenth of the time to the first frame

    socket = QLocalSocket()
    socket.connectToServer(name)
    answered = socket.waitForConnected(RAISE_WAIT_MS)
    socket.abort()
    return answered


def _door_name(place: Path | str) -> str:
    one_name = str(place.resolve()) if isinstance(place, Path) else place  # by whatever link it was opened
    digest = QCryptographicHash.hash(os.fsencode(one_name), QCryptographicHash.Algorithm.Sha256)
    return f"pqldesk-{os.getuid()}-{bytes(digest.toHex().data()).decode()[:16]}"
