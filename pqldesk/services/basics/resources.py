"""Finds the files that ship with the program: beside the package in a checkout, inside it once installed."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]


@cache
def resources() -> Path:
    """The folder of fonts, icons, style and sample data."""
    installed = _PACKAGE / "resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


def resource(*parts: str) -> Path:
    """The path of one file or folder below the resources, whether or not it exists."""
    return resources().joinpath(*parts)
