"""From a host's name to a connected socket, over whichever of its addresses answers first.

asyncio.create_connection() would do it too, but forgets the socket, and leaves it open, when the task is cancelled in
the very turn of the loop in which the connection stands. Here every socket has an owner at every turn.
"""

import asyncio
import itertools
import socket
from typing import Any

HEAD_START_S = 0.25  # of one address over the next: RFC 8305, section 5

Address = tuple[socket.AddressFamily, int, Any]  # family, protocol, and what connect() of that family takes


async def reach(host: str, port: int) -> socket.socket:
    """A connected socket, not blocking; the caller closes it.

    Raises OSError where no address answers, UnicodeError where *host* cannot be a name.
    """
    loop = asyncio.get_running_loop()
    infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    reached: list[socket.socket] = []
    refusals: list[OSError] = []

    async def attempt(address: Address) -> None:
        family, protocol, where = address
        sock = None
        try:
            sock = socket.socket(family, socket.SOCK_STREAM, protocol)
            sock.setblocking(False)
            await loop.sock_connect(sock, where)
        except BaseException as error:
            if sock is not None:
                sock.close()
            if not isinstance(error, OSError):
                raise
            refusals.append(error)
        else:
            reached.append(sock)

    attempts: set[asyncio.Task[None]] = set()
    try:
        for address in _families_in_turn([(info[0], info[2], info[4]) for info in infos]):
            attempts.add(loop.create_task(attempt(address)))
            _, attempts = await asyncio.wait(
                attempts, timeout=HEAD_START_S, return_when=asyncio.FIRST_COMPLETED
            )
            if reached:
                return reached.pop()
        while attempts:
            _, attempts = await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)
            if reached:
                return reached.pop()
    finally:
        for late in attempts:  # closes its socket by itself
            late.cancel()
        for second in reached:
            second.close()
    raise refusals[0] if refusals else OSError(f"{host} has no address")


def _families_in_turn(addresses: list[Address]) -> list[Address]:
    """IPv6, IPv4, IPv6 and so on, beginning with the resolver's first: a broken family costs one head start."""
    families: dict[int, list[Address]] = {}
    for address in addresses:
        families.setdefault(address[0], []).append(address)
    turns = itertools.zip_longest(*families.values())
    return [address for turn in turns for address in turn if address is not None]
