"""The list of connectors: the only place that names them."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.abilities import (
    ATTIO,
    HUBSPOT,
    MARKETO,
    RELAY,
    SALESFORCE,
    STEPS,
    TRYTON,
    TWENTY,
    Abilities,
)
from pqldesk.services.remote.crm import Crm

if TYPE_CHECKING:
    from pqldesk.services.remote.connector import Opening

    Open = Callable[[Opening], Crm]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Signing in with a browser. *authorize*: an address, or a path below the system's own; *needs_secret*: of the
    app, beside its client id."""

    authorize: str
    token: str
    scopes: tuple[str, ...]
    needs_secret: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """What of the app has to be known."""
        return ("client_id", "client_secret") if self.needs_secret else ("client_id",)


@dataclass(frozen=True, slots=True)
class System:
    """A system that can be connected. *secrets* are the fields it needs; *open* makes the CRM behind it."""

    name: str
    title: str
    url: str = ""
    secrets: tuple[str, ...] = ("token",)
    open: "Open | None" = None
    version_path: str = ""  # of its API, which people copy along with the address
    own_address: str = ""  # what the address looks like where each customer has one of their own
    can: Abilities | None = None  # what it does with our steps, where it is a CRM
    sign_in: SignIn | None = None
    is_database: bool = False  # its address is no web address
    variables: Mapping[str, str] = field(default_factory=dict)  # "url" or a secret -> where it is usually set


def _made_by(module: str, name: str, *given: str) -> "Open":
    """What opens a CRM. Its connector is imported when it is used: httpx is not needed before the first frame."""

    def opened(opening: "Opening") -> Crm:
        made: Crm = getattr(import_module(f"pqldesk.services.connectors.{module}"), name)(*given, opening)
        return made

    return opened


HUBSPOT_SCOPES = (
    "oauth",
    *(
        f"crm.objects.{kind}.{right}"
        for kind in ("contacts", "companies", "deals")
        for right in ("read", "write")
    ),
    "crm.lists.read",
    "crm.lists.write",
    "crm.objects.owners.read",
)
CRMS: dict[str, System] = {
    "attio": System(
        "attio",
        "Attio",
        "https://api.attio.com",
        open=_made_by("attio", "Attio"),
        can=ATTIO,
        version_path="/v2",
    ),
    "salesforce": System(
        "salesforce",
        "Salesforce",
        secrets=("client_id", "client_secret"),
        open=_made_by("salesforce", "Salesforce"),
        own_address="https://acme.my.salesforce.com",
        can=SALESFORCE,
        sign_in=SignIn("/services/oauth2/authorize", "/services/oauth2/token", ("api", "refresh_token")),
    ),
    "hubspot": System(
        "hubspot",
        "HubSpot",
        "https://api.hubapi.com",
        open=_made_by("hubspot", "HubSpot"),
        can=HUBSPOT,
        sign_in=SignIn(
            "https://app.hubspot.com/oauth/authorize",
            "/oauth/2026-09/token",
            HUBSPOT_SCOPES,
            needs_secret=True,
        ),
    ),
    "twenty": System(
        "twenty", "Twenty", "https://api.twenty.com", open=_made_by("twenty", "Twenty"), can=TWENTY
    ),
    "marketo": System(
        "marketo",
        "Marketo",
        secrets=("client_id", "client_secret"),
        open=_made_by("marketo", "Marketo"),
        version_path="/rest",
        own_address="https://123-ABC-456.mktorest.com",
        can=MARKETO,
    ),
    "tryton": System(
        "tryton",
        "Tryton",
        open=_made_by("tryton", "Tryton"),
        own_address="https://tryton.acme.example/DATABASE",
        can=TRYTON,
    ),
    "workato": System(
        "workato",
        "Workato",
        secrets=("client_id", "client_secret"),
        open=_made_by("relay", "Relay", "Workato"),
        own_address="https://apim.workato.com/acme/pql-v1/leads",
        can=RELAY,
        variables={
            "url": "WORKATO_URL",
            "client_id": "WORKATO_CLIENT_ID",
            "client_secret": "WORKATO_CLIENT_SECRET",
        },
    ),
    "relay": System(
        "relay",
        _("Relay"),
        secrets=("signing_key",),
        open=_made_by("relay", "Relay", _("Relay")),
        own_address="https://relay.acme.example/leads",
        can=RELAY,
    ),
}
# Where forms are passed on to, and nothing else is written.
PORTALS: dict[str, System] = {
    "portal": System(
        "portal",
        _("Customer portal"),
        open=_made_by("portal", "Portal"),
        own_address="https://customers.acme.example",
        variables={"url": "CUSTOMER_PORTAL_URL", "token": "SUBSCRIPTION_PORTAL_ADMIN_TOKEN"},
    ),
}
INBOUND: dict[str, System] = {
    name: System(
        name,
        title,
        secrets=() if name in ("snowplow", "button") else ("token",),
        variables={"token": "SUBSCRIPTION_PORTAL_ADMIN_TOKEN"} if name == "gitlab" else {},
    )
    for name, title in {
        "segment": "Segment",
        "rudderstack": "RudderStack",
        "posthog": "PostHog",
        "gitlab": "GitLab",
        "stripe": "Stripe",
        "mixpanel": "Mixpanel",
        "amplitude": "Amplitude",
        "snowplow": "Snowplow",
        "generic": _("Generic JSON"),
        "button": _("Hand-raise button"),
    }.items()
}
# Systems that are only pulled: what they need is said in services/pulls.
PULLED: dict[str, System] = {
    "folder": System("folder", _("Folder"), secrets=()),
    "portal_tables": System(
        "portal_tables",
        _("Portal's tables"),
        secrets=(),
        own_address="postgresql://host:5432/portal",
        is_database=True,
    ),
    "warehouse": System(
        "warehouse",
        _("Warehouse"),
        secrets=(),
        own_address="duckdb:///path, or postgresql://, snowflake://, bigquery://, clickhouse://, trino://",
        is_database=True,
    ),
}


