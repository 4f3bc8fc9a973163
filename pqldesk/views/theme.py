"""Every colour, size, font and icon name of the window: light, dark and high contrast."""

from dataclasses import dataclass, fields
from functools import lru_cache
from string import Template
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from pqldesk.services.basics.resources import resource


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme; each text stands at 4.5:1 or more on the grounds it is used on."""

    dark: bool
    bg: str
    surface: str
    raised: str
    line: str
    line2: str
    edge: str  # of what is typed into or ticked: 3:1 on every ground, where a hairline would not be found
    text: str
    muted: str
    faint: str
    accent: str
    accent_soft: str
    on_accent: str
    accent_hover: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    selected: str
    hover: str
    track: str
    pill: str
    hot: str
    qualified: str
    warming: str
    cold: str

    def band(self, band: str) -> str:
        return {"hot": self.hot, "qualified": self.qualified, "warming": self.warming}.get(band, self.cold)

    def tone(self, tone: str) -> tuple[str, str]:
        """Text and ground of a pill."""
        return {
            "ok": (self.ok, self.ok_soft),
            "warn": (self.warn, self.warn_soft),
            "bad": (self.bad, self.bad_soft),
            "accent": (self.accent, self.accent_soft),
        }.get(tone, (self.muted, self.pill))


LIGHT: Final = Tokens(
    dark=False,
    bg="#F6F6F8", surface="#FFFFFF", raised="#FBFBFC", line="#E5E6EB", line2="#EFEFF3", edge="#868B98",
    text="#181A24", muted="#666B79", faint="#9499A6",
    accent="#4F46E5", accent_soft="#EEEDFD", on_accent="#FFFFFF", accent_hover="#4338CA",
    ok="#0E7A55", ok_soft="#E3F4EC", warn="#A65A06", warn_soft="#FCF1DF", bad="#BE2F45", bad_soft="#FBE8EB",
    selected="#F0F0FE", hover="#F7F7FB", track="#E6E7EC", pill="#F1F1F5",
    hot="#0F766E", qualified="#4F46E5", warming="#9A6212", cold="#646979",
)  # fmt: skip
DARK: Final = Tokens(
    dark=True,
    bg="#0E1016", surface="#151821", raised="#1A1E29", line="#272C3A", line2="#20242F", edge="#6D7383",
    text="#E8EAF1", muted="#9BA1B1", faint="#6D7383",
    accent="#8B8CF9", accent_soft="#24264A", on_accent="#12132A", accent_hover="#A3A4FB",
    ok="#4CC38A", ok_soft="#12301F", warn="#E2A33B", warn_soft="#352710", bad="#F0718A", bad_soft="#3A1A22",
    selected="#20233F", hover="#1A1D28", track="#2A2F3D", pill="#222733",
    hot="#2DD4BF", qualified="#8B8CF9", warming="#E2B04A", cold="#8A8FA0",
)  # fmt: skip
LIGHT_CONTRAST: Final = Tokens(
    dark=False,
    bg="#FFFFFF", surface="#FFFFFF", raised="#FFFFFF", line="#3A3D48", line2="#7A7F8C", edge="#3A3D48",
    text="#000000", muted="#33363F", faint="#5A5F6B",
    accent="#2A1FC4", accent_soft="#E4E3FF", on_accent="#FFFFFF", accent_hover="#1B128F",
    ok="#06492F", ok_soft="#DFF5EA", warn="#5E3200", warn_soft="#FFEFD4", bad="#8A0F24", bad_soft="#FFE3E8",
    selected="#DEDEFF", hover="#F0F0F4", track="#C9CBD3", pill="#ECECF1",
    hot="#064E48", qualified="#2A1FC4", warming="#5E3A05", cold="#3A3E4A",
)  # fmt: skip
DARK_CONTRAST: Final = Tokens(
    dark=True,
    bg="#000000", surface="#000000", raised="#0A0A0D", line="#A7ACBA", line2="#5C6170", edge="#A7ACBA",
    text="#FFFFFF", muted="#D5D8E0", faint="#9BA1B1",
    accent="#B9BAFF", accent_soft="#1E2050", on_accent="#000000", accent_hover="#D6D6FF",
    ok="#7CF0B8", ok_soft="#06281A", warn="#FFCB70", warn_soft="#33240A", bad="#FFA3B4", bad_soft="#3D0F1A",
    selected="#2A2D66", hover="#16171C", track="#3A3E4A", pill="#1D1F27",
    hot="#5EEBD8", qualified="#B9BAFF", warming="#FFCF75", cold="#C3C7D2",
)  # fmt: skip

SCHEMES: Final = {
    "light": LIGHT, "dark": DARK, "light-contrast": LIGHT_CONTRAST, "dark-contrast": DARK_CONTRAST,
}  # fmt: skip

DENSITIES: Final = {"compact": 0.86, "usual": 1.0, "roomy": 1.2}
BODY_PX: Final = 13  # body text at the usual size; every size is given for it
NAVIGATION_W: Final = 208
PANEL_W: Final = 372
TOP_H: Final = 52
STATUS_H: Final = 26

# Avatar grounds; white initials stand at 4.5:1 or more on each.
AVATARS: Final = ("#6D5BD0", "#0F766E", "#B4532A", "#2563A8", "#8A3A7B", "#55702F", "#5B6478", "#A03A52")

ICONS: Final = {
    "queue": "list", "inbox": "inbox", "accounts": "building-2", "trials": "clock", "activation": "check",
    "tasks": "square-check", "handoffs": "arrow-right", "funnel": "funnel", "scoring": "chart-column",
    "sources": "database", "settings": "settings",
}  # fmt: skip


_POINTING: Final = frozenset({"arrow-right", "chevron-right"})


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class Theme(QObject):
    """The look in force. Widgets paint from `tokens` and repaint on `changed`."""

    changed = Signal()

    def __init__(self, scheme: str = "system", scale: float = 1.0) -> None:
        super().__init__()
        self._wanted = scheme
        self.scale = scale
        self._rows, self._high, self._still = "usual", False, False
        self._flash_ms = -1
        self._taken: tuple[str, float, str, tuple[str, str]] | None = None
        self.tokens = LIGHT
        self.family = "Inter"
        self._icons: dict[tuple[str, str, int], QPixmap] = {}

    def apply(self, app: QApplication) -> None:
        """Load the fonts, take the style, follow the system's scheme from now on."""
        for file in sorted(resource("fonts").glob("*.ttf")):  # unpacking woff2 took 20 ms of every start
            QFontDatabase.addApplicationFont(str(file))
        if "Inter" not in QFontDatabase.families():
            self.family = app.font().family()
        app.setStyle("Fusion")
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        self._take(app)

    def choose(self, scheme: str, scale: float | None = None) -> None:
        """Show *scheme*: system, light, dark, light-contrast or dark-contrast; *scale* is the text size."""
        self._wanted = scheme
        self.scale = scale or self.scale
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._take(app)

    def wear(self, scheme: str, scale: float, *, rows: str, high: bool, still: bool) -> None:
        """Choose everything at once; *rows* is usual, compact or roomy, *still* keeps all but the user from moving."""
        if (scheme, scale, rows, high, still) != (
            self._wanted,
            self.scale,
            self._rows,
            self._high,
            self._still,
        ):
            self._rows, self._high = rows, high
            if still != self._still:
                self._keep_still(still)
            self.choose(scheme, scale)

    def row(self, size: float) -> int:
        """The height of a list's row that is *size* at the usual text and density."""
        return self.px(size * DENSITIES[self._rows])

    @property
    def scheme(self) -> str:
        return self._wanted

    def px(self, size: float) -> int:
        """A length that grows with the text."""
        return round(size * self.scale)

    def font(self, size: float = BODY_PX, weight: int = 400, figures: bool = False) -> QFont:
        """Inter at *size* px before scaling; *figures* gives every digit the same width, for columns.

        In running text it would tear hyphens apart.
        """
        return _font(self.family, size * self.scale, weight, figures)

    def colour(self, name: str) -> QColor:
        return _colour(getattr(self.tokens, name))

    def icon(self, name: str, colour: str | None = None, size: int = 16) -> QIcon:
        return QIcon(self.pixmap(name, colour or self.tokens.muted, size))

    def pixmap(self, name: str, colour: str, size: int = 16) -> QPixmap:
        """An icon, *size* px high at the usual text size and twice as fine, to be crisp on dense screens.

        An arrow points on as lines run.
        """
        size = self.px(size)
        turned = name in _POINTING and _sides()[0] == "right"
        key = (name, colour, -size if turned else size)
        if key not in self._icons:
            svg = resource("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
            picture = QPixmap(size * 2, size * 2)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            if turned:
                painter.translate(size * 2, 0)
                painter.scale(-1, 1)
            QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * 2, size * 2))
            painter.end()
            picture.setDevicePixelRatio(2)
            self._icons[key] = picture
        return self._icons[key]

    def _system_changed(self) -> None:
        self._taken = None  # Qt may have put its own palette on
        self.choose(self._wanted)

    def _take(self, app: QApplication) -> None:
        hints = QGuiApplication.styleHints()
        dark = hints.colorScheme() == Qt.ColorScheme.Dark
        name = self._wanted if self._wanted in SCHEMES else "dark" if dark else "light"
        wants_contrast = hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
        if self._high or wants_contrast:
            name = f"{name.removesuffix('-contrast')}-contrast"
        looks = (name, self.scale, self._rows, _sides())
        if looks == self._taken:  # a style sheet put on again polishes every widget there is: 50 ms and more
            return
        self._taken = looks
        self.tokens = SCHEMES[name]
        app.setFont(self.font())
        app.setPalette(self._palette())
        app.setStyleSheet(self.style_sheet())
        self.changed.emit()

    def _keep_still(self, still: bool) -> None:
        if not self._still:
            self._flash_ms = QApplication.cursorFlashTime()
        self._still = still
        QApplication.setCursorFlashTime(0 if still else self._flash_ms)
        for effect in (
            Qt.UIEffect.UI_AnimateMenu,
            Qt.UIEffect.UI_AnimateCombo,
            Qt.UIEffect.UI_AnimateTooltip,
        ):
            QApplication.setEffectEnabled(effect, not still)

    def style_sheet(self) -> str:
        names: dict[str, object] = {f.name: getattr(self.tokens, f.name) for f in fields(self.tokens)}
        sizes = {f"px{n}": f"{self.px(n)}px" for n in (4, 6, 8, 10, 12, 14, 16, 24, 32)}
        begin, end = _sides()  # Qt turns over where an arrow stands, and neither the room for it nor a line
        names |= {"begin": begin, "end": end}
        # Qt's style sheets take pictures only from files, and paths with forward slashes on every system.
        scheme = next(name for name, tokens in SCHEMES.items() if tokens is self.tokens)
        images = {
            f"{name}_icon": resource("icons", "controls", f"{name}-{scheme}.svg").as_posix()
            for name in ("check", "down", "still")
        }
        return Template(resource("style.qss").read_text("utf-8")).substitute(names, **sizes, **images)

    def _palette(self) -> QPalette:
        t, role, palette = self.tokens, QPalette.ColorRole, QPalette()
        for which, colour in (
            (role.Window, t.bg), (role.WindowText, t.text), (role.Base, t.surface), (role.AlternateBase, t.raised),
            (role.Text, t.text), (role.Button, t.surface), (role.ButtonText, t.text), (role.BrightText, t.bad),
            (role.Highlight, t.accent), (role.HighlightedText, t.on_accent), (role.Link, t.accent),
            (role.ToolTipBase, t.raised), (role.ToolTipText, t.text), (role.PlaceholderText, t.muted),
            (role.Mid, t.line), (role.Light, t.surface), (role.Dark, t.line), (role.Midlight, t.line2),
            (role.Shadow, t.line), (role.Accent, t.accent),
        ):  # fmt: skip
            palette.setColor(which, _colour(colour))
        for which in (role.Text, role.WindowText, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, which, _colour(t.faint))
        return palette


def _sides() -> tuple[str, str]:
    """Where one begins to read a line, and where it ends."""
    mirrored = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return ("right", "left") if mirrored else ("left", "right")


@lru_cache(maxsize=512)
def _colour(value: str) -> QColor:
    return QColor(value)


@lru_cache(maxsize=64)
def _font(family: str, size: float, weight: int, figures: bool) -> QFont:
    font = QFont(family)
    font.setPixelSize(max(8, round(size)))
    font.setWeight(QFont.Weight(weight))
    if figures:
        font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
