"""Text on a lead."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, NOTE, public_id
from pqldesk.models.people import Lead
from pqldesk.models.work import Note
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.basics.typed_text import NOTE as NOTE_LIMIT
from pqldesk.services.basics.typed_text import typed
from pqldesk.services.claims import named_rep
from pqldesk.services.history import recording
from pqldesk.services.touches import touch


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """The new note's id."""

    note_id: str
    lead_id: str
    changes: Changes


def add_note(
    session: Session, lead: Lead, text: str, rep: str, at: datetime, *, title: str = "Note"
) -> NoteAdded:
    """Keep *text* on the lead: a touch by *rep*."""
    rep, text = named_rep(rep), typed(text, _("The note on {lead}").format(lead=lead.name), NOTE_LIMIT)
    if not text:
        raise BadInput(
            _("The note on {lead} is empty.").format(lead=lead.name), _("Write something to keep.")
        )
    with recording(session, rep, "note_added", at=at, detail=_first_line(text), lead_id=lead.id):
        note = Note(lead_id=lead.id, at=at, author=rep, title=title.strip() or "Note", text=text)
        session.add(note)
        touch(session, lead, rep, at)
        session.flush()
    return NoteAdded(public_id(NOTE, note.id), public_id(LEAD, lead.id), Changes.to(Topic.LEADS, Topic.TASKS))


def _first_line(text: str) -> str:
    line = text.splitlines()[0]
    return line if len(line) <= 80 else line[:79].rstrip() + "…"
