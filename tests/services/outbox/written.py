"""What a handoff writes into Attio, and what of it has arrived."""

from fixtures_crm import HOUSES, Desk
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Lead

WRITES = HOUSES["attio"].writes
ORDER = list(WRITES)
STAGE = {"target": "deals", "attribute": "stage"}


def arrived(desk: Desk) -> dict[str, int]:
    there = desk.sandbox.dump()
    return {
        "company": len(there["companies"]),
        "person": len(there["people"]),
        "list_entry": len(there["entries"]["pql_queue"]),
        "deal": len(there["deals"]),
        "task": len(there["tasks"]),
        "note": len(there["notes"]),
    }


ONE_EACH = dict.fromkeys(ORDER, 1)


def set_score(session: Session, lead_id: str, score: int) -> None:
    session.get(Lead, row_number(LEAD, lead_id)).score = score
