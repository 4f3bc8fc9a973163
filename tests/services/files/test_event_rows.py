import json
from pathlib import Path
from typing import Any

import pytest

from pqldesk.services.basics import moments
from pqldesk.services.calls.exports import exported, recognised
from pqldesk.services.calls.readers import READERS
from pqldesk.services.calls.reading import Reading
from pqldesk.services.calls.shapes import Traits
from pqldesk.services.events.rules import EventRules
from pqldesk.services.files.date_order import settle_date_order
from pqldesk.services.files.event_rows import EventRow, event_mapping, event_pages
from pqldesk.services.files.events import DEFAULT_EVENT_MAP, event_map_of, is_event, kind_of
from pqldesk.services.files.fields import Kind
from pqldesk.services.files.json_table import JsonlTable
from pqldesk.services.files.mapping import map_columns
from pqldesk.services.files.opening import open_table
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.records import Record, RecordReader
from pqldesk.services.files.table import Reject
from pqldesk.services.files.values import BadValue, Money

AT = "2024-12-15T12:00:00Z"


def file(folder: Path, text: str, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def events(
    path: Path, options: ValueOptions | None = None, **said: Any
) -> tuple[list[EventRow], list[Reject]]:
    table = open_table(path)
    rejects: list[Reject] = []
    mapping = event_mapping(table, **said)
    pages = event_pages(table, mapping, options or ValueOptions(), rejects.append, page=3)
    return [row for page in pages for row in page], rejects


def records(path: Path, kind: Kind, options: ValueOptions | None = None) -> tuple[list[Record], list[Reject]]:
    table = open_table(path)
    rejects: list[Reject] = []
    reader = RecordReader(map_columns(kind, table.columns), options or ValueOptions())
    return list(reader.records(table, rejects.append)), rejects


@pytest.mark.parametrize(
    ("name", "properties", "meaning"),
    [
        ("Signed In", {}, ("login", None, 1_000_000)),
        ("user-login", {}, ("login", None, 1_000_000)),
        ("Feature  Used", {"feature": " Reports "}, ("feature_activated", "Reports", 1_000_000)),
        ("feature_activated", {"name": "n", "feature_name": "f"}, ("feature_activated", "f", 1_000_000)),
        ("Invite Sent", {"count": 3}, ("team_invited", None, 3_000_000)),
        (
            "Integration Connected",
            {"integration": "slack", "name": "x"},
            ("integration_connected", "slack", 1_000_000),
        ),
        ("first_integration", {"key": "slack"}, ("integration_connected", "slack", 1_000_000)),
        ("import_completed", {"rows": "1,500", "count": 2}, ("data_imported", None, 1_500_000_000)),
        ("Account Created", {}, ("signed_up", None, 1_000_000)),
        ("Trial Started", {}, ("trial_started", None, 1_000_000)),
        ("Report exported", {"key": "pdf"}, ("report_exported", "pdf", 1_000_000)),
        ("Billing: opened", {}, ("login", None, 1_000_000)),
    ],
)
def test_event_names_become_kinds(
    name: str, properties: dict[str, Any], meaning: tuple[str, str | None, int]
) -> None:
    assert kind_of(name, properties, event_map_of({"billing: opened": "Login"})) == meaning


def test_kinds_are_known_by_their_own_name_and_identify_is_no_event() -> None:
    assert all(DEFAULT_EVENT_MAP[kind] == kind for kind in DEFAULT_EVENT_MAP.values())
    assert not any(map(is_event, ("Page Ping", "$identify", "alias", "group", "$$heatmap")))
    with pytest.raises(BadValue):
        kind_of("Invite Sent", {"count": "many"}, {})


CANONICAL: list[dict[str, Any]] = [
    {"event_id": "e1", "email": "Ada@Acme.example", "event": "Signed In", "occurred_at": AT},
    {"event_id": "e2", "user_id": "u1", "event": "Feature Used", "key": "reports", "quantity": 2.5, "occurred_at": AT},
    {"event_id": "e3", "user_id": 7, "event": "x", "quantity": 0, "occurred_at": "2024-12-15T12:00:00.25+01:00"},
    {"event_id": "e4", "event": "login", "occurred_at": AT},
    {"event_id": "e5", "user_id": "u1", "event": "login", "occurred_at": "1999-01-01T00:00:00Z"},
    {"event_id": "e6", "user_id": "u1", "event": "login", "quantity": "lots", "occurred_at": AT},
    {"event_id": "e7", "email": "nobody", "event": "login", "occurred_at": AT},
    {"event_id": "e8", "user_id": "u1", "event": "page_ping", "occurred_at": AT},
    {"user_id": "u1", "event": "login", "occurred_at": AT},
    {"user_id": "u1", "event": "login", "occurred_at": AT},
    {"event_id": "e9", "company_domain": "www.Acme.example", "event": "login", "occurred_at": AT, "received_at": AT},
]  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "jsonl with blank lines", "json", "csv"])
def test_every_format_gives_the_same_events(tmp_path: Path, form: str) -> None:
    names = list(dict.fromkeys(name for entry in CANONICAL for name in entry))
    lines = [json.dumps(entry) for entry in CANONICAL]
    text = {
        "jsonl": "\n".join(lines),
        "jsonl with blank lines": "\n\n".join(lines) + "\n",
        "json": json.dumps(CANONICAL),
        "csv": "\n".join([",".join(names), *(",".join(str(found.get(n, "")) for n in names) for found in CANONICAL)]),
    }[form]  # fmt: skip
    rows, rejects = events(file(tmp_path, text))
    noon = 1_734_264_000 * moments.SECOND
    assert [row[2:] for row in rows[:3]] == [
        ("e1", "Ada@Acme.example", None, None, None, None, "login", None, 1_000_000, noon, None),
        ("e2", None, "u1", None, None, None, "feature_activated", "reports", 2_500_000, noon, None),
        ("e3", None, "7", None, None, None, "x", None, 0, noon - 3_599_750_000, None),
    ]
    assert rows[-1].company_domain == "acme.example"
    assert rows[-1].received_at == noon
    assert [found.row for found in rejects] == [4, 5, 6, 7, 8]
    made = [row.event_id for row in rows[3:5]]
    assert made[0].startswith("row:")
    assert made[1] == made[0] + ":2"


