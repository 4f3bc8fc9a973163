"""At home on a desktop: the menu, the file type, the shell."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pqldesk import cli
from pqldesk.services import desktop_entry
from pqldesk.services.basics.problems import NotAllowed


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share"


def entry(data: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(data / "applications" / "pqldesk.desktop", "utf-8")
    return parser["Desktop Entry"]


def test_the_menu_starts_this_installation_and_goes_away_again(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["desktop", "install"]) == 0
    found = entry(data)
    assert found["Icon"] == "pqldesk"
    words = shlex.split(found["Exec"])
    assert Path(words[0]).exists()
    assert words[-2:] == ["open", "%f"]
    ElementTree.parse(data / "mime" / "packages" / "pqldesk.xml")
    assert (data / "icons" / "hicolor" / "scalable" / "apps" / "pqldesk.svg").exists()
    assert (data / "man" / "man1" / "pqldesk.1").read_text("utf-8").startswith('.\\"')
    assert cli.main(["desktop", "remove"]) == 0
    assert list(data.rglob("*pqldesk*")) == []
    assert "out of the menu" in capsys.readouterr().err


def test_a_program_in_an_odd_folder_is_still_found(data: Path) -> None:
    odd = '/opt/a "b" $c 100%/pqldesk'
    desktop_entry.install_entry({"XDG_DATA_HOME": str(data)}, (odd,))
    line = entry(data)["Exec"].replace("\\\\", "\\")  # as every value of the file is read
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"', line)
    assert quoted is not None
    assert re.sub(r"\\(.)", r"\1", quoted[1]) == odd.replace("%", "%%")


@pytest.mark.skipif(
    shutil.which("desktop-file-validate") is None, reason="sudo apt install desktop-file-utils"
)
def test_the_entry_is_valid(data: Path) -> None:
    cli.main(["desktop", "install"])
    subprocess.run(["desktop-file-validate", str(data / "applications" / "pqldesk.desktop")], check=True)


def test_another_system_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(NotAllowed, match="installers"):
        desktop_entry.install_entry(os.environ, ("pqldesk",))


def test_the_shell_completes_commands_and_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", "bash"]) == 0
    script = tmp_path / "pqldesk.bash"
    printed = capsys.readouterr().out
    assert not printed.startswith("#")
    script.write_text(printed)
    asked = (
        f"source {script}; COMP_WORDS=(pqldesk outbox r); COMP_CWORD=2;"
        " _shtab_pqldesk pqldesk r outbox; echo ${COMPREPLY[@]}"
    )
    answer = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True).stdout
    assert answer.split() == ["run", "retry"]
