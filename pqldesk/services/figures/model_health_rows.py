"""How well the live model does its work, as shown: frozen dataclasses, standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pqldesk.services.basics.rates import Rate
from pqldesk.services.basics.texts import _, decimal, percent
from pqldesk.services.rows import Number


@dataclass(frozen=True, slots=True)
class BandHealth:
    """What became of the leads that stood in a band when they were decided."""

    band: str
    label: str
    won: Rate


@dataclass(frozen=True, slots=True)
class CutHealth:
    """The decided leads that another cut would have added to those flagged now, or taken from them.

    *flagged* and *caught* are precision and recall at that cut. *between* is the win rate of the leads that lie
    between it and the cut in force: what the change would be about.
    """

    cut: Number
    flagged: Rate
    caught: Rate
    between: Rate


@dataclass(frozen=True, slots=True)
class SignalDrift:
    """The share of new leads that reached a signal within FIRST_DAYS of their start, lately and before.

    *low* and *high* are the 95 % interval of the difference; both None where one side has no leads.
    """

    key: str
    label: str
    before: Rate
    lately: Rate
    low: float | None
    high: float | None
    shifted: bool
    weeks: tuple[tuple[str, Rate], ...]  # Monday on which the cohort began, ISO day


@dataclass(frozen=True, slots=True)
class HiddenLead:
    """A lead that an exclusion hides."""

    lead_id: str
    name: str
    company: str | None


@dataclass(frozen=True, slots=True)
class GuardRule:
    """An exclusion and the leads it hides. *won* of them were won all the same: the rule hides too much."""

    key: str
    label: str
    hidden: int
    won: int
    leads: tuple[HiddenLead, ...]  # at most LEADS_SHOWN, those active last first


@dataclass(frozen=True, slots=True)
class Rejection:
    """Leads disqualified for one reason, and the exclusion that would have spared the reps most of them."""

    reason: str
    leads: int
    proposal: Mapping[str, Any] | None  # the exclusion as model JSON; None where nothing fits
    what: str  # the proposal in words
    spares: int  # of *leads*, those it hides
    wins: int  # won leads it would hide too
    queued: int  # leads qualified now that it would hide


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """The live model against what came of its leads in the last *days*."""

    model: str
    version: int
    cut: Number
    days: int
    decided: int
    won: int
    bands: tuple[BandHealth, ...]  # the highest first
    bands_in_order: bool | None  # no band wins clearly less than one below it; None where too few are decided
    brier: (
        float | None
    )  # mean squared error of guessing each lead's band rate from the other leads of its band
    brier_base: float | None  # the same from the rate of all others: what knowing no band costs
    cuts: tuple[CutHealth, ...]  # from low to high
    hints: tuple[str, ...]
    drift: tuple[SignalDrift, ...]
    guard: tuple[GuardRule, ...]
    rejections: tuple[Rejection, ...]


def verdicts(found: ModelHealth) -> list[str]:
    """The verdicts in words."""
    said = []
    if found.bands_in_order is None:
        said.append(_("Too few leads of different bands are decided to hold the bands against each other."))
    elif found.bands_in_order:
        said.append(_("No band wins clearly less than one below it."))
    else:
        said.append(_("A band wins clearly less than one below it: the score is upside down there."))
    if found.brier is not None and found.brier_base is not None:
        said.append(
            _("Guessing outcomes from bands errs by {brier} (Brier); without them by {base}.").format(
                brier=decimal(found.brier, 3), base=decimal(found.brier_base, 3)
            )
        )
    said.extend(found.hints)
    said.extend(
        _("{signal}: new leads reach it {lately} now, {before} before.").format(
            signal=_(one.label), lately=percent(one.lately.share or 0), before=percent(one.before.share or 0)
        )
        for one in found.drift
        if one.shifted
    )
    return said


def health_from_json(document: Mapping[str, Any]) -> ModelHealth:
    """What another process printed."""
    return ModelHealth(
        **{
            **document,
            "bands": tuple(BandHealth(**{**one, "won": Rate(**one["won"])}) for one in document["bands"]),
            "cuts": tuple(
                CutHealth(one["cut"], Rate(**one["flagged"]), Rate(**one["caught"]), Rate(**one["between"]))
                for one in document["cuts"]
            ),
            "hints": tuple(document["hints"]),
            "drift": tuple(
                SignalDrift(
                    **{
                        **one,
                        "before": Rate(**one["before"]),
                        "lately": Rate(**one["lately"]),
                        "weeks": tuple((monday, Rate(**found)) for monday, found in one["weeks"]),
                    }
                )
                for one in document["drift"]
            ),
            "guard": tuple(
                GuardRule(**{**one, "leads": tuple(HiddenLead(**lead) for lead in one["leads"])})
                for one in document["guard"]
            ),
            "rejections": tuple(Rejection(**one) for one in document["rejections"]),
        }
    )
