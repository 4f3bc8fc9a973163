"""Which leads are noise: internal staff, test accounts, machines, and a single busy session."""

import re
from fnmatch import fnmatchcase

from pqldesk.services.scoring.model import Exclusion, ExclusionRule, ScoringModel

_MACHINE_WORDS = frozenset({"bot", "crawler", "spider", "uptime", "noreply", "donotreply", "monitoring"})
_MINUTE = 60_000_000


def person_exclusion(model: ScoringModel, email: str | None, *, is_bot: bool = False) -> Exclusion | None:
    """The first rule that excludes a person for who they are; it holds at every moment."""
    for rule in model.exclusions:
        if _excludes_person(rule, email, is_bot):
            return rule
    return None


def session_exclusion(
    model: ScoringModel,
    events: int,
    first_at: int | None,
    last_at: int | None,
    *,
    hand_raised: bool = False,
) -> Exclusion | None:
    """The first rule that excludes usage in a single session: all *events* so far lie close together.

    A person who has raised a hand is no noise, however short the visit.
    """
    if hand_raised or first_at is None or last_at is None:
        return None
    for rule in model.exclusions:
        if (
            rule.rule is ExclusionRule.SINGLE_SESSION
            and events >= rule.events
            and last_at - first_at <= rule.minutes * _MINUTE
        ):
            return rule
    return None


def _excludes_person(rule: Exclusion, email: str | None, is_bot: bool) -> bool:
    if rule.rule is ExclusionRule.BOTS:
        return is_bot or (email is not None and _looks_like_a_machine(email))
    if email is None:
        return False
    folded = email.strip().casefold()
    if rule.rule is ExclusionRule.INTERNAL_DOMAINS:
        domain = folded.rpartition("@")[2]
        return any(domain == inner or domain.endswith("." + inner) for inner in rule.values)
    if rule.rule is ExclusionRule.TEST_ACCOUNTS:
        return any(fnmatchcase(folded, pattern) for pattern in rule.values)
    return False


def _looks_like_a_machine(email: str) -> bool:
    local = email.strip().casefold().rpartition("@")[0]
    words = re.split(r"[^a-z]+", local)
    return not _MACHINE_WORDS.isdisjoint(words) or "no-reply" in local or "do-not-reply" in local
