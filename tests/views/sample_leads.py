# ruff: noqa: E501 - rows of sample data read better on one line
"""The made-up leads of the sample desk, each made from its number alone."""

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pqldesk.services.filters.facts import LeadFacts, row_facts
from pqldesk.services.filters.terms import Terms
from pqldesk.services.rows import QueueRow, SignalValue, TrialShown
from pqldesk.services.scoring.milestones import DEFAULT_MILESTONES
from pqldesk.services.scoring.model import DEFAULT_MODEL

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
REP = "mira.okafor@example.com"
OTHER = "dana.kim@example.com"
TERMS = Terms(NOW, ZoneInfo("UTC"), REP, DEFAULT_MODEL, DEFAULT_MILESTONES)
SIGNALS = (
    ("logins", "Logins (7d)", 5, 10), ("features", "Features activated", 3, 15), ("invites", "Team invites", 2, 20),
    ("integrations", "Integration connected", 1, 25), ("records", "Data imported", 100, 20),
    ("active_days", "Active days (14d)", 7, 10),
)  # fmt: skip
MILESTONES = (
    ("signed_up", "Signed up"), ("first_login", "First login"), ("first_feature", "First feature"),
    ("invited_teammate", "Invited a teammate"), ("first_integration", "First integration"),
    ("imported_data", "Imported data"),
)  # fmt: skip
PEOPLE = (
    ("Tomás Rey", "Northwind", "111110"), ("Jane Doe", "Example, Inc.", "111101"), ("Aiko Tanaka", "Kumo Labs", "111101"),
    ("Priya Nair", "Ledgerly", "011101"), ("Chloé Martin", "Atelier B", "110110"), ("Eva Novak", "BrnoDev", "111100"),
    ("Sam Whitfield", "OrbitOps", "111010"), ("Noor Haddad", "Qanat", "101101"), ("Wei Chen", "Lumen", "101101"),
    ("Lars Holm", "Fjordware", "101100"), ("Diego Luna", "Pampa", "100110"), ("Ruth Adler", "Helio GmbH", "001100"),
    ("Ben Osei", "Kente", "110001"), ("Ivy Clarke", "Mapleaf", "110000"),
    ("Bartholomew Featherstonehaugh", "Cholmondeley & Featherstonehaugh Holdings", "111111"),
    ("Li", "Ö", "000000"),
)  # fmt: skip
FIRST = [
    "Ada", "Bo", "Cleo", "Dev", "Ela", "Finn", "Gia", "Hugo", "Ines", "Jun", "Kai", "Lea", "Mio", "Nia", "Oda", "Pia", "Quin", "Rio", "Sol", "Tam", "Uma", "Vik",
]  # fmt: skip
LAST = [
    "Abara", "Berg", "Costa", "Dahl", "Eriksen", "Fuchs", "Grau", "Hale", "Ito", "Jansen", "Koch", "Lund", "Meier", "Nagy", "Ortiz", "Park", "Quist", "Roth",
]  # fmt: skip


@lru_cache(10_000)  # every test with a window asks for the same: making them was a quarter of its time
def lead(number: int) -> QueueRow:
    """Lead *number*, made from its number alone."""
    chance = random.Random(number)
    if number <= len(PEOPLE):
        name, company, lit = PEOPLE[number - 1]
    else:
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        company = f"{chance.choice(LAST)} {chance.choice(('Labs', 'Works', 'Systems', 'AG'))}"
        lit = "".join(chance.choice("01") for _ in SIGNALS)
    slug = "".join(c for c in company.lower() if c.isascii() and c.isalnum()) or "umlaut"
    signals = tuple(
        SignalValue(key, label, threshold + chance.randrange(9) if on == "1" else threshold * 62 // 100, threshold,
                    weight if on == "1" else 0, weight)
        for on, (key, label, threshold, weight) in zip(lit, SIGNALS, strict=True)
    )  # fmt: skip
    score = sum(s.points for s in signals)
    band = "hot" if score >= 80 else "qualified" if score >= 60 else "warming" if score >= 40 else "cold"
    days = chance.randrange(0, 13)
    trial = None
    if chance.random() < 0.65:
        state = "active" if chance.random() < 0.85 else "expired"
        trial = TrialShown(
            "Ultimate", NOW - timedelta(days=14 - days), NOW + timedelta(days=days), state, days
        )
    owner = {3: OTHER, 8: OTHER, 10: REP, 12: REP}.get(number)
    state = "claimed" if owner else "qualified" if score >= 60 else "new"
    state = {10: "handed_off", 12: "snoozed"}.get(number, state)
    respond = {1: 52, 2: 14, 4: 130, 5: 190, 7: -25}.get(number)
    return QueueRow(
        number, f"L{number:06d}", name, f"{name.split()[0].lower()}@{slug}.example", company, f"{slug}.example",
        score, band, score >= 60, NOW - timedelta(hours=2) if score >= 60 else None, signals,
        round(sum(c == "1" for c in lit) / 6 * 100),
        {key: NOW - timedelta(days=12 - n) if lit[n] == "1" else None for n, (key, _l) in enumerate(MILESTONES)},
        trial, owner, state, NOW - timedelta(minutes=chance.choice((12, 40, 60, 120, 300, 1440, 2880))),
        "plg", "group-billing" if number == 2 else None, NOW + timedelta(minutes=respond) if respond else None, None,
        chance.choice((20, 15, 10, 0, 5, -5, -10)), NOW - timedelta(hours=2) if number == 2 else None,
    )  # fmt: skip


@lru_cache(10_000)  # asked for by every window, with each of its views
def lead_facts(number: int) -> LeadFacts:
    """What filters know of lead *number* as it was made."""
    return row_facts(lead(number), TERMS)
