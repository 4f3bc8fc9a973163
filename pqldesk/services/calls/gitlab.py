"""Forms as GitLab's sender and the hand-raise button send them: hand raises, trials, sign-ups, in all generations of
their paths. Source of names and vocabularies: GitLab's own code; docs/hand-raise.md."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.moments import moment
from pqldesk.services.calls import namespaces
from pqldesk.services.calls.reading import Item, Reading, address, ids_of, inner
from pqldesk.services.calls.shapes import Call, Form, TrialSeen, Usage
from pqldesk.services.files.values import BadValue

HAND_RAISE: Final = "hand_raise"
BUTTON: Final = "/embed/hand_raises"
LEADS: Final[Mapping[str, str]] = {  # path -> what a form on it is, unless its product_interaction says more
    "/trials/create_hand_raise_lead": HAND_RAISE,
    "/leads/gitlab_com/hand_raises": HAND_RAISE,
    BUTTON: HAND_RAISE,
    "/leads/gitlab_com/ultimates": "trial",
    "/leads/gitlab_com/addons": "trial",
    "/trials": "trial",
    "/trials/create_iterable": "signup",
    "/trials/self_managed/ultimates": "trial",
    "/leads/self_managed/welcome_contacts": "contact",
    "/api/marketo_leads/opt_in": "contact",
}
APPLIES: Final = frozenset(
    {"/trials", "/trials/gitlab_com/ultimates", "/trials/create_addon", "/trials/gitlab_com/addons"}
)
EXTENDS: Final = "/trials/extend_reactivate_trial"
ROOTS: Final = ("trial_user", "trial", "lead")
_DAYS: Final = {
    "ultimate_with_gitlab_duo_enterprise": 60, "ultimate_on_premium_with_gitlab_duo_enterprise": 60,
    "gitlab_duo_enterprise": 60,
}  # fmt: skip
_USUAL_DAYS: Final = 30
_SAME_PLACE: Final = {"billing-group": "group-billing"}  # two names of one place
_FIELDS: Final = {
    "first_name": "first_name", "last_name": "last_name", "company": "company_name", "phone": "phone_number",
    "country": "country", "state": "state", "comment": "comment", "glm_source": "glm_source",
    "product_interaction": "product_interaction", "plan": "existing_plan",
}  # fmt: skip


def said_in(body: Item) -> dict[str, Any]:
    """What a form says, wherever in it: beside its root key or inside, the inside first."""
    within: Mapping[str, Any] = next((inner(body, root) for root in ROOTS if root in body), {})
    return {**{name: value for name, value in body.items() if name not in ROOTS}, **within}


def is_apply(path: str, body: Item) -> bool:
    """Whether the request asks that a trial begin, rather than telling of somebody who wants one."""
    if path not in APPLIES:
        return False
    return path != "/trials" or bool(said_in(body).get("sync_to_gl"))


def email_of(said: Item) -> str | None:
    """The person's address; None where there is none that could be one."""
    return address(said.get("work_email") or said.get("email"))


def kind_of(path: str, interaction: object) -> str:
    """What the form is: its path says it roughly, its product interaction exactly."""
    told = str(interaction or "").strip().casefold()
    if "account creation" in told or told in ("personal saas registration", "invited user"):
        return "signup"
    if told.startswith("cart abandonment"):
        return "cart_abandonment"
    if told.startswith("saas trial") or told.endswith("_trial"):
        return "trial"
    if told.startswith(("hand raise", "smb promo", "requested contact")):
        return HAND_RAISE
    if told.endswith(" contact") or told == "beta program opt in":
        return "contact"
    return LEADS.get(path, "contact")


def placement_of(value: object) -> str | None:
    """The glm_content as placements know it."""
    told = str(value).strip() if value is not None else ""
    return _SAME_PLACE.get(told, told) or None


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls in one form. *found*: its path and body as the intake keeps them; or a namespace of GitLab's list."""
    if "full_path" in found:
        yield from namespaces.read(found, reading)
        return
    path, body = str(found.get("path", "")), inner(found, "body")
    said = said_in(body)
    ids = ids_of(
        email=said.get("work_email") or said.get("email"),
        user_id=said.get("uid"),
        company_id=said.get("namespace_id"),
    )
    at = moment(reading.received_at) if reading.received_at is not None else datetime.now(UTC)
    if path == EXTENDS or is_apply(path, body):
        yield _trial(said, ids, at, extended=path == EXTENDS)
        return
    if "email" not in ids and "user_id" not in ids:
        raise BadValue("form", "it names nobody")
    interaction = said.get("product_interaction")
    if str(interaction or "").endswith("_seat_assigned"):
        event_id = reading.made_id(body)
        yield Usage(
            event_id, str(interaction), said, ids.get("email"), ids.get("user_id"), None, None,
            ids.get("company_id"), reading.when(None)[0], reading.received_at,
        )  # fmt: skip
        return
    fields = {name: text for name, theirs in _FIELDS.items() if (text := _text(said.get(theirs))) is not None}
    names = _text(said.get("name"))
    if names and "first_name" not in fields:
        first, _, last = names.rpartition(" ")
        fields |= {"first_name": first or last} | ({"last_name": last} if first else {})
    if "company" not in fields and (company := _text(said.get("company"))):
        fields["company"] = company
    placement = placement_of(said.get("glm_content"))
    fields |= {"glm_content": placement} if placement else {}
    kind = kind_of(path, interaction)
    yield Form(ids, {**fields, "kind": kind, "received_at": iso(at)}, {"path": path, **body})


def _trial(said: Item, ids: Mapping[str, str], at: datetime, *, extended: bool) -> TrialSeen:
    namespace = inner(said, "namespace")
    number = ids.get("company_id") or ids.get("user_id")
    if number is None:
        raise BadValue("trial", "it names neither a namespace nor a user")
    kind = _text(said.get("trial_type")) or _text(namespace.get("plan"))
    fields: dict[str, Any] = {"trial_id": number}
    if extended:
        fields["state"] = "extended"
    else:
        ends = _text(namespace.get("trial_ends_on"))
        days = timedelta(days=_DAYS.get(kind or "", _USUAL_DAYS))
        fields |= {"starts_at": iso(at), "ends_at": ends or iso(at + days)}
        fields |= {"plan": kind} if kind else {}
    name = _text(namespace.get("name"))
    return TrialSeen(ids, fields | ({"company": name} if name else {}))


def _text(value: object) -> str | None:
    if isinstance(value, dict | list | bool) or value is None:
        return None
    return str(value).strip() or None
