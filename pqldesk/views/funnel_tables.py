"""The two tables of the Funnel page, and the words of their figures: its parts by one property, and the reps."""

from functools import partial

from pqldesk.services.basics.rates import ENOUGH, Rate
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.figure_rows import GroupRow, RepRow, SpeedToLead
from pqldesk.views import wording
from pqldesk.views.row_table import Column, Mark

SPLITS = {
    "source": _("Source"), "week": _("Signup week"), "placement": _("Placement"), "plan": _("Plan"),
    "owner": _("Owner"),
}  # fmt: skip
# What is split by, inside "by ...": other languages write their nouns large, or bend them.
SPLIT_BY = {
    "source": _("by source"), "week": _("by signup week"), "placement": _("by placement"), "plan": _("by plan"),
    "owner": _("by owner"),
}  # fmt: skip
STEPS = ("signed_up", "activated", "qualified", "claimed", "contacted", "handed_off", "opportunity", "won")


def interval_words(rate: Rate | None) -> str:
    """A rate in full, for a tooltip; "" of nothing."""
    if rate is None or rate.low is None or rate.high is None:
        return ""
    words = _("{n} of {of}, 95 % interval {low} – {high}").format(
        n=rate.n, of=rate.of, low=wording.percent(rate.low), high=wording.percent(rate.high)
    )
    return words if rate.of >= ENOUGH else words + "\n" + _("Not enough yet: {n} are needed").format(n=ENOUGH)


def in_time_words(rate: Rate | None) -> str:
    """The share of answers that came in time; a count where they are few."""
    if rate is None or not rate.of:
        return wording.NONE
    if rate.of < ENOUGH:
        return _("{won} of {n}").format(won=wording.number(rate.n), n=wording.number(rate.of))
    return wording.percent(rate.share)


def in_time_hint() -> str:
    return _("Each lead by its own response target; whoever still waits beyond it is late")


def speed_hint(speed: SpeedToLead | None) -> str:
    """What the median counts from, and for how many from later than their crossing."""
    usual = _("Median time from qualification to the first touch; those that wait count as waiting")
    if speed is None or not speed.from_history:
        return usual
    late = n_(
        "{n} lead crossed in history that was brought in later: it is counted from when that came to be known",
        "{n} leads crossed in history that was brought in later: they are counted from when that came to be known",
        speed.from_history,
    )
    return f"{usual}\n{late}"


REP_COLUMNS = (
    Column[RepRow](_("Rep"), lambda r: wording.person(r.rep), 110, stretch=2, mark=lambda r: Mark("avatar", key=r.rep)),
    Column[RepRow](
        p_("leads", "Claimed"), lambda r: wording.number(r.claimed), 68, right=True, order=lambda r: r.claimed
    ),
    Column[RepRow](
        _("First touch"), lambda r: wording.hours(r.median_first_touch_hours), 84, right=True,
        order=lambda r: r.median_first_touch_hours,
    ),
    Column[RepRow](
        _("In time"), lambda r: in_time_words(r.in_time), 84, right=True,
        order=lambda r: None if r.in_time is None else r.in_time.share,
        hint=lambda r: f"{interval_words(r.in_time) or wording.NONE}\n{in_time_hint()}",
    ),
    Column[RepRow](p_("leads", "Handed off"), lambda r: wording.number(r.handed_off), 84, right=True,
                   order=lambda r: r.handed_off),
    Column[RepRow](
        p_("leads", "Won"), lambda r: wording.number(r.won), 52, right=True, order=lambda r: r.won,
        hint=lambda r: _("Of those closed: {words}").format(words=interval_words(r.won_of_closed) or wording.NONE),
    ),
    Column[RepRow](
        p_("leads", "Given back"), lambda r: wording.number(r.given_back), 84, right=True, order=lambda r: r.given_back,
        hint=lambda _r: _("Released by the rep, or by a lease that lapsed"),
    ),
)  # fmt: skip


def _group_name(row: GroupRow) -> str:
    if row.value is None:
        return p_("group", "none")
    return wording.person(row.value) if "@" in row.value else row.value


def _share(row: GroupRow, step: int) -> str:
    rate = row.steps[step]
    return wording.number(rate.n) if rate.of < ENOUGH else wording.percent(rate.share, 1)


def _group_column(step: int) -> Column[GroupRow]:
    return Column(
        p_("leads", "Qualified") if STEPS[step] == "qualified" else wording.FUNNEL_STEPS[STEPS[step]],
        partial(_share, step=step), 86, right=True,
        order=lambda row: row.steps[step].share,
        hint=lambda row: f"{wording.FUNNEL_STEPS[STEPS[step]]}: {interval_words(row.steps[step])}",
    )  # fmt: skip


GROUP_COLUMNS = (
    Column[GroupRow](p_("column", "Group"), _group_name, 120, stretch=2, mark=lambda _r: Mark(strong=True)),
    Column[GroupRow](_("Signups"), lambda r: wording.number(r.n), 80, right=True, order=lambda r: r.n),
    *(_group_column(step) for step in range(1, len(STEPS))),
)  # fmt: skip
