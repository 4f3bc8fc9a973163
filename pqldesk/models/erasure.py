"""What is left of people who were erased: that it was done, and what keeps them from coming back."""

from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When


class Tombstone(Base):
    """A key that may not be stored again, as an HMAC under the workspace's own secret: nobody can be read from it."""

    __tablename__ = "tombstone"

    id: Mapped[Key]
    digest: Mapped[str] = mapped_column(unique=True)
    erased_at: Mapped[When]


class Erasure(Base):
    """The receipt of one erasure. It names nobody."""

    __tablename__ = "erasure"

    id: Mapped[Key]
    at: Mapped[When]
    actor: Mapped[str]
    lead_id: Mapped[Big | None]
    found: Mapped[Json]  # {what: how many}
    files: Mapped[Json]  # {what was done: [paths]}
