"""Names without accents, beside the rows whose texts are not plain ASCII: what searching and filters compare.

`lead_plain` and `company_plain` are kept by triggers, so that whoever writes a name, in whichever process, keeps them
true. A lead of plain ASCII has no row there: it costs the look at its texts, and nothing on the disk.
"""

from sqlalchemy import Connection

from pqldesk.models.letters import changed_letters

# The columns that are kept, by the table they are of.
KEPT = {
    "lead": ("name", "email", "company_name", "domain", "job_title", "country", "region"),
    "company": ("name", "domain"),
}
SEARCHED = KEPT["lead"][:4]  # those that the search index holds

# Letter by letter, 6 us for a name. An expression rather than a function of ours: a trigger that needs one would
# refuse to work in any other program.
_SQLITE = (
    "(SELECT group_concat(coalesce(l.plain, substr({text}, n.key + 1, 1)), '')"
    " FROM json_each('[0' || replace(hex(zeroblob(length({text}) - 1)), '00', ',0') || ']') n"
    " LEFT JOIN plain_letter l ON l.letter = substr({text}, n.key + 1, 1))"
)
# Each names the schema of the tables: whoever writes a lead may have another search_path.
_POSTGRESQL = """
CREATE FUNCTION {schema}.plain_text(given text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN given IS NULL OR octet_length(given) = char_length(given) THEN lower(given COLLATE "C") ELSE (
        SELECT coalesce(string_agg(coalesce(l.plain, c.letter), '' ORDER BY c.n), '')
        FROM pg_catalog.regexp_split_to_table(given, '') WITH ORDINALITY c(letter, n)
        LEFT JOIN {schema}.plain_letter l ON l.letter = c.letter COLLATE "C") END
$$"""
_KEEPS = """
CREATE FUNCTION {schema}.{table}_plain_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM {schema}.{table}_plain WHERE {table}_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND ({differs}) THEN
        INSERT INTO {schema}.{table}_plain ({table}_id, {columns}) VALUES (NEW.id, {values});
    END IF;
    RETURN NULL;
END $$"""


def plain_of(text: str, *, is_sqlite: bool) -> str:
    """The expression of a text as searching compares it."""
    if not is_sqlite:
        return f"plain_text({text})"
    return f"CASE WHEN {is_beyond_ascii(text, is_sqlite=True)} THEN {_SQLITE.format(text=text)} ELSE lower({text}) END"


def is_beyond_ascii(text: str, *, is_sqlite: bool) -> str:
    """The test of a text: whether it has letters beyond ASCII. Only then is it another where it is kept as compared."""
    if is_sqlite:
        return f"length(CAST({text} AS BLOB)) > length({text})"
    return f"octet_length({text}) > char_length({text})"


def in_alphabet(text: str, kept: str | None = None, *, is_sqlite: bool) -> str:
    """The expression that names are put in order by: their letters, without case and accents, so that Émile stands
    beside Emil; the same on both databases. *kept* is where the row has its text as it is compared (kept_text()); left
    out, that is worked out, which takes some 6 us for a text beyond ASCII."""
    if is_sqlite and kept is None:
        return plain_of(text, is_sqlite=True)
    if is_sqlite:
        return f"CASE WHEN {is_beyond_ascii(text, is_sqlite=True)} THEN {kept} ELSE lower({text}) END"
    beyond = is_beyond_ascii(text, is_sqlite=False)
    other = plain_of(text, is_sqlite=False) if kept is None else kept
    return f'(CASE WHEN {beyond} THEN {other} ELSE lower({text} COLLATE "C") END) COLLATE "C"'


def kept_text(table: str, column: str, number: str) -> str:
    """The expression of a kept text, by the id of its row; NULL where that row is of plain ASCII."""
    return f"(SELECT p.{column} FROM {table}_plain p WHERE p.{table}_id = {number})"  # noqa: S608 - our own names


def create_plain_names(connection: Connection) -> None:
    """Create the tables and what keeps them, and fill them from the rows that are there."""
    is_sqlite = connection.dialect.name == "sqlite"
    schema = (
        "" if is_sqlite else str(connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar())
    )
    _create_letters(connection, is_sqlite=is_sqlite)
    if not is_sqlite:
        connection.exec_driver_sql(_POSTGRESQL.format(schema=schema))
    for table, columns in KEPT.items():
        key = "INTEGER PRIMARY KEY" if is_sqlite else "bigint PRIMARY KEY"
        texts = ", ".join(f"{column} TEXT" for column in columns)
        connection.exec_driver_sql(f"CREATE TABLE {table}_plain ({table}_id {key}, {texts})")
        connection.exec_driver_sql(
            f"INSERT INTO {table}_plain {_selected(table, 'o', is_sqlite)} FROM {table} o"
            f" WHERE {_any_other(table, 'o', is_sqlite)}"
        )
    for column in ("name", "company_name"):  # too short for the search index
        connection.exec_driver_sql(
            f"CREATE INDEX lead_plain_short_{column} ON lead_plain ({column}) WHERE length({column}) < 3"
        )
    for statement in _sqlite_triggers() if is_sqlite else _postgresql_triggers(schema):
        connection.exec_driver_sql(statement)
    if is_sqlite and connection.exec_driver_sql("SELECT 1 FROM lead_plain LIMIT 1").first():
        connection.exec_driver_sql("INSERT INTO lead_fts_plain (lead_fts_plain) VALUES ('rebuild')")


