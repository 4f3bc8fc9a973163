"""When the queue of these tests is looked at, and by whom."""

from collections.abc import Callable
from datetime import UTC, datetime

from pqldesk.services.rows import QueueRow

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"
Make = Callable[..., int]


def names(rows: list[QueueRow]) -> list[str]:
    return [row.name for row in rows]
