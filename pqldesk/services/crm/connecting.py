"""Connecting another system: check the address and the credential, discover, map and store."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.history import Action
from pqldesk.models.remote import Connection, SyncState
from pqldesk.services import settings
from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import CRMS, PULLED, System, kind_of, system_named, title_of
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connections import (
    Linked,
    can_pull,
    chosen_mapping,
    every_s,
    forget_cursor,
    linked_named,
    linked_or_none,
    note_problem,
    opened,
    place_of,
    setup_for,
)
from pqldesk.services.crm.credentials import signed_in, those_that_stay, typed_in, variables_of
from pqldesk.services.crm.joined_ids import joins_differ, refuse_ids_of_nobody
from pqldesk.services.crm.several import others_like, refuse_same_key, refuse_twice
from pqldesk.services.crm.sign_in import Browser
from pqldesk.services.net import Net
from pqldesk.services.pulls import pull_of
from pqldesk.services.remote.catalogue import (
    Catalogue,
    Mapped,
    MappingFound,
    keeping_gone,
    map_catalogue,
)
from pqldesk.services.remote.oauth import REFRESH
from pqldesk.services.remote.problems import (
    Ambiguous,
    RateLimited,
    RemoteProblem,
    TryLater,
    Unreachable,
)


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """What ``connect`` is given. *secrets*: {field: name of the environment variable}; *typed*: {field: the secret}.

    *sign_in*: with a browser, instead of a key. *keep_gone*: what is mapped and is no longer there stays mapped,
    so that its writes are held; else all is mapped anew.
    """

    system: str
    url: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    default_owner: str | None = None
    create_fields: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    sign_in: bool = False
    keep_gone: bool = False
    rep: str = ""  # who connects; none where a connection is only looked at again


@dataclass(frozen=True, slots=True)
class Connected:
    """What a connection found. *missing*: (name, why); *created*: fields made on demand."""

    system: str
    url: str
    account: str
    mapped: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    created: tuple[str, ...]
    lists: tuple[str, ...]
    stages: tuple[str, ...]
    members: tuple[str, ...]
    warning: str | None
    changes: Changes


LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _check_address(url: str, system: System) -> None:
    """An address of the web without an account in it: addresses are stored and shown, secrets are not."""
    if not url and system.own_address:
        raise BadInput(
            _("{system} has an address of its own for each customer.").format(system=system.title),
            _("Name yours: --url {own_address}.").format(own_address=system.own_address),
        )
    if not url and not system.url:
        return
    if system.is_database:
        if "@" in url:
            raise BadInput(
                _("What --url gives names a user, which would be stored and shown."),
                _("Leave it out, and add --set user=NAME and --secret-env pull_token=NAME."),
            )
        return
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        is_fine = False
    if not is_fine:
        shown = _("What --url gives") if "@" in url else f"{url!r}"
        raise BadInput(
            _("{shown} is no address of {system}.").format(shown=shown, system=system.title),
            _("Write it like {url}.").format(url=system.url or system.own_address or "https://host:port"),
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise BadInput(
            _("{url!r} would send the key to {hostname} unencrypted.").format(
                url=url, hostname=parts.hostname
            ),
            _("Write https://; plain http:// is for a server on this computer."),
        )


async def connect(
    net: Net, request: ConnectRequest, now: datetime, browser: Browser | None = None
) -> Connected:
    """Check, discover, map and store. Raises a Problem, and stores nothing, when the check fails."""
    system = system_named(request.system)
    known = await net.read(linked_or_none, system.name)
    set_url = os.environ.get(system.variables.get("url", ""), "")
    url = request.url or (known.url if known else "") or set_url or system.url
    url = url.rstrip("/").removesuffix(system.version_path)
    _check_address(url, system)
    place = await net.read(place_of)
    before = dict(known.secrets) if known else {}
    given = variables_of(system, request.secrets, before)
    kept = those_that_stay(before, {*request.secrets, *request.typed}, signs_in=request.sign_in)
    kept |= {name: secrets.ENVIRONMENT + variable for name, variable in given.items()}
    warned = None
    async with typed_in(place, system, request.typed, kept, before if known else None):
        if request.sign_in:
            warned = (await signed_in(net.http, system, url, kept, place, browser)).warning
        chosen = {**(dict(known.settings) if known else {}), **request.settings}
        linked = Linked(system.name, url, chosen, kept, Catalogue(), known.mapped if known else Mapped())
        _refuse_lacking(system, linked)
        refuse_twice(linked, await net.read(others_like, system.name))
        await net.read(refuse_same_key, linked)
        await net.read(refuse_ids_of_nobody, linked)
        try:
            found, account, created, warning = await _explored(net, system, linked, place, request)
        except (Unreachable, Ambiguous, TryLater, RateLimited) as problem:
            raise by_hand(problem) from problem
    catalogue, mapping = found
    warning = warning or warned
    for name, variable in given.items():
        kept[name] = secrets.keep(place, system.name, name, variable)
    await net.write(_store, linked, mapping, catalogue, request, warning, now)
    if joins_differ(known, linked):
        await net.write(forget_cursor, linked.system)
    return Connected(
        system.name,
        url,
        account,
        mapping.mapped.named(),
        mapping.missing,
        created,
        tuple(each.title for each in catalogue.lists),
        catalogue.stages,
        tuple(each.email for each in catalogue.members if each.active),
        " ".join(filter(None, (warning, secrets.not_kept(kept[name] for name in given)))) or None,
        Changes.to(Topic.SOURCES, Topic.SETTINGS),
    )


async def _explored(
    net: Net, system: System, linked: Linked, place: str, request: ConnectRequest
) -> tuple[tuple[Catalogue, MappingFound], str, tuple[str, ...], str | None]:
    if system.open is None:
        return (Catalogue(), MappingFound(Mapped(), ())), await _checked_pull(net, linked), (), None
    crm = opened(net.http, linked, place)
    account = await crm.account()
    catalogue = await crm.catalogue()
    chosen = chosen_mapping(linked.settings)
    mapping = map_catalogue(catalogue, chosen)
    created: tuple[str, ...] = ()
    if request.create_fields:
        crm.use(mapping.mapped, catalogue)
        wanted = (name for name, _why in mapping.missing if chosen.get(name) != "")
        created = await crm.create_fields(tuple(wanted))
        catalogue = await crm.catalogue()
        mapping = map_catalogue(catalogue, chosen)
    if request.keep_gone:
        mapping = keeping_gone(linked.mapped, mapping, catalogue, chosen)
    return (catalogue, mapping), account.name, created, account.problem


def by_hand(problem: RemoteProblem) -> RemoteProblem:
    """What kept a person's own step from its system, with what they can do: nothing tries it again for them."""
    if isinstance(problem, RateLimited):
        return RateLimited(
            problem.what, _("Nothing was stored. Connect again later."), retry_after_s=problem.retry_after_s
        )
    return Unreachable(problem.what, _("Nothing was stored. Check address and network, then connect again."))


