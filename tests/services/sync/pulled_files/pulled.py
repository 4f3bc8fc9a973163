"""A source connected to a workspace, and the leads that came of it."""

from datetime import UTC, datetime

from sqlalchemy import select

from pqldesk.models.people import Lead
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.net import run_network
from tests.services.sync.conftest import Pulled

NOW = datetime.now(UTC).replace(microsecond=0)


def connected(desk, system, url=None, secrets=None, **settings):
    desk.system = Pulled(system, {}, {})
    return run_network(desk.db, connect, ConnectRequest(system, url, secrets or {}, settings), NOW)


def leads(desk):
    return desk.db.read(lambda session: list(session.scalars(select(Lead)))).result()


def emails(desk):
    return sorted(lead.email for lead in leads(desk))
