"""When the leads of these tests are looked at, and by whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
KIM = "kim@example.com"
Store = Callable[..., int]
ALL = ("first_login", "first_feature", "invited_teammate", "first_integration", "imported_data")
