"""Notes on records."""

import re
from datetime import UTC, datetime
from typing import Any

from pqldesk.sandbox.attio.answers import ApiError, not_found
from pqldesk.sandbox.attio.bodies import data_of, moment, page, wrong_field
from pqldesk.sandbox.attio.calls import Call, refuse_merging
from pqldesk.sandbox.attio.values import is_uuid
from pqldesk.sandbox.attio.world import Note, World
from pqldesk.sandbox.clock import nine_digits

NEW = {
    "parent_object": "string", "parent_record_id": "string", "title": "string", "format": "string", "content": "string",
}  # fmt: skip
FORMATS = ("plaintext", "markdown")
MARKS = re.compile(r"^(?:#{1,3}|[-*]|\d+\.)\s+|\*\*|__|~~|==|(?<!\w)[*_]|[*_](?!\w)", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def create(call: Call) -> Any:
    """POST a note on a record."""
    world = call.world
    data = data_of(call.body, NEW, {"created_at": "string", "meeting_id": "string|null"})
    plain, markdown = _content(world, data["format"], data["content"])
    since = _since(world, data.get("created_at"))
    target = world.target("objects", data["parent_object"])
    record_id = data["parent_record_id"]
    if record_id not in world.of(target):
        raise not_found("record", record_id)
    refuse_merging(world, record_id, 400)
    note = Note(
        world.new_id(), target.api_slug, record_id, data["title"], plain, markdown, data.get("meeting_id"),
        call.actor, since,
    )  # fmt: skip
    world.notes[note.note_id] = note
    world.notes_of.setdefault(record_id, {})[note.note_id] = None
    world.changed()
    return {"data": note_shown(world, note)}


def some(call: Call) -> Any:
    """GET notes, of one record if asked; in an order that means nothing, as Attio documents none."""
    world = call.world
    limit, offset = page(call.query, 10, 50, call.notes)
    slug, record_id = call.query.get("parent_object"), call.query.get("parent_record_id")
    found = world.notes.keys() if record_id is None else world.notes_of.get(record_id, {}).keys()
    if slug is not None:
        wanted = world.target("objects", slug).api_slug
        found = {key: None for key in found if world.notes[key].parent_object == wanted}.keys()
    elif record_id is None and not world.switches.unfiltered_notes:
        found = dict[str, None]().keys()
    rows = sorted(found)[offset : offset + limit]
    return {"data": [note_shown(world, world.notes[note_id]) for note_id in rows]}


def read(call: Call) -> Any:
    """GET one note."""
    return {"data": note_shown(call.world, _named(call))}


def change(call: Call) -> Any:
    """PATCH title or the whole content."""
    note = _named(call)
    keys = {"title": "string", "format": "string", "content": "string"}
    data = data_of(call.body, {}, keys, strict=True)
    if "content" in data:
        texts = _content(call.world, data.get("format", "plaintext"), data["content"])
        note.content_plaintext, note.content_markdown = texts
    note.title = data.get("title", note.title)
    call.world.changed()
    return {"data": note_shown(call.world, note)}


def delete(call: Call) -> Any:
    """DELETE one note for good."""
    note = _named(call)
    del call.world.notes[note.note_id]
    call.world.notes_of.get(note.parent_record_id, {}).pop(note.note_id, None)
    call.world.changed()
    return {}


def note_shown(world: World, note: Note) -> dict[str, Any]:
    """A note as every endpoint shows it."""
    return {
        "id": {"workspace_id": world.workspace_id, "note_id": note.note_id},
        "parent_object": note.parent_object,
        "parent_record_id": note.parent_record_id,
        "title": note.title,
        "meeting_id": note.meeting_id,
        "content_plaintext": note.content_plaintext,
        "content_markdown": note.content_markdown,
        "tags": [],
        "created_by_actor": note.created_by,
        "created_at": note.created_at,
    }


def _named(call: Call) -> Note:
    note_id = call.names["note_id"]
    found = call.world.notes.get(note_id) if is_uuid(note_id) else None
    if found is None:
        raise not_found("note", note_id)
    return found


def _content(world: World, form: str, content: str) -> tuple[str, str]:
    """Plain text and markdown of a note's content."""
    if form not in FORMATS:
        raise wrong_field("format", "Invalid enum value. Expected 'plaintext' | 'markdown'")
    if len(content) > world.switches.note_limit:
        raise ApiError(413, "validation_type", f"Content exceeds {world.switches.note_limit} characters.")
    return (content, content) if form == "plaintext" else (MARKS.sub("", LINK.sub(r"\1", content)), content)


def _since(world: World, text: str | None) -> str:
    if text is None:
        return world.clock.stamp()
    try:
        when = moment(text)
    except ValueError:
        raise wrong_field("created_at", "Expected an ISO 8601 date-time") from None
    if not datetime(1970, 1, 1, tzinfo=UTC).timestamp() <= when.timestamp() <= world.clock.time():
        raise wrong_field("created_at", "Expected a time between 1970 and now")
    return nine_digits(when)
