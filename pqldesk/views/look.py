"""The stored look on the window: colours, contrast, size of text, height of rows, motion."""

from collections.abc import Iterable

from pqldesk.services.rows import SettingRow
from pqldesk.views.theme import BODY_PX, Theme

LOOK = frozenset(
    {"theme", "contrast", "font_size", "density", "motion"}
)  # settings that the window itself wears


def wear(theme: Theme, rows: Iterable[SettingRow]) -> None:
    """Put on what the settings say; what they do not say stays."""
    stored = {row.key: row.value for row in rows if row.key in LOOK}
    size = stored.get("font_size", "")
    theme.wear(
        stored.get("theme") or theme.scheme,
        int(size) / BODY_PX if size.isdigit() else theme.scale,
        rows=stored.get("density", "usual"),
        high=stored.get("contrast") == "high",
        still=stored.get("motion") == "reduced",
    )
