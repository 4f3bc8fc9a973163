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
