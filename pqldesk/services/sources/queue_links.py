"""Where each system on the way of a lead shows its queue or its log: a link beside its steps."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.connections import linked_named
from pqldesk.services.history import recording
from pqldesk.services.source_rows import QueueLink
from pqldesk.services.sources.trace import RECEIVED, chain, queue_pages, step_of

FORMS: Final = ("gitlab", "button", "generic")  # where a way may begin
SETTING: Final = "queue_url"


def queue_links(session: Session) -> list[QueueLink]:
    """Every connected system on the way, in its order, with the link of its queue page or log, "" for none."""
    pages = queue_pages(session)
    begins = [name for name in FORMS if name in pages]
    return [
        QueueLink(name, title_of(name), RECEIVED if name in begins else step_of(name), pages[name])
        for name in (*begins, *chain(session))
    ]


def set_queue_link(session: Session, system: str, url: str, rep: str, at: datetime) -> Changes:
    """Link the steps of *system* to *url*, in which ``{email}`` and ``{id}`` are filled in; "" takes the link away.

    Raises BadInput for what is no web address, NotFound for a system that is not connected.
    """
    url = url.strip()
    if url and not _is_web(url):
        raise BadInput(
            _("{url} is no web address.").format(url=url[:200]),
            _("Write it like {example}.").format(example="https://relay.example.com/jobs?q={email}"),
        )
    linked_named(session, system)
    row = session.scalars(select(Connection).where(Connection.system == system)).one()
    before = str(row.settings.get(SETTING) or "")
    if url == before:
        return Changes()
    with recording(session, rep, "queue_link_set", at=at, detail=f"{title_of(system)}: {url or '–'}"):
        kept = {name: value for name, value in row.settings.items() if name != SETTING}
        row.settings = {**kept, SETTING: url} if url else kept
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_one_word = not any(letter.isspace() for letter in url)
    return (
        parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc and is_one_word
    )
