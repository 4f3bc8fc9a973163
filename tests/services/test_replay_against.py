"""A draft held against the live model, checked lead by lead with plain Python."""

import json
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros, moment
from pqldesk.models.ids import public_id
from pqldesk.models.people import Lead
from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.moments import DAY, HOUR
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.statistics import auc, median, wilson
from pqldesk.services.files.event_rows import EventRow
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.leads.undo import undo
from pqldesk.services.modelling import learned_weights as learning
from pqldesk.services.modelling.learned_weights import NotInstalled, learned_weights
from pqldesk.services.modelling.replay_against import lift_curve, replay_against
from pqldesk.services.modelling.replay_figures import ReplayAgainst, plain, replay_from_json
from pqldesk.services.modelling.versions import (
    discard_draft,
    draft_of,
    put_live,
    save_draft,
    version_before,
    version_row,
)
from pqldesk.services.modelling.words import check_model, differences
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.model import DEFAULT_MODEL, Exclusion, ExclusionRule, ScoringModel
from pqldesk.services.scoring.model_json import model_from_json, model_to_json
from pqldesk.services.scoring.rescore import rescore_all
from pqldesk.services.scoring.timeline import score_at
from pqldesk.services.workspaces.workspace import Workspace

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"
KINDS = ("login", "feature_activated", "team_invited", "integration_connected", "data_imported")
DRAFT = replace(
    DEFAULT_MODEL, version=2, cut=4_500,
    signals=tuple(replace(one, threshold=max(1, one.threshold // 2)) for one in DEFAULT_MODEL.signals),
    exclusions=(Exclusion("own", "Our own", ExclusionRule.INTERNAL_DOMAINS, ("staff.example",)),),
)  # fmt: skip


@pytest.fixture
def ask(workspace: Workspace) -> Callable[..., Any]:
    return lambda query, *args, **kwargs: workspace.db.read(query, *args, **kwargs).result()


Person = tuple[int, str, str | None, int | None, list[Any]]
"""(lead, e-mail, outcome, when, [(known at, at, kind, key, quantity)])."""


@pytest.fixture
def people(workspace: Workspace) -> list[Person]:
    """Forty leads with a month of usage, some of it arriving hours or days late."""
    chance = random.Random(7)
    rows: list[EventRow] = []
    made: list[Any] = []
    for n in range(40):
        email = f"p{n}@{'staff' if n % 9 == 0 else f'firm{n}'}.example"
        busy, events = chance.random(), []
        for k in range(int(busy * 30) + 1):
            at = micros(NOW - timedelta(hours=chance.randrange(60, 30 * 24)))
            known = at + chance.choice((0, 0, 0, 5, 50)) * HOUR
            kind, key = chance.choice(KINDS), chance.choice("abcd")
            quantity = chance.choice((1, 2, 60)) * MILLION
            events.append((known, at, kind, key, quantity))
            rows.append(
                EventRow(k, k, f"{n}-{k}", email, None, None, None, None, kind, key, quantity, at, known)
            )
        outcome = "won" if chance.random() < busy * 0.6 else "lost" if chance.random() < 0.6 else None
        when = None if outcome is None else micros(NOW) - chance.randrange(1, 20 * 24) * HOUR
        made.append((email, outcome, when, sorted(events)))

    def store(session: Session) -> list[Person]:
        EventStore("test").store(session, rows, NOW, None)
        rescore_all(session, NOW)
        found = []
        for email, outcome, when, events in made:
            lead = session.scalars(select(Lead).where(Lead.email == email)).one()
            lead.outcome, lead.outcome_at = outcome, None if when is None else moment(when)
            found.append((lead.id, email, outcome, when, events))
        return found

    return workspace.db.write(store).result()


def _at(model: ScoringModel, events: list[Any], when: int, email: str) -> int | None:
    """The plain score of what was known at a moment; None while the model excludes the lead."""
    known = [(at, kind, key, quantity) for seen, at, kind, key, quantity in events if seen <= when]
    own = next((rule for rule in model.exclusions if email.endswith("staff.example")), None)
    found = score_at(model, known, when, ZoneInfo("UTC"), exclusion=own)
    return None if found.exclusion is not None else found.score


def _crossed(model: ScoringModel, events: list[Any], email: str) -> int | None:
    for when in sorted({seen for seen, *_ in events}):
        score = _at(model, events, when, email)
        if score is not None and score >= model.cut:
            return when
    return None


def test_replayed_figures_are_those_of_a_plain_count(people: list[Person], ask: Callable[..., Any]) -> None:
    found: ReplayAgainst = ask(replay_against, NOW, DEFAULT_MODEL, DRAFT)
    assert (found.leads, found.known) == (40, True)
    for model, side in ((DEFAULT_MODEL, found.live), (DRAFT, found.draft)):
        judged, tp, fp, crossings, warned = [], 0, 0, 0, []
        for _, email, outcome, when, events in people:
            crossed = _crossed(model, events, email)
            crossings += crossed is not None
            if outcome is None or when is None:
                continue
            before = [_at(model, events, seen, email) for seen, *_ in events if seen <= when]
            peak = max((one for one in before if one is not None), default=0)
            judged.append((peak if not before or None not in before else -1, outcome == "won"))
            if crossed is not None and crossed <= when:
                tp += outcome == "won"
                fp += outcome == "lost"
                if outcome == "won":
                    warned.append((when - crossed) / DAY)
        won = sum(one for _, one in judged)
        assert (side.pqls, sum(side.weekly)) == (crossings, crossings)
        assert (side.precision.n, side.precision.of) == (tp, tp + fp)
        assert (side.recall.n, side.recall.of) == (tp, won)
        interval = wilson(tp, won)
        assert interval is not None
        assert (side.recall.low, side.recall.high) == (interval.low, interval.high)
        assert side.warning_days == (median(warned) if warned else None)
        area = auc(judged)
        assert area is not None
        assert (side.auc, side.separates) == (pytest.approx(area.value), area.separates)
        assert side.curve[0] == (0, 0)
        assert side.curve[-1] == (1, 1)
    assert (found.decided, found.won) == (len(judged), won)


def test_the_slices_of_the_lift_curve_hold_each_decided_lead_once(
    people: list[Person], ask: Callable[..., Any]
) -> None:
    found: ReplayAgainst = ask(replay_against, NOW, DEFAULT_MODEL, DRAFT)
    listed = [lead for one in found.slices for lead in one.lead_ids]
    assert len(listed) == len(set(listed)) == found.decided == sum(one.leads for one in found.slices)
    assert sum(one.won for one in found.slices) == found.won
    won = {public_id("L", lead) for lead, _email, outcome, _when, _events in people if outcome == "won"}
    assert [one.won for one in found.slices] == [len(won & set(one.lead_ids)) for one in found.slices]


def test_the_leads_that_change_sides_are_named(people: list[Person], ask: Callable[..., Any]) -> None:
    found: ReplayAgainst = ask(replay_against, NOW, DEFAULT_MODEL, DRAFT)
    wanted = {}
    for lead, email, _, _, events in people:
        old, new = _at(DEFAULT_MODEL, events, micros(NOW), email), _at(DRAFT, events, micros(NOW), email)
        sides = (old is not None and old >= DEFAULT_MODEL.cut, new is not None and new >= DRAFT.cut)
        if sides[0] != sides[1]:
            wanted[public_id("L", lead)] = sides[1]
    assert {flip.lead_id: flip.qualifies for flip in found.flips} == wanted
    assert found.newly_qualified == sum(wanted.values())
    assert found.no_longer_qualified == len(wanted) - sum(wanted.values())
    assert wanted


def test_what_each_signal_says_is_counted_before_the_outcome(
    people: list[Person], ask: Callable[..., Any]
) -> None:
    found: ReplayAgainst = ask(replay_against, NOW, DEFAULT_MODEL, DEFAULT_MODEL)
    signal = next(one for one in found.signals if one.key == "integrations")
    had = {
        lead: any(kind == "integration_connected" and (when is None or seen <= when) for seen, _, kind, *_ in events)
        for lead, _, _, when, events in people
    }  # fmt: skip
    decided = [(lead, outcome) for lead, _, outcome, _, _ in people if outcome is not None]
    won = sum(outcome == "won" for lead, outcome in decided if had[lead])
    of = sum(had[lead] for lead, _ in decided)
    assert (signal.reached.n, signal.won.n, signal.won.of) == (sum(had.values()), won, of)
    assert signal.coverage.n == won
    base = sum(outcome == "won" for _, outcome in decided) / len(decided)
    assert signal.lift == pytest.approx(won / of / base)


def test_figures_survive_the_way_through_another_process(
    people: list[Person], ask: Callable[..., Any]
) -> None:
    found = ask(replay_against, NOW, DEFAULT_MODEL, DRAFT)
    assert replay_from_json(json.loads(json.dumps(plain(found)))) == found


def test_a_lift_curve_takes_equal_scores_together() -> None:
    rows = [(9.0, True), (5.0, True), (5.0, False), (1.0, False)]
    assert lift_curve(rows) == ((0, 0), (0.25, 0.5), (0.75, 1.0), (1.0, 1.0))
    assert lift_curve([(1.0, False)]) == ()


def test_a_draft_is_kept_changed_dropped_and_undone(workspace: Workspace, ask: Callable[..., Any]) -> None:
    def do(command: Callable[..., Any], *args: Any) -> Any:
        return workspace.db.write(command, *args).result()

    def drafted() -> list[str]:
        def read(session: Session) -> list[str]:
            row = draft_of(session)
            return [] if row is None else differences(DEFAULT_MODEL, model_from_json(row.spec))

        return list(ask(read))

    document = model_to_json(DEFAULT_MODEL)
    document["cut"] = 50
    do(save_draft, document, KIM, NOW)
    document["signals"][2]["threshold"] = 1
    do(save_draft, document, KIM, NOW)
    assert drafted() == ["cut 60 → 50", "Team invites: threshold 2 → 1"]
    do(undo, KIM, NOW)
    assert drafted() == ["cut 60 → 50"]
    do(discard_draft, KIM, NOW)
    assert drafted() == []
    do(undo, KIM, NOW)
    assert drafted() == ["cut 60 → 50"]
    do(save_draft, model_to_json(DEFAULT_MODEL), KIM, NOW)
    assert drafted() == []
    with pytest.raises(NotFound):
        do(discard_draft, KIM, NOW)


@pytest.mark.both_databases
def test_publishing_is_undone_with_all_its_scores_and_rolled_back(
    people: list[Person], workspace: Workspace, ask: Callable[..., Any]
) -> None:
    def scores(session: Session) -> list[Any]:
        return [
            tuple(row)
            for row in session.execute(select(Lead.id, Lead.score, Lead.qualified).order_by(Lead.id))
        ]

    def publish(session: Session) -> None:
        save_draft(session, model_to_json(DRAFT), KIM, NOW)
        draft = draft_of(session)
        assert draft is not None
        put_live(session, draft, KIM, NOW, "Half the thresholds")
        rescore_all(session, NOW)

    before = ask(scores)
    workspace.db.write(publish).result()
    after = ask(scores)
    assert after != before
    undone = workspace.db.write(undo, KIM, NOW).result()
    assert Topic.MODEL in undone.changes.topics  # the Scoring page showed the model that was taken back
    assert ask(scores) == before
    assert ask(live_model).model.version == 1

    def again(session: Session) -> None:
        draft = draft_of(session)
        assert draft is not None
        put_live(session, draft, KIM, NOW)

    workspace.db.write(again).result()
    assert ask(lambda session: version_before(session).version) == 1
    with pytest.raises(NotAllowed, match="live already"):
        workspace.db.write(
            lambda session: put_live(session, version_row(session, "PLG default@2"), KIM, NOW)
        ).result()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threshold": "many"}, "threshold"),
        ({"threshold": -1}, "threshold"),
        ({"weight": "1.234"}, "fraction"),
        ({"window_days": 0}, "window_days"),
        ({"measure": "guess"}, "Known: count"),
    ],
)
def test_a_wrong_value_is_named_while_it_is_typed(change: dict[str, Any], said: str) -> None:
    document = model_to_json(DEFAULT_MODEL)
    assert check_model(document) == ""
    document["signals"][0] |= change
    assert said in check_model(document)


def test_learning_needs_outcomes_and_says_how_many(people: list[Person], ask: Callable[..., Any]) -> None:
    with pytest.raises(NotAllowed, match="30 of each"):
        ask(learned_weights, NOW)


def test_learned_weights_are_judged_on_leads_not_seen(
    people: list[Person], ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn")
    chance = random.Random(3)
    rows = []
    for _ in range(300):
        met = tuple(chance.random() < 0.5 for _ in DEFAULT_MODEL.signals)
        rows.append((met, chance.random() < (0.8 if met[0] else 0.1)))  # only the first signal means anything
    monkeypatch.setattr(learning, "decided_leads", lambda *_: rows)
    found = ask(learned_weights, NOW)
    weights = {one.key: one.learned for one in found.weights}
    assert sum(weights.values()) == 100
    assert weights["logins"] > 60
    assert found.auc_learned_low > found.auc_now_high
    assert "better" in found.sentence
    assert found.document["signals"][0]["weight"] == weights["logins"]


def test_without_the_extra_it_says_how_to_get_it(
    people: list[Person], ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    monkeypatch.setattr(learning, "decided_leads", lambda *_: [((True,) * 6, n % 2 == 0) for n in range(80)])
    with pytest.raises(NotInstalled, match=r"pqldesk\[learn\]"):
        ask(learned_weights, NOW)