def test_made_ids_do_not_depend_on_format_or_order_of_columns(tmp_path: Path) -> None:
    one, _ = events(file(tmp_path, f"user_id,event,occurred_at\nu1,login,{AT}\n"))
    other, _ = events(file(tmp_path, "Time;Event;User ID\n2024-12-15T13:00:00+01:00;login;u1\n"))
    third, _ = events(file(tmp_path, json.dumps({"event": "login", "user_id": "u1", "occurred_at": AT})))
    assert one[0].event_id == other[0].event_id == third[0].event_id


def test_keys_that_turn_up_late_are_read_and_reported(tmp_path: Path) -> None:
    early = [
        json.dumps({"event_id": str(n), "user_id": "u", "event": "x", "occurred_at": AT}) for n in range(2000)
    ]
    late = json.dumps(
        {"event_id": "l", "user_id": "u", "event": "x", "occurred_at": AT, "key": "k", 'co"lour': "red"}
    )
    path = file(tmp_path, "\n".join([*early, late]))
    table = open_table(path)
    mapping = event_mapping(table)
    rejects: list[Reject] = []
    rows = [row for page in event_pages(table, mapping, ValueOptions(), rejects.append) for row in page]
    assert (len(rows), rejects, rows[-1].key, rows[-1].line) == (2001, [], "k", 2001)
    final = mapping.extended(table.columns)
    assert final.columns["key"] == "key"
    assert final.unmapped == ('co"lour',)


def test_a_log_in_table_needs_only_a_constant(tmp_path: Path) -> None:
    rows, _ = events(
        file(tmp_path, f"user,at\nu1,{AT}\nNULL,{AT}\n"), chosen=["at=occurred_at"], constants=["event=login"]
    )
    assert [(row.user_id, row.kind) for row in rows] == [("u1", "login")]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_properties_give_key_and_quantity_as_the_kind_asks(tmp_path: Path, form: str) -> None:
    found = [
        ("Data Imported", {"rows": 7, "count": 9}),
        ("Feature Used", {"feature": "x"}),
        ("other", {"rows": 3}),
    ]
    entries = [{"user_id": "u", "event": name, "time": AT, "properties": inner} for name, inner in found]
    text = "\n".join(map(json.dumps, entries))
    if form == "csv":
        quoted = (json.dumps(inner).replace('"', '""') for _, inner in found)
        lines = [f'u,{name},{AT},"{inner}"' for (name, _), inner in zip(found, quoted, strict=True)]
        text = "\n".join(["user_id,event,time,properties", *lines])
    rows, rejects = events(file(tmp_path, text))
    assert not rejects
    assert [(row.key, row.quantity) for row in rows] == [
        (None, 7_000_000),
        ("x", 1_000_000),
        (None, 1_000_000),
    ]


def test_rejects_name_line_and_reason(tmp_path: Path) -> None:
    _, rejects = events(file(tmp_path, f'\nuser_id,event,occurred_at\nu1,"lo\ngin",{AT}\nu1,login,soon\n'))
    assert [(found.line, found.row) for found in rejects] == [(5, 2)]
    assert rejects[0].reason == "time: 'soon' is not a time; write 2024-12-15T12:00:00Z."
    assert rejects[0].values == ("u1", "login", "soon")


