"""The live model against outcomes: every figure recomputed from the rows by plain counting."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.services.basics.exact import HUNDRED, MILLION
from pqldesk.services.basics.moments import DAY
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.basics.rates import rate
from pqldesk.services.figures.model_health import brier_scores, cut_table, hints, in_order, model_health
from pqldesk.services.figures.model_health_rows import ModelHealth, health_from_json
from pqldesk.services.files.event_rows import EventRow
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.leads import leads
from pqldesk.services.modelling.replay_figures import plain
from pqldesk.services.modelling.versions import draft_of, exclude_too, put_live, save_draft, version_row
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.model import Exclusion, ExclusionRule
from pqldesk.services.scoring.model_json import model_from_json, model_to_json
from pqldesk.services.scoring.rescore import rescore_all
from pqldesk.services.workspaces.workspace import Workspace

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
KIM = "kim@example.com"

Ask = Callable[..., Any]


@pytest.fixture
def ask(workspace: Workspace) -> Ask:
    return lambda query, *args, **kwargs: workspace.db.read(query, *args, **kwargs).result()


def _event(n: int, email: str, kind: str, at: int, quantity: int = 1, key: str = "") -> EventRow:
    return EventRow(n, n, f"e{n}", email, None, None, None, None, kind, key, quantity * MILLION, at, at)


def test_leaving_one_out_the_brier_score_is_that_of_a_plain_count() -> None:
    bands = [[True, True, False, True], [False, False, True, False, False], [True]]
    pairs = [(sum(band), len(band)) for band in bands]
    told = [lead for band in bands if len(band) > 1 for lead in band]

    def error(group: list[bool]) -> float:
        return sum(
            (lead - sum(rest := group[:n] + group[n + 1 :]) / len(rest)) ** 2 for n, lead in enumerate(group)
        )

    by_band, base = brier_scores(pairs)

    assert by_band == pytest.approx(sum(error(band) for band in bands if len(band) > 1) / len(told))
    assert base == pytest.approx(error(told) / len(told))
    assert brier_scores([(1, 1), (0, 1)]) == (None, None)


def test_bands_are_out_of_order_only_when_their_intervals_lie_apart() -> None:
    assert in_order([rate(20, 40), rate(30, 40)]) is True  # lower, yet it may be chance
    assert in_order([rate(5, 100), rate(60, 100)]) is False
    assert in_order([rate(60, 100), rate(0, 3), rate(20, 100)]) is True
    assert in_order([rate(60, 100), rate(1, 29)]) is None


def test_a_cut_row_counts_the_leads_between_it_and_the_cut_in_force() -> None:
    judged = [
        (70 * HUNDRED, True),
        (60 * HUNDRED, False),
        (45 * HUNDRED, True),
        (40 * HUNDRED, False),
        (0, False),
    ]
    rows = {row.cut: row for row in cut_table(judged, 60 * HUNDRED)}

    assert (rows[60].flagged, rows[60].caught, rows[60].between.of) == (rate(1, 2), rate(1, 2), 0)
    assert (rows[40].flagged, rows[40].between) == (rate(2, 4), rate(1, 2))
    assert (rows[65].flagged, rows[65].between) == (rate(1, 1), rate(0, 1))
    assert {5, 100} <= set(rows)


def test_a_lower_cut_is_hinted_at_when_its_leads_win_clearly_more_than_all_do() -> None:
    judged = [(50 * HUNDRED, n < 35) for n in range(40)] + [(10 * HUNDRED, False)] * 60

    said = hints(cut_table(judged, 60 * HUNDRED), 60, rate(35, 100))

    assert said == ("A cut of 15 would have added 40 leads, of which 88% were won.",)
    few = [(50 * HUNDRED, True)] * 20
    assert hints(cut_table(few, 60 * HUNDRED), 60, rate(20, 20)) == (
        "0 decided leads reached the cut: not enough yet to judge it.",
    )


def test_a_higher_cut_is_hinted_at_when_what_it_drops_wins_clearly_less() -> None:
    judged = [(90 * HUNDRED, True)] * 40 + [(62 * HUNDRED, False)] * 40

    said = hints(cut_table(judged, 60 * HUNDRED), 60, rate(40, 80))

    assert said == ("A cut of 90 would have left out 40 leads, of which 0% were won.",)


@pytest.fixture
def drifting(workspace: Workspace) -> dict[str, list[tuple[int, bool]]]:
    """Forty leads a week for twenty weeks; in the last five finished weeks many more connect something."""
    chance = random.Random(3)
    rows: list[EventRow] = []
    starts: list[tuple[str, int, bool]] = []
    for week in range(22):
        for k in range(12):
            email = f"w{week}k{k}@firm{week}.example"
            start = micros(NOW) - week * 7 * DAY - chance.randrange(0, 7) * DAY
            connects = chance.random() < (0.9 if week < 7 else 0.1)
            late = chance.random() < 0.2  # after the first two weeks: no sign of a quick start
            at = start + (20 if late else chance.randrange(1, 13)) * DAY
            if connects:
                rows.append(_event(len(rows), email, "integration_connected", at))
            rows.append(_event(len(rows), email, "login", start))
            starts.append((email, start, connects and not late and at <= start + 14 * DAY))

    def store(session: Session) -> None:
        EventStore("test").store(session, rows, NOW, None)
        for email, start, _reached in starts:
            lead = session.scalars(select(Lead).where(Lead.email == email)).one()
            lead.signed_up_at = lead.signup_at = datetime.fromtimestamp(start / 1e6, UTC)
        rescore_all(session, NOW)

    workspace.db.write(store).result()
    cohorts: dict[str, list[tuple[int, bool]]] = {}
    for _email, start, reached in starts:
        day = datetime.fromtimestamp(start / 1e6, UTC).date()
        cohorts.setdefault((day - timedelta(days=day.weekday())).isoformat(), []).append((start, reached))
    return cohorts


def test_a_signal_that_new_leads_reach_more_often_has_shifted(
    drifting: dict[str, list[tuple[int, bool]]], ask: Ask
) -> None:
    found: ModelHealth = ask(model_health, NOW)
    signals = {one.key: one for one in found.drift}
    apps = signals["integrations"]

    assert len(apps.weeks) == 16
    for monday, share in apps.weeks:
        leads = drifting[monday]
        assert share == rate(sum(reached for _, reached in leads), len(leads)), monday
    assert apps.lately == rate(
        sum(one.n for _, one in apps.weeks[12:]), sum(one.of for _, one in apps.weeks[12:])
    )
    assert apps.weeks[-1][0] == "2026-10-26"  # the week of the 2nd has not lived its two weeks on the 18th
    assert apps.shifted
    assert not signals["records"].shifted


def test_an_exclusion_is_shown_with_the_leads_it_hides_and_the_wins_among_them(
    workspace: Workspace, new_lead: Callable[..., int], ask: Ask, write: Ask
) -> None:
    hidden = [
        new_lead(f"h{n}@staff.example", name=f"Hidden {n}", outcome="won" if n == 1 else None)
        for n in range(3)
    ]
    new_lead("seen@firm.example")
    rule = Exclusion("own", "Our own", ExclusionRule.INTERNAL_DOMAINS, ("staff.example",))

    def go(session: Session) -> None:
        live = live_model(session).model
        save_draft(session, model_to_json(replace(live, exclusions=(rule,))), KIM, NOW)
        put_live(session, version_row(session, "draft"), KIM, NOW)
        rescore_all(session, NOW)

    write(go)
    (shown,) = ask(model_health, NOW).guard

    assert (shown.key, shown.label, shown.hidden) == ("own", "Our own", 3)
    assert {one.lead_id for one in shown.leads} == {public_id(LEAD, lead) for lead in hidden}


def _turned_away(new_lead: Callable[..., int], write: Ask, emails: list[str], reason: str) -> None:
    for email in emails:
        lead_id = new_lead(email)

        def turn(session: Session, lead_id: int = lead_id) -> None:
            leads.disqualify(session, session.get_one(Lead, lead_id), reason, KIM, NOW)

        write(turn)


def test_the_rule_proposed_for_a_reason_is_the_one_that_spares_most_and_its_price_is_counted(
    new_lead: Callable[..., int], ask: Ask, write: Ask
) -> None:
    _turned_away(
        new_lead, write, [f"s{n}@uni{n}.edu" for n in range(4)] + ["s@firm.example"], "Student project"
    )
    _turned_away(new_lead, write, [f"c{n}@rival.example" for n in range(3)], "Competitor")
    _turned_away(new_lead, write, ["x@one.example", "y@two.example"], "No budget")
    new_lead("dean@college.edu", hand_raised_at=NOW - timedelta(days=1))
    new_lead("won@school.edu", outcome="won", outcome_at=NOW - timedelta(days=3))

    found = {one.reason: one for one in ask(model_health, NOW).rejections}

    students, rivals = found["Student project"], found["Competitor"]
    assert (students.leads, students.spares, students.wins, students.queued) == (5, 4, 1, 1)
    assert students.what == "addresses of schools and universities"
    assert (rivals.spares, rivals.wins, rivals.proposal and rivals.proposal["values"]) == (
        3,
        0,
        ["rival.example"],
    )
    assert (found["No budget"].leads, found["No budget"].proposal) == (2, None)
    assert list(found) == ["Student project", "Competitor", "No budget"]


def test_a_proposed_rule_goes_into_the_draft_once(new_lead: Callable[..., int], ask: Ask, write: Ask) -> None:
    _turned_away(new_lead, write, [f"c{n}@rival.example" for n in range(3)], "Competitor")
    (rejection,) = ask(model_health, NOW).rejections

    write(exclude_too, rejection.proposal, KIM, NOW)

    draft = ask(lambda session: model_from_json(draft_of(session).spec))  # type: ignore[union-attr]
    assert [(one.key, one.label, one.values) for one in draft.exclusions] == [
        ("competitor", "Competitor", ("rival.example",))
    ]
    assert ask(lambda session: live_model(session).model.exclusions) == ()
    with pytest.raises(NotAllowed, match="hides these leads already: Competitor"):
        write(exclude_too, rejection.proposal, KIM, NOW)


def test_figures_survive_the_way_from_the_process_that_made_them(
    drifting: dict[str, list[tuple[int, bool]]], ask: Ask
) -> None:
    found = ask(model_health, NOW)

    assert health_from_json(json.loads(json.dumps(plain(found)))) == found
