"""Usage read by columns and stored at once is the same as usage read row by row and stored page by page."""

import csv
import json
import socket
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pqldesk.services.basics.progress import Progress
from pqldesk.services.files.event_reader import EventReader
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports import pace as import_pace
from pqldesk.services.imports import run as import_run
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import FileResult, ImportOptions, Interrupted
from pqldesk.services.workspaces.presence import arrive
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
FIELDS = (
    "event_id", "email", "user_id", "anonymous_id", "company_id", "event", "key", "quantity", "occurred_at",
    "received_at",
)  # fmt: skip
IDS = ("email", "user_id", "anonymous_id", "company_id")
TIMES = [(NOW - timedelta(hours=7 * n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(40)]
USUAL = st.fixed_dictionaries(
    {
        "event_id": st.integers(1, 60).map(lambda n: f"e{n}"),
        "email": st.sampled_from(["ada@acme.example", "Bo@acme.example", "cy@zeta.example"]),
        "event": st.sampled_from(["login", "Feature Used", "team_invited", "data_imported"]),
        "occurred_at": st.sampled_from(TIMES),
    },
    optional={
        "user_id": st.sampled_from(["u1", "u2"]),
        "key": st.sampled_from(["reports", "api"]),
        "quantity": st.sampled_from(["1", "2.5", "-3", "200"]),
    },
)
ODD = st.fixed_dictionaries(
    {},
    optional={
        "event_id": st.sampled_from(["", " e7 ", "é1", "'=e8", "e9"]),
        "email": st.sampled_from(["", "no address", "ada@acme.example ", "ADA@acme.example"]),
        "user_id": st.sampled_from(["u1", "anonymous", " u2", ""]),
        "anonymous_id": st.sampled_from(["a1", ""]),
        "company_id": st.sampled_from(["c1", ""]),
        "event": st.sampled_from(["login", "page ping", "", "pageview", "identify"]),
        "key": st.sampled_from(["", "  api "]),
        "quantity": st.sampled_from(["", "many", "1e3", "0.0000001", "007"]),
        "occurred_at": st.sampled_from(
            ["2026-03-30", "30/03/2026", "1774900000", "1999-12-31T00:00:00Z", "2026-02-30T10:00:00Z", "",
             "2026-03-30T10:00:00+02:00", "2026-03-30 10:00:00.123Z", "2026-04-02T11:59:59Z", "2026-04-03T00:00:00Z"]
        ),
        "received_at": st.sampled_from(["", TIMES[0], "yesterday"]),
    },
)  # fmt: skip
ROWS = st.lists(
    st.one_of(USUAL, USUAL, USUAL, st.tuples(USUAL, ODD).map(lambda both: {**both[0], **both[1]})),
    min_size=1,
    max_size=40,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(rows=ROWS, seen=ROWS, as_csv=st.booleans(), page=st.integers(1, 9))
def test_all_ways_store_the_same(
    rows: list[dict[str, str]],
    seen: list[dict[str, str]],
    as_csv: bool,
    page: int,
    sqlite_template: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    _name_the_same_people((*seen, *rows))
    folder = tmp_path_factory.mktemp("w")
    files = [
        _written(folder / f"{n}.{'csv' if as_csv else 'jsonl'}", some) for n, some in enumerate((seen, rows))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_pace, "EVENTS", page)
        fast = _imported(folder / "fast.pqldesk", sqlite_template, files, page=None)
        with pytest.MonkeyPatch.context() as beside:
            beside.setattr(import_pace, "window_is_open", lambda session: True)
            beside.setattr(import_pace, "_FEWEST_EVENTS", 5 * page)
            beside.setattr(import_pace, "SHORT_S", 0.0)
            beside.setattr(import_run, "GATHERED", 2 * page)
            short = _imported(folder / "short.pqldesk", sqlite_template, files, page=None)
        patch.setattr(EventReader, "columns", lambda *_: None)
        # In one page. Since when ids are linked is not compared: it is looked for within a page.
        slow = _imported(folder / "slow.pqldesk", sqlite_template, files, page=1_000)
    assert fast == slow
    assert short == slow


def _name_the_same_people(rows: Iterable[dict[str, str]]) -> None:
    """Let an event that comes again name whom it named first.

    What is not held here: an event sent again under the same id with other ids on it. Whether those are linked depends
    on whether both came in one page.
    """
    first: dict[str, dict[str, str | None]] = {}
    for row in rows:
        if number := row.get("event_id", "").strip():
            named = first.setdefault(number, {field: row.get(field) for field in IDS})
            for field in IDS:
                row.pop(field, None)
            row.update({field: value for field, value in named.items() if value is not None})


def _written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            writer = csv.DictWriter(file, FIELDS)
            writer.writeheader()
            writer.writerows(rows)
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def _imported(path: Path, template: Path, files: list[Path], page: int | None) -> list[Any]:
    """What the imports said of each file, and all that is stored afterwards."""
    path.write_bytes(template.read_bytes())
    workspace = open_workspace(path, create=False)
    said: list[Any] = []
    try:
        for file in files:
            try:
                result = _import(workspace, file, ImportOptions(page=page))
            except Exception as problem:  # noqa: BLE001 - both ways have to fail alike
                said.append(str(problem))
                continue
            counts = (result.rows, result.created, result.updated, result.duplicates, result.set_aside)
            said.append((counts, result.rejected, result.blank, result.rejects, result.notes))
    finally:
        workspace.close()
    return [*said, *_stored(path)]


def _import(workspace: Workspace, file: Path, options: ImportOptions) -> FileResult:
    return import_file(
        workspace.db, Kind.EVENTS, file, options, at=NOW, actor="test", fallback_dir=file.parent
    )


def _stored(path: Path) -> list[Any]:
    who = "SELECT i.namespace, i.folded"
    named = (
        "JOIN identity i ON i.id = u.identity_id JOIN event_kind k ON k.id = u.kind_id ORDER BY 1, 2, 3, 4, 5"
    )
    asked = [
        f"{who}, u.eid, k.name, k.key, u.at, u.day, u.quantity, u.received_at, u.batch_id FROM usage_event u {named}",
        f"{who}, k.name, k.key, u.day, u.n, u.quantity FROM usage_day u {named}",
        f"{who}, k.name, k.key, u.n, u.quantity, u.first_at, u.last_at FROM usage_total u {named}",
        f"{who}, u.eid, k.name, k.key, u.at, u.quantity, u.received_at, u.reason FROM event_set_aside u {named}",
        f"{who}, i.verified, l.email, k.unlinked_at FROM identity i LEFT JOIN lead l ON l.id = i.lead_id"
        " LEFT JOIN identity_link k ON k.identity_id = i.id ORDER BY 1, 2, 4",
        "SELECT email, score, qualified_at, signals, milestones, last_active_at, due_at, company_name, state FROM lead"
        " ORDER BY 1",
        "SELECT name FROM sqlite_master WHERE tbl_name = 'usage_event' ORDER BY 1",
    ]
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(sql).fetchall() for sql in asked]


@pytest.fixture
def open_file(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Workspace]]:
    """Opens the same workspace again and again, as several processes would."""
    path = tmp_path / "w.pqldesk"
    path.write_bytes(sqlite_template.read_bytes())
    opened: list[Workspace] = []

    def open_it() -> Workspace:
        opened.append(open_workspace(path, create=False))
        return opened[-1]

    yield open_it
    for workspace in opened:
        workspace.close()


def _many(folder: Path, rows: int) -> Path:
    return _written(
        folder / "many.jsonl",
        [
            {
                "event_id": f"m{n}",
                "email": f"p{n % 7}@acme.example",
                "event": "login",
                "occurred_at": TIMES[n % 40],
            }
            for n in range(rows)
        ],
    )


def _transactions(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, folder: Path, rows: int
) -> tuple[FileResult, list[int]]:
    """Import that many rows in pages of 100, and how many each transaction brought."""
    monkeypatch.setattr(import_pace, "EVENTS", 100)
    brought: list[int] = []
    workspace.db.on_commit(lambda result: brought.append(getattr(result, "created", 0)))
    result = _import(workspace, _many(folder, rows), ImportOptions())
    return result, [some for some in brought if some]


def test_without_a_window_a_file_is_stored_at_once(
    monkeypatch: pytest.MonkeyPatch, open_file: Callable[[], Workspace], tmp_path: Path
) -> None:
    result, brought = _transactions(monkeypatch, open_file(), tmp_path, 950)
    assert (result.created, brought) == (950, [950])


def test_beside_a_window_transactions_are_short_and_grow_as_far_as_it_does_not_notice(
    monkeypatch: pytest.MonkeyPatch, open_file: Callable[[], Workspace], tmp_path: Path
) -> None:
    window, other = open_file(), open_file()
    arrive(window.db)
    window.db.write(lambda session: None).result()
    monkeypatch.setattr(import_pace, "_FIRST", 54)
    monkeypatch.setattr(import_pace, "_FEWEST_EVENTS", 27)
    monkeypatch.setattr(import_pace, "SHORT_S", 0.0)  # whatever it takes is too long
    result, brought = _transactions(monkeypatch, other, tmp_path, 100)
    assert (result.created, brought) == (
        100,
        [30, 14, 14, 14, 14, 14],
    )  # first two people together, then one by one


def test_a_window_that_opens_meanwhile_finds_short_transactions(
    monkeypatch: pytest.MonkeyPatch, open_file: Callable[[], Workspace], tmp_path: Path
) -> None:
    asked = iter([False] * 3 + [True] * 1000)
    monkeypatch.setattr(import_pace, "window_is_open", lambda session: next(asked))
    monkeypatch.setattr(import_pace, "SHORT_S", 0.0)
    monkeypatch.setattr(import_pace, "_LOOK_S", 0.0)
    monkeypatch.setattr(import_pace, "_FEWEST_EVENTS", 27)
    result, brought = _transactions(monkeypatch, open_file(), tmp_path, 450)
    assert result.created == sum(brought) == 450
    assert max(brought[1:]) == 15  # 12 more for the person


def test_stopping_a_gathered_import_stores_the_whole_pages_it_had_read(
    monkeypatch: pytest.MonkeyPatch, open_file: Callable[[], Workspace], tmp_path: Path
) -> None:
    workspace, told = open_file(), []

    def stop(progress: Progress) -> None:
        told.append(progress.done)
        if len(told) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(import_pace, "EVENTS", 100)
    file = _many(tmp_path, 950)
    with pytest.raises(Interrupted, match="after 1 whole batch: 300 rows are stored"):
        import_file(
            workspace.db,
            Kind.EVENTS,
            file,
            ImportOptions(),
            at=NOW,
            actor="x",
            fallback_dir=tmp_path,
            report=stop,
        )
    again = _import(workspace, file, ImportOptions())
    assert (again.created, again.duplicates) == (650, 300)


def test_a_window_that_was_closed_or_killed_is_no_reason_to_be_slow(
    monkeypatch: pytest.MonkeyPatch, open_file: Callable[[], Workspace], tmp_path: Path
) -> None:
    window, other = open_file(), open_file()
    arrive(window.db)
    window.close()
    with closing(sqlite3.connect(tmp_path / "w.pqldesk")) as connection:
        assert connection.execute("SELECT count(*) FROM runner").fetchone() == (0,)
        connection.execute(
            "INSERT INTO runner VALUES ('window x', '99999999@' || ?, 0, 0)", (socket.gethostname(),)
        )
        connection.commit()
    _, brought = _transactions(monkeypatch, other, tmp_path, 300)
    assert brought == [300]
