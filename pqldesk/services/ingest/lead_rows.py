"""What one row of a lead file, or one call, says of a person: the keys it names and what the person is called."""

from collections.abc import Iterable

from pqldesk.services.files.records import Record
from pqldesk.services.ingest.identities import Key, anonymous_key, email_key, user_key


def keys_of(row: Record, source: str) -> list[tuple[Key, str]]:
    """Every (key, value as it came) of a row of *source*, the one that decides first.

    What another source knows the person by was chosen to decide: an address beside it may be of whoever pays.
    """
    email, anonymous_id = row.text("email"), row.text("anonymous_id")
    keys: list[tuple[Key, str]] = []
    if row.same_person is not None:
        keys.append((row.same_person, row.same_person[1]))
    ids = [(user_key(source, user_id), user_id) for user_id in user_ids(row)]
    if row.same_person is not None:
        keys += ids
    if email is not None:
        keys.append((email_key(email), email))
    if row.same_person is None:
        keys += ids
    if anonymous_id is not None:
        keys.append((anonymous_key(source, anonymous_id), anonymous_id))
    return keys


def user_ids(row: Record) -> list[str]:
    """One id, or several joined by semicolons as our own export writes them."""
    one, several = row.text("user_id"), row.text("user_ids")
    ids = ([one] if one else []) + [part.strip() for part in (several or "").split(";") if part.strip()]
    return list(dict.fromkeys(ids))


def name_of(row: Record) -> str:
    """What the person is called on screen: the name, else its parts, else the address, else an id."""
    parts = " ".join(part for name in ("first_name", "last_name") if (part := row.text(name)))
    ids = user_ids(row)
    return (
        row.text("name") or parts or row.text("email") or (ids[0] if ids else row.text("anonymous_id") or "")
    )


def unproven(rows: Iterable[Record]) -> set[Key]:
    """The addresses that come with another source's id: whether they are the person's own, they do not tell."""
    return {
        email_key(email)
        for row in rows
        if row.same_person is not None and (email := row.text("email")) is not None
    }
