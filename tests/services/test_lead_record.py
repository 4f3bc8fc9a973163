"""What the record shows beside the queue row: the timeline in pages, causes, origins, merges before they are made."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from pqldesk.models.history import ScoreEvent
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Company, Lead, Suggestion
from pqldesk.services.basics.problems import AlreadyClaimed, NotAllowed
from pqldesk.services.claims import claim_lead, renew_claim
from pqldesk.services.history import stored_rows
from pqldesk.services.identity.merges import unmerge
from pqldesk.services.identity.preview import merge_preview, merged_leads
from pqldesk.services.identity.suggestions import accept_suggestion, suggest
from pqldesk.services.leads.detail import lead_detail
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.timeline import lead_timeline
from pqldesk.services.leads.undo import undo
from pqldesk.services.scoring.model import DEFAULT_MODEL
from pqldesk.services.scoring.reasons import why_moved
from tests.services.steps import steps

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM, LEE = "kim@example.com", "lee@example.com"


def with_lead(command):
    return lambda session, number, *args: command(session, session.get_one(Lead, number), *args)


@pytest.mark.both_databases
def test_renewing_a_claim_starts_its_lease_anew_and_can_be_undone(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(with_lead(renew_claim), number, KIM, NOW + timedelta(days=3))
    lease = lambda session: session.get_one(Lead, number).lease_until  # noqa: E731
    assert write(lease) == NOW + timedelta(days=10)
    write(undo, KIM, NOW + timedelta(days=3))
    assert write(lease) == NOW + timedelta(days=7)


def test_only_the_owner_renews(write, new_lead):
    number = new_lead("ada@example.com")
    with pytest.raises(NotAllowed, match="Nobody holds a lease"):
        write(with_lead(renew_claim), number, KIM, NOW)
    write(with_lead(claim_lead), number, KIM, NOW)
    with pytest.raises(AlreadyClaimed):
        write(with_lead(renew_claim), number, LEE, NOW)


@pytest.mark.both_databases
def test_the_pages_of_a_timeline_hold_every_entry_once(write, new_lead):
    number = new_lead("ada@example.com", name="Ada")
    for n in range(23):  # several at one moment, also where a page ends
        at = NOW + timedelta(minutes=n // 4)
        write(lambda s, n=n, at=at: add_note(s, s.get_one(Lead, number), f"note {n}", KIM, at))

    def pages(session):
        entries, before, sizes = [], None, []
        while True:
            page = lead_timeline(session, number, before, limit=6)
            entries += [entry.detail for entry in page.entries if entry.kind == "note"]
            sizes.append(len(page.entries))
            if not page.more:
                return entries, sizes
            before = page.entries[-1].at

    entries, sizes = write(pages)
    assert sorted(entries) == sorted(f"note {n}" for n in range(23))
    assert len(sizes) > 3


@pytest.mark.both_databases
def test_what_was_stored_last_of_one_moment_comes_first(write, new_lead):
    number = new_lead("ada@example.com")
    moves = [(0, 7_000), (7_000, 6_000), (6_000, 7_000)]
    for old, new in moves:
        write(lambda s, old=old, new=new: s.execute(insert(ScoreEvent).values(
            lead_id=number, at=NOW, old=old, new=new, cause="events", parts="{}",
        )))  # fmt: skip
    page = write(lead_timeline, number)
    assert [entry.title for entry in page.entries if entry.kind == "score"] == [
        "Score 60 to 70", "Score 70 to 60", "Score 0 to 70",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cause", "parts", "words"),
    [
        ("window", {"logins": -1000}, "logins left the 7-day window"),
        ("events", {"logins": -1000}, "logins left the 7-day window"),
        ("events", {"records": 2000}, "data imported reached 100"),
        ("events", {"records": -2000}, "data imported fell below 100"),
        (
            "window",
            {"logins": -1000, "active_days": -1000},
            "logins left the 7-day window (−10), active days left the 14-day window (−10)",
        ),
        ("merge", {"logins": 1000}, "merged with another lead"),
        ("model", {"gone_signal": -500}, "another scoring model went live"),
        ("events", {"gone_signal": -500}, "gone signal"),
    ],
)
def test_a_move_of_the_score_says_why(cause, parts, words):
    assert why_moved(cause, parts, DEFAULT_MODEL.signals) == words


@pytest.mark.both_databases
def test_a_preview_shows_what_the_merge_then_does(write, new_lead):
    one = new_lead("ada@example.com", name="Ada Byrne", job_title=None, phone="1", signup_at=NOW)
    other = new_lead("ada@example.org", name="Ada B.", job_title="CTO", phone="2",
                     signup_at=NOW - timedelta(days=9))  # fmt: skip
    write(suggest, one, other, "same name", NOW)
    first = lambda session: session.scalars(select(Suggestion)).one()  # noqa: E731
    preview = write(lambda s: merge_preview(s, first(s)))
    fields = {field.key: field for field in preview.fields}
    assert (fields["phone"].kept, fields["phone"].other, fields["phone"].merged) == ("1", "2", "1")
    assert (fields["job_title"].kept, fields["job_title"].merged) == (None, "CTO")
    assert fields["signup_at"].merged == NOW - timedelta(days=9)
    assert ("identity", 1) in preview.moves
    write(lambda s: accept_suggestion(s, first(s), KIM, NOW))
    stored = write(lambda s: stored_rows(s, "lead", [one])[one])
    plain = {key: field.merged for key, field in fields.items() if key not in ("score", "signup_at")}
    assert {key: stored[key] for key in plain} == plain
    with pytest.raises(NotAllowed, match="already accepted"):
        write(lambda s: merge_preview(s, first(s)))


def test_a_record_names_the_leads_that_were_merged_into_it(write, new_lead):
    one, other = new_lead("ada@example.com", name="Ada Byrne"), new_lead("ada@example.org", name="Ada B.")
    write(suggest, one, other, "same name", NOW)
    write(lambda s: accept_suggestion(s, s.scalars(select(Suggestion)).one(), KIM, NOW))
    (merged,) = write(merged_leads, one)
    assert (merged.name, merged.email, merged.actor) == ("Ada B.", "ada@example.org", KIM)
    write(lambda s: unmerge(s, s.get_one(Lead, other), KIM, NOW))
    assert write(merged_leads, one) == ()


@pytest.mark.of_a_file
def test_a_record_costs_no_more_in_a_large_workspace(write, new_lead):
    company = write(
        lambda s: s.scalar(insert(Company).values(name="Byrne", created_at=NOW).returning(Company.id))
    )
    one = new_lead("ada@byrne.example", name="Ada", company_id=company)
    new_lead("bo@byrne.example", name="Bo", company_id=company)
    others = [
        {"name": f"Somebody {n}", "created_at": NOW, "score": 100 * n, "company_id": None}
        for n in range(3_000)
    ]

    def cost(session):
        return steps(session, lambda: lead_detail(session, public_id(LEAD, one), NOW))

    write(lambda s: s.execute(insert(Lead), others[:50]))
    small = write(cost)
    write(lambda s: s.execute(insert(Lead), others[50:]))
    assert write(cost) < small * 1.5


def test_a_record_says_where_its_fields_come_from(write, new_lead):
    new_lead("ada@example.com", source="product")
    detail = write(lead_detail, "ada@example.com", NOW)
    assert (detail.origin.source, detail.origin.at) == ("product", NOW)
    assert detail.usage_origin is None
