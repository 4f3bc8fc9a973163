"""A person in what others made for themselves: saved views, routes, and what only those can change who made it.

A filter that names an erased person finds nobody any more, so that "erased" in the place of the name changes nothing.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, String, cast, or_, select, update
from sqlalchemy.orm import Session

from pqldesk.models import rights
from pqldesk.models.base import JsonText
from pqldesk.models.history import ActionRow
from pqldesk.models.schema import Base
from pqldesk.models.settings import SavedView, ViewLayout
from pqldesk.models.team import Route
from pqldesk.services.basics.texts import _
from pqldesk.services.history import ERASED

_MADE: Final = ("saved_view", "view_layout", "route")
# What is of the workspace and small, by what people call it; {name} is the row's own.
_NAMED: Final[dict[str, tuple[str, str]]] = {
    "setting": ("key", _("The setting {name} names the person: change it where it should not.")),
    "scoring_model_version": ("name", _("The model {name} names the person: publish one that does not.")),
    "event_rule": ("pattern", _("The event rule {name} names the person: change it where it should not.")),
    "placement": ("glm_content", _("The placement {name} names the person: change it where it should not.")),
    "batch": ("source", _("An import of {name} had the person's name in the name of its file.")),
    "company": ("name", _("A company is called {name}, as the person is: it stays.")),
}


def without(words: Iterable[str]) -> Callable[[str], str]:
    """A function that puts "erased" for each of *words* in a text, whatever their case."""
    longest = sorted(filter(None, words), key=len, reverse=True)
    found = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE) if longest else re.compile(r"(?!)")
    return lambda text: found.sub(ERASED, text)


def naming_views(session: Session, words: Sequence[str]) -> dict[SavedView | Route, dict[str, Any]]:
    """Views and routes that name the person, and what stands in their columns without that."""
    clean = without(words)
    found: dict[SavedView | Route, dict[str, Any]] = {}
    for view in session.scalars(select(SavedView)):
        label = clean(view.label)
        spec = json.loads(clean(json.dumps(view.spec, ensure_ascii=False)))
        # A key is made of its label: that of "zoe@north.example" is zoe-north-example.
        if (label, spec) != (view.label, view.spec) or _is_key_of(view.key, words):
            found[view] = {"key": f"{ERASED}-{view.id}", "label": label, "spec": spec}
    for route in session.scalars(select(Route)):
        name, where = clean(route.name), clean(route.filter)
        if (name, where) != (route.name, route.filter):
            found[route] = {"name": name if name == route.name else f"{name} {route.id}", "filter": where}
    return found


def empty_views(session: Session, words: Sequence[str]) -> dict[str, int]:
    """Put "erased" for the person in views and routes, and in history images of them; rows of each that named them."""
    many: Counter[str] = Counter()
    for row, columns in naming_views(session, words).items():
        many[row.__tablename__] += 1
        if isinstance(row, SavedView):
            own = update(ViewLayout).where(ViewLayout.view == row.key)
            session.execute(own.values(view=columns["key"]))
        for name, value in columns.items():
            setattr(row, name, value)
    session.flush()
    _empty_images(session, words)
    return dict(many)


def named_elsewhere(session: Session, words: Sequence[str]) -> list[str]:
    """A sentence for each thing that names the person and that erasing leaves to whoever made it."""
    told: dict[str, None] = {}
    for name, (column, sentence) in _NAMED.items() if words else ():
        table = Base.metadata.tables[name]
        found = select(table.c[column]).where(_mentions(table.columns, words))
        told |= dict.fromkeys(sentence.format(name=one) for one in session.scalars(found.limit(50)))
    return list(told)


def _mentions(columns: Iterable[Column[Any]], words: Sequence[str]) -> ColumnElement[bool]:
    texts = [cast(column, String) for column in columns if isinstance(column.type, String | JsonText)]
    return or_(*(text.icontains(word, autoescape=True) for text in texts for word in words))


def _is_key_of(key: str, words: Sequence[str]) -> bool:
    slugs = (re.sub(r"[\W_]+", "-", word.casefold()).strip("-") for word in words)
    return any(slug in key for slug in slugs if slug)


def _empty_images(session: Session, words: Sequence[str]) -> None:
    clean = without(words)

    def emptied(image: Any) -> Any:
        if not isinstance(image, dict):
            return image
        return {
            name: ERASED
            if _tells(value) != clean(_tells(value)) or _is_key_of(_tells(value), words)
            else value
            for name, value in image.items()
        }

    is_secured = rights.is_secured(session)
    for image in session.scalars(select(ActionRow).where(ActionRow.table.in_(_MADE))):
        before, after = emptied(image.before), emptied(image.after)
        if (before, after) == (image.before, image.after):
            continue
        if is_secured:  # nobody in a team may do that by themselves
            rights.empty_image(session, image.id, before, after)
            session.expire(image)
        else:
            image.before, image.after = before, after
    session.flush()


def _tells(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
