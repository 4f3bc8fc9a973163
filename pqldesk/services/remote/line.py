"""One connection to a system: a request after the other, and what is made of everything that can happen to it."""

import asyncio
import select

import httptools
import httpx

KEPT_S = 4.0  # how long an idle connection is kept: many servers close theirs after 5
HEAD_BYTES = 256 * 1024  # of an answer's status and headers, at most
GATHERED_BYTES = 64 * 1024  # an answer is handed over whole up to this; a longer one as it comes in


class Answer:
    """What has come back so far. *parts* of the body are taken out as they are handed over."""

    def __init__(self, is_headless: bool, heard: "asyncio.Future[None]") -> None:
        self.status = 0  # until all headers are there
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        self.size = 0  # of the parts that wait
        self.is_headless = is_headless  # the answer to HEAD: headers that tell of a body, and none
        self.is_to_the_end = False  # its body ends where the connection does
        self.is_complete = False
        self.keeps = False
        self.error: httpx.TransportError | None = None
        self.heard = heard  # done once it is complete, has failed, or is too long to wait for


class Connection(asyncio.Protocol):
    """One connection, for one request after the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop, among: set["Connection"]) -> None:
        self.closed: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._among = among
        self._transport: asyncio.Transport
        self._poll: select.poll | None = None
        self._parser: httptools.HttpResponseParser
        self._answer: Answer | None = None  # what is being waited for
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._head_size = 0
        self._heard_at = 0.0
        self._idle_since = 0.0
        self._is_paused = False
        self._timer: asyncio.TimerHandle | None = None

    # What the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection() makes
        self._transport = transport
        self._among.add(self)
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:  # nobody asked
            self._transport.abort()
            return
        self._heard_at = self._loop.time()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as cause:
            if answer.is_complete:  # what came after it is not ours
                answer.keeps = False
            else:
                self._fail(httpx.RemoteProtocolError(f"Not HTTP: {cause}"))
            return
        if not answer.status:
            self._head_size += len(data)
            if self._head_size > HEAD_BYTES:
                self._fail(httpx.RemoteProtocolError("The headers do not end"))

    def eof_received(self) -> None:
        answer = self._answer
        if answer is not None and answer.is_to_the_end and not answer.is_complete:
            self._completed(answer)
        else:
            self._cut_off()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            self._cut_off()
        else:
            self._fail(httpx.ReadError(str(exc)))
        self._watch_no_more()
        self._can_write.set()
        self._among.discard(self)
        if not self.closed.done():
            self.closed.set_result(None)

    # What the parser tells

    def on_message_begin(self) -> None:
        if self._answer is not None and self._answer.is_complete:
            self._answer.keeps = False  # a second answer to one question

    def on_header(self, name: bytes, value: bytes) -> None:
        answer = self._answer
        if answer is not None and not answer.status:  # trailers are none of ours
            answer.headers.append((name, value))

    def on_headers_complete(self) -> None:
        answer = self._answer
        if answer is None or answer.is_complete:
            return
        status = self._parser.get_status_code()
        if 100 <= status < 200:  # "continue", "early hints": the answer comes after it
            answer.headers.clear()
            return
        lengths = 0
        for name, value in answer.headers:
            known = name.lower()
            if known == b"content-length":
                lengths += 1
            elif known == b"transfer-encoding":
                if value.strip().lower() != b"chunked":
                    raise ValueError("only chunked is understood")
                lengths += 1
        answer.is_to_the_end = not lengths
        answer.keeps = bool(lengths or status in (204, 304)) and self._parser.should_keep_alive()
        answer.status = status
        if answer.is_headless:
            answer.keeps = False  # the parser waits for the body that the headers tell of
            self._completed(answer)

    def on_body(self, body: bytes) -> None:
        answer = self._answer
        if answer is None or answer.is_complete:
            return
        answer.parts.append(body)
        answer.size += len(body)
        if answer.size > GATHERED_BYTES:
            self._is_paused = True
            self._transport.pause_reading()
            if not answer.heard.done():
                answer.heard.set_result(None)

    def on_message_complete(self) -> None:
        answer = self._answer
        if answer is not None and answer.status and not answer.is_complete:
            self._completed(answer)

    # What a request does

    def is_usable(self) -> bool:
        """Whether it can be written to: open, idle not too long, and nothing, such as its end, has come in."""
        if self.closed.done() or self._transport.is_closing():
            return False
        if self._loop.time() - self._idle_since > KEPT_S:
            return False
        return self._poll is None or not self._poll.poll(0)

    @property
    def is_clean(self) -> bool:
        """Whether the next request can go over it."""
        return self._answer is None and not self.closed.done() and not self._transport.is_closing()

    async def ask(
        self, data: bytes, is_headless: bool, read_s: float | None, write_s: float | None
    ) -> Answer:
        """Send a request; its answer, complete or too long to wait for. The connection is of no use after a failure."""
        answer = self._answer = Answer(is_headless, self._loop.create_future())
        if self.closed.done():
            self._answer = None
            raise httpx.ReadError("The connection was closed as soon as it stood")
        self._parser = httptools.HttpResponseParser(self)
        self._head_size = 0
        try:
            self._transport.write(data)
            if not self._can_write.is_set():
                await self._sent(answer, write_s)
            self._heard_at = self._loop.time()
            if read_s is not None and not answer.heard.done():
                self._timer = self._loop.call_later(read_s, self._quiet, read_s)
            await answer.heard
        except BaseException:
            self.abort()
            raise
        if answer.error is not None:
            raise answer.error
        if answer.is_complete:
            self._over(answer)
        return answer

    async def more(self, answer: Answer) -> bytes:
        """The next part of a long answer, b"" at its end."""
        if not answer.parts and not answer.is_complete and answer.error is None:
            answer.heard = self._loop.create_future()
            self._heard_at = self._loop.time()
            self._read_on()
            await answer.heard
        if answer.error is not None:
            raise answer.error
        body = b"".join(answer.parts)
        answer.parts.clear()
        answer.size = 0
        return body

    def end(self, answer: Answer) -> None:
        """No more of the answer is wanted."""
        if answer.is_complete:
            self._over(answer)
        else:
            self.abort()

    def close(self) -> None:
        """Close it in order."""
        self._transport.close()

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    async def _sent(self, answer: Answer, write_s: float | None) -> None:
        """Wait until the request is on its way; an answer that is there before ends the waiting."""
        writing = asyncio.ensure_future(self._can_write.wait())
        try:
            await asyncio.wait((writing, answer.heard), timeout=write_s, return_when=asyncio.FIRST_COMPLETED)
            if not writing.done():
                self._fail(httpx.WriteTimeout("The request was not taken"))
        finally:
            writing.cancel()

    def _quiet(self, read_s: float) -> None:
        """Nothing for *read_s*, or for less, or nobody waits: then look again later."""
        left = self._heard_at + read_s - self._loop.time()
        if self._answer is None or self._answer.heard.done():
            left = read_s
        if left > 0:
            self._timer = self._loop.call_later(left, self._quiet, read_s)
        else:
            self._fail(httpx.ReadTimeout("No answer"))

    def _read_on(self) -> None:
        if self._is_paused:
            self._is_paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def _completed(self, answer: Answer) -> None:
        answer.is_complete = True
        if not answer.heard.done():
            answer.heard.set_result(None)

    def _over(self, answer: Answer) -> None:
        """Idle again; of use only where request and answer both ended as they should."""
        self._watch_no_more()
        self._read_on()
        self._answer = None
        self._idle_since = self._loop.time()
        if self._transport.get_write_buffer_size():  # answered before all of it was taken
            self._transport.abort()
        elif not answer.keeps:
            self._transport.close()

    def _watch_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self) -> None:
        answer = self._answer
        began = answer is not None and (answer.status or answer.headers)
        told = "The connection was closed in mid answer" if began else "The connection was closed unanswered"
        self._fail(httpx.RemoteProtocolError(told))

    def _fail(self, error: httpx.TransportError) -> None:
        """The answer under way has failed, if there is one; the first reason counts."""
        answer = self._answer
        if answer is None or answer.is_complete or answer.error is not None:
            return
        answer.error = error
        if not answer.heard.done():
            answer.heard.set_result(None)
        self._transport.abort()
