"""The reader of each system: the only place that names them all."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from pqldesk.services.calls import amplitude, generic, gitlab, mixpanel, posthog, segment, snowplow, stripe
from pqldesk.services.calls.reading import Item, Reading
from pqldesk.services.calls.shapes import Call

Reader: TypeAlias = Callable[[Item, Reading], Iterable[Call]]
"""Reads one item of a system: the calls in it, none where it says nothing of interest, BadValue where it is wrong."""

READERS: Final[Mapping[str, Reader]] = {
    "segment": segment.read,
    "rudderstack": segment.read,
    "posthog": posthog.read,
    "snowplow": snowplow.read,
    "mixpanel": mixpanel.read,
    "amplitude": amplitude.read,
    "stripe": stripe.read,
    "generic": generic.read,
    "gitlab": gitlab.read,
    "button": gitlab.read,
}
