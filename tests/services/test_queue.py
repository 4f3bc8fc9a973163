"""The queue: order, views, pages, search, first frame, and the queue of a past moment."""

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.first_page import first_page
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.lead_counts import RECOUNT
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.models.settings import Batch
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.filters.queue_filter import QueueFilter
from pqldesk.services.queue import queue
from pqldesk.services.queue import search as queue_search
from pqldesk.services.queue.as_of import queue_as_of
from pqldesk.services.queue.nav import nav_counts
from pqldesk.services.queue.rows import first_queue
from pqldesk.services.queue.saved_views import save_view
from pqldesk.services.rows import QueueRow
from pqldesk.services.workspaces.workspace import Workspace

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"
Make = Callable[..., int]


@pytest.fixture
def lead(workspace: Workspace) -> Make:
    """``lead("ada@example.com", score=80, last_active_at=...)``: a lead exactly as given, score in points."""

    def make(email: str, score: float = 0, **columns: Any) -> int:
        def store(session: Session) -> int:
            values = {
                "name": email.partition("@")[0],
                "created_at": NOW,
                "score": round(score * 100),
            } | columns
            row = Lead(email=email, **values)
            session.add(row)
            session.flush()
            return row.id

        return workspace.db.write(store).result()

    return make


@pytest.fixture
def ask(workspace: Workspace) -> Callable[..., Any]:
    """``ask(query, ...)``: its answer from a reader."""
    return lambda query, *args, **kwargs: workspace.db.read(query, *args, **kwargs).result()


def names(rows: list[QueueRow]) -> list[str]:
    return [row.name for row in rows]


@pytest.fixture
def listed(ask: Callable[..., Any]) -> Callable[..., list[str]]:
    """``listed("unclaimed", search="ada")``: the names of a view in order."""

    def names_of(view: str = "open", **how: Any) -> list[str]:
        ids = ask(queue.lead_order, view, at=NOW, **how)
        return names(ask(queue.lead_rows, ids, NOW))

    return names_of


@pytest.mark.both_databases
def test_best_score_comes_first_then_latest_activity_then_lead_id(
    lead: Make, listed: Callable[..., Any]
) -> None:
    lead("never1@example.com", 70)
    lead("never2@example.com", 70)
    lead("early@example.com", 70, last_active_at=NOW - timedelta(days=3))
    lead("late@example.com", 70, last_active_at=NOW - timedelta(hours=1))
    lead("best@example.com", 70.01)
    assert listed() == ["best", "late", "early", "never1", "never2"]
    assert listed(descending=False) == ["never2", "never1", "early", "late", "best"]


