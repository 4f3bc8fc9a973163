"""The user's own query reads the workspace, and nothing it says can change anything."""

import pathlib

import pytest

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.workspaces.own_query import own_query

pytestmark = pytest.mark.both_databases

ON_SQLITE = (
    "PRAGMA query_only=OFF", "PRAGMA writable_schema=ON", "ATTACH '{file}' AS other", "VACUUM INTO '{file}'",
    "BEGIN", "SELECT load_extension('{file}')", "INSERT INTO lead_fts (lead_fts) VALUES ('rebuild')",
    "UPDATE sqlite_master SET sql = ''",
)  # fmt: skip
ON_A_SERVER = (
    "SET TRANSACTION READ WRITE", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "COPY lead TO '{file}'",
    "WITH gone AS (DELETE FROM lead RETURNING id) SELECT id FROM gone", "SELECT nextval('lead_id_seq')",
    "TRUNCATE lead", "NOTIFY pqldesk",
)  # fmt: skip
ANYWHERE = (
    "DELETE FROM lead", "UPDATE lead SET name = 'x'", "DROP TABLE lead", "CREATE TABLE x (a integer)",
    "CREATE TEMP TABLE x (a integer)", "COMMIT", "ROLLBACK", "SELECT 1; DELETE FROM lead",
    "SELECT 1; COMMIT; DELETE FROM lead",
)  # fmt: skip


def names(session):
    return own_query(session, "SELECT name FROM lead ORDER BY id").rows


@pytest.fixture
def read(workspace, new_lead):
    """``read(query, *args)``, in a workspace of two leads."""
    new_lead("ada@example.com", name="Ada {Byrne}")
    new_lead("bo@example.com", name="Bo %s 100%")
    return lambda query, *args: workspace.db.read(query, *args).result()


def test_a_query_gives_its_columns_and_rows_as_plain_values(read):
    where = "name LIKE '%s 100%' OR name LIKE '%{B%'"
    found = read(own_query, f"SELECT id, name, 1.5 AS half FROM lead WHERE {where} ORDER BY id;")
    assert found.columns == ("id", "name", "half")
    assert [row[1:] for row in found.rows] == [("Ada {Byrne}", 1.5), ("Bo %s 100%", 1.5)]
    assert not found.is_cut


def test_no_column_hides_another_of_its_name(read):
    found = read(own_query, "SELECT 1 AS n, 2 AS n, 3 AS n_2, 4 AS n")
    assert found.as_dicts() == [{"n": 1, "n_2": 2, "n_2_2": 3, "n_3": 4}]


def test_a_limit_cuts_and_says_so(read):
    statement = "SELECT name FROM lead ORDER BY id"
    assert (len(read(own_query, statement, 1).rows), read(own_query, statement, 1).is_cut) == (1, True)
    assert (len(read(own_query, statement, 2).rows), read(own_query, statement, 2).is_cut) == (2, False)


def test_nothing_but_reading_is_done_and_the_next_reader_is_as_before(
    read, workspace, tmp_path: pathlib.Path
):
    before, file = read(names), tmp_path / "other.db"
    for statement in ANYWHERE + (ON_SQLITE if workspace.db.is_sqlite else ON_A_SERVER):
        with pytest.raises(BadInput):
            read(own_query, statement.format(file=file))
        assert read(names) == before, statement
    assert not file.exists()
    with pytest.raises(BadInput):
        read(own_query, "SELECT a FROM x")


def test_what_the_database_does_not_understand_is_told_in_its_words_with_where_to_look(read):
    with pytest.raises(BadInput, match=r"nosuch.*docs/schema\.md"):
        read(own_query, "SELECT * FROM nosuch")
    with pytest.raises(BadInput, match=r"SELEC.*docs/schema\.md"):
        read(own_query, "SELEC")


@pytest.mark.parametrize("text", ["", " ;"])
def test_no_query_is_told_with_an_example(read, text):
    with pytest.raises(BadInput, match=r"There is no query\. .*SELECT count"):
        read(own_query, text)


def test_the_search_index_and_the_shape_of_a_table_can_be_read(read, workspace):
    if workspace.db.is_sqlite:
        assert len(read(own_query, "SELECT rowid FROM lead_fts WHERE lead_fts MATCH 'byr'").rows) == 1
        shape = "SELECT name FROM pragma_table_info('lead')"
    else:
        shape = "SELECT column_name FROM information_schema.columns WHERE table_name = 'lead'"
    assert ("score",) in read(own_query, shape).rows
