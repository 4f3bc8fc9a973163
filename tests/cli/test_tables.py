from pqldesk.cli.figures import rates_in_words
from pqldesk.cli.output import print_table


def test_columns_stand_below_each_other_also_with_wide_letters_and_marks(capsys):
    rows = [{"name": "田中 愛子", "n": 1}, {"name": "Nguye\u0302\u0303n", "n": 22}, {"name": "Ada", "n": 3}]
    print_table(rows, ("name", "n"))
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "name        n"
    assert lines == ["田中 愛子   1", "Nguye\u0302\u0303n     22", "Ada         3"]


def test_a_long_cell_is_cut_by_what_it_takes_on_screen(capsys):
    print_table([{"name": "田" * 30}], ("name",), widest=11)
    assert capsys.readouterr().out.splitlines()[1] == "田田田田田…"


def test_a_rate_of_fewer_than_thirty_is_not_spoken_of():
    row = {"of": 29, "rate": 0.5, "low": 0.3, "high": 0.7, "step_of": 30, "step_rate": 0.5, "step_low": 0.3,
           "step_high": 0.7}  # fmt: skip
    assert rates_in_words(row, "", "of") == {"rate": "not enough yet", "low": "", "high": ""}
    assert rates_in_words(row, "step_", "step_of") == {
        "step_rate": "50.0%", "step_low": "30.0%", "step_high": "70.0%",
    }  # fmt: skip
    assert rates_in_words({**row, "rate": None, "low": None, "high": None}, "", "of")["rate"] == ""
