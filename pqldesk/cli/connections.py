"""pqldesk connect, disconnect and connections: which systems there are, and how they are."""

import argparse
import asyncio
import os
import sys
import webbrowser
from dataclasses import replace

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_list, print_object
from pqldesk.services import disconnecting
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.crm import connecting
from pqldesk.services.crm.connect_remarks import refuse_misplaced, remarks
from pqldesk.services.crm.connections import connection_rows, linked_or_none
from pqldesk.services.crm.sign_in import Browser
from pqldesk.services.net import run_network


def connect(args: argparse.Namespace) -> None:
    """Check, discover, map and store a connection."""
    ctx = Context(args)
    secrets = dict(args.secret_env)
    if args.token_env:
        secrets["token"] = args.token_env
    chosen = dict(_pairs(args.set))
    refuse_misplaced(args.system, chosen)
    request = connecting.ConnectRequest(
        args.system,
        args.url,
        secrets,
        chosen,
        args.default_owner,
        args.create_fields,
        sign_in=args.sign_in or args.no_browser,
    )
    browser = Browser(_print_address, _pasted_address) if args.no_browser else Browser(_open_address)
    with ctx.open(create=True) as workspace:
        request = replace(request, rep=ctx.rep_if_known)
        made = run_network(workspace.db, connecting.connect, request, ctx.now, browser)
        has_portal = ctx.read(linked_or_none, "portal") is not None
    document = {
        "system": made.system,
        "url": made.url,
        "account": made.account,
        "mapped": list(made.mapped),
        "missing": [{"name": name, "why": why} for name, why in made.missing],
        "created": list(made.created),
        "lists": list(made.lists),
        "stages": list(made.stages),
        "members": list(made.members),
        "warning": made.warning,
    }
    lines = [
        f"Connected {title_of(made.system)} {made.account}".rstrip(),
        *(f"  mapped   {one}" for one in made.mapped),
    ]
    lines += [f"  missing  {name}: {why}" for name, why in made.missing]
    lines += [f"  created  {one}" for one in made.created]
    lines += remarks(made.system, os.environ, has_portal)
    print_object(document, ctx.form, "\n".join(lines))
    if made.warning:
        message(made.warning)


def disconnect(args: argparse.Namespace) -> None:
    """Take a connection away, with its secrets."""
    ctx = Context(args)
    with ctx.open() as workspace:
        made = run_network(workspace.db, disconnecting.disconnect, args.system, ctx.rep, ctx.now)
    told = _("Disconnected {system}.").format(system=made.title)
    if made.held:
        told += " " + n_(
            "{n} write waits until it is connected again.",
            "{n} writes wait until it is connected again.",
            made.held,
        )
    print_object({"system": made.system, "held": made.held}, ctx.form, told)


async def _open_address(address: str) -> None:
    """Open the browser; the address is printed too, for where it opens nothing."""
    message(_("Allow the access in your browser. Should none open, go to:"))
    message(address)
    await asyncio.to_thread(webbrowser.open, address)


async def _print_address(address: str) -> None:
    message(_("Open this address in a browser and allow the access:"))
    message(address)
    message(_("Then the browser goes to an address that begins with http://localhost and may show an error."))


async def _pasted_address() -> str:
    message(_("Paste that address here:"))
    return await asyncio.to_thread(sys.stdin.readline)


def _pairs(given: list[str]) -> list[tuple[str, str]]:
    found = []
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise BadInput(
                _("--set {text!r} is not KEY=VALUE.").format(text=text),
                _("Write it like stage.sales_qualified=Negotiation."),
            )
        found.append((key.strip(), value))
    return found


def listed(args: argparse.Namespace) -> None:
    """Connected systems and how they are."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(connection_rows)
    print_list(
        [
            {
                "system": row.system,
                "name": row.name,
                "url": row.url,
                "state": row.state,
                "checked_at": iso(row.checked_at),
                "detail": row.detail,
                "mapped": list(row.mapped),
                "missing": list(row.missing),
            }
            for row in rows
        ],
        ctx.form,
        ("system", "url", "state", "checked_at", "detail"),
        _("No system is connected."),
    )
