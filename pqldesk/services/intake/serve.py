"""Running the intake as a server of its own, until it is told to stop."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pqldesk.models.db import Database
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.intake.app import Intake
from pqldesk.services.intake.desk import Desk
from pqldesk.services.intake.embed import Embed
from pqldesk.services.intake.forms import Forms
from pqldesk.services.intake.keys import Keys
from pqldesk.services.intake.passing import pass_on

HEAD_BYTES: Final = 64 * 1024  # of a request before its body, and of what stands between the parts of one
_COLLECT_AFTER: Final = 20_000  # new objects; Python's own 700 is less than one batch brings
STOP_S: Final = 3.0  # for requests under way and what waits; whoever sent SIGTERM gives 5


def serve(
    db: Database, host: str, port: int, listening: Callable[[str], None], *, may_lack_key: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT. *listening* hears the address once requests are accepted."""
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        runner.run(_serve(db, _bound(host, port), listening, may_lack_key))


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where there is one: a request costs a quarter less on it than on Python's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio lets no answer wait 40 ms for the acknowledgement of its headers.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as refused:
        made.close()
        raise BadInput(
            _("The intake cannot listen on {host}:{port}: {strerror}.").format(
                host=host, port=port, strerror=refused.strerror or refused
            ),
            _("Choose another --port, or end what listens there."),
        ) from None
    return made


class _Lines(HttpToolsProtocol):
    """Reads requests in half the time of uvicorn's usual parser, and as that one does bounds what is no body."""

    _head = 0  # bytes of the headers so far; -1 once they have ended
    _loose = 0  # bytes since something was made of them

    def data_received(self, data: bytes) -> None:
        self._loose += len(data)
        super().data_received(data)
        if self._loose > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers of the request are too long.")

    def on_message_begin(self) -> None:
        self._head = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head < 0:  # a trailer: what is said after the body is said too late
            self._head -= len(name) + len(value)
        else:
            self._head += len(name) + len(value)
            super().on_header(name, value)
        if abs(self._head) > HEAD_BYTES:
            raise ValueError("too long")
        self._loose = 0

    def on_headers_complete(self) -> None:
        self._head = -1
        self._loose = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._loose = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._loose = 0
        super().on_message_complete()


class _Server(uvicorn.Server):
    """Leaves signals to us, and says when it accepts requests."""

    when_started: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.when_started()

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


async def _serve(
    db: Database, bound: socket.socket, listening: Callable[[str], None], may_lack_key: bool
) -> None:
    desk, keys = Desk(db), Keys(may_lack_key)
    forms = Forms(desk, keys)
    app = Intake(desk, keys, [*forms.routes(), *Embed(desk, keys).routes()])
    server = _Server(
        uvicorn.Config(
            app,
            http=_Lines,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    await desk.start()
    gc.collect()
    gc.freeze()  # modules and tables stay; only what requests bring is worth looking through
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    host, port = bound.getsockname()[:2]
    server.when_started = lambda: listening(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    passing = asyncio.create_task(pass_on(db))
    await server.serve(sockets=[bound])
    await desk.stop(STOP_S)
    passing.cancel()
    await asyncio.gather(passing, return_exceptions=True)
    await forms.close()
