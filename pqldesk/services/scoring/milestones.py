"""Activation: which milestones a lead reached, when, and how far that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pqldesk.services.basics.exact import HUNDRED, MILLION, half_up, number, parts
from pqldesk.services.basics.moments import DAY
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.scoring.model import Measure

Event = tuple[int, str, str, int]
SIGNUP_KIND = "signed_up"
_MEASURES = (Measure.COUNT, Measure.SUM, Measure.DISTINCT_KEYS)


@dataclass(frozen=True, slots=True)
class Milestone:
    """An activation step. Threshold in millionths, weight in hundredths; *within_days* of signup, if set."""

    key: str
    label: str
    kind: str
    measure: Measure = Measure.COUNT
    threshold: int = MILLION
    within_days: int | None = None
    weight: int = HUNDRED


DEFAULT_MILESTONES = (
    Milestone("signed_up", "Signed up", SIGNUP_KIND),
    Milestone("first_login", "First login", "login"),
    Milestone("first_feature", "First feature", "feature_activated"),
    Milestone("invited_teammate", "Invited a teammate", "team_invited", Measure.SUM),
    Milestone("first_integration", "First integration", "integration_connected"),
    Milestone("imported_data", "Imported data", "data_imported", Measure.SUM),
)


def signup_moment(events: Iterable[Event], signup_at: int | None) -> int | None:
    """When the lead signed up: the lead's own signup time, else its first ``signed_up`` event."""
    if signup_at is not None:
        return signup_at
    return min((at for at, kind, _, _ in events if kind == SIGNUP_KIND), default=None)


def reached(
    milestones: Iterable[Milestone], events: Sequence[Event], signup_at: int | None
) -> dict[str, int | None]:
    """When each milestone was first reached, events in order of time, those of one moment counted together.

    It stays reached although a later event takes something back. As of T it is reached when that is <= T.
    """
    signup = signup_moment(events, signup_at)
    found: dict[str, int | None] = {}
    for milestone in milestones:
        if milestone.kind == SIGNUP_KIND and signup_at is not None:
            found[milestone.key] = signup_at
        else:
            found[milestone.key] = _first_reached(milestone, events, signup)
    return found


def _first_reached(milestone: Milestone, events: Sequence[Event], signup: int | None) -> int | None:
    if milestone.within_days is not None and signup is None:
        return None
    value = 0
    keys: set[str] = set()
    own = (event for event in events if event[1] == milestone.kind)
    for at, group in groupby(own, key=_moment):
        if (
            milestone.within_days is not None
            and signup is not None
            and at > signup + milestone.within_days * DAY
        ):
            return None
        for _at, _kind, key, quantity in group:
            if milestone.measure is Measure.SUM:
                value += quantity
            elif milestone.measure is Measure.COUNT:
                value += MILLION
            elif key and key not in keys:
                keys.add(key)
                value += MILLION
        if value >= milestone.threshold:
            return at
    return None


def activation(
    milestones: Iterable[Milestone], reached_at: Mapping[str, int | None], at: int | None = None
) -> int:
    """Reached weight of all weight in whole percent, half up; as of *at* when given."""
    total = done = 0
    for milestone in milestones:
        total += milestone.weight
        moment = reached_at.get(milestone.key)
        if moment is not None and (at is None or moment <= at):
            done += milestone.weight
    return half_up(100 * done, total) if total else 0


def days_since_signup(reached_at: int | None, signup: int | None) -> int | None:
    """Whole days from the signup on, never below 0; None while either is unknown."""
    if reached_at is None or signup is None:
        return None
    return max(0, (reached_at - signup) // DAY)


def milestones_to_json(milestones: Iterable[Milestone]) -> list[dict[str, Any]]:
    """The definitions as JSON values; milestones_from_json gives the same ones back."""
    return [
        {
            "key": milestone.key,
            "label": milestone.label,
            "kind": milestone.kind,
            "measure": str(milestone.measure),
            "threshold": number(milestone.threshold, MILLION),
            "within_days": milestone.within_days,
            "weight": number(milestone.weight, HUNDRED),
        }
        for milestone in milestones
    ]


def milestones_from_json(document: object) -> tuple[Milestone, ...]:
    """The definitions in *document*; BadInput says which one is wrong and what would be right."""
    if not isinstance(document, list) or not document:
        raise BadInput(_("The milestones are not a list."), _("List at least one milestone."))
    found = tuple(_milestone(item, place) for place, item in enumerate(document, 1))
    keys = [milestone.key for milestone in found]
    for key in keys:
        if keys.count(key) > 1:
            raise BadInput(
                _('The milestone "{key}" stands more than once.').format(key=key), _("Give each its own key.")
            )
    return found


def check_milestone(document: Mapping[str, Any]) -> str:
    """What is wrong with a milestone as it is being typed, in one sentence; "" when it can be used."""
    try:
        milestones_from_json([document])
    except BadInput as problem:
        return str(problem)
    return ""


def _moment(event: Event) -> int:
    return event[0]


def _milestone(item: object, place: int) -> Milestone:
    where = _("In milestone {place},").format(place=place)
    if not isinstance(item, Mapping):
        raise BadInput(
            _("Milestone {place} is not an object.").format(place=place),
            _('It needs at least "key" and "kind".'),
        )
    key, kind, label = item.get("key"), item.get("kind"), item.get("label")
    if not isinstance(key, str) or not key.strip():
        raise BadInput(_('{where} "key" is {key!r}.').format(where=where, key=key), _("Write some text."))
    if not isinstance(kind, str) or not kind.strip():
        raise BadInput(
            _('{where} "kind" is {kind!r}.').format(where=where, kind=kind),
            _("Name an event kind, such as login."),
        )
    measure = item.get("measure", "count")
    if measure not in _MEASURES:
        raise BadInput(
            _('{where} "measure" is {measure!r}.').format(where=where, measure=measure),
            _("Known: {known}.").format(known=", ".join(_MEASURES)),
        )
    within = item.get("within_days")
    if within is not None and (isinstance(within, bool) or not isinstance(within, int) or within < 1):
        raise BadInput(
            _('{where} "within_days" is {within!r}.').format(where=where, within=within),
            _("Write a whole number from 1 up, or null."),
        )
    return Milestone(
        key=key.strip(),
        label=label.strip() if isinstance(label, str) and label.strip() else key.strip(),
        kind=kind.strip(),
        measure=Measure(measure),
        threshold=_positive(item, "threshold", MILLION, where),
        within_days=within,
        weight=_positive(item, "weight", HUNDRED, where),
    )


def _positive(item: Mapping[str, object], key: str, scale: int, where: str) -> int:
    try:
        value = parts(item.get(key, 1), scale)
    except ValueError:
        value = 0
    if value <= 0:
        raise BadInput(
            _('{where} "{key}" is {item!r}.').format(where=where, key=key, item=item.get(key)),
            _("Write a number above 0."),
        )
    return value