def test_the_order_of_day_and_month_is_settled_by_the_column_or_not_at_all(tmp_path: Path) -> None:
    for dates, day_first in ((("02/01/2014", "31/12/2012"), True), (("02/01/2014", "12/31/2012"), False),
                             (("02/01/2014", "03/01/2014"), None), (("31/12/2012", "12/31/2012"), None),
                             (("2014-01-02", "2014-01-03"), None)):  # fmt: skip
        table = open_table(
            file(tmp_path, "user_id,event,time\n" + "".join(f"u,login,{day}\n" for day in dates))
        )
        options, note = settle_date_order(table, event_mapping(table), ValueOptions())
        assert options.day_first is day_first
        assert (note is None) == (day_first is None)


def test_lead_rows_become_checked_fields(tmp_path: Path) -> None:
    text = (
        "E-mail,First Name,signup date,deal_value,outcome,kind,state\n"
        'Ada@Acme.example,Ada,2024-05-01,"1,200.50",1,Hand-raise,BY\n'
        ",Bo,,,,,\n"
        "c@x.example,Cy,,,,visit,\n"
        "3f2a9c0d1b2e4f5a6b7c8d9e0f1a2b3c,Di,,,,,\n"
    )
    found, rejects = records(file(tmp_path, text), Kind.LEADS)
    (ada,) = found
    assert ada.line == 2
    assert ada.text("email") == "Ada@Acme.example"
    assert ada.money("deal_value") == Money(amount=ada.fields["deal_value"].amount, currency="USD")  # type: ignore[union-attr]
    assert (ada.text("outcome"), ada.text("kind"), ada.text("state"), ada.is_submission) == (
        "won",
        "hand_raise",
        "BY",
        True,
    )
    signup = ada.time("signup_at")
    assert signup is not None
    assert signup.date_only
    assert [found.reason for found in rejects] == [
        "row: it has no email and no user_id and no anonymous_id.",
        "kind: 'visit' is unknown; known are hand_raise, trial, signup, contact, cart_abandonment, manual, import.",
        "email: 3f2a9c0d1b2e… looks like a hash, not an address; map it as user_id instead.",
    ]


def test_trial_words_become_our_states(tmp_path: Path) -> None:
    text = "domain,status,trial_end\nacme.example,trialing,2024-05-01\nb.example,Canceled,2024-05-01\nc.example,odd,\n"
    found, rejects = records(file(tmp_path, text), Kind.TRIALS)
    assert [entry.text("state") for entry in found] == ["active", "lost"]
    assert rejects[0].line == 4


SEGMENT: list[dict[str, Any]] = [
    {"type": "identify", "messageId": "m1", "userId": "u1", "anonymousId": "a1", "timestamp": AT,
     "context": {"traits": {"email": "ada@acme.example"}}, "traits": {"plan": "pro"}},
    {"type": "track", "messageId": "m2", "userId": "u1", "anonymousId": None, "event": "Data Imported",
     "properties": {"records": 120}, "timestamp": "2024-12-15T12:00:00.250+00:00", "context": {"groupId": "g1"}},
    {"type": "page", "messageId": "m3", "anonymousId": "a1", "name": "Pricing", "timestamp": AT},
    {"type": "group", "messageId": "m4", "userId": "u1", "groupId": "g1", "traits": {"name": "Acme"}, "timestamp": AT},
    {"type": "track", "messageId": "m5", "userId": "u1", "timestamp": AT},
    {"type": "track", "messageId": "m6", "userId": "u1", "event": "Page Ping", "timestamp": AT},
]  # fmt: skip


def test_segment_calls_are_recognised_and_read(tmp_path: Path) -> None:
    table = open_table(file(tmp_path, "\n".join(map(json.dumps, SEGMENT))))
    assert recognised(table) == "segment"
    assert isinstance(table, JsonlTable)
    rejects: list[Reject] = []
    ignored: list[str] = []
    ready_of, reading = EventRules("segment").ready_of, Reading(ValueOptions())
    items = exported(
        table, READERS["segment"], reading, ready_of, rejects.append, lambda: ignored.append("one")
    )
    ready = [one for item in items for one in item]
    rows = [one for one in ready if isinstance(one, EventRow)]
    traits = [one for one in ready if isinstance(one, Traits)]
    assert [(row.event_id, row.kind, row.key, row.quantity, row.company_id) for row in rows] == [
        ("m2", "data_imported", None, 120_000_000, "g1"),
        ("m3", "page_view", "Pricing", 1_000_000, None),
    ]
    assert [entry.call for entry in traits] == ["identify", "group"]
    assert traits[0].ids == {"email": "ada@acme.example", "user_id": "u1", "anonymous_id": "a1"}
    assert traits[0].traits["plan"] == "pro"
    assert [found.line for found in rejects] == [5]
    assert ignored == ["one"]


def test_a_canonical_file_is_not_taken_for_an_export(tmp_path: Path) -> None:
    assert recognised(open_table(file(tmp_path, json.dumps(CANONICAL[0])))) is None
    assert recognised(open_table(file(tmp_path, f"user_id,event,time\nu,x,{AT}\n"))) is None
