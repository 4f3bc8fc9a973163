"""Pages and searches of the queue: the same leads, whichever way they are found."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from queued import KIM, NOW, Make
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.people import Trial
from pqldesk.services.queue import queue
from pqldesk.services.queue import search as queue_search
from pqldesk.services.workspaces.workspace import Workspace


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
    assert listed(search="ÖL", limit=9) == ["xQ", "Bär"]  # of "whole" too
    assert listed(search="är", limit=9) == listed(search="ar", limit=9) == ["Xqara", "Bär"]
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
