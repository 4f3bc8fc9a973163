"""Asks where to print, without holding anything up, and prints."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QFont, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from pqldesk.views.page import Context


def paper(style: str, page: str, points: float) -> QTextDocument:
    """A page of HTML in a size for paper: the font of the window is in pixels, and those of a printer are tiny."""
    document = QTextDocument()
    font = QFont("Inter")
    font.setPointSizeF(points)
    document.setDefaultFont(font)
    document.setDefaultStyleSheet(style)
    document.setHtml(page)
    return document


def ask_and_print(
    document: QTextDocument,
    printer: QPrinter,
    title: str,
    parent: QWidget,
    context: Context,
    leads: Sequence[str],
) -> None:
    """Show the system's dialog for *printer*; once it is accepted *document* goes to the printer that was chosen.

    Where that is a file, the workspace remembers it and the *leads* on it, by their ids: erasing one must find it.
    """
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(title)
    document.setParent(dialog)

    def send(_chosen: object) -> None:  # the signal says the printer, which print_ alone would not take
        if file := printer.outputFileName():
            context.background.write(context.desk.note_print, str(Path(file).absolute()), tuple(leads))
        document.print_(printer)  # held here: the dialog only points to it

    dialog.accepted.connect(send)
    dialog.finished.connect(dialog.deleteLater)
    dialog.setModal(True)
    dialog.show()
