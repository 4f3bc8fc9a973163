"""Taking back the last action of a rep, and doing it again.

Undo refuses, with a sentence, where a row has changed since, where something has come to hang on a row the action
made, and where a write to another system has already left. What follows by rule (scores, deadlines) is worked out
anew and never stands in the way. A merge is taken back by un-merging, which also sorts what arrived in between.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from pqldesk.models.history import Action, ActionRow
from pqldesk.models.people import Lead, Merge
from pqldesk.models.schema import Base as Schema
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.basics.texts import _, n_, numeral
from pqldesk.services.connectors import title_of
from pqldesk.services.history import ERASED, Image, Place, bare_table, stored_rows
from pqldesk.services.identity.merges import apply_again, take_back
from pqldesk.services.leads.undo_rules import (
    COUNTED,
    FOLLOWS,
    GO_ALONG,
    LEFT,
    LOOSE,
    SAME_STATE,
    WORK_COLUMNS,
)
from pqldesk.services.notices.notices import take_back as take_back_notices
from pqldesk.services.scoring.live import MILESTONES
from pqldesk.services.scoring.rescore import rescore, rescore_all, score_counts
from pqldesk.services.setting_changes import SETTING_CHANGED, ZONE, follow_zone

UNDONE, REDONE = "undone", "redone"
MERGED, UNMERGED = "merged", "unmerged"
EVERYTHING = Changes.to(
    Topic.LEADS, Topic.TASKS, Topic.TRIALS, Topic.OUTBOX, Topic.SETTINGS, Topic.SOURCES, Topic.NOTICES
)  # fmt: skip
_OF_THE_MODEL = ("model_", "milestone_", "event_rule_")  # these change what is counted as well
RESCORED_AT_ONCE = 5_000  # in one transaction, about 4 s; more would keep everybody else from writing
HELD_S = 0.04  # how long a step of a bulk holds the write lock at most, and one lead longer
AT_ONCE = 500
REDO_DEPTH = 200  # own actions looked through for the undo to take back


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo or redo took back or did again."""

    action: str
    detail: str
    changes: Changes
    lead_name: str = ""
    many: int = 1  # actions of a bulk that this step took back or did again
    refused: int = 0  # and how many it could not, because their rows have changed since
    more: "Rest | None" = None  # what is left of the bulk: hand it to undo_rest()


@dataclass(frozen=True, slots=True)
class Rest:
    """The part of a bulk that a step left: its actions below this id, or above it on the way forth."""

    bulk: int
    edge: int
    many: int
    refused: int
    back: bool


class NothingLeft(NotAllowed):
    """There is nothing to be taken back, or to be done again."""


def undo(session: Session, actor: str, at: datetime) -> Undone:
    """Take back the last action of *actor*. Refuses where a row has changed since.

    Of a bulk it takes back as much as fits into a short transaction; `more` says what is left.
    """
    action = session.scalars(
        select(Action)
        .where(
            Action.actor == actor,
            Action.undone_at.is_(None),
            Action.undoes.is_(None),
            select(ActionRow.id).where(ActionRow.action_id == Action.id).exists(),
        )
        .order_by(Action.id.desc())
        .limit(1)
    ).first()
    if action is None:
        raise NothingLeft(
            _("{actor} has no action left to undo.").format(actor=actor)
            if actor
            else _("There is no action left to undo."),
            _("An import is taken back under Sources."),
        )
    if action.bulk is not None:
        return undo_rest(session, actor, at, Rest(action.bulk, action.id + 1, 0, 0, back=True))
    _turn(session, action, at, back=True)
    action.undone_at = at
    return _kept(session, action, UNDONE, at)


def redo(session: Session, actor: str, at: datetime) -> Undone:
    """Do again what *actor* undid last, unless they have done something else since."""
    newest = session.scalars(
        select(Action).where(Action.actor == actor).order_by(Action.id.desc()).limit(REDO_DEPTH)
    )
    for candidate in newest:
        if candidate.name not in (UNDONE, REDONE):
            break
        undone = session.get(Action, candidate.undoes) if candidate.name == UNDONE else None
        if undone is not None and undone.undone_at is not None and undone.bulk is not None:
            return undo_rest(session, actor, at, Rest(undone.bulk, 0, 0, 0, back=False))
        if undone is not None and undone.undone_at is not None:
            _turn(session, undone, at, back=False)
            undone.undone_at = None
            return _kept(session, undone, REDONE, at)
    raise NothingLeft(
        _("{actor} has nothing to redo.").format(actor=actor) if actor else _("There is nothing to redo.")
    )


