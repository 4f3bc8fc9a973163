"""People of a CRM that PQLDesk does not know yet, as leads."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.services.files.records import Record
from pqldesk.services.identity.keys import EMAIL, fold_email, identities_of
from pqldesk.services.ingest.people import LeadStore
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.remote.seen import Seen


def made_leads(
    session: Session, people: Sequence[Seen], source: str, at: datetime, batch_id: int | None, into: Stored
) -> dict[str, int]:
    """Make a lead of each, with name and title; their addresses, folded, and whose they are. Counts go to *into*."""
    rows = []
    for number, seen in enumerate(people, 1):
        fields = {"email": seen.keys[0]}
        for name, ours in (("name", "name"), ("job_title", "job_title"), ("company_name", "company")):
            if seen.values.get(name):
                fields[ours] = str(seen.values[name])
        rows.append(Record(number, number, fields))
    if not rows:
        return {}
    stored = LeadStore(source, source).store(session, rows, at, batch_id)
    into.created += stored.created
    into.leads |= stored.leads
    into.relinked |= stored.relinked
    into.new_leads |= stored.new_leads
    keys = [(EMAIL, key) for seen in people for key in seen.keys]
    held = identities_of(session, keys)
    return {fold_email(key): known.lead_id for (_, key), known in held.items() if known.lead_id is not None}
