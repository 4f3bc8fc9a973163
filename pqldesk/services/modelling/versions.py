"""Versions of the scoring model: the draft beside the live one, publishing, rolling back, what differs.

The draft is the newest version of the live model's name that was never published. The window edits it in place,
`model edit` stores it from a file; both are the same row.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.settings import ScoringModelVersion
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.basics.texts import _, p_
from pqldesk.services.figure_rows import VersionRow
from pqldesk.services.history import recording
from pqldesk.services.modelling.words import differences
from pqldesk.services.scoring.live import draft_version, ensure_model, live_model, models
from pqldesk.services.scoring.model_json import model_from_json, model_to_json

DRAFT = "draft"


def draft_of(session: Session) -> ScoringModelVersion | None:
    """The draft of the live model, or None."""
    live = live_model(session).model
    return session.scalars(
        select(ScoringModelVersion)
        .where(
            ScoringModelVersion.name == live.name,
            ScoringModelVersion.version > live.version,
            ScoringModelVersion.published_at.is_(None),
        )
        .order_by(ScoringModelVersion.version.desc())
        .limit(1)
    ).first()


def save_draft(session: Session, document: Mapping[str, Any], by: str, at: datetime) -> Changes:
    """Keep *document* as the draft; a draft that says what the live model says is no draft and goes."""
    ensure_model(session, at)
    live = live_model(session).model
    draft = draft_of(session)
    version = live.version + 1 if draft is None else draft.version
    model = replace(model_from_json(document), name=live.name, version=version)
    with recording(session, by, "model_edited", at=at, detail=f"{live.name} v{version}"):
        if replace(model, version=live.version) == live:
            if draft is not None:
                session.delete(draft)
        elif draft is None:
            draft_version(session, model, at)
        else:
            draft.spec = model_to_json(model)
        session.flush()
    return Changes.to(Topic.MODEL)


def exclude_too(session: Session, rule: Mapping[str, Any], by: str, at: datetime) -> Changes:
    """Add an exclusion, as model JSON, to the draft, or to a new draft of the live model; its key is made unique."""
    draft = draft_of(session)
    document = model_to_json(live_model(session).model if draft is None else model_from_json(draft.spec))
    taken = {one["key"] for one in document["exclusions"]}
    key = next(key for n in count(1) if (key := rule["key"] + ("" if n == 1 else f"_{n}")) not in taken)
    if any({**one, "key": ""} == {**rule, "key": ""} for one in document["exclusions"]):
        raise NotAllowed(_("The draft hides these leads already: {label}.").format(label=rule["label"]))
    return save_draft(
        session, {**document, "exclusions": [*document["exclusions"], {**rule, "key": key}]}, by, at
    )


def discard_draft(session: Session, by: str, at: datetime) -> Changes:
    """Drop the draft. Raises NotFound when there is none."""
    draft = draft_of(session)
    if draft is None:
        raise NotFound(_("There is no draft of the scoring model."))
    with recording(session, by, "model_draft_discarded", at=at, detail=f"{draft.name} v{draft.version}"):
        session.delete(draft)
    return Changes.to(Topic.MODEL)


def put_live(
    session: Session, version: ScoringModelVersion, by: str, at: datetime, note: str = ""
) -> Changes:
    """Make a stored version the live one. The caller rescores everything."""
    live = live_model(session).model
    if (version.name, version.version) == (live.name, live.version):
        raise NotAllowed(_("{name} v{version} is live already.").format(name=live.name, version=live.version))
    back = version.published_at is not None and version.name == live.name and version.version < live.version
    name = "model_rolled_back" if back else "model_published"
    with recording(session, by, name, at=at, detail=f"{version.name} v{version.version}"):
        for row in session.scalars(select(ScoringModelVersion).where(ScoringModelVersion.live)):
            row.live = False
        session.flush()
        version.live, version.published_at, version.published_by = True, at, by
        version.note = note.strip() or version.note
    return Changes.to(Topic.MODEL, Topic.LEADS)


def version_row(session: Session, text: str | None) -> ScoringModelVersion:
    """A stored version: "draft", NAME (its newest) or NAME@VERSION; None is the draft. Raises NotFound."""
    ensured = models(session)
    if text in (None, DRAFT):
        draft = draft_of(session)
        if draft is None:
            raise NotFound(_("There is no draft of the scoring model."), _("Store one with: model edit FILE"))
        return draft
    name, sign, number_text = str(text).rpartition("@")
    if sign and not number_text.isdigit():
        raise BadInput(_("{text!r} names no version.").format(text=text), _("Write it like 'PLG default@2'."))
    for row in ensured:
        if row.name == (name if sign else text) and (not sign or row.version == int(number_text)):
            return row
    known = ", ".join(f"{one.name}@{one.version}" for one in ensured) or p_("models", "none")
    raise NotFound(
        _("There is no scoring model {text!r}.").format(text=text), _("Known: {known}.").format(known=known)
    )


def version_before(session: Session) -> ScoringModelVersion:
    """The version that was live before the one that is. Raises NotFound when there was none."""
    row = session.scalars(
        select(ScoringModelVersion)
        .where(ScoringModelVersion.live.is_(False), ScoringModelVersion.published_at.is_not(None))
        .order_by(ScoringModelVersion.published_at.desc(), ScoringModelVersion.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound(_("No other version was ever live, so there is nothing to roll back to."))
    return row


def version_rows(session: Session) -> tuple[VersionRow, ...]:
    """All versions, the newest first, each with what it changed from the one before under its name."""
    rows = models(session)
    shown = []
    for row in rows:
        older = [other for other in rows if other.name == row.name and other.version < row.version]
        before = max(older, key=lambda other: other.version, default=None)
        new = model_from_json(row.spec)
        words = () if before is None else tuple(differences(model_from_json(before.spec), new))
        shown.append(
            VersionRow(
                row.name, row.version, row.live, row.published_at, row.published_by, row.note or "", words
            )
        )
    return tuple(shown)
