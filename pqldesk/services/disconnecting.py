"""Taking a connection away: its secrets leave the keyring, what was on its way waits for a person."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pqldesk.models.history import Action
from pqldesk.models.remote import Connection, OutboxItem
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connections import linked_named, place_of
from pqldesk.services.net import Net
from pqldesk.services.outbox.claims import WAITING, hold_groups

DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Disconnected:
    """What went. *held*: writes that were on their way, and wait until the system is connected again."""

    system: str
    title: str
    held: int
    changes: Changes


async def disconnect(net: Net, system: str, rep: str, at: datetime) -> Disconnected:
    """Forget a connection and its secrets. What was written there stays known, so that connecting again goes on.

    Raises NotFound when the system is not connected.
    """
    made, place, kept = await net.write(_forget, system, rep, at)
    for name, where in kept.items():
        await asyncio.to_thread(secrets.forget, place, system, name, where)
    return made


def _forget(
    session: Session, system: str, rep: str, at: datetime
) -> tuple[Disconnected, str, dict[str, str]]:
    linked, title = linked_named(session, system), title_of(system)
    waiting = select(OutboxItem.handoff_id).where(OutboxItem.system == system, OutboxItem.state.in_(WAITING))
    groups = list(session.scalars(waiting))
    hold_groups(
        session, set(groups), _("{system} was disconnected. Connect it, then retry.").format(system=title)
    )
    session.execute(delete(Connection).where(Connection.system == system))
    # Without images: an undo could not bring the secrets back.
    session.add(Action(at=at, actor=rep, name=DISCONNECTED, detail=title))
    changes = Changes.to(Topic.SOURCES, Topic.SETTINGS, Topic.OUTBOX)
    return Disconnected(system, title, len(groups), changes), place_of(session), dict(linked.secrets)
