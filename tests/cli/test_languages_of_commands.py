"""Which language a command answers in: the environment's for people, English for scripts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pqldesk.services.basics import texts


def said(workspace: Path, *words: str, **environment: str) -> str:
    """What a command that failed wrote to stderr."""
    done = ran(workspace, *words, **environment)
    assert done.returncode == 1, done.stderr
    return done.stderr


def ran(workspace: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PQLDESK_LANGUAGE", "LANGUAGE", "LC_ALL")
    }
    return subprocess.run(
        [sys.executable, "-m", "pqldesk", "--workspace", str(workspace), *words],
        env={**clean, **environment}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_people_are_answered_in_the_language_of_their_environment(tmp_path: Path) -> None:
    missing = tmp_path / "none.pqldesk"
    assert f"Unter {missing} gibt es keinen Arbeitsbereich." in said(missing, "queue", LANG="de_DE.UTF-8")


def test_a_script_that_asks_for_json_reads_english(tmp_path: Path) -> None:
    missing = tmp_path / "none.pqldesk"
    asked = ("queue", "--format", "json")
    assert f"There is no workspace at {missing}." in said(missing, *asked, LANG="de_DE.UTF-8")
    assert f"Unter {missing} gibt es" in said(missing, *asked, PQLDESK_LANGUAGE="de")


def test_days_of_the_week_are_read_and_listed_in_the_readers_language_and_stored_in_english(
    tmp_path: Path,
) -> None:
    place, german = tmp_path / "w.pqldesk", {"LANG": "de_DE.UTF-8"}
    hours = "Mo-Do 9:00-17:00, freitag 09:00-13:30"
    assert ran(place, "team", "set", "kim@example.com", "--hours", hours, **german).returncode == 0
    assert "Mo-Do 09:00-17:00, Fr 09:00-13:30" in ran(place, "team", "list", **german).stdout
    stored = "Mon-Thu 09:00-17:00, Fri 09:00-13:30"
    assert stored in ran(place, "team", "list", "--format", "json", **german).stdout
    assert stored in ran(place, "team", "list", LANG="C.UTF-8").stdout


def test_whole_numbers_are_written_as_the_reader_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_number", None)
    try:
        texts.use_language(["de"])
        assert texts.numeral(1340) == "1.340"
    finally:
        texts.use_language(["en"])
    assert texts.numeral(1340) == "1,340"
