"""Where workspaces are, and what they are called."""

from pathlib import Path

import pytest

from pqldesk.services.basics.places import default_place, name_of


@pytest.mark.parametrize(
    ("workspace", "name"),
    [
        (Path("/home/kim/leads/growth.pqldesk"), "growth"),
        (Path("/home/kim/growth/workspace.pqldesk"), "growth"),
        ("postgresql://kim:secret@db.example.com:5432/growth", "growth"),
        ("postgresql://kim@db.example.com", ""),
    ],
)
def test_a_workspace_has_the_name_of_its_file_folder_or_database(workspace: Path | str, name: str) -> None:
    assert name_of(workspace) == name


def test_the_usual_workspace_needs_no_name() -> None:
    assert name_of(default_place()) == ""
