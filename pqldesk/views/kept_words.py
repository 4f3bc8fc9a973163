"""What was typed into a dialog and is stored nowhere yet: it is there again when the dialog is opened once more."""

from collections.abc import Mapping

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QLineEdit, QPlainTextEdit, QWidget

Words = Mapping[str, str]  # field -> what stands in it


class KeptWords:
    """As long as the window lives, by what they were written for: ``note:L00001A``."""

    def __init__(self) -> None:
        self._kept: dict[str, Words] = {}

    def of(self, what: str) -> Words:
        return self._kept.get(what, {})

    def keep(self, what: str, words: Words) -> None:
        self._kept[what] = dict(words)

    def forget(self, what: str, _answer: object = None) -> None:
        """They are stored, or not wanted any more."""
        self._kept.pop(what, None)


def words_in(fields: Mapping[str, QWidget]) -> dict[str, str]:
    return {key: _word_in(field) for key, field in fields.items()}


def put_words(fields: Mapping[str, QWidget], words: Words) -> None:
    """Write *words* into the fields that there are; a choice that is offered no more stays as it was."""
    for key, field in fields.items():
        if key in words and words[key] != _word_in(field):
            _put(field, words[key])


def _word_in(field: QWidget) -> str:
    if isinstance(field, QPlainTextEdit):
        return field.toPlainText()
    if isinstance(field, QComboBox):
        return str(field.currentData() or field.currentText())
    if isinstance(field, QDateTimeEdit):
        return str(field.dateTime().toSecsSinceEpoch())
    return field.text() if isinstance(field, QLineEdit) else ""


def _put(field: QWidget, word: str) -> None:
    if isinstance(field, QPlainTextEdit):
        field.setPlainText(word)
    elif isinstance(field, QComboBox):
        at = max(field.findData(word), field.findText(word))
        field.setCurrentIndex(at if at >= 0 else field.currentIndex())
    elif isinstance(field, QDateTimeEdit):
        field.setDateTime(QDateTime.fromSecsSinceEpoch(int(word)))
    elif isinstance(field, QLineEdit):
        field.setText(word)
