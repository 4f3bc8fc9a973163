import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QLineEdit, QPlainTextEdit, QWidget

from pqldesk.views.choice import Choice
from pqldesk.views.day_charts import mixed, readable
from pqldesk.views.painting import Paintbox
from pqldesk.views.theme import AVATARS, SCHEMES, contrast

GROUNDS = ("surface", "bg", "raised", "selected", "hover")
TEXTS = ("text", "muted", "accent", "ok", "warn", "bad", "hot", "qualified", "warming", "cold")


def test_contrast_is_that_of_the_wcag_formula():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_is_readable_on_every_ground_it_may_stand_on(scheme, ground, text):
    tokens = SCHEMES[scheme]
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("tone", ["ok", "warn", "bad", "accent", "neutral"])
def test_every_pill_is_readable(scheme, tone):
    assert contrast(*SCHEMES[scheme].tone(tone)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_on_the_accent_is_readable(scheme):
    tokens = SCHEMES[scheme]
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.on_accent, tokens.accent_hover) >= 4.5
    assert contrast(tokens.surface, tokens.text) >= 4.5  # toasts are inverted


@pytest.mark.parametrize("scheme", SCHEMES)
def test_banner_and_problem_bar_are_readable(scheme):
    tokens = SCHEMES[scheme]
    assert contrast(tokens.text, tokens.accent_soft) >= 4.5
    assert contrast(tokens.text, tokens.bad_soft) >= 4.5


@pytest.mark.parametrize("colour", AVATARS)
def test_initials_are_readable_on_every_avatar(colour):
    assert contrast("#FFFFFF", colour) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["surface", "bg", "raised"])
def test_fields_and_boxes_are_found_by_their_edge(scheme, ground):
    tokens = SCHEMES[scheme]
    assert contrast(tokens.edge, getattr(tokens, ground)) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", [*GROUNDS, "accent_soft"])
def test_the_focus_is_seen_on_every_ground(scheme, ground):
    tokens = SCHEMES[scheme]
    assert contrast(tokens.accent, getattr(tokens, ground)) >= 3
    assert contrast(tokens.on_accent, tokens.accent) >= 3  # the ring inside a primary button


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "mark", ["accent", "hot", "qualified", "warming", "cold", "bad", "ok", "warn", "muted"]
)
def test_every_mark_of_a_chart_stands_out_from_its_card(scheme, mark):
    tokens = SCHEMES[scheme]
    assert contrast(getattr(tokens, mark), tokens.surface) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures_in_a_heat_map_are_readable_on_every_shade(scheme):
    tokens = SCHEMES[scheme]
    for tint in (tokens.accent, tokens.muted):
        for share in range(101):
            ground = mixed(QColor(tokens.surface), QColor(tint), 0.06 + 0.74 * share / 100)
            assert contrast(readable(ground).name(), ground.name()) >= 4.5, (tint, share)


@pytest.mark.parametrize("scheme", [name for name in SCHEMES if "contrast" in name])
def test_high_contrast_schemes_reach_seven_to_one(scheme):
    tokens = SCHEMES[scheme]
    assert min(contrast(getattr(tokens, name), tokens.surface) for name in TEXTS) >= 7


def test_the_bundled_font_is_the_one_in_use(theme):
    assert theme.font(13).family() == "Inter"


def test_text_size_follows_the_setting(theme):
    usual = theme.font(13).pixelSize()
    theme.choose("light", 1.6)
    assert theme.font(13).pixelSize() == round(usual * 1.6)
    assert theme.px(44) == 70
    theme.choose("light", 1.0)


def test_marks_are_as_sharp_as_the_picture_they_are_painted_into(qtbot, context):
    """A widget rendered into a picture says it has one pixel for each of its own; marks were enlarged copies."""

    class Pill(QWidget):
        def paintEvent(self, _event):
            painter = QPainter(self)
            context.paints.pill(painter, 1, 20, "9 d left", "ok")
            painter.end()

    widget = Pill()
    qtbot.addWidget(widget)
    widget.resize(80, 40)
    picture = QPixmap(widget.size() * 2)
    picture.setDevicePixelRatio(2)
    widget.render(picture)
    image = picture.toImage()
    blocks = [
        {image.pixel(2 * x + across, 2 * y + down) for across in (0, 1) for down in (0, 1)}
        for x in range(80)
        for y in range(40)
    ]
    assert any(len(block) > 1 for block in blocks), "not each pixel four times"


def test_what_cannot_be_used_looks_so_whatever_kind_of_field_it_is(qtbot, theme) -> None:
    ink = theme.colour("text").rgb()
    for made in (Choice, QLineEdit, QPlainTextEdit, QDateTimeEdit, QCheckBox):
        field = made()
        qtbot.addWidget(field)
        if isinstance(field, QComboBox):
            field.addItem("Manager")
        elif isinstance(field, QLineEdit | QCheckBox):
            field.setText("Manager")
        elif isinstance(field, QPlainTextEdit):
            field.setPlainText("Manager")
        field.resize(200, 40)
        assert ink in _colours(field), made.__name__
        field.setEnabled(False)
        assert ink not in _colours(field), made.__name__


def _colours(widget: QWidget) -> set[int]:
    picture = widget.grab().toImage()
    return {picture.pixelColor(x, y).rgb() for x in range(picture.width()) for y in range(picture.height())}


@pytest.mark.parametrize(
    "text", ["tancredi.dambra@juniperhealth.example", "WAVE To. LTA. fjord", "Søren Ekström-Ångström"]
)
def test_a_text_is_cut_so_that_it_fits_and_hardly_more_than_it_must(theme, text):
    paints = Paintbox(theme)
    metrics = paints.metrics(12, 400)
    whole = metrics.horizontalAdvance(text)
    for width in range(20, whole + 30, 7):
        shown, by_qt = (
            paints.fit(text, 12, 400, width),
            metrics.elidedText(text, Qt.TextElideMode.ElideRight, width),
        )
        assert metrics.horizontalAdvance(shown) <= max(width, metrics.horizontalAdvance("…"))
        assert len(by_qt) - len(shown) <= 2  # letters that stand closer than each alone
        assert width < whole + 5 or shown == text


def test_a_figure_is_whole_in_a_room_as_wide_as_it_is(theme):
    """A 4 is wider in running text than where all figures are of one width, as they are written."""
    paints = Paintbox(theme)

    def written(text: str, room: int) -> QImage:
        picture = QImage(60, 30, QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.white)
        painter = QPainter(picture)
        paints.write_right(painter, text, 0, 15, 50, room, 13)
        painter.end()
        return picture

    for text in ("4", "1", "398", "+20"):
        assert written(text, paints.wide(text, 13, figures=True)) == written(text, 50), text
