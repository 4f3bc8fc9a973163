"""The small marks of lists and panels: pills, avatars, bars, signal strips. Drawn once each, then copied."""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from zlib import crc32

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QStaticText,
    QTransform,
)

from pqldesk.views import wording
from pqldesk.views.mirror import as_written, is_mirrored
from pqldesk.views.theme import AVATARS, Theme

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ABSOLUTE = int(Qt.AlignmentFlag.AlignAbsolute)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_KEPT = 1_000
_KERNING = 0.1  # px that two letters may stand farther apart than each takes alone
_CUT = "…"


def avatar_colour(key: str) -> str:
    """A colour derived from *key*, the same on every computer."""
    return AVATARS[crc32(key.encode()) % len(AVATARS)]


class Paintbox:
    """Pictures of marks in the theme's colours, kept until the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._kept: dict[tuple[object, ...], QPixmap] = {}
        self._metrics: dict[tuple[float, int], QFontMetrics] = {}
        self._pills: dict[tuple[str, int], tuple[str, int]] = {}  # (text, most) -> (text shown, width)
        self._fits: dict[tuple[str, float, int, int], str] = {}
        self._wide: dict[tuple[str, float, int, bool], int] = {}
        self._letters: dict[tuple[float, int], dict[str, float]] = {}
        self._drops: dict[tuple[float, int], int] = {}  # from the middle of a line to its top
        self._words: dict[tuple[str, float, int, bool], tuple[QStaticText, int]] = {}
        theme.changed.connect(self.forget)

    def forget(self) -> None:
        self._kept.clear()
        self._metrics.clear()
        self._pills.clear()
        self._fits.clear()
        self._wide.clear()
        self._letters.clear()
        self._words.clear()
        self._drops.clear()

    def fit(self, text: str, size: float, weight: int, width: int) -> str:
        """*text*, cut with an ellipsis where *width* has no room for it; kept: to measure costs more than to paint."""
        key = (text, size, weight, width)
        found = self._fits.get(key)
        if found is None:
            if len(self._fits) > 2 * _KEPT:
                self._fits.clear()
            found = self._fits[key] = self._cut(text, size, weight, width)
        return found

    def _cut(self, text: str, size: float, weight: int, width: int) -> str:
        """By the widths of its letters alone, where they tell: a tenth of the time of shaping it. Letters of other
        scripts join, and where it is a matter of kerning the font is asked."""
        if text.isascii():
            letters = self._letters_of(size, weight)
            ends = list(accumulate(map(letters.__getitem__, text), initial=0.0))
            apart = len(text) * _KERNING
            if ends[-1] + apart < width:
                return text
            if ends[-1] - apart > width:
                room = width - letters[_CUT]
                kept = bisect_right(ends, room) - 1
                while kept > 0 and ends[kept] + kept * _KERNING > room:
                    kept -= 1
                return text[: max(0, kept)] + _CUT
        return self.metrics(size, weight).elidedText(text, Qt.TextElideMode.ElideRight, width)

    def _letters_of(self, size: float, weight: int) -> dict[str, float]:
        letters = self._letters.get((size, weight))
        if letters is None:
            metrics = QFontMetricsF(self.theme.font(size, weight))
            known = (*map(chr, range(128)), _CUT)
            letters = self._letters[size, weight] = {one: metrics.horizontalAdvance(one) for one in known}
        return letters

    def write(
        self, painter: QPainter, text: str, x: int, middle: int, width: int, size: float, weight: int = 400,
        *, figures: bool = False,
    ) -> None:  # fmt: skip
        """A text of a line that is centred on *middle* and has room enough. The pen's colour is the caller's."""
        font = self.theme.font(size, weight, figures)
        painter.setFont(font)
        if is_mirrored():
            painter.drawText(
                x, middle - 15, width, 30, LEFT | _ABSOLUTE if figures else LEFT, as_written(text)
            )
            return
        shape, half = self._shape(text, size, weight, figures)
        painter.drawStaticText(x, middle - half, shape)

    def write_fitting(
        self, painter: QPainter, text: str, x: int, middle: int, width: int, size: float, weight: int = 400
    ) -> None:
        """A text of a line that is centred on *middle*, cut where *width* has no room for it."""
        shown = self.fit(text, size, weight, width)
        font = self.theme.font(size, weight)
        painter.setFont(font)
        if is_mirrored():
            painter.drawText(x, middle - 15, width, 30, LEFT, as_written(shown))
            return
        key = (size, weight)
        drop = self._drops.get(key)
        if drop is None:
            drop = self._drops[key] = -(self.metrics(size, weight).height() // 2)
        painter.drawStaticText(x, middle + drop, self._shape(shown, size, weight, False)[0])

    def write_right(
        self, painter: QPainter, text: str, x: int, middle: int, width: int, room: int, size: float, weight: int = 400
    ) -> None:  # fmt: skip
        """A figure that ends where *width* does, cut where *room* has none for it."""
        fits = (
            self.wide(text, size, weight, figures=True) <= room
        )  # figures of one width: a 1 takes more, a 4 less
        shown = text if fits else self.fit(text, size, weight, room)
        if is_mirrored():
            painter.setFont(self.theme.font(size, weight, True))
            painter.drawText(x, middle - 15, width, 30, RIGHT, as_written(shown))
            return
        end = x + width - self.wide(shown, size, weight, figures=True)
        self.write(painter, shown, end, middle, width, size, weight, figures=True)

    def _shape(self, text: str, size: float, weight: int, figures: bool) -> tuple[QStaticText, int]:
        """A text's glyphs where they stand, and half its height. To copy them takes a third of shaping them."""
        key = (text, size, weight, figures)
        found = self._words.get(key)
        if found is None:
            if len(self._words) > _KEPT:
                self._words.clear()
            static = QStaticText(text)
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.prepare(QTransform(), self.theme.font(size, weight, figures))
            found = self._words[key] = static, round(static.size().height() / 2)
        return found

    def wide(self, text: str, size: float, weight: int = 400, *, figures: bool = False) -> int:
        """How wide *text* is; kept like what fits."""
        key = (text, size, weight, figures)
        found = self._wide.get(key)
        if found is None:
            if len(self._wide) > 2 * _KEPT:
                self._wide.clear()
            metrics = (
                QFontMetrics(self.theme.font(size, weight, True)) if figures else self.metrics(size, weight)
            )
            found = self._wide[key] = metrics.horizontalAdvance(text)
        return found

    def pill_width(self, text: str) -> int:
        """How wide pill() makes the whole *text*."""
        return self._pill_words(text, 0, 12)[1]

    def metrics(self, size: float, weight: int = 400) -> QFontMetrics:
        key = (size, weight)
        if key not in self._metrics:
            self._metrics[key] = QFontMetrics(self.theme.font(size, weight))
        return self._metrics[key]

    def pill(self, painter: QPainter, x: int, middle: int, text: str, tone: str, most: int = 0) -> int:
        """A word on its tint, at *x*, centred on *middle*; answers with its width."""
        size = 12
        text, width = self._pill_words(text, most, size)
        height = self.theme.px(19)

        def draw(p: QPainter) -> None:
            ink, ground = self.theme.tokens.tone(tone)
            p.setBrush(QColor(ground))
            p.drawRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
            p.setFont(self.theme.font(size, 500))
            p.setPen(QColor(ink))
            p.drawText(QRectF(0, 0, width, height), CENTRE, text)

        self._copy(painter, x, middle, width, height, ("pill", text, tone), draw)
        return width

    def _pill_words(self, text: str, most: int, size: int) -> tuple[str, int]:
        """What of *text* is shown, and how wide the pill is; measuring it again would cost more than painting it."""
        found = self._pills.get((text, most))
        if found is None:
            metrics, air = self.metrics(size, 500), self.theme.px(14)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, most - air) if most else text
            if len(self._pills) > _KEPT:
                self._pills.clear()
            found = self._pills[text, most] = shown, metrics.horizontalAdvance(shown) + air
        return found

    def avatar(self, painter: QPainter, x: int, middle: int, size: int, name: str, key: str) -> None:
        letters, colour = wording.initials(name), avatar_colour(key)

        def draw(p: QPainter) -> None:
            p.setBrush(QColor(colour))
            p.drawEllipse(QRectF(0, 0, size, size))
            share = 0.38 if len(letters) > 1 else 0.46
            p.setFont(self.theme.font(size / self.theme.scale * share, 600))
            p.setPen(QColor("#FFFFFF"))
            p.drawText(QRectF(0, 0, size, size), CENTRE, letters)

        self._copy(painter, x, middle, size, size, ("avatar", letters, colour, size), draw)

    def bar(
        self,
        painter: QPainter,
        x: int,
        middle: int,
        width: int,
        fraction: float,
        colour: str,
        height: int = 5,
    ) -> None:
        """A rounded bar filled to *fraction* (0..1)."""
        filled, mirrored = round(max(0.0, min(1.0, fraction)) * width), is_mirrored()

        def draw(p: QPainter) -> None:
            path = QPainterPath()
            path.addRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
            p.fillPath(path, QColor(self.theme.tokens.track))
            if filled:
                p.setClipPath(path)
                p.setBrush(QColor(colour))
                wide = max(filled, height)
                p.drawRoundedRect(
                    QRectF(width - wide if mirrored else 0, 0, wide, height), height / 2, height / 2
                )

        self._copy(painter, x, middle, width, height, ("bar", width, height, filled, colour, mirrored), draw)

    def strip(self, painter: QPainter, x: int, middle: int, bits: tuple[bool, ...]) -> None:
        """One block per signal of the model, lit when met."""
        block, gap, height = self.theme.px(9), self.theme.px(3), self.theme.px(15)
        width = len(bits) * (block + gap)

        def draw(p: QPainter) -> None:
            for n, lit in enumerate(bits):
                p.setBrush(QColor(self.theme.tokens.accent if lit else self.theme.tokens.track))
                p.drawRoundedRect(QRectF(n * (block + gap), 0, block, height), 2.5, 2.5)

        self._copy(painter, x, middle, width, height, ("strip", bits), draw)

    def dots(self, painter: QPainter, x: int, middle: int, bits: tuple[bool, ...]) -> None:
        """One dot per milestone, lit when reached."""
        size, gap = self.theme.px(10), self.theme.px(3)
        width = self.dots_width(len(bits))

        def draw(p: QPainter) -> None:
            for n, lit in enumerate(bits):
                p.setBrush(QColor(self.theme.tokens.accent if lit else self.theme.tokens.track))
                p.drawEllipse(QRectF(n * (size + gap), 0, size, size))

        self._copy(painter, x, middle, width, size, ("dots", bits), draw)

    def dots_width(self, dots: int) -> int:
        """How wide dots() makes so many."""
        return dots * (self.theme.px(10) + self.theme.px(3))

    def tick(self, painter: QPainter, x: int, middle: int, done: bool) -> None:
        """A filled circle with a tick, or an empty one."""
        size = self.theme.px(15)

        def draw(p: QPainter) -> None:
            tokens = self.theme.tokens
            if not done:
                p.setPen(QPen(QColor(tokens.faint), 1))
                p.drawEllipse(QRectF(0.5, 0.5, size - 1, size - 1))
                return
            p.setBrush(QColor(tokens.ok))
            p.drawEllipse(QRectF(0, 0, size, size))
            pen = QPen(QColor(tokens.surface), 1.6)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            p.setPen(pen)
            p.drawPolyline(
                [QPointF(size * x, size * y) for x, y in ((0.29, 0.52), (0.44, 0.67), (0.71, 0.36))]
            )

        self._copy(painter, x, middle, size, size, ("tick", done), draw)

    def key_cap(self, painter: QPainter, x: int, middle: int, text: str, ink: str, line: str) -> int:
        """A key as small framed letter; answers with its width."""
        metrics = self.metrics(11, 500)
        height = self.theme.px(18)
        width = max(height, metrics.horizontalAdvance(text) + self.theme.px(10))

        def draw(p: QPainter) -> None:
            p.setPen(QPen(QColor(line), 1))
            p.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), 4, 4)
            p.setFont(self.theme.font(11, 500))
            p.setPen(QColor(ink))
            p.drawText(QRectF(0, 0, width, height), CENTRE, text)

        self._copy(painter, x, middle, width, height, ("key", text, ink, line), draw)
        return width

    def key_width(self, text: str) -> int:
        return max(self.theme.px(18), self.metrics(11, 500).horizontalAdvance(text) + self.theme.px(10))

    def _copy(
        self,
        painter: QPainter,
        x: int,
        middle: int,
        width: int,
        height: int,
        key: tuple[object, ...],
        draw: Callable[[QPainter], None],
    ) -> None:
        to_device = (
            painter.deviceTransform()
        )  # of what is painted on in the end: a widget rendered into a picture
        ratio = round(to_device.m11(), 3) or 1.0
        full = (key, width, height, ratio)
        picture = self._kept.get(full)
        if picture is None:
            if len(self._kept) > _KEPT:
                self._kept.clear()
            picture = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            inner = QPainter(picture)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            inner.setPen(Qt.PenStyle.NoPen)
            draw(inner)
            inner.end()
            self._kept[full] = picture
        place = QPointF(x, middle - height // 2)
        if ratio % 1:  # between two pixels the copy would be blurred
            place = to_device.inverted()[0].map(QPointF(to_device.map(place).toPoint()))
        painter.drawPixmap(place, picture)
