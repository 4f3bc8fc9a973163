"""A cable to a server on loopback that a test can cut and mend: what a broken network is to a program."""

import contextlib
import select
import socket
import threading
from urllib.parse import urlsplit, urlunsplit


class Cable:
    """Passes connections on to a server until it is cut; `url` leads through it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname, parts.port)
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self.port = 0
        self.mend()
        account = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(parts._replace(netloc=f"{account}@127.0.0.1:{self.port}"))

    def mend(self) -> None:
        """Let connections through, on the same port as before."""
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", self.port))
        door.listen()
        self.port = door.getsockname()[1]
        self._door = door
        threading.Thread(target=self._let_in, args=(door,), daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        door, self._door = self._door, None
        if door is not None:
            with contextlib.suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            door.close()
        with self._lock:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._ends.clear()

    def _let_in(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = door.accept()
                far = socket.create_connection(self._to)
                with self._lock:
                    if self._door is not door:
                        near.close()
                        far.close()
                        return
                    self._ends += [near, far]
                threading.Thread(target=_pass_on, args=(near, far), daemon=True).start()


def _pass_on(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError), near, far:
        while True:
            for ready in select.select([near, far], [], [])[0]:
                data = ready.recv(65_536)
                if not data:
                    return
                (far if ready is near else near).sendall(data)
