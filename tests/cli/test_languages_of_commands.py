"""Which language a command answers in: the environment's for people, English for scripts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pqldesk.services.basics import texts


def said(workspace: Path, *words: str, **environment: str) -> str:
    """What the command wrote to stderr."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PQLDESK_LANGUAGE", "LANGUAGE", "LC_ALL")
    }
    done = subprocess.run(
        [sys.executable, "-m", "pqldesk", "--workspace", str(workspace), *words],
        env={**clean, **environment}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_people_are_answered_in_the_language_of_their_environment(tmp_path: Path) -> None:
    missing = tmp_path / "none.pqldesk"
    assert f"Unter {missing} gibt es keinen Arbeitsbereich." in said(missing, "queue", LANG="de_DE.UTF-8")


def test_a_script_that_asks_for_json_reads_english(tmp_path: Path) -> None:
    missing = tmp_path / "none.pqldesk"
    asked = ("queue", "--format", "json")
    assert f"There is no workspace at {missing}." in said(missing, *asked, LANG="de_DE.UTF-8")
    assert f"Unter {missing} gibt es" in said(missing, *asked, PQLDESK_LANGUAGE="de")


def test_whole_numbers_are_written_as_the_reader_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_number", None)
    try:
        texts.use_language(["de"])
        assert texts.numeral(1340) == "1.340"
    finally:
        texts.use_language(["en"])
    assert texts.numeral(1340) == "1,340"
