"""Secrets of connected systems: in the operating system's keyring, or read from an environment variable each time.

The database keeps only where a secret is: ``keyring``, or ``env:NAME``. Nothing here is ever logged.
"""

import os
from collections.abc import Iterable

from pqldesk.services.basics.problems import BadInput, Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of

SERVICE = "PQLDesk"
KEYRING, ENVIRONMENT = "keyring", "env:"


class SecretMissing(Problem):
    """A secret is not where it was left."""


def from_environment(variable: str) -> str:
    """What the variable holds. Raises BadInput when it is not set."""
    found = os.environ.get(variable, "").strip()
    if not found:
        raise BadInput(
            _("The environment variable {variable} is not set.").format(variable=variable),
            _("Set it to the secret, then run this again."),
        )
    if not (found.isascii() and found.isprintable()):  # never shown, not even the sign that is wrong
        raise BadInput(
            _(
                "The environment variable {variable} holds a sign that no key has, such as a line break."
            ).format(variable=variable),
            _("Copy the key again, without what stands around it."),
        )
    return found


def keep(place: str, system: str, field: str, variable: str) -> str:
    """Keep the secret that *variable* holds, and return where it is now; *place* names the workspace."""
    secret = from_environment(variable)
    if os.environ.get("PQLDESK_SECRETS", "").strip().casefold() == "env":
        return ENVIRONMENT + variable
    import keyring  # takes 50 ms: only when a secret is touched
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, _name(place, system, field), secret)
    except (KeyringError, RuntimeError):
        return ENVIRONMENT + variable  # no keyring here, or a locked one: only the variable's name is kept
    return KEYRING


def not_kept(places: Iterable[str]) -> str:
    """A sentence for whoever gave secrets that no keyring took; "" where one did, or where none was to be asked."""
    if os.environ.get("PQLDESK_SECRETS", "").strip().casefold() == "env":
        return ""
    variables = [place.removeprefix(ENVIRONMENT) for place in places if place.startswith(ENVIRONMENT)]
    if not variables:
        return ""
    return _(
        "The keyring is locked or missing, so the secret is not kept: set {variables} whenever PQLDesk runs, or unlock "
        "it and connect again."
    ).format(variables=", ".join(variables))


def store(place: str, system: str, field: str, secret: str) -> str:
    """Keep a secret that a system gave us, and return where it is. Raises SecretMissing where there is no keyring:
    what changes by itself cannot be kept in an environment variable."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, _name(place, system, field), secret)
    except (KeyringError, RuntimeError) as cause:
        raise SecretMissing(
            _("There is no keyring on this computer to keep the sign-in to {system} in.").format(
                system=title_of(system)
            ),
            _("Unlock or install one, or connect with a key in an environment variable."),
        ) from cause
    return KEYRING


def check_keyring(place: str, system: str) -> None:
    """Raises SecretMissing, as store() would, before a person takes the trouble to sign in."""
    forget(place, system, "probe", store(place, system, "probe", "probe"))


def read(place: str, system: str, field: str, where: str) -> str:
    """The secret that *where* points to. Raises SecretMissing when it is gone."""
    title = title_of(system)
    if where.startswith(ENVIRONMENT):
        variable = where.removeprefix(ENVIRONMENT)
        found = os.environ.get(variable, "").strip()
        if not found:
            raise SecretMissing(
                _("The {field} for {title} is read from {variable}, which is not set.").format(
                    field=field, title=title, variable=variable
                ),
                _("Set {variable}, or connect {title} again.").format(variable=variable, title=title),
            )
        return found
    import keyring
    from keyring.errors import KeyringError

    try:
        stored = keyring.get_password(SERVICE, _name(place, system, field))
    except (KeyringError, RuntimeError) as cause:
        raise SecretMissing(
            _("The keyring did not give the {field} for {title}.").format(field=field, title=title),
            _("Unlock it, or connect {title} again.").format(title=title),
        ) from cause
    if not stored:
        raise SecretMissing(
            _("The keyring has no {field} for {title} any more.").format(field=field, title=title),
            _("Connect {title} again.").format(title=title),
        )
    return stored


def forget(place: str, system: str, field: str, where: str) -> None:
    """Remove a secret from the keyring; one in the environment is not ours to remove."""
    if where != KEYRING:
        return
    import contextlib

    import keyring
    from keyring.errors import KeyringError

    with contextlib.suppress(KeyringError, RuntimeError):
        keyring.delete_password(SERVICE, _name(place, system, field))


def _name(place: str, system: str, field: str) -> str:
    return f"{place} {system} {field}"
