"""The states of a lead: which move is allowed from where, what a touch is, and what time alone does.

new <-> qualified          follows the score while nobody has claimed
claim -> claimed           first touch -> working, handoff -> handed_off
release, lapsed lease ->   new or qualified
snooze, nurture ->         back to the state before when due
won, lost, disqualified    can be reopened; erased is final
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from pqldesk.services.basics.moments import DAY
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.basics.texts import _

LEASE = 7 * DAY


class LeadState(StrEnum):
    NEW = "new"
    QUALIFIED = "qualified"
    CLAIMED = "claimed"
    WORKING = "working"
    HANDED_OFF = "handed_off"
    WON = "won"
    LOST = "lost"
    DISQUALIFIED = "disqualified"
    SNOOZED = "snoozed"
    NURTURE = "nurture"
    ERASED = "erased"


class Move(StrEnum):
    """What somebody does to a lead's state."""

    CLAIM = "claim"
    RELEASE = "release"
    HAND_OFF = "hand off"
    SNOOZE = "snooze"
    NURTURE = "nurture"
    DISQUALIFY = "disqualify"
    WON = "won"
    LOST = "lost"
    REOPEN = "reopen"
    ERASE = "erase"


_RESTING = frozenset({LeadState.NEW, LeadState.QUALIFIED})
_ASLEEP = frozenset({LeadState.SNOOZED, LeadState.NURTURE})
_HELD = frozenset({LeadState.CLAIMED, LeadState.WORKING})
CLOSED = frozenset({LeadState.WON, LeadState.LOST, LeadState.DISQUALIFIED})
OPEN = _RESTING | _HELD
"""The states that the queue shows."""

_UNCLOSED = OPEN | _ASLEEP | {LeadState.HANDED_OFF}

ALLOWED: dict[Move, frozenset[LeadState]] = {
    Move.CLAIM: OPEN | _ASLEEP,
    Move.RELEASE: _HELD | _ASLEEP | {LeadState.HANDED_OFF},
    Move.HAND_OFF: _UNCLOSED,
    Move.SNOOZE: _UNCLOSED,
    Move.NURTURE: _UNCLOSED,
    Move.DISQUALIFY: _UNCLOSED,
    Move.WON: _UNCLOSED,
    Move.LOST: _UNCLOSED,
    Move.REOPEN: CLOSED | _ASLEEP,
    Move.ERASE: frozenset(LeadState) - {LeadState.ERASED},
}


class MoveNotAllowed(NotAllowed):
    """The lead's state rules the move out; the sentence says which moves there are."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lead stands. Times in microseconds; *before* is what a snooze or nurture returns to."""

    state: LeadState
    qualified: bool = False
    owner: str | None = None
    before: LeadState | None = None
    until: int | None = None
    lease_until: int | None = None


def resting_state(qualified: bool) -> LeadState:
    """The state of a lead that nobody has claimed."""
    return LeadState.QUALIFIED if qualified else LeadState.NEW


def check_move(name: str, state: LeadState, move: Move) -> None:
    """MoveNotAllowed, naming the lead, if *move* cannot be made from *state*."""
    if state in ALLOWED[move]:
        return
    if state is LeadState.ERASED:
        raise MoveNotAllowed(
            _("{name} was erased.").format(name=name), _("Nothing can be done with an erased lead.")
        )
    if state in CLOSED:
        raise MoveNotAllowed(
            _("{name} is {state}.").format(name=name, state=state), _("Reopen the lead first.")
        )
    if move is Move.CLAIM:
        raise MoveNotAllowed(
            _("{name} was already handed off to sales.").format(name=name),
            _("Release the lead before claiming it."),
        )
    if move is Move.RELEASE:
        raise MoveNotAllowed(
            _("Nobody has claimed {name}.").format(name=name), _("There is nothing to release.")
        )
    if move is Move.REOPEN:
        raise MoveNotAllowed(
            _("{name} is open already ({state}).").format(name=name, state=_words(state)),
            _("Only closed or sleeping leads can be reopened."),
        )
    raise AssertionError(f"{move} from {state} is neither allowed nor explained")


