"""Writes NNNN.json.gz beside this file: every row of a workspace that this program made, at this program's schema.

Run it once for each new schema, before the next one is begun; such a file is never written again. Its people are
composed. What stands in it was done by commands, so that it looks as the workspaces of that day do:

    python tests/databases/keep_workspace.py [FOLDER]
"""

import base64
import contextlib
import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

NOW = "2026-11-18T09:30:00Z"
INES, DANA = "ines@northquay.example", "dana@northquay.example"  # members of the local double
LEADS = """\
email,name,company,job_title,country,plan,signup_at,user_id,kind,glm_source,glm_content,comment,outcome,outcome_at
jane@acme.example,Jane Doe,Acme,Product Lead,DE,Pro,2026-11-01T00:00:00Z,u1,hand_raise,billing,group-billing,SSO?,,
bob@acme.example,Bob Roe,Acme,,DE,,2026-11-02T00:00:00Z,u2,,,,,,
cy@beta.example,Cy Poe,Beta,,FR,Free,2026-11-03T00:00:00Z,u3,,,,,,
dee@gamma.example,"Dee ""D"" O'Neill",Gamma <b>Ltd</b>,CTO,US,Pro,2026-11-04T00:00:00Z,u4,trial,,,,,
eve@delta.example,Ève Ñandú,Delta,,ES,,2026-11-05T00:00:00Z,u5,,,,,,
fay@epsilon.example,Fay Li,Epsilon,,,,2026-10-05T00:00:00Z,u6,,,,,won,2026-11-01T00:00:00Z
gus@zeta.example,Gus Ode,Zeta,,,,2026-10-05T00:00:00Z,u7,,,,,lost,2026-11-02T00:00:00Z
jane.doe@acme.example,Jane Doe,Acme,,,,2026-11-06T00:00:00Z,u8,,,,,,
"""
EVENTS = """\
event_id,user_id,event,key,quantity,occurred_at
e1,u1,login,,,2026-11-10T10:00:00Z
e2,u1,integration_connected,slack,,2026-11-11T10:00:00Z
e3,u1,data_imported,,150,2026-11-12T10:00:00Z
e4,u1,team_invited,,1.5,2026-11-12T10:00:00Z
e5,u1,team_invited,,0.5,2026-11-12T11:00:00Z
e6,u2,team_invited,,3,2026-11-13T11:00:00Z
e7,u3,feature_activated,reports,,2026-11-14T11:00:00Z
e8,u3,login,,,2026-11-14T12:00:00Z
e9,u9,login,,,2026-11-14T12:00:00Z
e10,u4,data_imported,,-2.000001,2026-11-15T12:00:00Z
e11,u4,login,,,2026-12-24T12:00:00Z
"""
TRIALS = """\
email,plan,starts_at,ends_at,state
jane@acme.example,Ultimate,2026-11-01,2026-11-25,active
cy@beta.example,Pro,2026-10-01,2026-10-31,expired
gus@zeta.example,Pro,2026-10-01,2026-10-31,lost
"""
CALLS = """\
{"type":"identify","messageId":"m1","userId":"u1","traits":{"email":"jane@acme.example"}}
{"type":"track","messageId":"m2","userId":"u1","event":"Report Shared","timestamp":"2026-11-12T10:01:00Z"}
"""
# What an earlier program does not know yet it refuses, and the rest goes on.
STORY: tuple[tuple[str, ...], ...] = (
    ("import", "leads", "leads.csv", "--source", "app"),
    ("import", "events", "events.csv", "--source", "app"),
    ("import", "trials", "trials.csv"),
    ("import", "events", "calls.jsonl"),
    ("settings", "set", "rep", INES),
    ("settings", "set", "timezone", "Europe/Berlin"),
    ("settings", "set", "event_map.report_shared", "feature_activated"),
    ("connect", "attio", "--url", "URL", "--token-env", "ATTIO_TOKEN", "--default-owner", INES),
    ("connect", "segment", "--token-env", "SEGMENT_KEY"),
    ("intake",),
    ("playbook", "approve", "qualification", "--system", "attio"),
    ("view", "save", "big", "--filter", "score > 50"),
    ("placement", "add", "group-billing", "--note", "Billing page"),
    ("lead", "claim", "jane@acme.example"),
    ("note", "add", "jane@acme.example", "She asked for SSO; ring her on Friday."),
    ("task", "add", "jane@acme.example", "Ring her", "--due", "2026-11-20T09:00:00Z"),
    ("handoff", "jane@acme.example", "--deal-value", "12000.50"),
    ("outbox", "run"),
    ("lead", "claim", "cy@beta.example"),
    ("handoff", "cy@beta.example"),
    ("lead", "snooze", "bob@acme.example", "--until", "2026-12-01"),
    ("lead", "disqualify", "dee@gamma.example", "--reason", "student"),
    ("lead", "merge", "jane@acme.example", "jane.doe@acme.example"),
    ("lead", "add", "--email", "hal@eta.example", "--name", "Hal Ito", "--kind", "hand_raise"),
    ("lead", "release", "cy@beta.example"),
    ("undo",),
    ("team", "set", DANA, "--zone", "Asia/Kolkata", "--capacity", "20"),
    ("team", "set", INES),
    ("route", "set", "everybody", "--to", f"{DANA}=2", "--to", INES, "--any-hours"),
    ("route", "run"),
    ("notifications", "list"),
    ("export", "leads", "--out", "out.csv"),
    ("erase", "eve@delta.example"),
    ("score", "--full"),
    ("outbox", "retry"),
)


