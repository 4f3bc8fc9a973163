"""The record of one lead on paper: the same facts as the panel, in a document that can be printed."""

import html
from datetime import datetime
from functools import partial

from PySide6.QtGui import QPageSize, QTextDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.record_rows import LeadDetail
from pqldesk.views import lead_facts, wording
from pqldesk.views.facts import Fact
from pqldesk.views.page import Context
from pqldesk.views.printing import ask_and_print, paper

_STYLE = """
body { font-family: Inter, sans-serif; font-size: 9pt; color: #181A24; }
h1 { font-size: 15pt; margin: 0; } h2 { font-size: 10pt; color: #666B79; margin-top: 10px; margin-bottom: 2px; }
p { margin: 0; } .muted { color: #666B79; } td { padding-top: 1px; padding-bottom: 1px; padding-right: 14px; }
"""


def record_document(detail: LeadDetail, rep: str, now: datetime) -> QTextDocument:
    """Everything the record shows, ready for a printer."""
    return paper(_STYLE, record_html(detail, rep, now), 9)


def record_html(detail: LeadDetail, rep: str, now: datetime) -> str:
    row = detail.row
    under = " · ".join(filter(None, (detail.job_title, row.company, row.email)))
    head, when, words = lead_facts.why_now(detail, now)
    parts = [
        f"<h1>{_safe(row.name)}</h1>",
        f"<p class=muted>{_safe(under)}</p>",
        f"<p class=muted>{_safe(lead_facts.ownership(row, rep, detail.lease_until))}</p>",
    ]
    if head:
        parts.append(f"<p><b>{_safe(head)}</b> {_safe(when)}<br>{_safe(words)}</p>")
    band = wording.BANDS.get(row.band, row.band)
    score = f"{wording.number(row.score)} / {wording.number(lead_facts.most_points(row))} · {band}"
    parts.append(f"<h2>{_safe(_('PQL score'))}: {_safe(score)}</h2><table>")
    parts += [
        _line(wording.label(signal.label), f"{wording.number(signal.value)} / {wording.number(signal.threshold)}",
              wording.points(signal.points))
        for signal in row.signals
    ]  # fmt: skip
    parts.append(f"</table><p>{_safe(' '.join(detail.hints))}</p>")
    parts.append(f"<p class=muted>{_safe(lead_facts.scored(detail, now))}</p>")
    everything = frozenset(lead_facts.TITLES)
    for key, facts, side in lead_facts.sections(detail, now, every=everything):
        if facts:
            parts.append(
                f"<h2>{_safe(lead_facts.TITLES[key])} <span class=muted>{_safe(side)}</span></h2><table>"
            )
            parts += [_fact(fact) for fact in facts if not fact.action.startswith("older")]
            parts.append("</table>")
    printed = _("Printed {at}").format(at=wording.exact(now))
    return "".join([*parts, f"<p class=muted>{_safe(printed)}</p>"])


def print_record(detail: LeadDetail, context: Context, parent: QWidget) -> None:
    """Ask where to, without holding anything up, and print."""
    printer = QPrinter()
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setDocName(_("{name}, PQLDesk").format(name=detail.row.name))
    make = partial(record_document, detail, context.rep, context.now())
    title, leads = _("Print {name}").format(name=detail.row.name), [detail.row.lead_id]
    ask_and_print(make, printer, title, parent, context, leads)


def _fact(fact: Fact) -> str:
    mark = {True: "✓ ", False: "○ "}.get(fact.tick, "") if fact.tick is not None else ""
    kind = f"{fact.pill[0]}: " if fact.pill else ""
    right = " ".join(filter(None, (fact.right_pill[0] if fact.right_pill else "", fact.right)))
    return _line(f"{mark}{kind}{fact.text}", fact.second, "" if fact.right_tone == "accent" else right)


def _line(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in cells) + "</tr>"


def _safe(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
