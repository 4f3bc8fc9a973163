"""The files that pages are grabbed into."""

from PySide6.QtGui import QImage, qRgb

from pqldesk.views.pictures import png


def test_a_picture_is_read_back_as_it_was_whatever_its_width() -> None:
    for width in (1, 5, 64):
        picture = QImage(width, 3, QImage.Format.Format_RGB32)
        for x in range(width):
            for y in range(3):
                picture.setPixel(x, y, qRgb(x * 7 % 256, y * 90, (x + y) * 31 % 256))
        read = QImage.fromData(png(picture), "PNG")
        assert read.convertToFormat(QImage.Format.Format_RGB32) == picture
