"""The one open deal of a company: changed where it is there, made where it is not, the next one where it is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.crm import DealStep, Ref, Seen
from pqldesk.services.remote.problems import Adoptable, DealClosed

LOOK_BACK = timedelta(hours=1)  # how old a deal may be that an unanswered create left behind


@dataclass(frozen=True, slots=True)
class FoundDeal:
    """A deal as it stands. *stage* by its title; *people*: remote ids of those already on it."""

    ref: Ref
    stage: str
    closed: bool
    people: Sequence[str] = ()


class Deals(Protocol):
    """What a connector brings."""

    async def known(self, step: DealStep) -> FoundDeal | None:
        """The deal of our id or key."""
        ...

    async def alike(self, step: DealStep, since: datetime) -> Ref | None:
        """A deal of that name and person made since then; asked only where deals cannot carry our key."""
        ...

    async def make(self, step: DealStep) -> Ref:
        """Make it, with people, company and owner."""
        ...

    async def change(self, step: DealStep, found: FoundDeal, *, move: bool) -> Ref:
        """Add the person; where *advance* is asked write name and value, and the stage if *move*."""
        ...


def _as_seen(seen: Seen) -> FoundDeal:
    stage, closed = str(seen.values["stage"] or ""), seen.outcome is not None
    return FoundDeal(Ref(seen.remote_id, seen.url), stage, closed, seen.people)


async def write_deal(title: str, deals: Deals, step: DealStep, *, keyed: bool) -> Ref:
    """Carry the step out; *keyed*: a deal carries our key. Raises DealClosed; Adoptable where a person must look."""
    found = await deals.known(step) if step.there is None else _as_seen(step.there)
    if found is None and step.sent_before and not keyed:
        # Without a unique field nobody can tell our deal from another of that name: ask the person.
        alike = await deals.alike(step, (step.since or datetime.now(UTC)) - LOOK_BACK)
        if alike is not None:
            raise Adoptable(
                _("{title} has a deal “{name}” that an unanswered try may have made.").format(
                    title=title, name=step.name
                ),
                _("Retry to use that deal, or delete it there first and then retry."),
                remote_id=alike.remote_id,
            )
    if found is None:
        return await deals.make(step)
    if found.closed:
        raise DealClosed(_("The deal “{name}” is closed in {title}.").format(name=step.name, title=title))
    # A try that went unanswered may have moved it already, and a colleague may have moved it on since.
    move = (
        step.advance
        and "stage" not in step.kept
        and (not step.sent_before or found.stage == step.first_stage)
    )
    return await deals.change(step, found, move=move)