def _create_letters(connection: Connection, *, is_sqlite: bool) -> None:
    letter = "TEXT PRIMARY KEY" if is_sqlite else 'text COLLATE "C" PRIMARY KEY'
    tail = " WITHOUT ROWID" if is_sqlite else ""
    connection.exec_driver_sql(f"CREATE TABLE plain_letter (letter {letter}, plain TEXT NOT NULL){tail}")
    rows = ", ".join(f"({_text(letter)}, {_text(plain)})" for letter, plain in changed_letters())
    connection.exec_driver_sql(f"INSERT INTO plain_letter (letter, plain) VALUES {rows}")  # noqa: S608 - ours


def _sqlite_triggers() -> list[str]:
    made = []
    for table, columns in KEPT.items():
        took = f"DELETE FROM {table}_plain WHERE {table}_id = old.id"  # noqa: S608 - our own names
        put = f"INSERT INTO {table}_plain {_selected(table, 'new', True)} WHERE {_any_other(table, 'new', True)}"
        before, after = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
        made += [
            f"CREATE TRIGGER {table}_plain_insert AFTER INSERT ON {table}"
            f" WHEN {_any_other(table, 'new', True)} BEGIN {put}; END",
            f"CREATE TRIGGER {table}_plain_delete AFTER DELETE ON {table}"
            f" WHEN {_any_other(table, 'old', True)} BEGIN {took}; END",
            f"CREATE TRIGGER {table}_plain_update AFTER UPDATE OF {', '.join(columns)} ON {table}"
            f" WHEN ({before}) IS NOT ({after})"
            f" AND ({_any_other(table, 'old', True)} OR {_any_other(table, 'new', True)})"
            f" BEGIN {took}; {put}; END",
        ]
    listed = ", ".join(SEARCHED)
    new, old = (", ".join(f"{row}.{column}" for column in SEARCHED) for row in ("new", "old"))
    return [
        *made,
        f"CREATE VIRTUAL TABLE lead_fts_plain USING fts5({listed}, content='lead_plain', content_rowid='lead_id',"
        " tokenize='trigram', detail=none)",
        "CREATE VIRTUAL TABLE lead_fts_plain_term USING fts5vocab(lead_fts_plain, instance)",
        f"CREATE TRIGGER lead_fts_plain_insert AFTER INSERT ON lead_plain BEGIN"  # noqa: S608 - our own columns
        f" INSERT INTO lead_fts_plain(rowid, {listed}) VALUES (new.lead_id, {new}); END",
        f"CREATE TRIGGER lead_fts_plain_delete AFTER DELETE ON lead_plain BEGIN"  # noqa: S608 - our own columns
        f" INSERT INTO lead_fts_plain(lead_fts_plain, rowid, {listed}) VALUES ('delete', old.lead_id, {old}); END",
    ]


def _postgresql_triggers(schema: str) -> list[str]:
    made = []
    for table, columns in KEPT.items():
        values = ", ".join(f"{schema}.plain_text(NEW.{column})" for column in columns)
        made.append(
            _KEEPS.format(
                schema=schema,
                table=table,
                columns=", ".join(columns),
                values=values,
                differs=_any_other(table, "NEW", False),
            )
        )
        before, after = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
        keep = f"FOR EACH ROW WHEN ({{when}}) EXECUTE FUNCTION {schema}.{table}_plain_keep()"
        is_new, was_old = _any_other(table, "NEW", False), _any_other(table, "OLD", False)
        made += [
            f"CREATE TRIGGER {table}_plain_insert AFTER INSERT ON {table} {keep.format(when=is_new)}",
            f"CREATE TRIGGER {table}_plain_delete AFTER DELETE ON {table} {keep.format(when=was_old)}",
            f"CREATE TRIGGER {table}_plain_update AFTER UPDATE OF {', '.join(columns)} ON {table} "
            + keep.format(when=f"({before}) IS DISTINCT FROM ({after}) AND ({is_new} OR {was_old})"),
        ]
    return made


def _selected(table: str, row: str, is_sqlite: bool) -> str:
    texts = ", ".join(plain_of(f"{row}.{column}", is_sqlite=is_sqlite) for column in KEPT[table])
    return f"SELECT {row}.id, {texts}"


def _any_other(table: str, row: str, is_sqlite: bool) -> str:
    tests = (is_beyond_ascii(f"{row}.{column}", is_sqlite=is_sqlite) for column in KEPT[table])
    return f"({' OR '.join(tests)})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
