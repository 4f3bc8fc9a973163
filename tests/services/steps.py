"""How much work SQLite has with something: a count that no other program on the machine changes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session


def steps(session: Session, ask: Callable[[], object]) -> int:
    """Tens of instructions that SQLite's machine carries out while *ask* runs."""
    counted = 0

    def step() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection: Any = session.connection().connection.driver_connection
    connection.set_progress_handler(step, 10)
    try:
        ask()
    finally:
        connection.set_progress_handler(None, 0)
    return counted
