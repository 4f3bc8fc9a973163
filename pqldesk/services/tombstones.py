"""Keys of people who were erased: nothing under one of them is stored again.

Only HMACs under a secret of the workspace are kept, so the list itself says nothing about anybody.
"""

import hmac
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.erasure import Tombstone
from pqldesk.models.settings import Setting
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _

SETTING = "tombstone_secret"  # where the secret is; no list shows it
Key = tuple[str, str]  # namespace and folded value


class Tombstones:
    """The tombstones of a workspace, read once; asking costs nothing where nobody was ever erased."""

    def __init__(self, session: Session) -> None:
        session.flush()
        rows = Driver(session).rows("SELECT digest FROM tombstone")  # each page that is stored asks
        self._digests = frozenset(digest for (digest,) in rows)
        self._secret = _secret(session) if self._digests else b""

    def __bool__(self) -> bool:
        return bool(self._digests)

    def hold(self, key: Key) -> bool:
        """Whether the person of that key was erased."""
        return bool(self._digests) and _digest(self._secret, key) in self._digests

    def hold_any(self, keys: Iterable[Key]) -> bool:
        """Whether one of *keys* is of somebody who was erased."""
        return bool(self._digests) and any(map(self.hold, keys))

    def refuse(self, keys: Iterable[Key]) -> None:
        """Raise BadInput where one of *keys* is of somebody who was erased."""
        for key in keys:
            if self.hold(key):
                raise BadInput(
                    _("{key} was erased, and is kept from being stored again.").format(key=key[1]),
                    _("Only at that person's own wish: pqldesk erase {key} --lift.").format(key=key[1]),
                )


def plant(session: Session, keys: Collection[Key], at: datetime) -> None:
    """Keep *keys* from ever being stored again."""
    secret = _secret(session) or _make_secret(session)
    digests = {_digest(secret, key) for key in keys}
    digests -= set(session.scalars(select(Tombstone.digest).where(Tombstone.digest.in_(digests))))
    if digests:
        session.execute(
            insert(Tombstone), [{"digest": digest, "erased_at": at} for digest in sorted(digests)]
        )


def lift(session: Session, key: Key) -> bool:
    """Let a key be stored again; False where it was not kept out."""
    secret = _secret(session)
    if not secret:
        return False
    gone = session.scalars(
        delete(Tombstone).where(Tombstone.digest == _digest(secret, key)).returning(Tombstone.id)
    )
    return gone.first() is not None


def known_tombstones(session: Session) -> tuple[str, list[tuple[str, datetime]]]:
    """The secret and all digests, for a copy of the workspace that must keep the same people out."""
    rows = session.execute(select(Tombstone.digest, Tombstone.erased_at).order_by(Tombstone.id))
    return _secret(session).hex(), [(digest, at) for digest, at in rows]


def adopt(session: Session, secret: str, digests: Collection[tuple[str, datetime]]) -> None:
    """Take over another copy's tombstones, in place of one's own."""
    session.execute(delete(Tombstone))
    session.execute(delete(Setting).where(Setting.key == SETTING))
    session.add(Setting(key=SETTING, value=secret))
    if digests:
        session.execute(insert(Tombstone), [{"digest": one, "erased_at": at} for one, at in digests])


def _secret(session: Session) -> bytes:
    return bytes.fromhex(session.scalar(select(Setting.value).where(Setting.key == SETTING)) or "")


def _make_secret(session: Session) -> bytes:
    made = secrets.token_bytes(32)
    session.add(Setting(key=SETTING, value=made.hex()))
    session.flush()
    return made


def _digest(secret: bytes, key: Key) -> str:
    return hmac.digest(secret, "\0".join(key).encode("utf-8", "surrogatepass"), "sha256").hex()
