"""Wraps the Linux bundle as a Debian package: ``python packaging/deb.py BUNDLE FOLDER`` prints the file it made.

The program lies in /opt/pqldesk, its command in /usr/bin; launcher, icon, file type, manual page and completion lie
where Debian's triggers look for them. Needs dpkg-deb, which every Debian has.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path("opt/pqldesk")
# The libraries that README names; later releases of Debian and Ubuntu call the first libglib2.0-0t64.
DEPENDS = (
    "libc6, libglib2.0-0 | libglib2.0-0t64, libegl1, libgl1, libdbus-1-3, libfontconfig1, libxkbcommon0,"
    " libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, libxcb-shape0, libxkbcommon-x11-0"
)
# Inter has no Chinese, Japanese and Korean letters: names in them would be boxes. The first is 2 MB, the second 90.
RECOMMENDS = "fonts-droid-fallback | fonts-noto-cjk"
CONTROL = """\
Package: pqldesk
Version: {version}
Architecture: {architecture}
Maintainer: The PQLDesk founders <pqldesk@example.com>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: {recommends}
Section: misc
Priority: optional
Description: dashboard for product-qualified leads
 Leads of a product-led company, ranked by a score that can be checked with a
 pencil, claimed with one key, handed over to the CRM once and never twice.
"""
DESKTOP_FILES = {
    "pqldesk.desktop": "usr/share/applications/pqldesk.desktop",
    "pqldesk.svg": "usr/share/icons/hicolor/scalable/apps/pqldesk.svg",
    "pqldesk-mime.xml": "usr/share/mime/packages/pqldesk.xml",
    "pqldesk.1": "usr/share/man/man1/pqldesk.1",
}
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/pqldesk",
    "zsh": "usr/share/zsh/vendor-completions/_pqldesk",
}


def build(bundle: Path, folder: Path) -> Path:
    """Make the package of *bundle* in *folder*; the file. Raises CalledProcessError where a step fails."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    architecture = _said(["dpkg", "--print-architecture"]).strip()
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(bundle, tree / HOME, symlinks=True)
    command = tree / "usr/bin/pqldesk"
    command.parent.mkdir(parents=True)
    command.symlink_to("/" / HOME / "pqldesk")
    for name, place in DESKTOP_FILES.items():
        text = (ROOT / "resources/desktop" / name).read_text("utf-8")
        _write(tree / place, text.replace("@PQLDESK@", "/usr/bin/pqldesk"))
    for shell, place in COMPLETIONS.items():
        _write(tree / place, _said([str(bundle / "pqldesk"), "completion", shell]))
    _write(tree / "usr/share/doc/pqldesk/copyright", "\n".join(
        (ROOT / name).read_text("utf-8") for name in ("LICENSE", "THIRD_PARTY.md")
    ))  # fmt: skip
    size = sum(file.lstat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    _write(tree / "DEBIAN/control", CONTROL.format(
        version=version, architecture=architecture, kilobytes=size, depends=DEPENDS,
        recommends=RECOMMENDS,
    ))  # fmt: skip
    made = folder / f"pqldesk_{version}_{architecture}.deb"
    _said(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(made)])
    return made


def _said(command: list[str]) -> str:
    # A settled moment and language: the package of one source is the same on every machine.
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout  # noqa: S603


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2])))