@contextlib.contextmanager
def double_of_attio() -> Iterator[str]:
    """The address of a running local double."""
    command = [sys.executable, "-m", "pqldesk", "sandbox", "attio", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["listening"])
        process.terminate()


def done(folder: Path, url: str) -> list[str]:
    """Do the whole story in *folder*; what was refused, in words."""
    from pqldesk.cli import main

    for name, text in {
        "leads.csv": LEADS,
        "events.csv": EVENTS,
        "trials.csv": TRIALS,
        "calls.jsonl": CALLS,
    }.items():
        (folder / name).write_text(text)
    os.chdir(folder)
    refused = []
    for words in STORY:
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            try:
                if words == ("intake",):
                    received()
                    continue
                code = main([url if word == "URL" else word for word in words])
            except SystemExit:  # the grammar knows no such command
                code = 2
            except (OSError, ValueError) as wrong:  # there is no intake yet
                code = 2
                print(wrong, file=sys.stderr)
        if code:
            refused.append(f"{' '.join(words)}: {said.getvalue().splitlines()[-1]}")
    return refused


def received() -> None:
    """Let the intake take one call, as a website would send it."""
    command = [sys.executable, "-m", "pqldesk", "intake", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["listening"]
            call = {"type": "track", "event": "Login", "userId": "u2", "messageId": "m3", "timestamp": NOW}
            httpx.post(f"{url}/v1/track", json=call, auth=("wk_test_123", "")).raise_for_status()
        finally:
            process.terminate()


def rows_of(path: Path) -> dict[str, Any]:
    """The schema's version and every row of every table but those that triggers fill, as plain JSON."""
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        ((version,),) = file.execute("SELECT version_num FROM alembic_version")
        names = file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'lead\\_fts%' ESCAPE '\\'"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN ('alembic_version', 'lead_count', 'runner',"
            " 'lead_plain', 'company_plain', 'plain_letter') ORDER BY name"
        )
        tables = {}
        for (name,) in names.fetchall():
            columns = [row["name"] for row in file.execute(f'PRAGMA table_info("{name}")')]
            listed = ", ".join(f'"{column}"' for column in columns)
            rows = [[plain(value) for value in row] for row in file.execute(f'SELECT {listed} FROM "{name}"')]
            if rows:
                tables[name] = {"columns": columns, "rows": rows}
    return {"schema": version, "tables": tables}


def plain(value: object) -> object:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {
            "PQLDESK_NOW": NOW,
            "PQLDESK_WORKSPACE": str(folder / "w.pqldesk"),
            "PQLDESK_SECRETS": "env",
            "PQLDESK_LANGUAGE": "en",
            "XDG_STATE_HOME": name,
            "ATTIO_TOKEN": "sandbox-attio-token",
            "SEGMENT_KEY": "wk_test_123",
        }
        with double_of_attio() as url:
            refused = done(folder, url)
        kept = rows_of(folder / "w.pqldesk")
    target.mkdir(parents=True, exist_ok=True)
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    (target / f"{kept['schema']}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    print(kept["schema"], {name: len(table["rows"]) for name, table in kept["tables"].items()})
    print(*refused, sep="\n")


if __name__ == "__main__":
    main()
