"""A test lead: easily recognised, sent the way a real one goes, and followed to its end."""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _
from pqldesk.services.calls.gitlab import BUTTON
from pqldesk.services.delivery.deliver import deliver_outbox
from pqldesk.services.events.deriving import derive_all
from pqldesk.services.events.raw_pages import Page, keep_pages, packed
from pqldesk.services.net import Net
from pqldesk.services.notices.finding import TEST_PLACEMENT
from pqldesk.services.remote.rest import httpx
from pqldesk.services.sources.trace import Way, chain, has_arrived
from pqldesk.services.sources.trace_live import trace_live
from pqldesk.services.workspaces.runner_lock import AlreadyRunning

LOOK_S: Final = 1.0  # between two looks while it is on its way


@dataclass(frozen=True, slots=True)
class Probed:
    """What became of a test lead."""

    way: Way
    arrived: bool


def probe_form(address: str, code: str, interaction: str) -> dict[str, Any]:
    """The form of a test lead: anybody who meets it sees what it is."""
    return {
        "first_name": "PQLDesk",
        "last_name": f"Test {code}",
        "company_name": "PQLDesk Test",
        "phone_number": "000000",
        "country": "US",
        "state": None,
        "comment": _("Test lead {code} from PQLDesk; nobody has to answer.").format(code=code),
        "work_email": address.replace("{code}", code.lower()),
        "glm_content": TEST_PLACEMENT,
        "glm_source": "pqldesk",
        "product_interaction": interaction,
        "provider": "gitlab",
        "namespace_id": None,
        "uid": None,
    }


async def send_probe(
    net: Net, *, to: str | None = None, wait_s: float = 60.0, interaction: str = "Hand Raise PQL"
) -> Probed:
    """Send one to the intake at *to*, or take it in right here, and follow it for *wait_s* at most."""
    code = secrets.token_hex(3).upper()
    form = probe_form(await net.read(_address), code, interaction)
    email = str(form["work_email"])
    net.report(Progress(0, _("{email} is on its way").format(email=email)))
    if to is None:
        page = packed(Page("button", [{"path": BUTTON, "body": form}], clock.now()))
        await net.write(keep_pages, [page])
        await net.write_bulk(derive_all, clock.now())
    else:
        await _post(net.http, to.rstrip("/") + BUTTON, form)
    systems = await net.read(chain)
    loop = asyncio.get_running_loop()
    until, told = loop.time() + wait_s, ""
    while True:
        with contextlib.suppress(AlreadyRunning):  # somebody else delivers it
            await deliver_outbox(net, once=True)
        way = await trace_live(net, email)
        arrived = has_arrived(way.hops, systems)
        if way.sentence != told:
            told = way.sentence
            net.report(Progress(len(way.hops), told))
        if arrived or loop.time() >= until:
            return Probed(way, arrived)
        await asyncio.sleep(LOOK_S)


def _address(session: Session) -> str:
    return settings.value(session, "test_lead")


async def _post(http: httpx.AsyncClient, url: str, form: dict[str, Any]) -> None:
    try:
        answer = await http.post(url, json=form)
    except httpx.HTTPError:
        raise Problem(
            _("No intake answers at {url}.").format(url=url), _("Start it: pqldesk intake serve.")
        ) from None
    if answer.status_code != httpx.codes.OK:
        raise Problem(
            _("The intake at {url} answered {status}.").format(url=url, status=answer.status_code),
            _("Connect the button there: pqldesk connect button."),
        )
