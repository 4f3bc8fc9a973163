"""The secrets of a connection while it is being made: where each is, which ones give way to others, and the sign-in."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import System
from pqldesk.services.crm import secrets
from pqldesk.services.crm.sign_in import Browser, SignedIn, sign_in
from pqldesk.services.remote.oauth import REFRESH
from pqldesk.services.remote.rest import httpx


def variables_of(system: System, given: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
    """Secret -> the environment variable it is in: as given, else as usual where nothing is known of it.

    Raises BadInput where one is not set.
    """
    usual = {name: variable for name, variable in system.variables.items() if name in system.secrets}
    usual = {name: v for name, v in usual.items() if name not in known and os.environ.get(v)}
    found = {**usual, **given}
    for variable in found.values():
        secrets.from_environment(variable)
    return found


def those_that_stay(known: Mapping[str, str], given: Collection[str], *, signs_in: bool) -> dict[str, str]:
    """Where the secrets are that stay: a sign-in takes the place of a key, and a key that of a sign-in."""
    gone = {"token"} if signs_in else {REFRESH} if {"token", "client_secret"} & set(given) else set()
    return {name: where for name, where in known.items() if name not in gone}


@asynccontextmanager
async def typed_in(
    place: str,
    system: System,
    typed: Mapping[str, str],
    kept: dict[str, str],
    before: Mapping[str, str] | None,
) -> AsyncIterator[None]:
    """Keep what was *typed* in the keyring and say so in *kept*. Where the rest fails the keyring is as it was: what
    was there *before* is put back, and of a new connection, where that is None, the secret of a sign-in goes too."""
    there = await asyncio.to_thread(_there, place, system.name, typed, before or {})
    try:
        for name, secret in typed.items():
            kept[name] = await asyncio.to_thread(secrets.store, place, system.name, name, secret)
        yield
    except BaseException:
        for name in [*typed, *([REFRESH] if before is None else [])]:
            if name in there:
                with contextlib.suppress(secrets.SecretMissing):
                    secrets.store(place, system.name, name, there[name])
            else:
                secrets.forget(place, system.name, name, kept.get(name, ""))
        raise


def _there(place: str, system: str, names: Iterable[str], before: Mapping[str, str]) -> dict[str, str]:
    """Those of the secrets that the keyring gives."""
    found: dict[str, str] = {}
    for name in names:
        if before.get(name) == secrets.KEYRING:
            with contextlib.suppress(secrets.SecretMissing):
                found[name] = secrets.read(place, system, name, before[name])
    return found


async def signed_in(
    http: httpx.AsyncClient,
    system: System,
    url: str,
    kept: dict[str, str],
    place: str,
    browser: Browser | None,
) -> SignedIn:
    """Sign in, keep the refresh token in the keyring and say so in *kept*. Raises a Problem where that cannot be."""
    way = system.sign_in
    for name in way.fields if way is not None else ():
        if name not in kept:
            raise BadInput(
                _("Signing in to {system} needs the {name} of its app.").format(
                    system=system.title, name=name
                ),
                _("Put it into an environment variable and add --secret-env {name}=NAME.").format(name=name),
            )
    if browser is None:
        raise BadInput(
            _("Nobody can sign in to {system} from here.").format(system=system.title),
            _("Run connect in a terminal."),
        )
    client: dict[str, str] = {}
    if way is not None:
        await asyncio.to_thread(secrets.check_keyring, place, system.name)
        client = {
            name: secrets.read(place, system.name, name, kept[name])
            for name in ("client_id", "client_secret")
            if name in kept
        }
    made = await sign_in(http, system, url, client, browser)
    kept[REFRESH] = await asyncio.to_thread(secrets.store, place, system.name, REFRESH, made.refresh_token)
    return made
