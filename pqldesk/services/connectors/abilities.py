"""What each CRM does with our steps, and what keeps each from being there twice. docs/connectors.md is made from it;
the scenario tests hold it against the connectors."""

from dataclasses import dataclass, field

# What keeps a write from being there twice:
KEY = "its own key"  # the system knows the record by something unique: sending again changes nothing
FIELD = "our id, where the field exists; else looked for first"
MARKER = "looked for by its marker first"
LOOKED = "looked for first"
ANY_TIME = "sending again changes nothing"
EVENT = "an event id, by which the relay can tell a second delivery"
STEPS = {
    "company": "Company",
    "person": "Person",
    "list_entry": "List entry",
    "claim": "Claim",
    "deal": "Deal",
    "task": "Task",
    "note": "Note",
    "relay": "Everything in one delivery",
}
MORE = {
    "compared": "Compared before it is written over",
    "together": "Many in one call",
    "pulled": "Read back (sync)",
    "fields": "Fields made on request",
    "late_s": "Waits before it looks for a lost write",
}


@dataclass(frozen=True, slots=True)
class Ability:
    """A step as a system does it. *becomes*: what it is there; *once*: one of the ways above."""

    becomes: str
    once: str


@dataclass(frozen=True, slots=True)
class Abilities:
    """*steps* by kind; one that is not there the system cannot do. *fields*: what ``--create-fields`` makes.

    *late_s*: how long after a lost answer the system may still carry the write out. *on_request*: steps that it
    cannot do, but something else of it may stand for, where a person chose so. *always*: fields that our steps fill by
    themselves, mapped or not, as ``deal.name``.
    """

    steps: dict[str, Ability]
    compared: str = ""
    together: str = ""
    pulled: str = ""
    fields: str = ""
    late_s: float = 0.0
    always: frozenset[str] = frozenset()
    on_request: dict[str, Ability] = field(default_factory=dict)


ATTIO = Abilities(
    {
        "company": Ability("company, by domain", KEY),
        "person": Ability("person, by e-mail", KEY),
        "list_entry": Ability("entry on a list", KEY),
        "claim": Ability("fields of the list entry", ANY_TIME),
        "deal": Ability("deal", FIELD),
        "task": Ability("task on deal and person", MARKER),
        "note": Ability("note on the deal or person", MARKER),
    },
    compared="person and deal, field by field",
    pulled="people, companies, deals with their outcome, owners, what reps did, deletions and merges",
    fields="fields, options, lists and stages",
    always=frozenset({"deal.name", "deal.stage", "deal.owner"}),
)
SALESFORCE = Abilities(
    {
        "company": Ability("account, by website", FIELD),
        "person": Ability("the contact or lead of the e-mail; a new one is a contact", FIELD),
        "list_entry": Ability("campaign member", KEY),
        "claim": Ability("owner of contact or lead", ANY_TIME),
        "deal": Ability("opportunity with the contact's role; none for a lead", FIELD),
        "task": Ability("task, also on the opportunity", MARKER),
        "note": Ability("note on the opportunity or person", MARKER),
    },
    compared="person and deal, field by field",
    together="people, campaign members, tasks, notes: 200",
    pulled="people, companies, deals with their outcome, owners, what reps did, deletions and merges",
    late_s=30.0,
    always=frozenset({"person.LastName", "deal.Name", "deal.StageName", "deal.CloseDate"}),
)
HUBSPOT = Abilities(
    {
        "company": Ability("company, by domain", FIELD),
        "person": Ability("contact, by e-mail", KEY),
        "list_entry": Ability("member of a manual list", KEY),
        "claim": Ability("owner of the contact", ANY_TIME),
        "deal": Ability("deal with contact and company", FIELD),
        "task": Ability("task on contact and deal", MARKER),
        "note": Ability("note on contact and deal", MARKER),
    },
    compared="person and deal, field by field",
    together="contacts, members of lists, tasks, notes: 100",
    pulled="people, companies, deals with their outcome, owners, what reps did, deletions and merges",
    fields="properties, options and lists",
    late_s=5.0,
)
TWENTY = Abilities(
    {
        "company": Ability("company, by domain", KEY),
        "person": Ability("person, by e-mail", KEY),
        "list_entry": Ability("option of a field of the person", ANY_TIME),
        "deal": Ability("opportunity with company and one contact", KEY),
        "task": Ability("task on person and opportunity", KEY),
        "note": Ability("note on person and opportunity", KEY),
    },
    compared="person and deal, field by field",
    pulled="people, companies, deals with their outcome, owners, what reps did, deletions and merges",
    fields="fields of the person",
)
MARKETO = Abilities(
    {
        "person": Ability("lead, by e-mail, with the name of its company", LOOKED),
        "list_entry": Ability("member of a static list", KEY),
    },
    compared="mapped fields of the lead",
    together="leads, members of lists, activities: 300",
    late_s=180.0,  # it works on a write for 90 s, and shows activities minutes later
    on_request={
        "task": Ability("custom activity or requested campaign", MARKER),
        "note": Ability("custom activity or requested campaign", MARKER),
    },
)
TRYTON = Abilities(
    {
        "company": Ability("party with the website", LOOKED),
        "person": Ability("party with the e-mail", LOOKED),
        "note": Ability("note on the party", MARKER),
    }
)
RELAY = Abilities(
    {
        "relay": Ability(
            "JSON of fields, deal, task, note and lists; what becomes of it is the relay's", EVENT
        )
    },
    late_s=30.0,  # a recipe runs on for so long
)
