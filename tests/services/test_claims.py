"""Claims: one winner, a told loser, leases that end."""

import json
import pathlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from pqldesk.models.history import Action
from pqldesk.models.people import Lead
from pqldesk.models.work import Claim
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import AlreadyClaimed, BadInput, NotAllowed
from pqldesk.services.claims import assign_lead, claim_lead, release_lead
from pqldesk.services.lead_states import MoveNotAllowed
from pqldesk.services.leads.notes import add_note
from pqldesk.services.schedule import is_due, settle

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM, LEE = "kim@example.com", "lee@example.com"
ROUNDS = 50


def with_lead(command):
    """The command on the lead with a row number."""
    return lambda session, number, *args: command(session, session.get_one(Lead, number), *args)


def lead_row(session, number):
    lead = session.get_one(Lead, number)
    return lead.state, lead.owner, lead.claimed_at, lead.lease_until


def test_a_claim_makes_the_rep_owner_for_seven_days(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    assert write(lead_row, number) == ("claimed", KIM, NOW, NOW + timedelta(days=7))


def test_claiming_another_reps_lead_says_who_has_it_since_when(write, new_lead):
    number = new_lead("ada@example.com", name="Ada Byrne")
    write(with_lead(claim_lead), number, KIM, NOW)
    with pytest.raises(
        AlreadyClaimed, match=r"Ada Byrne .* kim@example\.com at 2026-11-18T09:30:00Z"
    ) as caught:
        write(with_lead(claim_lead), number, LEE, NOW + timedelta(hours=1))
    assert (caught.value.owner, caught.value.since) == (KIM, "2026-11-18T09:30:00Z")
    assert write(lead_row, number)[1] == KIM


def test_claiming_ones_own_lead_again_changes_nothing(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    before = write(lead_row, number)
    assert write(with_lead(claim_lead), number, KIM, NOW + timedelta(days=1)) == Changes()
    assert write(lead_row, number) == before
    assert write(lambda session: session.scalar(select(func.count()).select_from(Action))) == 1
    assert write(lambda session: session.scalar(select(func.count()).select_from(Claim))) == 1


def test_a_claim_needs_a_rep(write, new_lead):
    number = new_lead("ada@example.com")
    with pytest.raises(BadInput, match="--rep"):
        write(with_lead(claim_lead), number, "  ", NOW)


def test_a_lapsed_lease_returns_the_lead_to_the_pool_and_lets_another_claim_it(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    later = NOW + timedelta(days=7)
    assert not write(is_due, later - timedelta(microseconds=1))
    assert write(is_due, later)
    write(settle, later)
    assert write(lead_row, number) == ("new", None, None, None)
    assert not write(is_due, later)
    write(with_lead(claim_lead), number, LEE, later)
    ends = write(
        lambda session: session.execute(select(Claim.rep, Claim.end_reason).order_by(Claim.id)).all()
    )
    assert [tuple(row) for row in ends] == [(KIM, "lapsed"), (LEE, None)]


def test_a_lapsed_lease_stands_in_nobodys_way_before_anybody_settled_it(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(with_lead(claim_lead), number, LEE, NOW + timedelta(days=8))
    assert write(lead_row, number)[1] == LEE


def test_a_touch_starts_the_lease_anew_and_makes_a_claim_work(write, new_lead):
    number = new_lead("ada@example.com", hand_raised_at=NOW)
    write(with_lead(claim_lead), number, KIM, NOW)
    later = NOW + timedelta(days=3)
    assert write(lambda session: session.get_one(Lead, number).respond_by) is not None
    write(with_lead(add_note), number, "Spoke on the phone.", KIM, later)
    state, owner, claimed_at, lease_until = write(lead_row, number)
    assert (state, owner, claimed_at, lease_until) == ("working", KIM, NOW, later + timedelta(days=7))
    lead = write(lambda session: session.get_one(Lead, number))
    assert (lead.first_touch_at, lead.touched_at, lead.respond_by) == (later, later, None)


def test_somebody_elses_note_does_not_renew_the_owners_lease(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(with_lead(add_note), number, "Met them at a fair.", LEE, NOW + timedelta(days=3))
    assert write(lead_row, number)[3] == NOW + timedelta(days=7)


def test_only_the_owner_releases_and_the_lead_rests_again(write, new_lead):
    number = new_lead("ada@example.com", hand_raised_at=NOW)
    write(with_lead(claim_lead), number, KIM, NOW)
    with pytest.raises(NotAllowed, match=r"claimed by kim@example\.com since 2026-11-18T09:30:00Z"):
        write(with_lead(release_lead), number, LEE, NOW)
    write(with_lead(release_lead), number, KIM, NOW)
    assert write(lead_row, number) == ("qualified", None, None, None)
    with pytest.raises(MoveNotAllowed, match="Nobody has claimed"):
        write(with_lead(release_lead), number, KIM, NOW)


def test_an_assigned_lead_has_one_open_claim(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(with_lead(assign_lead), number, LEE, "boss@example.com", NOW + timedelta(hours=1))
    assert write(lead_row, number)[:2] == ("claimed", LEE)
    rows = write(
        lambda session: session.execute(select(Claim.rep, Claim.end_reason).order_by(Claim.id)).all()
    )
    assert [tuple(row) for row in rows] == [(KIM, "reassigned"), (LEE, None)]


RACER = """
import json, pathlib, sys
from datetime import UTC, datetime
from pqldesk.models.people import Lead
from pqldesk.services.claims import claim_lead
from pqldesk.services.basics.problems import AlreadyClaimed
from pqldesk.services.workspaces.workspace import open_workspace, place_of

workspace = open_workspace(place_of(sys.argv[1]), create=False)
won = []
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, int(sys.argv[3]) + 1):
    at = datetime.now(UTC)
    try:
        workspace.db.write(lambda s: claim_lead(s, s.get_one(Lead, number), sys.argv[2], at)).result()
        won.append(number)
    except AlreadyClaimed as lost:
        assert lost.owner != sys.argv[2], lost
print(json.dumps(won))
workspace.close()
"""


def test_two_processes_claiming_at_once_have_exactly_one_winner_each_round(place, workspace, write, new_lead):
    for number in range(1, ROUNDS + 1):
        assert new_lead(f"lead{number}@example.com") == number
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(place), rep, str(ROUNDS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=pathlib.Path(__file__).parents[2],
        )
        for rep in (KIM, LEE)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    kim, lee = (json.loads(racer.communicate(timeout=60)[0]) for racer in racers)
    assert [racer.returncode for racer in racers] == [0, 0]
    assert sorted(kim + lee) == list(range(1, ROUNDS + 1))
    owners = write(lambda session: dict(session.execute(select(Lead.id, Lead.owner)).all()))
    assert owners == dict.fromkeys(kim, KIM) | dict.fromkeys(lee, LEE)
    claims = write(lambda session: session.execute(select(Claim.lead_id, Claim.rep)).all())
    assert sorted(claims) == sorted(owners.items())
