"""Where Qt cannot open a window, one sentence says what to install or to do; Qt alone would abort."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pqldesk.cli import qt_libraries
from pqldesk.cli.qt_libraries import WINDOW_LIBRARIES, check_qt
from pqldesk.services.basics.problems import Problem


def _started(tmp_path: Path, **surroundings: str) -> subprocess.CompletedProcess[str]:
    known = {
        name: text for name, text in os.environ.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")
    }
    return subprocess.run(
        [sys.executable, "-m", "pqldesk", "--workspace", str(tmp_path / "w.pqldesk")],
        env={**known, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is the display of Linux")
def test_a_display_that_does_not_answer_is_named(tmp_path: Path) -> None:
    ran = _started(tmp_path, DISPLAY=":7654")
    assert ran.returncode == 1
    assert "The display :7654 does not answer." in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "w.pqldesk").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is the display of Linux")
def test_a_missing_library_of_x11_is_named_with_the_line_that_installs_it(tmp_path: Path) -> None:
    (tmp_path / "libxcb-cursor.so.0").touch()  # found first, and no library
    ran = _started(tmp_path, DISPLAY=":7654", LD_LIBRARY_PATH=str(tmp_path))
    assert ran.returncode == 1
    assert "libxcb-cursor.so.0" in ran.stderr
    assert f"sudo apt install {WINDOW_LIBRARIES}" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_no_display_is_asked_where_qt_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(ctypes, "CDLL", never)
    monkeypatch.setenv("DISPLAY", ":7654")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    check_qt(window=True)
    monkeypatch.delenv("QT_QPA_PLATFORM")
    check_qt(window=False)
    monkeypatch.setattr(qt_libraries.sys, "platform", "darwin")
    check_qt(window=True)


def test_a_missing_library_is_named_without_the_loaders_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    monkeypatch.setattr(qt_libraries.sys, "platform", "linux")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with pytest.raises(Problem, match=r"not installed \(libxcb-cursor\.so\.0\)"):
        check_qt(window=True)
