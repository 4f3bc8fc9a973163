"""Properties by path."""

from collections.abc import Mapping
from typing import Any


def at_path(properties: Mapping[str, Any], path: str) -> object:
    """The property at a path such as ``plan.name``; one whose own name has dots counts first. None when it is not
    there."""
    if path in properties:
        return properties[path]
    here: object = properties
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return here
