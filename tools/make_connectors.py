"""Writes the table of docs/connectors.md from the connectors' own abilities: ``python tools/make_connectors.py``."""

from collections.abc import Iterator
from pathlib import Path

from pqldesk.services.connectors import CRMS
from pqldesk.services.connectors.abilities import MORE, STEPS, Abilities

PAGE = Path(__file__).parent.parent / "docs" / "connectors.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"


def connectors_page() -> str:
    """The page with its table made anew; what stands around the table is written by hand."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + "\n".join(_table()) + "\n\n" + END + after


def _table() -> Iterator[str]:
    known = [(system.title, system.can) for system in CRMS.values() if system.can is not None]
    yield "| | " + " | ".join(title for title, _can in known) + " |"
    yield "|---" * (len(known) + 1) + "|"
    for kind, label in STEPS.items():
        yield f"| {label} | " + " | ".join(_step(can, kind) for _title, can in known) + " |"
    for more in ("compared", "together", "pulled"):
        yield f"| {MORE[more]} | " + " | ".join(_more(can, more) for _title, can in known) + " |"
    yield f"| {MORE['fields']} | " + " | ".join(can.fields or "no" for _title, can in known) + " |"
    waits = (f"{can.late_s:.0f} s" if can.late_s else "2 s" for _title, can in known)
    yield f"| {MORE['late_s']} | " + " | ".join(waits) + " |"


def _more(can: Abilities, name: str) -> str:
    told: str = getattr(can, name)
    return told or (
        "cannot: a relay answers, it cannot be asked" if name == "compared" and "relay" in can.steps else "no"
    )


def _step(can: Abilities, kind: str) -> str:
    step, chosen = can.steps.get(kind), can.on_request.get(kind)
    if chosen is not None:
        return f"cannot; where you choose so, {chosen.becomes}<br>*{chosen.once}*"
    if step is None:
        return "" if kind == "relay" else "in the delivery" if "relay" in can.steps else "cannot"
    return f"{step.becomes}<br>*{step.once}*"


if __name__ == "__main__":
    PAGE.write_text(connectors_page(), encoding="utf-8")
