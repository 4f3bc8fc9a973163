"""The fields and lists PQLDesk suggests to a CRM that lacks them, by our names."""

from dataclasses import dataclass

from pqldesk.services.remote.catalogue import LIST_TITLES


@dataclass(frozen=True, slots=True)
class Suggested:
    """A field to be made. *kind* as in RemoteField."""

    title: str
    kind: str
    multiple: bool = False
    options: tuple[str, ...] = ()
    unique: bool = False


STATES = ("new", "qualified", "claimed", "working", "handed_off", "won", "lost", "disqualified")
MILESTONES = (
    "signed_up",
    "first_login",
    "first_feature",
    "invited_teammate",
    "first_integration",
    "imported_data",
)
FIELDS: dict[str, Suggested] = {
    "person.pql_score": Suggested("PQL score", "number"),
    "person.activation_score": Suggested("Activation score", "number"),
    "person.pql_state": Suggested("PQL state", "select", options=STATES),
    "person.signup_date": Suggested("Signup date", "date"),
    "person.signup_source": Suggested("Signup source", "text"),
    "person.plan_type": Suggested("Plan type", "text"),
    "person.last_activity_at": Suggested("Last activity at", "timestamp"),
    "person.features_activated": Suggested("Features activated", "number"),
    "person.milestones_completed": Suggested(
        "Milestones completed", "select", multiple=True, options=MILESTONES
    ),
    "deal.pqldesk_id": Suggested("PQLDesk id", "text", unique=True),
    "list.pql.score": Suggested("Score", "number"),
    "list.pql.claimed_by": Suggested("Claimed by", "member"),
    "list.pql.claimed_at": Suggested("Claimed at", "timestamp"),
}
LISTS = {"trials": ("active_trials", LIST_TITLES["trials"]), "pql": ("pql_queue", LIST_TITLES["pql"])}
