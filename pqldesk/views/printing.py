"""Asks where to print, without holding anything up, and prints."""

from PySide6.QtGui import QFont, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget


def paper(style: str, page: str, points: float) -> QTextDocument:
    """A page of HTML in a size for paper: the font of the window is in pixels, and those of a printer are tiny."""
    document = QTextDocument()
    font = QFont("Inter")
    font.setPointSizeF(points)
    document.setDefaultFont(font)
    document.setDefaultStyleSheet(style)
    document.setHtml(page)
    return document


def ask_and_print(document: QTextDocument, printer: QPrinter, title: str, parent: QWidget) -> None:
    """Show the system's dialog for *printer*; once it is accepted *document* goes to the printer that was chosen."""
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(title)
    document.setParent(dialog)

    def send(_chosen: object) -> None:  # the signal says the printer, which print_ alone would not take
        document.print_(printer)  # held here: the dialog only points to it

    dialog.accepted.connect(send)
    dialog.finished.connect(dialog.deleteLater)
    dialog.setModal(True)
    dialog.show()
