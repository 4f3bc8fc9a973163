"""Where a workspace file may lie: what SQLite could not use safely is refused before it is opened."""

import os
from pathlib import Path

from pqldesk.models.looking import may_be_written
from pqldesk.services.basics.places import FILE_NAME
from pqldesk.services.basics.problems import WorkspaceProblem
from pqldesk.services.basics.texts import _

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "ncpfs"})


def check_file(path: Path, *, create: bool) -> bool:
    """True when the file is new. Refuses what SQLite could not use safely."""
    try:
        return _checked_file(path, create=create)
    except OSError as refused:
        raise WorkspaceProblem(
            _("The workspace {path} cannot be reached: {strerror}.").format(
                path=path, strerror=refused.strerror
            ),
            _("Ask for access to its folder, or choose another place with --workspace."),
        ) from None


def _checked_file(path: Path, *, create: bool) -> bool:
    if path.is_dir():
        raise WorkspaceProblem(
            _("{path} is a folder.").format(path=path),
            _("Name the workspace file in it, such as {file}.").format(file=path / FILE_NAME),
        )
    folder = path.parent
    is_new = not path.exists() or not path.stat().st_size
    if is_new:
        if not create:
            raise WorkspaceProblem(
                _("There is no workspace at {path}.").format(path=path),
                _("Import leads or add one to make it, or check the path."),
            )
        folder.mkdir(parents=True, exist_ok=True)
    elif not may_be_written(path):
        return False  # looked at, wherever it lies
    refuse_network_drive(folder, mounts())
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise WorkspaceProblem(
            _("{path} cannot be written.").format(path=path),
            _("Ask for write access to it and its folder, or choose another workspace."),
        )
    return is_new  # whether it is SQLite's at all SQLite says: see models/db.py why nobody else opens it


def mounts() -> str:
    """The mounted file systems, one a line, as Linux lists them; empty elsewhere."""
    listed = Path("/proc/mounts")
    return listed.read_text(errors="replace") if listed.exists() else ""


def refuse_network_drive(folder: Path, mounted: str) -> None:
    """WorkspaceProblem where *folder* lies on a file system that *mounted* says is shared over the network."""
    best, kind = "", ""
    resolved = str(folder.resolve())
    for line in mounted.splitlines():
        _device, point, file_system = line.split(" ")[:3]
        point = point.replace("\\040", " ")
        inside = resolved == point or resolved.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, file_system
    if kind in NETWORK_FILE_SYSTEMS:
        raise WorkspaceProblem(
            _("{folder} is on a network drive ({kind}), where several writers can damage the file.").format(
                folder=folder, kind=kind
            ),
            _("Choose a local folder, or share a PostgreSQL workspace by URL."),
        )
