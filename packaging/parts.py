"""What goes into every bundle, whatever the system; the .spec files beside this one use it."""

from pathlib import Path
from typing import Any

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_dynamic_libs,
    collect_submodules,
    copy_metadata,
)

ROOT = Path(__file__).resolve().parent.parent

# Chosen at run time by name, so that no import statement leads to them.
BY_NAME = (
    "pqldesk",
    "keyring.backends",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql",
    "uvicorn",
    "uvloop",
)
WITH_FILES = (
    "publicsuffixlist",
    "tzdata",
    "clevercsv",
    "alembic",
    "certifi",
)  # they read files beside their modules
# Would come along as somebody's optional import, and nothing of PQLDesk uses them in a bundle.
LEFT_OUT = (
    "tkinter", "pytest", "IPython", "matplotlib", "PySide6.QtQuick", "PySide6.QtQml", "PySide6.QtSql",
    "pyarrow._flight", "pyarrow.flight", "pyarrow._substrait", "pyarrow.substrait", "pyarrow._s3fs", "pyarrow.tests",
)  # fmt: skip


# Libraries of what is left out: 70 MB of Arrow's servers and cloud storage, and GTK for a theme that is not used.
NOT_NEEDED = (
    "pyarrow/libarrow_flight", "pyarrow/libarrow_python_flight", "pyarrow/libarrow_substrait", "pyarrow/libarrow_s3",
    "pyarrow/include", "pyarrow/tests", "libgtk-3", "libgdk-3", "PySide6/Qt/plugins/platformthemes/libqgtk3",
)  # fmt: skip


def needed(files: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The files of an analysis without NOT_NEEDED."""
    return [one for one in files if not one[0].startswith(NOT_NEEDED)]


def analysis_options() -> dict[str, Any]:
    """Keyword arguments of PyInstaller's Analysis."""
    data, hidden = [], ["psycopg", "psycopg_binary", "psycopg_binary._psycopg", "psycopg_binary.pq"]
    for package in WITH_FILES:
        data += collect_data_files(package)
    data += [(str(ROOT / "resources"), "pqldesk/resources")]
    data += [(str(ROOT / name), "licences") for name in ("LICENSE", "THIRD_PARTY.md")]
    # Alembic runs its revisions from files, not from compiled modules.
    migrations = ROOT / "pqldesk" / "models" / "migrations"
    data += [(str(file), str(file.parent.relative_to(ROOT))) for file in migrations.rglob("*.py")]
    data.append((str(migrations / "grown.sql"), "pqldesk/models/migrations"))
    data.append(
        (str(ROOT / "pqldesk" / "models" / "rights.sql"), "pqldesk/models")
    )  # read when somebody is invited
    data += copy_metadata("pqldesk") + copy_metadata("keyring")
    for package in BY_NAME:
        hidden += collect_submodules(package)
    return {
        "pathex": [str(ROOT)],
        "datas": data,
        "binaries": collect_dynamic_libs("psycopg_binary"),
        "hiddenimports": hidden,
        "excludes": list(LEFT_OUT),
    }
