"""Merging two records into a new one, as the API and people in Attio do."""

from pqldesk.sandbox.attio.store import build_indexes, forget, note_text_before
from pqldesk.sandbox.attio.values import identity
from pqldesk.sandbox.attio.world import Record, Target, World


def merged(world: World, target: Target, primary_id: str, secondary_id: str) -> Record:
    """The new record holding both; the old ids are gone, everything that hung on them moved."""
    primary, secondary = world.of(target)[primary_id], world.of(target)[secondary_id]
    new = Record(world.new_id(), target.target_id, primary.created_at, primary.created_by)
    for slug, attribute in target.attributes.items():
        ours, theirs = primary.values.get(slug, []), secondary.values.get(slug, [])
        if attribute.is_multiselect:
            known = {identity(attribute.type, value) for value in ours}
            new.values[slug] = ours + [v for v in theirs if identity(attribute.type, v) not in known]
        elif ours or theirs:
            new.values[slug] = ours or theirs
    for old in (primary, secondary):
        forget(world, target, old)
        for holder in (record for records in world.records.values() for record in records.values()):
            _repoint(holder, old.record_id, new.record_id)
        for note in world.notes.values():
            if note.parent_record_id == old.record_id:
                note.parent_record_id = new.record_id
        for task in world.tasks.values():
            task.linked = [[slug, new.record_id if i == old.record_id else i] for slug, i in task.linked]
    world.of(target)[new.record_id] = new
    build_indexes(world)
    note_text_before(world, target, new)
    world.changed()
    return new


def _repoint(holder: Record, old_id: str, new_id: str) -> None:
    if holder.parent_record_id == old_id:
        holder.parent_record_id = new_id
    for values in holder.values.values():
        for value in values:
            if value.get("target_record_id") == old_id:
                value["target_record_id"] = new_id
