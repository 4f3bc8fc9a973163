"""The list as text: what Ctrl+C takes along, what is printed."""

import html
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtGui import QPageLayout, QPageSize, QTextDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.files.formulas import neutral
from pqldesk.services.first_rows import QueueRow
from pqldesk.views import wording
from pqldesk.views.lead_cells import COMPANY, PERSON, TITLES, LeadLine, cell_text, format_lead
from pqldesk.views.page import Context
from pqldesk.views.printing import ask_and_print, paper

MOST_COPIED = 50_000
MOST_PRINTED = 2_000
_AT_ONCE = 500

_STYLE = """
body { font-family: Inter, sans-serif; font-size: 8pt; color: #181A24; }
h1 { font-size: 13pt; margin: 0; } p { color: #666B79; margin: 0; }
th { color: #666B79; text-align: left; padding-right: 12px; padding-bottom: 3px; border-bottom: 1px solid #C9CCD6; }
.whole { white-space: nowrap; }
td { padding-top: 2px; padding-bottom: 2px; padding-right: 12px; border-bottom: 1px solid #E5E6EB; }
"""


def read_lines(
    session: object,
    lead_rows: Callable[[Any, Sequence[int]], list[QueueRow]],
    ids: Sequence[int],
    now: datetime,
) -> list[LeadLine]:
    """The lines of *ids*, formatted on a reader's thread."""
    found: list[LeadLine] = []
    for start in range(0, len(ids), _AT_ONCE):
        found += [format_lead(row, now) for row in lead_rows(session, tuple(ids[start : start + _AT_ONCE]))]
    return found


def cells(line: LeadLine, columns: Sequence[int]) -> list[str]:
    """The texts of a row; the person is name and e-mail in cells of their own."""
    found: list[str] = []
    for column in columns:
        found += [line.row.name, line.row.email or ""] if column == PERSON else [cell_text(line, column)]
    return found


def _printed(line: LeadLine, columns: Sequence[int]) -> list[str]:
    """The same for paper, where a company goes without its domain: what is wide makes two lines of each."""
    found: list[str] = []
    for column in columns:
        found += [line.company] if column == COMPANY else cells(line, (column,))
    return found


def titles(columns: Sequence[int]) -> list[str]:
    found: list[str] = []
    for column in columns:
        found += [_("Name"), _("E-mail")] if column == PERSON else [TITLES[column]]
    return found


def tsv(lines: Sequence[LeadLine], columns: Sequence[int]) -> str:
    """Rows for a spreadsheet, with titles; a cell that it would run is made harmless."""
    rows = [titles(columns), *(cells(line, columns) for line in lines)]
    return "\n".join("\t".join(neutral(" ".join(cell.split())) for cell in row) for row in rows)


def list_html(title: str, about: str, lines: Sequence[LeadLine], columns: Sequence[int]) -> str:
    """The list as a page."""
    head = "".join(f"<th>{html.escape(text)}</th>" for text in titles(columns))
    body = "".join(
        f"<tr>{''.join(f'<td{_whole(text)}>{html.escape(text)}</td>' for text in _printed(line, columns))}</tr>"
        for line in lines
    )
    table = f"<table width='100%' cellspacing='0' style='margin-top: 8px'><thead><tr>{head}</tr></thead>{body}</table>"
    return f"<h1>{html.escape(title)}</h1><p>{html.escape(about)}</p>{table}"


def _whole(text: str) -> str:
    """An address is not broken where its line ends."""
    return " class=whole" if "@" in text and " " not in text else ""


def list_document(page: str) -> QTextDocument:
    return paper(_STYLE, page, 8)


def print_list(
    context: Context,
    parent: QWidget,
    title: str,
    filters: Sequence[str],
    lines: Sequence[LeadLine],
    columns: Sequence[int],
    total: int,
) -> None:
    """Ask for a printer and print the rows, in landscape."""
    about = " · ".join([*filters, n_("{n} lead", "{n} leads", total)])
    if len(lines) < total:
        about += _(", the first {n} of them").format(n=wording.number(len(lines)))
    about += " · " + _("Printed {at}").format(at=wording.exact(context.now()))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    page = list_html(title, about, lines, columns)
    leads = [line.row.lead_id for line in lines]
    ask_and_print(
        partial(list_document, page), printer, _("Print {name}").format(name=title), parent, context, leads
    )
