"""Bytes of any kind as a file, read as an import does without storing: a sentence, or every row counted.

usage: python -m tests.fuzz.files [FOLDER] [options of libFuzzer such as -max_total_time=60]

The first byte says what the file is called, the second what it is taken for; the rest is the file. FOLDER keeps inputs
that reached something new. An input that fails is kept as crash-HASH; give it in place of FOLDER to see it again.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["pqldesk.services.files", "pqldesk.services.calls", "pqldesk.services.imports"]
):
    from pqldesk.services.basics.problems import Problem
    from pqldesk.services.files.fields import Kind
    from pqldesk.services.imports.importing import import_file
    from pqldesk.services.imports.result import ImportOptions
    from pqldesk.services.workspaces.workspace import FILE_NAME, open_workspace

NAMES = (
    "x.csv",
    "x.tsv",
    "x.json",
    "x.jsonl",
    "x.txt",
    "x.csv.gz",
    "x.jsonl.gz",
)  # workbooks have a process of their own
KINDS = tuple(Kind)
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="pqldesk-fuzz-"))
    workspace = open_workspace(folder / FILE_NAME, create=True)
    options = ImportOptions(source="fuzz", dry_run=True)

    def read(data: bytes) -> None:
        if len(data) < 3:
            return
        path = folder / NAMES[data[0] % len(NAMES)]
        path.write_bytes(data[2:])
        kind = KINDS[data[1] % len(KINDS)]
        try:
            result = import_file(
                workspace.db, kind, path, options, at=NOW, actor="kim@example.com", fallback_dir=folder
            )
        except Problem as refused:
            said = str(refused)
            if not 0 < len(said) < 2_000:
                raise AssertionError(said) from None
            return
        counted = result.created + result.updated + result.duplicates + result.rejected + result.set_aside
        if result.rows < counted or not all(reject["reason"] for reject in result.rejects):
            raise AssertionError(result)

    atheris.Setup(sys.argv, read)
    try:
        atheris.Fuzz()
    finally:
        workspace.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
