"""Claims seen through the command line: who a rep is, and where leads stand after export and import."""

from pathlib import Path

from tests.cli.conftest import Run

REP = ("--rep", "ann@rep.example")


def test_a_rep_is_the_same_in_upper_and_lower_case(filled: Run) -> None:
    assert filled("lead", "claim", "jane@acme.example", *REP).code == 0
    assert filled("lead", "claim", "jane@acme.example", "--rep", "Ann@Rep.example").code == 0
    assert filled("lead", "release", "jane@acme.example", "--rep", "ANN@rep.example").code == 0


def test_the_owner_that_a_file_named_can_claim_the_lead(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("email,owner\nada@a.example,Ann@rep.example\n")
    assert run("import", "leads", path).code == 0

    claimed = run("lead", "claim", "ada@a.example", *REP, "--format", "json")

    assert (claimed.code, claimed.json["state"], claimed.json["owner"]) == (0, "claimed", "Ann@rep.example")
    lost = run("lead", "claim", "ada@a.example", "--rep", "ben@rep.example")
    assert (lost.code, "2024-12-06T12:00:00Z" in lost.err) == (1, True)


def test_leads_stand_where_they_stood_after_export_and_import(filled: Run, tmp_path: Path) -> None:
    filled("lead", "claim", "bob@acme.example", *REP)
    filled("lead", "disqualify", "cy@beta.example", "--reason", "student", *REP)
    out = tmp_path / "out.csv"
    assert filled("export", "leads", "--out", out).code == 0
    elsewhere = ("--workspace", tmp_path / "elsewhere.pqldesk")

    assert filled("import", "leads", out, "--source", "file", *elsewhere).code == 0

    rows = filled("queue", "--view", "all", "--format", "json", *elsewhere).json
    stands = {row["email"]: (row["state"], row["owner"]) for row in rows}
    assert stands["bob@acme.example"] == ("claimed", "ann@rep.example")
    assert stands["cy@beta.example"] == ("disqualified", None)
