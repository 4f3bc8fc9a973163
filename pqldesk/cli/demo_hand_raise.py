"""The demo's hand-raise: made on the sample page in a real browser where there is one, and followed to the CRM."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pqldesk.cli.output import message
from pqldesk.models.db import Database
from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Company, Identity
from pqldesk.models.usage import RawPage
from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.claims import claim_lead
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.demo import demo as making
from pqldesk.services.demo.sample import CONNECTED
from pqldesk.services.net import run_network
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.queue import read_rows, reading
from pqldesk.services.queue.row_json import Json, queue_row_json
from pqldesk.services.sources.trace_live import trace_live

EMAIL: Final = "dana.ruiz@birchline.example"
PATIENCE_S: Final = 60.0
_FORM: Final = {
    "first_name": "Dana", "last_name": "Ruiz", "work_email": EMAIL, "company_name": "Birchline Ltd",
    "phone_number": "+1 555 010 0199", "country": "US", "state": "CA",
    "comment": "We need single sign-on for 120 seats.",
}  # fmt: skip
_SENT: Final = {**_FORM, "glm_content": "group-billing", "product_interaction": "Hand Raise PQL"}
_IN_FORM: Final = "document.querySelector('hand-raise-lead-form')?.shadowRoot"


def raise_a_hand(db: Database, place: Path, folder: Path | None) -> Json:
    """Serve the button, press it, claim the lead that comes of it, write it to the CRM; what there is to print.

    Pictures of the form go to *folder*.
    """
    run_network(db, connect, ConnectRequest("button", settings={CONNECTED: "yes"}), clock.now())
    with _intake(place) as url:
        by = _press(url, folder)
        lead_id = _arrived(db)
    db.write(_as_sample, lead_id).result()
    at = clock.now()
    db.write(lambda session: claim_lead(session, lead_of(session, lead_id), making.REP, at)).result()
    run_outbox(db, max_wait_s=10)
    way = run_network(db, trace_live, EMAIL)

    def row(session: Session) -> Json:
        lead = lead_of(session, lead_id)
        (found,) = read_rows(Driver(session), [lead.id], reading(session, at))
        return queue_row_json(found)

    hops = [{"hop": hop.hop, "system": hop.system, "status": hop.status} for hop in way.hops]
    return {"by": by, "lead": db.read(row).result(), "hops": hops, "where": way.sentence}


def _as_sample(session: Session, lead_id: str) -> None:
    """The person is made up, too: removing the sample takes them along."""
    lead = lead_of(session, lead_id)
    lead.sample = True
    if lead.company_id is not None:
        session.get_one(Company, lead.company_id).sample = True
    session.execute(delete(RawPage).where(RawPage.source == "button"))


@contextmanager
def _intake(place: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "pqldesk", "--workspace", str(place), "intake", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:  # noqa: S603
        try:
            line = child.stdout.readline() if child.stdout else ""
            if not line:
                raise Problem(_("The intake did not start."), _("Try `pqldesk intake serve` to see why."))
            yield str(json.loads(line)["listening"])
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()


def _press(url: str, folder: Path | None) -> str:
    """How the hand was raised: browser, or http where there is none."""
    from pqldesk.sandbox.browser import INSTALL, BrowserTrouble, chromium, find_chromium

    if find_chromium() is None:
        message(
            _("No Chromium was found ({install}); the same request is sent without a browser.").format(
                install=INSTALL
            )
        )
    else:
        try:
            with chromium(patience_s=PATIENCE_S) as browser:
                _in_browser(browser.page(f"{url}/embed/sample.html"), folder)
        except BrowserTrouble as problem:
            message(
                _("The browser did not do it ({problem}); the same request is sent without one.").format(
                    problem=problem
                )
            )
        else:
            return "browser"
    body = json.dumps(_SENT).encode()
    request = urllib.request.Request(  # noqa: S310 - our own intake on loopback
        f"{url}/embed/hand_raises", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S):  # noqa: S310
        return "http"


def _in_browser(page: Any, folder: Path | None) -> None:
    page.wait("document.querySelector('#billing button')")
    page.js("document.querySelector('#billing button').focus()")
    page.press("Enter")
    page.wait(f"{_IN_FORM}?.querySelector('dialog[open]')")
    for name, value in _FORM.items():
        page.js(
            f"(() => {{ const field = {_IN_FORM}.getElementById({json.dumps(name)}); field.value = {json.dumps(value)};"
            " for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true})) })()"
        )
    if folder is not None:
        page.picture(folder / "hand-raise-form.png")
    page.js(f"{_IN_FORM}.querySelector('button[type=submit]').click()")
    page.wait(f"{_IN_FORM}.querySelector('.thanks')")
    if folder is not None:
        page.picture(folder / "hand-raise-sent.png")


def _arrived(db: Database) -> str:
    """The lead's id, once the intake has made it out of the form."""

    def found(session: Session) -> int | None:
        wanted = select(Identity.lead_id).where(Identity.namespace == "email", Identity.folded == EMAIL)
        return session.scalar(wanted)

    until = time.monotonic() + PATIENCE_S
    while (number := db.read(found).result()) is None:
        if time.monotonic() > until:
            raise Problem(_("The hand-raise did not arrive in the queue."), _("Try `pqldesk doctor`."))
        time.sleep(0.05)
    return public_id(LEAD, number)
