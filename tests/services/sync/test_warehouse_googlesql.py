"""What BigQuery is asked, analysed and carried out by GoogleSQL's own code (built for WebAssembly): names, types,
signatures of functions and the outcome are Google's word. `make test-warehouses`."""

import pytest

pytest.importorskip("ibis", reason="pip install 'pqldesk[warehouse]'")
pytest.importorskip("duckdb", reason="pip install 'pqldesk[warehouse]'")

from tests.services.sync.test_warehouse_dialects import ROWS, asked, carried_out, ibis

pytestmark = pytest.mark.warehouses


@pytest.fixture(scope="module")
def googlesql():
    """(columns, rows) of a statement."""
    api = pytest.importorskip("zetasql.api", reason="make test-warehouses")
    types = pytest.importorskip("zetasql.types")
    language = types.LanguageOptions.maximum_features()
    language.product_mode = (
        types.ProductMode.PRODUCT_EXTERNAL
    )  # BigQuery's, where DOUBLE and INT32 are no types
    builtin = types.ZetaSQLBuiltinFunctionOptions(language_options=language)
    catalog = api.CatalogBuilder("warehouse").with_builtin_functions(builtin).build()
    options = types.AnalyzerOptions(language_options=language)

    def cell(value):
        return value.int64_value if value.int64_value is not None else value.string_value

    def carry_out(sql):
        builder = api.PreparedQuery.builder().set_sql(sql).set_analyzer_options(options).set_catalog(catalog)
        with builder.prepare() as query:
            found = query.execute().content.table_data.row
            names = [column.name for column in query.columns]
            return names, [tuple(cell(value) for value in row.cell) for row in found]

    return carry_out


def usage(kind):
    """The rows of the other engines as a table of GoogleSQL."""

    def literal(name, value):
        if value is None:
            return "CAST(NULL AS FLOAT64)" if name == "much" else "CAST(NULL AS STRING)"
        if name == "ts":
            return f"TIMESTAMP '{value}+00'" if "UTC" in kind else f"DATETIME '{value}'"
        return f"CAST({value} AS FLOAT64)" if name == "much" else f"'{value}'"

    names = ("id", "mail", "what", "thing", "much", "ts")
    rows = (
        ", ".join(f"{literal(name, value)} AS {name}" for name, value in zip(names, row, strict=True))
        for row in ROWS
    )
    return " UNION ALL ".join(f"SELECT {row}" for row in rows)


@pytest.mark.parametrize("kind", ["timestamp", "timestamp('UTC')"])
def test_bigquery_would_count_as_the_other_engines_do(googlesql, kind):
    expected = carried_out(str(ibis.to_sql(asked(kind, "duckdb"), dialect="duckdb")), kind)
    theirs = str(ibis.to_sql(asked(kind, "bigquery"), dialect="bigquery"))
    names, rows = googlesql(f"WITH usage AS ({usage(kind)}) SELECT * FROM ({theirs})")
    assert names == ["email", "user_id", "day", "kind", "key", "n", "quantity", "first", "last"]
    assert sorted(rows, key=str) == sorted(expected, key=str)


def test_that_was_in_a_project_whose_times_without_a_zone_are_those_of_los_angeles(googlesql):
    """GoogleSQL's own default, which a statement must not lean on: a project of BigQuery may set any."""
    seconds = "SELECT UNIX_SECONDS(CAST(DATETIME '1970-01-01' AS TIMESTAMP)) AS seconds"
    assert googlesql(seconds)[1] == [(8 * 3_600,)]


def test_what_bigquery_would_refuse_is_refused(googlesql):
    """So that agreement above means something."""
    with pytest.raises(
        Exception, match="No matching signature for operator >= for argument types: DATETIME, TIMESTAMP"
    ):
        googlesql(
            f"WITH usage AS ({usage('timestamp')}) SELECT id FROM usage WHERE ts >= TIMESTAMP '2026-01-01'"
        )
