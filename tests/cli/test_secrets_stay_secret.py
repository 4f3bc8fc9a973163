"""A token or a password that PQLDesk is given is found nowhere afterwards: files, output, process list."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pqldesk.services.basics.bugs import keep_bug
from tests.cli.conftest import LEADS, Ran, Run
from tests.fixtures_crm import INES, Sandbox, running_sandbox

CANARY = "canary-7f3e9b2a-only-in-the-environment"


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> "Sandbox":
    monkeypatch.setenv("ATTIO_TOKEN", CANARY)
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    with running_sandbox("--token", f"team={CANARY}") as sandbox:
        yield sandbox


def holding(folder: Path) -> list[str]:
    """The files under *folder* that hold the canary, those inside of archives too."""
    return [
        name
        for path in folder.rglob("*")
        if path.is_file()
        for name, content in contents(path)
        if CANARY.encode() in content
    ]


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    yield path.name, path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.name}:{name}", archive.read(name)


def test_the_token_of_a_crm_is_kept_out_of_everything(run: Run, crm: Sandbox, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(LEADS)
    printed: list[Ran] = []

    def call(*words: object) -> Ran:
        printed.append(run(*words))
        return printed[-1]

    assert call("import", "leads", leads).code == 0
    connected = call(
        "connect", "attio", "--url", crm.url, "--token-env", "ATTIO_TOKEN", "--default-owner", INES
    )
    assert connected.code == 0, connected.err
    assert call("handoff", "jane@acme.example", "--rep", INES).code == 0
    assert call("outbox", "run").code == 0
    crm.change("revoke_token")
    assert call("handoff", "cy@beta.example", "--rep", INES).code == 0
    assert call("outbox", "run", "--once").code == 1
    for words in (
        ("doctor",),
        ("connections",),
        ("outbox", "list"),
        ("settings", "list"),
        ("show", "jane@acme.example"),
    ):
        call(*words, "--format", "json")
    call("export", "leads", "--out", tmp_path / "x.xlsx")
    call("backup", tmp_path / "copy.pqldesk")
    assert call("export", "--all", tmp_path / "all.zip").code == 0
    call("history", "--format", "json")
    keep_bug(ValueError(f"Authorization: Bearer {CANARY} to postgresql://kim:hunter2x@db/x"))

    assert call("doctor", "--bundle", tmp_path / "bundle.zip").code in (0, 1)
    assert len(list(contents(tmp_path / "bundle.zip"))) > 3
    assert holding(tmp_path) == []
    assert [ran for ran in printed if CANARY in ran.out + ran.err] == []
    log = next((tmp_path / "state").rglob("pqldesk-bugs.log")).read_text()
    assert "Bearer [ATTIO_TOKEN]" in log
    assert "hunter2x" not in log


def test_the_token_is_in_no_argument_list_while_the_crm_is_asked(
    run: Run, crm: Sandbox, tmp_path: Path
) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(LEADS)
    assert run("import", "leads", leads).code == 0
    crm.fault("delay", ms=1_000)
    command = [
        sys.executable,
        "-m",
        "pqldesk",
        "connect",
        "attio",
        "--url",
        crm.url,
        "--token-env",
        "ATTIO_TOKEN",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ
    ) as child:
        seen = Path(f"/proc/{child.pid}/cmdline").read_bytes()
        assert child.wait() == 0
    assert CANARY.encode() not in seen


@pytest.mark.parametrize("token", ["two\nlines", "canäry-€"])
def test_a_token_with_a_foreign_sign_is_refused_without_showing_it(
    filled: Run, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTIO_TOKEN", token)
    ran = filled("connect", "attio", "--url", "http://127.0.0.1:1", "--token-env", "ATTIO_TOKEN")
    assert ran.code == 1
    assert "ATTIO_TOKEN holds a sign that no key has" in ran.err
    assert token.split("\n")[0] not in ran.err


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://host", "http://", "http://host:port", "https://kim:pw@host"]
)
def test_an_address_that_is_none_is_refused(filled: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_TOKEN", "token")
    ran = filled("connect", "attio", "--url", url, "--token-env", "ATTIO_TOKEN")
    assert ran.code == 1
    assert "is no address of Attio. Write it like https://api.attio.com." in ran.err
    assert "pw" not in ran.err
