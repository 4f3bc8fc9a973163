"""Asks where to print, without holding anything up, and prints."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QFont, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.refusals import unwritable
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
    make: Callable[[], QTextDocument],
    printer: QPrinter,
    title: str,
    parent: QWidget,
    context: Context,
    leads: Sequence[str],
) -> None:
    """Show the system's dialog for *printer*; once it is accepted what *make* makes goes to the one that was chosen.

    That happens on a thread of its own: 2,000 rows took 3.0 s of it, and the window stood still for 0.16 s at most.
    Where it is a file, the workspace remembers it and the *leads* on it, by their ids: erasing one must find it.
    """
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(title)

    def send(_chosen: object) -> None:  # the signal says the printer, which print_ alone would not take
        file = printer.outputFileName()
        if file:
            context.background.write(context.desk.note_print, str(Path(file).absolute()), tuple(leads))
        told = (
            _("Printed into {file}").format(file=Path(file).name)
            if file
            else _("Sent to {printer}").format(printer=printer.printerName())
        )
        context.background.run(_print, make, printer).then(partial(_tell, context, told))

    dialog.accepted.connect(send)
    dialog.finished.connect(dialog.deleteLater)
    dialog.setModal(True)
    dialog.show()


def _print(make: Callable[[], QTextDocument], printer: QPrinter) -> None:
    """BadInput where nothing could be printed."""
    if file := printer.outputFileName():
        try:
            with Path(file).open("ab"):
                pass
        except OSError as refused:
            raise unwritable(Path(file), refused) from None
    _loop = QEventLoop()  # the timers of a document want one in their thread
    make().print_(printer)
    if printer.printerState() == QPrinter.PrinterState.Error:
        raise BadInput(
            _("{printer} does not print.").format(printer=printer.printerName()), _("Choose another printer.")
        )


def _tell(context: Context, words: str, _answer: object) -> None:
    context.wishes.told.emit(words, 0)
