"""Delivers forms to the systems they are passed on to, while the intake runs and nothing else works the outbox off."""

import asyncio
import logging
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff
from pqldesk.services.basics import clock
from pqldesk.services.basics.bugs import keep_bug
from pqldesk.services.basics.problems import Problem
from pqldesk.services.delivery.deliver import deliver_outbox
from pqldesk.services.net import Net
from pqldesk.services.outbox.claims import WAITING
from pqldesk.services.remote.rest import http_client
from pqldesk.services.sources.form_relay import FORM
from pqldesk.services.workspaces.runner_lock import AlreadyRunning

log = logging.getLogger(__name__)
LOOK_S: Final = 1.0


def has_due_form(session: Session, at: datetime) -> bool:
    """Whether a form could be passed on now."""
    due = (
        select(OutboxItem.id)
        .join(Handoff, Handoff.id == OutboxItem.handoff_id)
        .where(OutboxItem.state.in_(WAITING), OutboxItem.next_attempt_at <= at, Handoff.playbook == FORM)
        .limit(1)
    )
    return session.scalar(due) is not None


async def pass_on(db: Database) -> None:
    """Until cancelled. Another process that is at the outbox delivers forms as well."""
    async with http_client() as http:
        net = Net(db, http)
        while True:
            try:
                if await net.read(has_due_form, clock.now()):
                    await deliver_outbox(net, once=True)
            except AlreadyRunning:
                pass
            except Problem as problem:
                log.warning("forms are not passed on: %s", problem)
            except Exception as bug:
                log.exception("forms could not be passed on")
                keep_bug(bug)
            await asyncio.sleep(LOOK_S)
