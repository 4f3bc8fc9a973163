"""A keyring in a file, for tests across processes: ``PYTHON_KEYRING_BACKEND=file_keyring.FileKeyring``."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """What PQLDESK_TEST_KEYRING names, written whole each time."""

    priority = -1.0  # type: ignore[assignment]  # never chosen by itself, only where it is named

    def _held(self) -> dict[str, str]:
        path = Path(os.environ["PQLDESK_TEST_KEYRING"])
        return json.loads(path.read_text()) if path.exists() else {}

    def _keep(self, held: dict[str, str]) -> None:
        path = Path(os.environ["PQLDESK_TEST_KEYRING"])
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(held))
        os.replace(fresh, path)

    def get_password(self, service: str, username: str) -> str | None:
        return self._held().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep({**self._held(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._keep({k: v for k, v in self._held().items() if k != f"{service} {username}"})
