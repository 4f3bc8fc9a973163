"""The systems that can be connected, and what each way to connect one asks for."""

from pqldesk.services.connectors import CRMS, INBOUND, PORTALS, PULLED, SEVERAL, System
from pqldesk.services.crm.joined_ids import JOINED_BY, JOINING
from pqldesk.services.pulls import PULLS, Pulled
from pqldesk.services.rows import Connectable, ConnectWay

# Beyond what a pull has to be given: what it may be given, and what the window asks for because it nearly always is.
_ALSO_NEEDED = {"warehouse": ("email",)}
_MAY_HAVE = {
    "mixpanel": ("user", "project"),
    "stripe": JOINED_BY,
    "folder": ("kind",),
    "portal_tables": ("user",),
    "warehouse": ("user", "user_id"),
}
_WITH_PASSWORD = frozenset({"portal_tables", "warehouse"})  # a database may ask for one


def connectable() -> list[Connectable]:
    """CRMs and relays first, then what leads and usage come from."""
    writes = [_written_to(name, each) for name, each in {**CRMS, **PORTALS}.items()]
    return writes + [_read_from(name, each) for name, each in {**INBOUND, **PULLED}.items()]


def _written_to(name: str, system: System) -> Connectable:
    ways = [ConnectWay("key", system.secrets, address=system.url)]
    if system.sign_in is not None:
        app = system.sign_in.fields
        # An app may have a secret where a sign-in does not demand one.
        too = () if "client_secret" in app else ("client_secret",)
        ways.insert(0, ConnectWay("sign_in", app, too, address=system.url))
    return Connectable(name, system.title, "crm", system.own_address, tuple(ways))


def _read_from(name: str, system: System) -> Connectable:
    ways = []
    if name in INBOUND:
        too = (JOINED_BY if name in JOINING else ()) + _name(name)
        ways.append(ConnectWay("receive", system.secrets, settings_too=too))
    if name in PULLS:
        ways.append(_pull(PULLS[name], system))
    return Connectable(name, system.title, "source", system.own_address, tuple(ways))


def _pull(how: Pulled, system: System) -> ConnectWay:
    has_address = bool(how.url) or system.is_database
    return ConnectWay(
        "pull",
        how.secrets,
        ("pull_token",) if how.name in _WITH_PASSWORD else (),
        how.settings + _ALSO_NEEDED.get(how.name, ()),
        (*_MAY_HAVE.get(how.name, ()), *_name(how.name), "every"),
        how.url if has_address else None,
    )


def _name(system: str) -> tuple[str, ...]:
    """What a second one of its kind is told apart by."""
    return ("name",) if system in SEVERAL else ()