def moved(
    name: str,
    standing: Standing,
    move: Move,
    *,
    rep: str | None = None,
    until: int | None = None,
    now: int,
    lease: int = LEASE,
) -> Standing:
    """*standing* after *move*; MoveNotAllowed if it cannot be made. Apply effective() first.

    CLAIM needs *rep*, SNOOZE and NURTURE need *until*. Whose claim it is is not judged here: the winner of a
    race is found by the database.
    """
    check_move(name, standing.state, move)
    if move is Move.CLAIM:
        if rep is None:
            raise ValueError("a claim needs a rep")
        kept = standing.state if standing.state in _HELD and standing.owner == rep else LeadState.CLAIMED
        return replace(standing, state=kept, owner=rep, before=None, until=None, lease_until=now + lease)
    if move is Move.RELEASE:
        if standing.owner is None:
            raise MoveNotAllowed(
                _("Nobody has claimed {name}.").format(name=name), _("There is nothing to release.")
            )
        if standing.state in _ASLEEP:  # it sleeps on, for nobody
            return replace(standing, owner=None, before=None, lease_until=None)
        return _at_rest(standing)
    if move in (Move.SNOOZE, Move.NURTURE):
        return _put_to_sleep(name, standing, move, until, now)
    if move is Move.REOPEN:
        return _awake(standing, now, lease)
    if move is Move.ERASE:
        return Standing(LeadState.ERASED)
    state = {
        Move.HAND_OFF: LeadState.HANDED_OFF,
        Move.DISQUALIFY: LeadState.DISQUALIFIED,
        Move.WON: LeadState.WON,
        Move.LOST: LeadState.LOST,
    }[move]
    return replace(standing, state=state, before=None, until=None, lease_until=None)


def touched(standing: Standing, now: int, lease: int = LEASE) -> Standing:
    """*standing* after a touch: the first one makes a claim work, each renews the lease."""
    if standing.state not in _HELD:
        return standing
    return replace(standing, state=LeadState.WORKING, lease_until=now + lease)


def effective(standing: Standing, now: int, lease: int = LEASE) -> Standing:
    """What time has made of *standing* by *now*: sleepers woken, lapsed leases ended, new or qualified."""
    if standing.state in _ASLEEP and standing.until is not None and standing.until <= now:
        standing = _awake(standing, standing.until, lease)
    if standing.state in _HELD and standing.lease_until is not None and standing.lease_until <= now:
        return _at_rest(standing)
    if standing.state in _RESTING:
        return replace(standing, state=resting_state(standing.qualified))
    return standing


def due_at(standing: Standing) -> int | None:
    """When time alone changes the state next: the end of a sleep or of a lease."""
    if standing.state in _ASLEEP:
        return standing.until
    return standing.lease_until if standing.state in _HELD else None


def _put_to_sleep(name: str, standing: Standing, move: Move, until: int | None, now: int) -> Standing:
    if until is None:
        raise ValueError(f"to {move} needs an end")
    if until <= now:
        raise MoveNotAllowed(
            _("{name} cannot be put away until a time that has passed.").format(name=name),
            _("Choose a later time."),
        )
    state = LeadState.SNOOZED if move is Move.SNOOZE else LeadState.NURTURE
    before = standing.before if standing.state in _ASLEEP else standing.state
    return replace(standing, state=state, before=before, until=until, lease_until=None)


def _awake(standing: Standing, at: int, lease: int) -> Standing:
    """Back to the state before; an owner gets a whole lease again."""
    if standing.before is LeadState.HANDED_OFF:
        return replace(standing, state=LeadState.HANDED_OFF, before=None, until=None, lease_until=None)
    if standing.owner is None or standing.before in _RESTING:
        return _at_rest(standing)
    state = standing.before if standing.before in _HELD else LeadState.WORKING
    return replace(standing, state=state, before=None, until=None, lease_until=at + lease)


def _at_rest(standing: Standing) -> Standing:
    return Standing(resting_state(standing.qualified), qualified=standing.qualified)


def _words(state: LeadState) -> str:
    return state.value.replace("_", " ")
