"""Why reps turn leads away, and the rule that would have spared them: a proposal with its price, never put in force."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import OPEN_STATES, Lead
from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.figures.model_health_rows import Rejection
from pqldesk.services.identity.companies import free_mail_domains, is_free_mail
from pqldesk.services.modelling.replay import Outcome
from pqldesk.services.scoring.exclusions import person_exclusion
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.model import Exclusion, ExclusionRule, ScoringModel

ENOUGH_REJECTED = 3  # a rule for fewer leads than these is a rule about persons
OF_A_REASON = 0.5  # it must spare at least so much of the reason
A_WIN_COSTS = 3  # as many spared rejections as one hidden win must outweigh
SCHOOLS = ("*.edu", "*.edu.??", "*.ac.??", "*@student.*", "*@students.*", "*@stud.*", "*@alumni.*")


def rejections(session: Session, since: datetime, came: Mapping[int, Outcome]) -> tuple[Rejection, ...]:
    """The reasons of the disqualified leads that came *since*, the most frequent first."""
    model = live_model(session).model
    by_reason: dict[str, list[str]] = defaultdict(list)
    said: dict[str, Counter[str]] = defaultdict(Counter)
    rows = session.execute(
        select(Lead.email, Lead.state_reason).where(
            Lead.state == "disqualified", Lead.state_reason.is_not(None), Lead.created_at > since
        )
    )
    for email, reason in rows:
        words = " ".join(str(reason).split())
        folded = words.casefold().rstrip(".!")
        by_reason[folded].append((email or "").casefold())
        said[folded][words] += 1
    if not by_reason:
        return ()
    wanted = select(Lead.id, Lead.email, Lead.qualified, Lead.state).where(
        Lead.is_listed == 1, Lead.email.is_not(None)
    )
    kept = [
        (str(email).casefold(), qualified and state in OPEN_STATES, lead in came and came[lead].won)
        for lead, email, qualified, state in session.execute(wanted)
    ]
    ordered = sorted(by_reason.items(), key=lambda one: (-len(one[1]), one[0]))
    return tuple(
        _proposed(said[folded].most_common(1)[0][0], emails, kept, model) for folded, emails in ordered
    )


def _proposed(
    reason: str, emails: list[str], kept: list[tuple[str, bool, bool]], model: ScoringModel
) -> Rejection:
    """The candidate that spares most for least, if one is worth it."""
    best: tuple[int, Exclusion, str, int, int, int] | None = None
    for rule, what in _candidates(reason, emails):
        alone = _only(model, rule)
        spares = sum(person_exclusion(alone, email) is not None for email in emails)
        if spares < max(ENOUGH_REJECTED, OF_A_REASON * len(emails)):
            continue
        hidden = [(queued, won) for email, queued, won in kept if person_exclusion(alone, email) is not None]
        wins = sum(won for _, won in hidden)
        worth = spares - A_WIN_COSTS * wins
        if worth > 0 and (best is None or worth > best[0]):
            best = worth, rule, what, spares, wins, sum(queued for queued, _ in hidden)
    if best is None:
        return Rejection(reason, len(emails), None, "", 0, 0, 0)
    _worth, rule, what, spares, wins, queued = best
    return Rejection(reason, len(emails), _as_json(rule), what, spares, wins, queued)


def _candidates(reason: str, emails: Iterable[str]) -> Iterator[tuple[Exclusion, str]]:
    """Rules that could be behind *reason*: its e-mail domains, free mail, schools, machines."""
    domains = Counter(email.rpartition("@")[2] for email in emails if "@" in email)
    own = sorted(domain for domain, n in domains.items() if n >= ENOUGH_REJECTED and not is_free_mail(domain))
    if own:
        yield (
            _rule(reason, ExclusionRule.INTERNAL_DOMAINS, own),
            _("everybody at {domains}").format(domains=", ".join(own[:5]) + (" …" if len(own) > 5 else "")),
        )
    if any(is_free_mail(domain) for domain in domains):
        free = sorted(free_mail_domains())
        yield (
            _rule(reason, ExclusionRule.INTERNAL_DOMAINS, free),
            _("addresses of {n} free mail providers").format(n=numeral(len(free))),
        )
    yield _rule(reason, ExclusionRule.TEST_ACCOUNTS, SCHOOLS), _("addresses of schools and universities")
    yield _rule(reason, ExclusionRule.BOTS, ()), _("addresses of machines")


def _rule(reason: str, rule: ExclusionRule, values: Iterable[str]) -> Exclusion:
    key = "".join(letter if letter.isalnum() else "_" for letter in reason.casefold()).strip("_")[:40]
    return Exclusion(key or "rejected", reason, rule, tuple(values))


def _only(model: ScoringModel, rule: Exclusion) -> ScoringModel:
    """A model with this one exclusion: what it hides, whatever the others hide."""
    return ScoringModel(model.name, model.version, model.cut, model.signals, exclusions=(rule,))


def _as_json(rule: Exclusion) -> dict[str, Any]:
    return {
        "key": rule.key,
        "label": rule.label,
        "rule": str(rule.rule),
        "values": list(rule.values),
        "events": rule.events,
        "minutes": rule.minutes,
    }