@pytest.mark.both_databases
def test_each_view_shows_its_leads_and_counts_them(
    lead: Make, listed: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    lead("free@example.com", 5)
    lead("mine@example.com", 4, state="claimed", owner=KIM)
    lead("theirs@example.com", 3, state="working", owner="lee@example.com")
    lead("raised@example.com", 2, hand_raised_at=NOW)
    lead("won@example.com", 9, state="won", owner=KIM)
    lead("noise@example.com", 9, excluded="Test account")
    lead("gone@example.com", 9, state="erased")
    expected = {
        "open": ["free", "mine", "theirs", "raised"],
        "unclaimed": ["free", "raised"],
        "hand-raises": ["raised"],
        "mine": ["mine"],
        "trials-ending": [],
        "all": ["won", "noise", "free", "mine", "theirs", "raised"],
    }
    assert {view: listed(view, rep=KIM) for view in expected} == expected
    counts = {view.key: view.count for view in ask(queue.queue_views, KIM, NOW)}
    assert counts == {view: len(shown) for view, shown in expected.items()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.of_a_file
def test_the_counts_of_the_views_follow_every_change_of_the_leads(workspace: Workspace, seed: int) -> None:
    dice = random.Random(seed)

    def change(session: Session) -> None:
        driver = Driver(session)
        for number in range(120):
            some = dice.randrange(max(1, number))
            state = dice.choice(("new", "qualified", "claimed", "won", "snoozed", "merged", "erased"))
            owner, excluded = dice.choice((None, KIM)), dice.choice((None, None, "Test account"))
            if dice.random() < 0.5:
                session.add(
                    Lead(name="x", state=state, owner=owner, excluded=excluded, created_at=NOW, score=number)
                )
                session.flush()
            elif dice.random() < 0.2:
                driver.run("DELETE FROM lead WHERE id = ?", (some,))
            elif dice.random() < 0.5:
                driver.run(
                    "UPDATE lead SET state = ?, excluded = ? WHERE id % 7 = ?", (state, excluded, some % 7)
                )
            else:
                driver.run("UPDATE lead SET owner = ?, score = ? WHERE id = ?", (owner, number, some))

    def counted(session: Session) -> tuple[list[Any], list[Any]]:
        driver = Driver(session)
        kept = driver.rows(
            "SELECT is_open, is_listed, owned, n FROM lead_count WHERE n <> 0 ORDER BY 1, 2, 3"
        )
        kinds = "is_open, is_listed, owner IS NOT NULL"
        return kept, driver.rows(f"SELECT {kinds}, count(*) FROM lead GROUP BY {kinds} ORDER BY 1, 2, 3")

    workspace.db.write(change).result()
    kept, there = workspace.db.read(counted).result()
    assert len(there) > 3
    assert kept == there
    workspace.db.write(lambda session: Driver(session).run("UPDATE lead_count SET n = 99") and None).result()
    workspace.db.write(lambda session: Driver(session).run(RECOUNT) and None).result()
    kept, there = workspace.db.read(counted).result()
    assert kept == there


@pytest.mark.both_databases
def test_pages_of_any_size_walk_the_whole_queue_without_gap_or_repeat(
    lead: Make, ask: Callable[..., Any]
) -> None:
    dice = random.Random(7)
    for number in range(60):
        seen = None if dice.random() < 0.3 else NOW - timedelta(days=dice.randrange(3))
        lead(f"p{number}@example.com", dice.choice((0, 20, 60)), last_active_at=seen)
    whole = list(ask(queue.lead_order, at=NOW))
    for size in (1, 7, 60, 100):
        walked: list[int] = []
        after = None
        while True:
            rows, after = ask(queue.queue_page, at=NOW, after=after, limit=size)
            walked += [row.id for row in rows]
            if after is None:
                break
        assert walked == whole
    assert list(ask(queue.lead_order, at=NOW, limit=9)) == whole[:9]


@pytest.mark.both_databases
@pytest.mark.parametrize("few", [2, 1_000])
def test_pages_of_ending_trials_walk_the_whole_view_whichever_way_they_are_found(
    lead: Make, workspace: Workspace, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(queue_search, "FEW", few)
    dice = random.Random(8)
    trials = []
    for number in range(40):
        who = lead(f"p{number}@example.com", dice.choice((0, 20, 60)), state=dice.choice(("new", "won")))
        ends = NOW + timedelta(days=dice.randrange(1, 15))
        trials.append((who, number, NOW - timedelta(days=9), ends))

    def begin(session: Session) -> None:
        for who, number, starts, ends in trials:
            session.add(
                Trial(
                    source="file",
                    key=str(number),
                    lead_id=who,
                    starts_at=starts,
                    ends_at=ends,
                    created_at=NOW,
                )
            )

    workspace.db.write(begin).result()
    whole = list(ask(queue.lead_order, "trials-ending", at=NOW))
    soon = {who for who, _, _, ends in trials if ends <= NOW + timedelta(days=7)}
    still_open = {row.id for row in ask(queue.lead_rows, list(soon), NOW) if row.state == "new"}
    assert len(still_open) > 3
    assert set(whole) == still_open
    walked, after = [], None
    while len(walked) < 100:
        rows, after = ask(queue.queue_page, "trials-ending", at=NOW, after=after, limit=3)
        walked += [row.id for row in rows]
        if after is None:
            break
    assert walked == whole
    assert list(ask(queue.lead_order, "trials-ending", at=NOW, limit=3)) == whole[:3]


@pytest.mark.of_a_file
def test_two_letters_are_found_wherever_they_stand_however_bad_the_leads_that_hold_them(
    lead: Make, listed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_search, "NEAR", 3)
    for number in range(20):
        lead(f"p{number}@example.com", 50 + number, name=f"Person {number}")
    lead("start@example.com", 9, name="Xqara")
    lead("middle@example.com", 8, name="Maxqu Io")
    lead("end@example.com", 7, name="end", company_name="Foo BaXQ")
    lead("whole@example.com", 6, name="xQ")
    lead("firm@example.com", 5, name="firm", company_name="XQ")
    lead("domain@xqs.example", 4, name="domain")
    lead("signs@example.com", 3, name='q" ')
    lead("umlaut@example.com", 2, name="Bär", company_name="ßä Öl")
    hits = ["Xqara", "Maxqu Io", "end", "xQ", "firm", "domain"]
    assert listed(search="xq", limit=9) == listed(search="Xq") == hits
    assert listed(search="xq", limit=2) == hits[:2]
    assert listed(search="xq ba", limit=9) == ["end"]
    assert listed(search="xq zz", limit=9) == listed(search="zz", limit=9) == []
    assert listed(search='q"', limit=9) == ['q" ']
    assert listed(search="ÖL", limit=9) == listed(search="är", limit=9) == ["Bär"]
    monkeypatch.setattr(queue_search, "FEW", 2)
    assert listed(search="xq", limit=9) == hits
    monkeypatch.setattr(
        queue_search, "_LETTERS", 3
    )  # too many terms: only among the best leads, as one letter
    monkeypatch.setattr(queue_search, "SHORT_WALK", 21)
    assert listed(search="xq", limit=9) == ["Xqara"]


@pytest.mark.parametrize(
    ("view", "index"),
    [
        ("open", "open"),
        ("unclaimed", "open"),
        ("mine", "owner"),
        ("all", "listed"),
        ("hand-raises", "hand_raise"),
    ],
)
@pytest.mark.of_a_file
def test_a_view_is_read_along_its_index_from_any_place_and_never_sorted(
    lead: Make, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, view: str, index: str
) -> None:
    lead("ada@example.com", 70)
    plans: list[str] = []
    read = Driver.rows

    def explained(driver: Driver, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        given = values
        if "AS stretch" in sql:
            for part in sql.split(" UNION ALL "):
                alone = part.partition("FROM (")[2].partition(") AS stretch")[0]
                size = alone.count("?")
                steps = read(driver, f"EXPLAIN QUERY PLAN {alone}", values[:size])
                values = values[size:]
                plans.append("; ".join(what.partition(" (")[0] for *_, what in steps))
        return read(driver, sql, given)

    monkeypatch.setattr(Driver, "rows", explained)
    for after in (None, queue.Place(6_000, -1, 1)):
        ask(queue.queue_page, view, rep=KIM, at=NOW, after=after)
    assert plans == [f"SEARCH lead USING INDEX ix_lead_{index}"] * 4


@pytest.mark.both_databases
def test_search_finds_every_word_anywhere_and_takes_signs_literally(
    lead: Make, listed: Callable[..., Any]
) -> None:
    lead("ada@north.example", 3, name="Ada Byrne", company_name="Northwind 100%")
    lead("bob@north.example", 2, name="Bob Ü. Özil", company_name="Northwind 1000")
    lead("c_d@south.example", 1, name="Cleo", company_name="Südwind")
    assert listed(search="north") == ["Ada Byrne", "Bob Ü. Özil"]
    assert listed(search="NORTH byr") == ["Ada Byrne"]
    assert listed(search="100%") == ["Ada Byrne"]
    assert listed(search="c_d") == ["Cleo"]
    assert listed(search="cxd") == []
    assert listed(search="özil") == ["Bob Ü. Özil"]
    assert listed(search="SÜDWIND") == ["Cleo"]
    assert listed(search="ü") == ["Bob Ü. Özil", "Cleo"]
    assert listed(search='nor"th') == []
    assert listed(search="by") == ["Ada Byrne"]


@pytest.mark.parametrize("words", ["acme", "acme so", "son acme", "o", "ex"])
def test_the_best_hits_of_a_search_are_the_same_whichever_way_they_are_found(
    lead: Make, listed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    for number in range(40):
        lead(f"{'person' if number % 3 else 'other'}{number}@acme.example", number % 11)
    lead("nobody@south.example", 50)
    hits = listed(search=words)
    read = listed(search=words, limit=7)
    monkeypatch.setattr(queue_search, "FEW", 2)
    monkeypatch.setattr(queue_search, "FEW_WITH_SHORT", 2)
    walked = listed(search=words, limit=7)
    walked_to_the_end = listed(search=words, limit=60)
    monkeypatch.setattr(queue_search, "CANDIDATES", 3)
    assert listed(search=words, limit=7) == walked == read == hits[:7]
    assert walked_to_the_end == hits


@pytest.mark.both_databases
def test_trials_ending_goes_by_the_trial_that_the_lead_shows(
    workspace: Workspace, lead: Make, listed: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    def store(session: Session) -> int:
        company = Company(name="Acme", created_at=NOW)
        session.add(company)
        session.flush()
        return company.id

    acme = workspace.db.write(store).result()
    own = lead("own@acme.example", 3, company_id=acme)
    lead("team@acme.example", 2, company_id=acme)
    later = lead("later@acme.example", 1, company_id=acme)

    def add(session: Session) -> None:
        for key, columns in {
            "company's": {
                "company_id": acme,
                "starts_at": NOW - timedelta(days=9),
                "ends_at": NOW + timedelta(days=5),
            },
            "closed": {
                "lead_id": own,
                "starts_at": NOW - timedelta(days=9),
                "ends_at": NOW + timedelta(days=3),
            },
            "long": {
                "lead_id": later,
                "starts_at": NOW - timedelta(days=1),
                "ends_at": NOW + timedelta(days=40),
            },
            "to come": {
                "lead_id": own,
                "starts_at": NOW + timedelta(days=1),
                "ends_at": NOW + timedelta(days=6),
            },
        }.items():
            closed = NOW if key == "closed" else None
            session.add(Trial(source="file", key=key, created_at=NOW, closed_at=closed, **columns))

    workspace.db.write(add).result()
    assert listed("trials-ending") == ["team"]
    shown = {row.name: row.trial for row in ask(queue.lead_rows, ask(queue.lead_order, at=NOW), NOW)}
    assert {name: (trial.state, trial.days_left) for name, trial in shown.items() if trial} == {
        "own": ("lost", 0),
        "team": ("active", 5),
        "later": ("active", 40),
    }


@pytest.mark.both_databases
def test_a_saved_view_narrows_a_built_in_one(
    workspace: Workspace, lead: Make, listed: Callable[..., Any]
) -> None:
    lead("high@example.com", 75, source="form")
    lead("low@example.com", 20, source="form")
    lead("other@example.com", 90, source="file")
    spec = {"filter": "owner is nobody and score >= 50 and source is form"}
    workspace.db.write(save_view, "Form, hot", spec, KIM, NOW).result()
    assert listed("form-hot") == ["high"]
    with pytest.raises(NotFound, match="form-hot"):
        listed("no-such-view")


@pytest.mark.of_a_file
def test_the_first_frame_shows_what_the_queue_shows_without_loading_sqlalchemy(
    place: Path, lead: Make, ask: Callable[..., Any]
) -> None:
    for number in range(5):
        lead(f"p{number}@example.com", number * 20, milestones={"signed_up": 1_700_000_000_000_000})
    first = first_queue(place, NOW)
    assert first is not None
    assert list(first.ids) == list(ask(queue.lead_order, at=NOW))
    assert (first.total, first.unclaimed, first.sample) == (5, ask(nav_counts, NOW).queue, False)
    assert [make() for make in first.unread.values()] == ask(queue.lead_rows, list(first.ids), NOW)
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from pqldesk.services.queue.rows import first_queue;"
        f"assert first_queue(Path({str(place)!r}), datetime.now(UTC)).total == 5;"
        "sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.of_a_file
def test_the_first_frame_knows_whether_the_people_are_made_up(place: Path, workspace: Workspace) -> None:
    assert not getattr(first_queue(place, NOW), "sample", None)

    def add(session: Session) -> None:
        session.add(Batch(kind="leads", source="sample", file="leads.csv", at=NOW))

    workspace.db.write(add).result()
    first = first_queue(place, NOW)
    assert first is not None
    assert first.sample


@pytest.mark.of_a_file
def test_the_first_frame_knows_how_many_leads_there_are_beyond_the_first_ones(
    place: Path, lead: Make
) -> None:
    for number in range(6):
        lead(f"p{number}@example.com", number * 10, state="won" if number == 3 else "new")
    page = first_page(place, micros(NOW), ids=2)
    assert page is not None
    assert len(page.ids) == 2
    assert (page.total, page.unclaimed) == (5, 5)


def test_the_first_frame_is_none_where_there_is_no_workspace(tmp_path: Path) -> None:
    assert first_queue(tmp_path / "none.pqldesk", NOW) is None
    (tmp_path / "text.pqldesk").write_text("hello")
    assert first_queue(tmp_path / "text.pqldesk", NOW) is None


def test_rows_hold_every_signal_of_the_model_also_before_any_scoring(
    lead: Make, ask: Callable[..., Any]
) -> None:
    ids = [lead("new@example.com")]
    (row,) = ask(queue.lead_rows, ids, NOW)
    assert [signal.key for signal in row.signals] == [
        "logins", "features", "invites", "integrations", "records", "active_days",
    ]  # fmt: skip
    assert {signal.points for signal in row.signals} == {0}
    assert row.lead_id == public_id(LEAD, ids[0])


@pytest.mark.both_databases
def test_looking_at_a_past_moment_leaves_stored_scores_alone(
    workspace: Workspace, lead: Make, ask: Callable[..., Any]
) -> None:
    lead("raised@example.com", 77, hand_raised_at=NOW - timedelta(days=1), state="qualified")
    before = ask(lambda session: session.execute(select(Lead.score, Lead.state)).all())
    past = ask(queue_as_of, QueueFilter("all"), NOW - timedelta(days=2))
    assert [(row.score, row.state, row.qualified) for row in past] == [(0, "new", False)]
    later = ask(queue_as_of, QueueFilter("hand-raises"), NOW)
    assert [(row.state, row.qualified) for row in later] == [("qualified", True)]
    assert ask(lambda session: session.execute(select(Lead.score, Lead.state)).all()) == before


def test_a_claim_between_two_readings_moves_the_lead_out_of_unclaimed(
    workspace: Workspace, lead: Make, listed: Callable[..., Any]
) -> None:
    one = lead("one@example.com", 2)
    lead("two@example.com", 1)
    assert listed("unclaimed") == ["one", "two"]
    workspace.db.write(
        lambda session: session.execute(update(Lead).where(Lead.id == one).values(owner=KIM, state="claimed"))
    ).result()
    assert listed("unclaimed") == ["two"]