def undo_rest(session: Session, actor: str, at: datetime, rest: Rest) -> Undone:
    """Go on with what undo() or redo() left of a bulk.

    A lead whose rows have changed since is left as it is and counted; where that is all of them, NotAllowed says why.
    """
    ends = time.monotonic() + HELD_S
    of_bulk = select(Action).where(Action.bulk == rest.bulk, Action.actor == actor, Action.undoes.is_(None))
    if rest.back:
        query = of_bulk.where(Action.undone_at.is_(None), Action.id < rest.edge).order_by(Action.id.desc())
    else:
        query = of_bulk.where(Action.undone_at.is_not(None), Action.id > rest.edge).order_by(Action.id)
    actions = session.scalars(query.limit(AT_ONCE + 1)).all()
    many, refused, edge = rest.many, rest.refused, rest.edge
    taken = 0
    why: NotAllowed | None = None
    for action in actions[:AT_ONCE]:
        taken, edge = taken + 1, action.id
        try:
            with session.begin_nested():
                _turn(session, action, at, back=rest.back)
                action.undone_at = at if rest.back else None
                _kept(session, action, UNDONE if rest.back else REDONE, at)
            many += 1
        except NotAllowed as problem:
            why, refused = problem, refused + 1
        if time.monotonic() >= ends:
            break
    is_left = taken < len(actions)
    if why is not None and not many and not is_left:
        raise why
    name = actions[0].name if actions else ""
    left = Rest(rest.bulk, edge, many, refused, rest.back) if is_left else None
    return Undone(name, n_("{n} lead", "{n} leads", many), EVERYTHING, "", many, refused, left)


def _kept(session: Session, action: Action, name: str, at: datetime) -> Undone:
    session.add(
        Action(
            at=at,
            actor=action.actor,
            name=name,
            detail=" ".join(filter(None, (action.name, action.detail))),
            lead_id=action.lead_id,
            undoes=action.id,
        )
    )
    session.flush()
    lead = None if action.lead_id is None else session.get(Lead, action.lead_id)
    changes = Changes.to(*Topic) if action.name.startswith(_OF_THE_MODEL) else EVERYTHING
    return Undone(action.name, action.detail, changes, lead.name if lead is not None else "")


def _turn(session: Session, action: Action, at: datetime, *, back: bool) -> None:
    """Bring the rows of *action* from after to before, or, not *back*, from before to after."""
    session.flush()
    rows = session.scalars(
        select(ActionRow).where(ActionRow.action_id == action.id).order_by(ActionRow.id)
    ).all()
    if action.name in (MERGED, UNMERGED):
        images = (row for row in rows if row.table == "merge" and "undone_at" in (row.after or {}))
        merge = session.get_one(Merge, next(images).row_id)
        if back == (action.name == MERGED):
            take_back(session, merge, at)
        else:
            apply_again(session, merge, at)
        return
    turn = _Turn(session, action, rows, back=back)
    turn.check()
    everyone = turn.changes_every_score()
    if everyone and score_counts(session)[0] > RESCORED_AT_ONCE:
        raise NotAllowed(
            _("{detail!r} changed the score of more than {limit} leads.").format(
                detail=action.detail or action.name, limit=numeral(RESCORED_AT_ONCE)
            ),
            _("Roll the scoring model back instead: that rescores step by step."),
        )
    turn.carry_out()
    session.expire_all()
    if given_up := turn.given_up():
        take_back_notices(session, given_up, action.at)
    if action.name == SETTING_CHANGED and action.detail.partition(" = ")[0] == ZONE:
        follow_zone(session, at)
    if everyone:
        rescore_all(session, at, "model")
    elif changed := turn.leads_to_score():
        rescore(session, changed, at, "undo" if back else "redo")