# Of these there may be several: the others are connected under a name of their own, such as folder-west or stripe-eu,
# which is their source too.
SEVERAL = frozenset(
    {*PULLED, "segment", "rudderstack", "posthog", "stripe", "mixpanel", "amplitude", "snowplow", "generic"}
)
_OWN_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def system_named(name: str) -> System:
    """The system of that name. Raises BadInput naming those there are."""
    found = known_system(name)
    if found is None:
        known = ", ".join((*CRMS, *PORTALS, *INBOUND, *PULLED))
        kind, hyphen, _more = name.partition("-")
        if hyphen and kind in SEVERAL:
            raise BadInput(
                _("{name!r} cannot be the name of another {kind}.").format(name=name, kind=title_of(kind)),
                _("Write {kind}- and up to 40 small letters, digits and hyphens.").format(kind=kind),
            )
        raise BadInput(
            _("There is no system {name!r}.").format(name=name), _("Known: {known}.").format(known=known)
        )
    return found


def crm_named(name: str) -> System:
    """The CRM of that name. Raises BadInput for an unknown name, and for a system that nothing is written to."""
    found = system_named(name)
    if name not in CRMS:
        raise BadInput(
            _("{title} is no CRM: nothing is written to it from here.").format(title=found.title),
            _("Name one of {crms}.").format(crms=", ".join(CRMS)),
        )
    return found


def known_system(name: str) -> System | None:
    """The system of that name, if there is one; of another of its kind where the name says so (``folder-west``)."""
    kind = kind_of(name)
    found = CRMS.get(kind) or PORTALS.get(kind) or INBOUND.get(kind) or PULLED.get(kind)
    if found is None or kind == name:
        return found
    return replace(found, name=name, title=f"{found.title} {name[len(kind) + 1 :]}")


def kind_of(name: str) -> str:
    """What a connection's name says of its kind: ``folder`` of ``folder-west``; a plain name is its own."""
    kind, _, more = name.partition("-")
    return kind if kind in SEVERAL and _OWN_NAME.fullmatch(more) else name


def relays(name: str) -> bool:
    """Whether the system takes whole deliveries, and writes to a CRM itself."""
    found = CRMS.get(name)
    return bool(found and found.can and "relay" in found.can.steps)


def lacks(name: str, stand_ins: Collection[str] = ()) -> tuple[str, ...]:
    """The steps that the system cannot do and nothing was chosen to stand for: they are left out, and said so."""
    found = CRMS.get(name)
    if found is None or found.can is None or relays(name):
        return ()
    can = found.can.steps
    return tuple(kind for kind in STEPS if kind != "relay" and kind not in can and kind not in stand_ins)


def late_s(name: str) -> float:
    """How long after a lost answer the system may still carry a write out."""
    found = CRMS.get(name)
    return found.can.late_s if found and found.can else 0.0


def crm_titles() -> list[str]:
    """The CRMs that deals can be handed off to, by the names that people know them by."""
    return [system.title for system in CRMS.values() if system.can is not None and "deal" in system.can.steps]


def title_of(name: str) -> str:
    """A system's name for people, also for one no longer known."""
    found = known_system(name)
    return found.title if found else name
