"""Where workspaces are. Standard library only: the window asks before SQLAlchemy is loaded."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from pqldesk.services.basics.problems import WorkspaceProblem
from pqldesk.services.basics.texts import _

FILE_NAME = "workspace.pqldesk"


def default_place() -> Path:
    """The workspace used when none is named."""
    from platformdirs import user_data_path

    return user_data_path("PQLDesk", appauthor=False) / FILE_NAME


def bug_log() -> Path:
    """Where the details of bugs are kept."""
    from platformdirs import user_log_path

    return user_log_path("PQLDesk", appauthor=False) / "pqldesk-bugs.log"


def fault_log() -> Path:
    """Where the interpreter writes the stacks of a process of ours that dies of a fault."""
    return bug_log().with_name("pqldesk-faults.log")


def places_of(log: Path) -> list[Path]:
    """Every place that a log may be kept in: the usual one, and where that cannot be written."""
    return [log, Path(tempfile.gettempdir()) / log.name]


def place_of(text: str | None) -> Path | str:
    """Where ``--workspace`` or PQLDESK_WORKSPACE points: a PostgreSQL URL, a file, or a folder that holds one."""
    chosen = text or os.environ.get("PQLDESK_WORKSPACE")
    if not chosen:
        return default_place()
    if "://" in chosen:
        _check_url(chosen)
        return chosen
    try:
        path = Path(chosen).expanduser().absolute()
        return path / FILE_NAME if path.is_dir() else path
    except (OSError, RuntimeError, ValueError) as refused:  # no access, no such home, a NUL
        reason = getattr(refused, "strerror", None) or str(refused)
        raise WorkspaceProblem(
            _("The workspace {chosen!r} cannot be reached: {reason}.").format(chosen=chosen, reason=reason),
            _("Choose another place with --workspace."),
        ) from None


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_known = parts.scheme.partition("+")[0] in ("postgresql", "postgres")
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        is_known = False
    if not is_known:
        raise WorkspaceProblem(
            _("The workspace {url} is neither a file nor a PostgreSQL URL.").format(url=shown(url)),
            _("Name a file, or a URL such as postgresql://user@host:5432/database."),
        )


def shown(place: Path | str) -> str:
    """The place without a password."""
    if isinstance(place, Path) or "@" not in place:
        return str(place)
    before, _, after = place.partition("://")
    account, _, host = after.rpartition("@")  # a password may hold any sign, so the last one divides
    return f"{before}://{account.partition(':')[0]}@{host}"


def name_of(place: Path | str) -> str:
    """What a person tells a workspace from others by: the name of its file, or of its folder where that has the usual
    name; of its database; nothing for the one that is used where none is named."""
    if isinstance(place, str):
        return urlsplit(place).path.strip("/")
    if place == default_place():
        return ""
    return place.parent.name if place.name == FILE_NAME else place.stem
