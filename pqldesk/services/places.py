"""Where workspaces are. Standard library only: the window asks before SQLAlchemy is loaded."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from pqldesk.services.problems import WorkspaceProblem

FILE_NAME = "workspace.pqldesk"


def default_place() -> Path:
    """The workspace used when none is named."""
    from platformdirs import user_data_path

    return user_data_path("PQLDesk", appauthor=False) / FILE_NAME


def place_of(text: str | None) -> Path | str:
    """Where ``--workspace`` or PQLDESK_WORKSPACE points: a PostgreSQL URL, a file, or a folder that holds one."""
    chosen = text or os.environ.get("PQLDESK_WORKSPACE")
    if not chosen:
        return default_place()
    if "://" in chosen:
        if urlsplit(chosen).scheme.partition("+")[0] not in ("postgresql", "postgres"):
            raise WorkspaceProblem(
                f"The workspace {shown(chosen)} is neither a file nor a PostgreSQL URL.",
                "Name a file, or a URL such as postgresql://user@host/database.",
            )
        return chosen
    path = Path(chosen).expanduser().absolute()
    return path / FILE_NAME if path.is_dir() else path


def shown(place: Path | str) -> str:
    """The place without a password."""
    if isinstance(place, Path) or "@" not in place:
        return str(place)
    parts = urlsplit(place)
    return parts._replace(netloc=f"{parts.username or ''}@{parts.hostname}:{parts.port or 5432}").geturl()