class _Turn:
    """All rows of one action, on their way back or forth."""

    def __init__(self, session: Session, action: Action, rows: Any, *, back: bool) -> None:
        self._session = session
        self._action = action
        self._word = "undone" if back else "redone"
        self._expected: dict[Place, Image | None] = {}
        self._wanted: dict[Place, Image | None] = {}
        for row in rows:
            here, there = (row.after, row.before) if back else (row.before, row.after)
            self._expected[row.table, row.row_id] = here
            self._wanted[row.table, row.row_id] = there
        by_table: dict[str, list[int]] = {}
        for name, row_id in self._expected:
            by_table.setdefault(name, []).append(row_id)
        self._stored = {name: stored_rows(session, name, ids) for name, ids in by_table.items()}
        order = [table.name for table in Schema.metadata.sorted_tables]
        self._rank = {name: place for place, name in enumerate(order)}

    def check(self) -> None:
        """Raise NotAllowed where the rows are not as the action left them."""
        for (name, row_id), expected in self._expected.items():
            stored = self._stored[name].get(row_id)
            if (
                name == "outbox_item"
                and stored is not None
                and (stored["attempts"] or stored["state"] in LEFT)
            ):
                raise self._refusal(
                    _("{kind} has already left for {system}").format(
                        kind=stored["kind"], system=title_of(stored["system"])
                    ),
                    _("Correct the record there by hand."),
                )
            if expected is None or stored is None:
                if (expected is None) != (stored is None):
                    raise self._refusal(
                        f"{_words(name)} was {'removed' if stored is None else 'added'} in the meantime"
                    )
                continue
            for key, value in expected.items():
                if not _alike(name, key, value, stored[key]):
                    raise self._refusal(
                        _("{field} of the {name} has changed since").format(
                            field=key.replace("_", " "), name=_words(name)
                        )
                    )
        for (name, _row_id), image in self._wanted.items():
            if name in ("saved_view", "view_layout", "route") and ERASED in (image or {}).values():
                raise self._refusal(_("{name} named a person who was erased").format(name=_words(name)))
        going = {place for place, image in self._wanted.items() if image is None}
        for name, row_id in going:
            self._check_nothing_hangs_on(name, row_id, going)

    def carry_out(self) -> None:
        """Insert what must exist, parents first; change; delete what must not exist, children first."""
        places = sorted(self._wanted, key=lambda place: (self._rank[place[0]], place[1]))
        run = self._session.connection().execute
        for name, row_id in places:
            image, bare = self._wanted[name, row_id], bare_table(name)
            if image is None:
                continue
            if row_id not in self._stored[name]:
                run(insert(bare).values(**{**image, "id": row_id}))
            elif image:
                run(update(bare).where(bare.c.id == row_id).values(**image))
        for name, row_id in reversed(places):
            if self._wanted[name, row_id] is None:
                self._delete_what_goes_along(name, row_id)
                bare = bare_table(name)
                run(delete(bare).where(bare.c.id == row_id))

    def given_up(self) -> dict[int, str]:
        """Leads that somebody no longer has: lead -> rep."""
        whose = {
            row_id: (self._expected["lead", row_id] or {}).get("owner")
            for (name, row_id), image in self._wanted.items()
            if name == "lead" and image is not None and "owner" in image
        }
        return {lead: rep for lead, rep in whose.items() if rep}

    def changes_every_score(self) -> bool:
        """Whether another scoring model, or other milestones, are in force afterwards."""
        for (name, row_id), wanted in self._wanted.items():
            stored = self._stored[name].get(row_id) or {}
            was_live = bool(stored.get("live"))
            if name == "scoring_model_version" and bool((wanted or {}).get("live", was_live)) != was_live:
                return True
            if name == "setting" and (stored or wanted or {}).get("key") == MILESTONES:
                return True
        return False

    def leads_to_score(self) -> list[int]:
        """Leads that still exist and whose score is made from a row that was turned."""
        found: set[int] = set()
        for (name, row_id), wanted in self._wanted.items():
            if name not in COUNTED:
                continue
            if name == "lead":
                touches_score = wanted is not None and not _only_work(wanted)
                found |= {row_id} if touches_score else set()
                continue
            for image in (wanted, self._stored[name].get(row_id)):
                if image is not None and image.get("lead_id") is not None:
                    found.add(image["lead_id"])
        return sorted(stored_rows(self._session, "lead", found))

    def _check_nothing_hangs_on(self, name: str, row_id: int, going: set[Place]) -> None:
        for child, key in _children(name):
            if child in GO_ALONG:
                continue
            table = Schema.metadata.tables[child]
            first_key = next(iter(table.primary_key.columns))
            let_go = {
                place
                for place, image in self._wanted.items()
                if image is not None and image.get(key, row_id) != row_id
            }
            hanging = self._session.scalars(
                select(first_key).where(table.c[key] == row_id).limit(len(going | let_go) + 1)
            )
            if any((child, other) not in going | let_go for other in hanging):
                raise self._refusal(
                    _("its {name} has a {child} since").format(name=_words(name), child=_words(child)),
                    _("Remove that first."),
                )

    def _delete_what_goes_along(self, name: str, row_id: int) -> None:
        for child, key in _children(name):
            if child in GO_ALONG:
                table = Schema.metadata.tables[child]
                self._session.connection().execute(delete(table).where(table.c[key] == row_id))

    def _refusal(
        self, why: str, remedy: str = _("Undo the later change first, or set it by hand.")
    ) -> NotAllowed:
        detail = f" ({self._action.detail})" if self._action.detail else ""
        return NotAllowed(
            _("{action!r}{detail} of {at:%Y-%m-%d %H:%M} UTC cannot be {word}: {why}.").format(
                action=self._action.name, detail=detail, at=self._action.at, word=self._word, why=why
            ),
            remedy,
        )


def _children(parent: str) -> list[tuple[str, str]]:
    """(table, column) of everything that points to rows of *parent*."""
    keys = [
        (table.name, key.parent.name)
        for table in Schema.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == parent
    ]
    return keys + [(child, key) for child, key, of in LOOSE if of == parent]


def _alike(table: str, key: str, expected: object, stored: object) -> bool:
    if expected == stored or key in FOLLOWS.get(table, ()):
        return True
    return table == "lead" and key in ("state", "state_before") and {expected, stored} <= SAME_STATE


def _only_work(image: Image) -> bool:
    return set(image) <= WORK_COLUMNS


def _words(table: str) -> str:
    return {"outbox_item": "delivery", "usage_event": "usage event"}.get(table, table.replace("_", " "))
