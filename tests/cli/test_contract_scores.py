"""Scores seen through the command line: what `score` stores is what a full rescore would store."""

from pathlib import Path

import pytest

from tests.cli.conftest import NOW, Run


def test_score_with_the_clock_set_back_stores_what_a_full_rescore_would(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "e.csv"
    logins = [f"ada@a.example,login,2024-12-0{day}T10:00:00Z" for day in range(1, 7)]
    path.write_text("\n".join(["email,event,occurred_at", *logins]) + "\n")
    assert run("import", "events", path).code == 0
    before = run("queue", "--format", "json").json

    monkeypatch.setenv("PQLDESK_NOW", "2025-03-01T00:00:00Z")
    assert run("score").code == 0
    assert run("queue", "--format", "json").json != before
    monkeypatch.setenv("PQLDESK_NOW", NOW)
    assert run("score").code == 0

    assert run("queue", "--format", "json").json == before
    assert run("score", "--full", "--format", "json").json["changed"] == 0
