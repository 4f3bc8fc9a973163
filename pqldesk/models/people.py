"""Leads, their identities, companies, submissions and trials."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Computed, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When

OPEN_STATES = ("new", "qualified", "claimed", "working")
HIDDEN_STATES = ("erased", "merged")
_OPEN_SQL = (
    "CASE WHEN state IN ('new','qualified','claimed','working') AND excluded IS NULL THEN 1 ELSE 0 END"
)
_LISTED_SQL = "CASE WHEN state IN ('erased','merged') THEN 0 ELSE 1 END"


class Company(Base):
    """An account. Known by the keys in company_key; *domain* is the one shown."""

    __tablename__ = "company"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    name: Mapped[str]
    domain: Mapped[str | None]
    plan: Mapped[str | None]
    created_at: Mapped[When]
    batch_id: Mapped[Big | None] = mapped_column(index=True)
    sample: Mapped[bool] = mapped_column(default=False)


class CompanyKey(Base):
    """A key under which a source knows a company: an organisation id, or namespace 'domain'."""

    __tablename__ = "company_key"
    __table_args__ = (UniqueConstraint("namespace", "value"),)

    id: Mapped[Key]
    namespace: Mapped[str]
    value: Mapped[str]
    company_id: Mapped[Big] = mapped_column(ForeignKey("company.id"), index=True)
    batch_id: Mapped[Big | None]


class Lead(Base):
    """One person. The score columns hold the live model's result as of scored_at; score is in hundredths."""

    __tablename__ = "lead"
    __table_args__ = (
        # The queue's order, alone and behind each filter that the queue offers.
        # With the owner, so that "nobody's" reads no rows; the index of owners then holds only leads that have one,
        # and storing usage of the many others writes an index less.
        Index("ix_lead_open", "is_open", text("score DESC"), text("active_order DESC"), "id", "owner"),
        Index("ix_lead_listed", "is_listed", text("score DESC"), text("active_order DESC"), "id"),
        Index(
            "ix_lead_owner",
            "is_open",
            "owner",
            text("score DESC"),
            text("active_order DESC"),
            "id",
            sqlite_where=text("owner IS NOT NULL"),
            postgresql_where=text("owner IS NOT NULL"),
        ),
        Index("ix_lead_state", "state", text("score DESC"), text("active_order DESC"), "id"),
        Index(
            "ix_lead_source",
            "is_open",
            "source",
            text("score DESC"),
            text("active_order DESC"),
            "id",
        ),
        *(
            Index(
                f"ix_lead_{column}",
                "is_open",
                column,
                text("score DESC"),
                text("active_order DESC"),
                "id",
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("placement", "plan")
        ),
        Index(
            "ix_lead_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_lead_until",
            "state_until",
            sqlite_where=text("state_until IS NOT NULL"),
            postgresql_where=text("state_until IS NOT NULL"),
        ),
        Index(
            "ix_lead_lease",
            "lease_until",
            sqlite_where=text("lease_until IS NOT NULL"),
            postgresql_where=text("lease_until IS NOT NULL"),
        ),
        Index("ix_lead_signup", "signed_up_at"),
        *(
            Index(  # too short for the search index
                f"ix_lead_short_{column}",
                column,
                sqlite_where=text(f"length({column}) < 3"),
                postgresql_where=text(f"length({column}) < 3"),
            )
            for column in ("name", "company_name")
        ),
        Index(  # with all that accounts and trials are ranked by, so that no row is read
            "ix_lead_company_id",
            *("company_id", "is_open", "is_listed", "score", "activation", "last_active_at", "owner"),
        ),
        Index(
            "ix_lead_hand_raise",
            "is_open",
            text("score DESC"),
            text("active_order DESC"),
            "id",
            "hand_raised_at",  # so that "in the last 7 days" reads no rows
            sqlite_where=text("hand_raised_at IS NOT NULL"),
            postgresql_where=text("hand_raised_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},  # an id seen by people is never given to another row
    )

    id: Mapped[Key]
    name: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    email: Mapped[str | None]
    job_title: Mapped[str | None]
    phone: Mapped[str | None]
    country: Mapped[str | None]
    region: Mapped[str | None]
    plan: Mapped[str | None]
    company_id: Mapped[Big | None] = mapped_column(ForeignKey("company.id"))
    company_name: Mapped[
        str | None
    ]  # what the lead's row or its company says; here so that search reads one table
    domain: Mapped[str | None]
    signup_at: Mapped[datetime | None]
    source: Mapped[str | None]
    placement: Mapped[str | None]
    hand_raised_at: Mapped[datetime | None]
    created_at: Mapped[When]
    batch_id: Mapped[Big | None] = mapped_column(index=True)
    sample: Mapped[bool] = mapped_column(default=False)

    state: Mapped[str] = mapped_column(default="new")
    state_before: Mapped[str | None]  # what a snooze or nurture returns to
    state_until: Mapped[datetime | None]
    state_reason: Mapped[str | None]
    owner: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    first_touch_at: Mapped[datetime | None]
    touched_at: Mapped[datetime | None]
    respond_by: Mapped[datetime | None]
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None]
    deal_value: Mapped[Decimal | None]
    merged_into: Mapped[Big | None]

    score: Mapped[Big] = mapped_column(default=0)
    fit: Mapped[Big | None]
    excluded: Mapped[str | None]  # why the lead is left out of the queue and of all rates
    qualified: Mapped[bool] = mapped_column(default=False)
    qualified_at: Mapped[datetime | None]
    known_qualified_at: Mapped[
        datetime | None
    ]  # when that was first known here: its response clock starts no sooner
    activation: Mapped[int] = mapped_column(SmallInteger, default=0)
    signals: Mapped[Json | None]  # [[value in millionths, points in hundredths], ...] in the model's order
    milestones: Mapped[Json | None]  # {key: microseconds or null}
    last_active_at: Mapped[datetime | None]
    signed_up_at: Mapped[datetime | None]  # signup_at, else the first signed_up event
    scored_at: Mapped[datetime | None]
    model_version_id: Mapped[Big | None]
    due_at: Mapped[datetime | None]  # when the stored score may change though nothing arrives

    is_open: Mapped[int] = mapped_column(SmallInteger, Computed(_OPEN_SQL, persisted=True))
    is_listed: Mapped[int] = mapped_column(SmallInteger, Computed(_LISTED_SQL, persisted=True))
    # last_active_at with a number for "never": SQLite indexes know no NULLS LAST.
    active_order: Mapped[Big] = mapped_column(Computed("coalesce(last_active_at, -1)", persisted=True))


class Identity(Base):
    """One key under which a source knows a lead; usage hangs here, so a merge moves identities, never events."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("namespace", "folded"),)

    id: Mapped[Key]
    namespace: Mapped[str]
    folded: Mapped[str]  # what is compared: e-mails trimmed and case-folded
    value: Mapped[str]  # as it came
    verified: Mapped[bool] = mapped_column(default=False)
    lead_id: Mapped[Big | None] = mapped_column(ForeignKey("lead.id"), index=True)
    company_id: Mapped[Big | None] = mapped_column(ForeignKey("company.id"), index=True)  # company-only usage
    follows: Mapped[Big | None] = mapped_column(
        index=True
    )  # seen with this identity before either had a lead
    created_at: Mapped[When]
    batch_id: Mapped[Big | None] = mapped_column(index=True)


class IdentityLink(Base):
    """Which lead an identity belonged to, and from when until when: for reading what was known at a past moment."""

    __tablename__ = "identity_link"

    id: Mapped[Key]
    identity_id: Mapped[Big] = mapped_column(ForeignKey("identity.id"), index=True)
    lead_id: Mapped[Big]
    linked_at: Mapped[When]
    unlinked_at: Mapped[datetime | None]


class Merge(Base):
    """A merge of two leads, with all it moved, so that it can be taken back exactly at any later time."""

    __tablename__ = "merge"

    id: Mapped[Key]
    survivor_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    loser_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    at: Mapped[When]
    actor: Mapped[str]
    reason: Mapped[str]
    moved: Mapped[Json]  # {table: [row ids]}, and both leads' columns before
    undone_at: Mapped[datetime | None]


class Suggestion(Base):
    """Two leads that may be one person; lower id first."""

    __tablename__ = "suggestion"
    __table_args__ = (UniqueConstraint("lead_id", "other_id"),)

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"))
    other_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")  # open, accepted, rejected
    created_at: Mapped[When]
    batch_id: Mapped[Big | None]


class Submission(Base):
    """One arrival of a form, kept raw. The same form again raises *times*."""

    __tablename__ = "submission"

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    identity_id: Mapped[Big | None]  # the key it came under: un-merging takes it along
    kind: Mapped[str]
    source: Mapped[str]
    glm_source: Mapped[str | None]
    glm_content: Mapped[str | None] = mapped_column(index=True)
    product_interaction: Mapped[str | None]
    comment: Mapped[str | None]
    raw: Mapped[Json]
    fingerprint: Mapped[str] = mapped_column(unique=True)
    times: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime | None]
    received_at: Mapped[When]
    batch_id: Mapped[Big | None] = mapped_column(index=True)


class Hop(Base):
    """One step of a submission's way through other systems."""

    __tablename__ = "hop"

    id: Mapped[Key]
    submission_id: Mapped[Big] = mapped_column(ForeignKey("submission.id"), index=True)
    step: Mapped[str]  # received, portal, relay, marketing_automation, crm
    status: Mapped[str]
    at: Mapped[When]
    remote_id: Mapped[str | None]
    error: Mapped[str | None]


class Trial(Base):
    """A trial of a company, started by a person. *ends_before* is the moment after its last instant."""

    __tablename__ = "trial"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index("ix_trial_lead_id", "lead_id", "starts_at"),
        Index("ix_trial_company_id", "company_id", "starts_at"),
        Index(  # with all that says whether it counts as ending, so that no row is read
            "ix_trial_ends_at",
            *("ends_at", "lead_id", "company_id", "starts_at", "ends_date_only", "converted_at", "closed_at"),
            "source_state",
        ),
        Index(
            "ix_trial_undecided",
            "ends_at",
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
    )

    id: Mapped[Key]
    source: Mapped[str]
    key: Mapped[str]  # what makes it the same trial when it comes again
    lead_id: Mapped[Big | None] = mapped_column(ForeignKey("lead.id"))
    identity_id: Mapped[Big | None]
    company_id: Mapped[Big | None] = mapped_column(ForeignKey("company.id"))
    plan: Mapped[str | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    first_ends_at: Mapped[datetime | None]  # as first stored: later means extended
    ends_date_only: Mapped[bool] = mapped_column(default=False)
    source_state: Mapped[str | None]
    converted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[
        str | None
    ]  # converted, expired or lost: noted once it was so, taken off when it runs again
    outcome_at: Mapped[datetime | None]
    source_at: Mapped[datetime | None]  # when the source said what is stored, where it says so
    created_at: Mapped[When]
    batch_id: Mapped[Big | None] = mapped_column(index=True)
