"""A request that nobody waits for any more leaves no connection open."""

import asyncio
import gc
import ssl
import warnings

import httpx

from pqldesk.services.remote.wire import Wire

MOST_TURNS = 40  # of the loop, from the request to its answer


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _cancelled_after(turns: int, url: str) -> None:
    async with httpx.AsyncClient(transport=Wire(ssl.create_default_context(), 10)) as client:
        asked = asyncio.ensure_future(client.get(url))
        for _ in range(turns):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await asyncio.sleep(0.01)  # what was connecting has connected


async def _cancel_at_every_turn() -> None:
    async with await asyncio.start_server(_answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        for turns in range(MOST_TURNS):
            await _cancelled_after(turns, url)


def test_a_request_cancelled_at_any_turn_of_the_loop_leaves_no_socket_open() -> None:
    gc.collect()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(_cancel_at_every_turn())
        gc.collect()
    assert [str(one.message) for one in told if issubclass(one.category, ResourceWarning)] == []