def _refuse_lacking(system: System, linked: Linked) -> None:
    """BadInput where neither what it takes to receive from the system nor what it takes to pull it is there."""
    needed = ("client_id",) if REFRESH in linked.secrets else system.secrets
    lacking = [name for name in needed if name not in linked.secrets]
    how = pull_of(system.name) if system.open is None else None
    if not lacking or (how is not None and can_pull(linked)):
        return
    option = "--token-env NAME" if lacking[0] == "token" else f"--secret-env {lacking[0]}=NAME"
    if how is None:
        raise BadInput(
            _("{system} needs its {lacking}.").format(system=system.title, lacking=lacking[0]),
            _("Put it into an environment variable and add {option}.").format(option=option),
        )
    give = [f"--secret-env {name}=NAME" for name in how.secrets] + [
        f"--set {name}=..." for name in how.settings
    ]
    raise BadInput(
        _("{system} needs its {lacking} to be received from, or its {secrets} to be pulled.").format(
            system=system.title, lacking=lacking[0], secrets=_(" and ").join(how.secrets)
        ),
        _("Put it into an environment variable and add {option}, or {options}.").format(
            option=option, options=" ".join(give)
        ),
    )


async def _checked_pull(net: Net, linked: Linked) -> str:
    """The account's name, where the system is one to pull. Raises what is wrong with the credential or a setting."""
    how = pull_of(linked.system)
    received_with = system_named(linked.system).secrets  # a key that is also an inbound one asks for no pull
    wants_pull = how is not None and (
        kind_of(linked.system) in PULLED
        or any(name in linked.secrets for name in how.secrets if name not in received_with)
        or any(linked.settings.get(n) for n in how.settings)
    )
    if how is None or not (wants_pull or can_pull(linked)):
        return ""
    lacking = [name for name in how.secrets if name not in linked.secrets]
    if lacking:
        raise BadInput(
            _("{system} needs its {lacking} to be pulled.").format(
                system=title_of(linked.system), lacking=lacking[0]
            ),
            _("Put it into an environment variable and add --secret-env {lacking}=NAME.").format(
                lacking=lacking[0]
            ),
        )
    every_s(linked)
    return await how.open(await net.read(setup_for, linked, clock.now())).check(net)


async def recheck(net: Net, system: str, now: datetime, *, create_fields: bool = False) -> Connected:
    """Check a stored connection again and map what has been added since, or is made now because it is missing.

    What is mapped and is gone there stays mapped: mapping anew is a person's decision.
    """
    linked = await net.read(linked_named, system)
    try:
        return await connect(
            net, ConnectRequest(linked.system, keep_gone=True, create_fields=create_fields), now
        )
    except (RateLimited, Unreachable) as problem:
        failed = _of_a_check(problem)
        await net.write(note_problem, system, str(failed), now)
        raise failed from problem
    except Problem as problem:
        await net.write(note_problem, system, str(problem), now)
        raise


def _of_a_check(problem: RateLimited | Unreachable) -> RemoteProblem:
    """The same of a system that is connected already, and stays so."""
    if isinstance(problem, RateLimited):
        later = _("It stays connected. Test it again later.")
        return RateLimited(problem.what, later, retry_after_s=problem.retry_after_s)
    return Unreachable(
        problem.what, _("It stays connected, and what waits for it waits. Test it again later.")
    )


def _store(
    session: Session,
    linked: Linked,
    mapping: MappingFound,
    catalogue: Catalogue,
    request: ConnectRequest,
    warning: str | None,
    now: datetime,
) -> Changes:
    row = session.scalars(select(Connection).where(Connection.system == linked.system)).first()
    if row is None:
        row = Connection(system=linked.system, connected_at=now)
        session.add(row)
    is_crm = linked.system in CRMS
    row.url, row.settings, row.secrets = linked.url, dict(linked.settings), dict(linked.secrets)
    row.catalogue = catalogue.to_json() if is_crm else None
    row.mapping = mapping.mapped.to_json() if is_crm else None
    row.checked_at, row.problem = now, warning
    session.execute(  # what waited for a person to do this is due now
        update(SyncState)
        .where(SyncState.source == linked.system, SyncState.needs_you)
        .values(needs_you=False, failures=0, problem=None, failed_at=None, next_at=now)
    )
    if request.default_owner is not None:
        settings.store(session, "default_owner", request.default_owner)
    if request.rep:
        session.add(Action(at=now, actor=request.rep, name="connected", detail=title_of(linked.system)))
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)
