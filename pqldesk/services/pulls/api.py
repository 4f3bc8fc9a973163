"""What pullers over HTTP share: a paced API for reads, and downloads that go to disk as they come."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import IO, Final

from pqldesk.services.basics.texts import _
from pqldesk.services.net import Net
from pqldesk.services.pulls.puller import Setup
from pqldesk.services.remote.pace import UNBOUNDED, Budget, is_loopback
from pqldesk.services.remote.problems import (
    Ambiguous,
    Held,
    RateLimited,
    Refused,
    RemoteProblem,
    Unreachable,
)
from pqldesk.services.remote.rest import Answer, Explain, Rest, httpx, retry_after_s, timeout_s

LARGEST: Final = 8 << 30  # bytes of one download
_CHUNK: Final = 1 << 18


def api(
    net: Net,
    setup: Setup,
    headers: Mapping[str, str],
    explain: Explain,
    per_second: float,
    seen: Callable[[Answer], None] | None = None,
) -> Rest:
    """The system's API, asked *per_second* times a second at most; a double on this machine has no such limit."""
    rate = UNBOUNDED if is_loopback(setup.url) else per_second
    return Rest(net.http, setup.title, setup.url, headers, explain, Budget(rate, rate), seen=seen)


def explained(title: str, said: Callable[[Answer], str], scope: str) -> Explain:
    """The usual meaning of a refusal: 401 and 403 wait for a person, who is told which *scope* is needed."""

    def explain(answer: Answer) -> RemoteProblem:
        words = said(answer) or f"status {answer.status}"
        if answer.status == httpx.codes.UNAUTHORIZED:
            return Held(
                _("{title} does not know the key: {words}").format(title=title, words=words),
                _("Connect again with --secret-env pull_token=NAME."),
            )
        if answer.status == httpx.codes.FORBIDDEN:
            return Held(
                _("The key for {title} may not do this: {words}").format(title=title, words=words),
                _("It needs {scope}.").format(scope=scope),
            )
        return Refused(
            _("{title} refused the request: {words}").format(title=title, words=words),
            _("Look at docs/sync.md for what it wants."),
        )

    return explain


@asynccontextmanager
async def downloaded(
    net: Net,
    setup: Setup,
    path: str,
    params: Mapping[str, str],
    auth: tuple[str, str],
    explain: Explain,
) -> AsyncIterator[IO[bytes]]:
    """The body of a GET in a file that goes when the block ends. A body that breaks off is no body: it raises."""
    with tempfile.TemporaryFile(prefix="pqldesk-pull-") as file:
        await _fetched(net, setup, path, params, auth, explain, file)
        file.seek(0)
        yield file


async def _fetched(
    net: Net,
    setup: Setup,
    path: str,
    params: Mapping[str, str],
    auth: tuple[str, str],
    explain: Explain,
    file: IO[bytes],
) -> None:
    title, url = setup.title, setup.url.rstrip("/")
    try:
        async with net.http.stream("GET", url + path, params=dict(params), auth=auth) as response:
            if response.status_code != httpx.codes.OK:
                body = (await response.aread())[:2_000].decode("utf-8", "replace")
                answer = Answer(response.status_code, body, response.headers, "GET", path)
                if answer.status == httpx.codes.TOO_MANY_REQUESTS:
                    wait = retry_after_s(answer.headers, default=60.0)
                    raise RateLimited(
                        _("{title} has had too many requests.").format(title=title), "", retry_after_s=wait
                    )
                if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
                    raise Ambiguous(
                        _("{title} answered {status}.").format(title=title, status=answer.status),
                        _("PQLDesk tries again by itself."),
                    )
                raise explain(answer)
            size = 0
            async for piece in response.aiter_bytes(_CHUNK):
                size += len(piece)
                if size > LARGEST:
                    raise Refused(
                        _("{title} sent more than {largest} GB.").format(title=title, largest=LARGEST >> 30),
                        _("Choose a later start with --set since=DATE."),
                    )
                await asyncio.to_thread(file.write, piece)
    except (httpx.ConnectError, httpx.ConnectTimeout) as cause:
        raise Unreachable(
            _("{title} cannot be reached at {url}.").format(title=title, url=url),
            _("Check the network; PQLDesk tries again by itself."),
        ) from cause
    except httpx.TimeoutException as cause:
        raise Ambiguous(
            _("{title} did not answer within {timeout_s:g} s.").format(title=title, timeout_s=timeout_s()),
            _("PQLDesk tries again by itself."),
        ) from cause
    except (httpx.TransportError, httpx.DecodingError) as cause:
        raise Ambiguous(
            _("{title} broke off its answer.").format(title=title), _("PQLDesk tries again by itself.")
        ) from cause
