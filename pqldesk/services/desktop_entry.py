"""A place in the menu of a Linux desktop: launcher, icon, file type and manual page, for the user alone.

After the freedesktop.org specifications for desktop entries, icon themes and shared MIME information.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.basics.resources import resource
from pqldesk.services.basics.texts import _
from pqldesk.services.files.refusals import unwritable

_UPDATERS = (("update-desktop-database", "applications"), ("update-mime-database", "mime"))


def entry_files(data: Path) -> Mapping[str, Path]:
    """Where each of our files goes below a folder of data such as ``~/.local/share``."""
    return {
        "pqldesk.desktop": data / "applications" / "pqldesk.desktop",
        "pqldesk.svg": data / "icons" / "hicolor" / "scalable" / "apps" / "pqldesk.svg",
        "pqldesk-mime.xml": data / "mime" / "packages" / "pqldesk.xml",
        "pqldesk.1": data / "man" / "man1" / "pqldesk.1",
    }


def install_entry(environment: Mapping[str, str], program: Sequence[str]) -> list[Path]:
    """Put launcher, icon, file type and manual page where desktop and ``man`` look; the files written.

    *program* is what the launcher starts.

    Raises NotAllowed on other systems, BadInput where a folder cannot be written.
    """
    data = _data_home(environment)
    written = []
    for name, target in entry_files(data).items():
        text = resource("desktop", name).read_text("utf-8").replace("@PQLDESK@", _exec(program))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        except OSError as refused:
            raise unwritable(target, refused) from None
        written.append(target)
    _tell(data)
    return written


def remove_entry(environment: Mapping[str, str]) -> list[Path]:
    """Take them away again; the files that were there."""
    data = _data_home(environment)
    gone = [target for target in entry_files(data).values() if target.exists()]
    for target in gone:
        target.unlink()
    _tell(data)
    return gone


def own_program() -> tuple[str, ...]:
    """What starts this very installation: its script beside the interpreter, else the interpreter with the module."""
    script = Path(sys.executable).with_name("pqldesk")
    return (str(script),) if script.exists() else (sys.executable, "-m", "pqldesk")


def _data_home(environment: Mapping[str, str]) -> Path:
    if not sys.platform.startswith("linux"):
        raise NotAllowed(
            _("Menus of this system are made by its own installers."), _("Start pqldesk from a terminal.")
        )
    chosen = environment.get("XDG_DATA_HOME", "")
    return (
        Path(chosen)
        if os.path.isabs(chosen)
        else Path(environment.get("HOME", "~")).expanduser() / ".local/share"
    )


def _exec(program: Sequence[str]) -> str:
    """The words of a command as the key Exec wants them: each in double quotes, a percent sign doubled.

    A backslash is doubled once more, since every value of the file is read with escapes.
    """
    words = (re.sub(r'(["`$\\])', r"\\\1", word).replace("%", "%%") for word in program)
    return " ".join(f'"{word}"' for word in words).replace("\\", "\\\\")


def _tell(data: Path) -> None:
    """Let the desktop read its folders again, where it has programs for that; it finds new files later otherwise."""
    for program, folder in _UPDATERS:
        if (found := shutil.which(program)) and (data / folder).is_dir():
            subprocess.run([found, str(data / folder)], check=False, capture_output=True, timeout=30)  # noqa: S603
