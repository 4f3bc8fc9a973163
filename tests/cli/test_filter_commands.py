"""--filter wherever leads are listed, and views that keep one."""

from tests.cli.conftest import Ran, Run


def names(ran: Ran) -> list[str]:
    assert ran.code == 0, ran.err
    return [row["name"] for row in ran.json]


def test_a_filter_narrows_queue_and_export_alike(filled: Run) -> None:
    said = "signal integrations is met and owner is nobody"
    assert names(filled("queue", "--filter", said, "--format", "json")) == ["Jane Doe"]
    exported = filled("export", "leads", "--filter", said, "--format", "json")
    assert [row["name"] for row in exported.json] == ["Jane Doe"]
    past = filled("queue", "--filter", said, "--as-of", "2024-12-03", "--format", "json")
    assert names(past) == []


def test_a_filter_narrows_the_short_options_and_the_view(filled: Run) -> None:
    both = filled("queue", "--filter", "not company is Acme", "--search", "be", "--format", "json")
    assert names(both) == ["Cy Poe"]
    assert (
        names(filled("queue", "--view", "hand-raises", "--filter", "company is Beta", "--format", "json"))
        == []
    )


def test_sort_puts_the_rows_in_another_order(filled: Run) -> None:
    assert names(filled("queue", "--sort", "name", "--format", "json")) == ["Bob Roe", "Cy Poe", "Jane Doe"]
    assert names(filled("queue", "--sort", "name desc", "--format", "json")) == [
        "Jane Doe",
        "Cy Poe",
        "Bob Roe",
    ]
    wrong = filled("queue", "--sort", "size")
    assert wrong.code == 1
    assert "'size'. Known: score, name" in wrong.err


def test_a_filter_that_cannot_be_read_is_refused_everywhere_with_the_same_sentence(filled: Run) -> None:
    for words in (("queue",), ("view", "save", "X"), ("export", "leads")):
        ran = filled(*words, "--filter", "score >> 5")
        assert ran.code == 1
        assert ran.err.strip() == (
            "The filter stops making sense at character 8, “>”. Allowed there: a number."
        )
    assert "X" not in [view["label"] for view in filled("view", "list", "--format", "json").json]


def test_a_view_is_saved_with_everything_listed_renamed_and_deleted(filled: Run) -> None:
    saved = filled(
        "view", "save", "Team Beta", "--filter", "company starts with be", "--sort=-active",
        "--columns", "score,person,plan", "--group", "source", "--format", "json",
    )  # fmt: skip
    assert saved.json == {"view": "team-beta"}
    (view,) = [v for v in filled("view", "list", "--format", "json").json if not v["built_in"]]
    assert view | {"count": 1} == view
    assert (view["filter"], view["sort"], view["columns"], view["group"]) == (
        "company starts with be", "-active", ["score", "person", "plan"], "source",
    )  # fmt: skip
    assert names(filled("queue", "--view", "team-beta", "--format", "json")) == ["Cy Poe"]
    assert filled("view", "rename", "team-beta", "Beta people").code == 0
    assert filled("view", "delete", "team-beta", "--rep", "kim@example.com").code == 0
    assert filled("queue", "--view", "team-beta").code == 1
    assert filled("undo", "--rep", "kim@example.com").code == 0
    (view,) = [v for v in filled("view", "list", "--format", "json").json if not v["built_in"]]
    assert view["label"] == "Beta people"


def test_an_unknown_column_of_a_view_is_named(filled: Run) -> None:
    ran = filled("view", "save", "X", "--columns", "score,height")
    assert ran.code == 1
    assert "'height'. Known: score, person" in ran.err


KIM = ("--rep", "kim@example.com")


def test_a_verb_takes_several_leads_and_answers_for_each(filled: Run) -> None:
    assert filled("lead", "claim", "bob@acme.example", "--rep", "lee@example.com").code == 0
    ran = filled("lead", "claim", "jane@acme.example", "bob@acme.example", *KIM, "--format", "json")
    assert ran.code == 0
    assert [(row["name"], row["outcome"]) for row in ran.json] == [
        ("Jane Doe", "done"),
        ("Bob Roe", "skipped"),
    ]
    assert "already claimed by lee@example.com" in ran.json[1]["reason"]
    assert "1 done, 0 unchanged, 1 skipped" in ran.err


def test_a_verb_takes_everything_that_a_filter_lets_through_and_one_undo_all_of_it_back(filled: Run) -> None:
    ran = filled("lead", "assign", "--filter", "owner is nobody", "--to", "lee@example.com", *KIM)
    assert "3 done" in ran.err
    assert names(filled("queue", "--filter", "owner is nobody", "--format", "json")) == []
    assert filled("undo", *KIM).code == 0
    assert len(names(filled("queue", "--filter", "owner is nobody", "--format", "json"))) == 3


def test_a_verb_needs_leads_or_a_filter_but_not_both(filled: Run) -> None:
    neither = filled("lead", "claim", *KIM)
    assert neither.code == 2
    assert "name leads, or give --filter or --view" in neither.err
    both = filled("lead", "claim", "bob@acme.example", "--filter", "pql", *KIM)
    assert both.code == 2
    assert "not both" in both.err
