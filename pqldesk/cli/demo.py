"""pqldesk demo and sample."""

import argparse
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.demo_hand_raise import raise_a_hand
from pqldesk.cli.output import message, print_json, print_table
from pqldesk.cli.qt_libraries import check_qt
from pqldesk.models.driver import Driver
from pqldesk.services.basics import clock
from pqldesk.services.basics.places import FILE_NAME
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.demo import demo as making
from pqldesk.services.demo.crm import CrmRecords, crm_records, set_clock
from pqldesk.services.demo.sample import remove_sample
from pqldesk.services.handoffs.crm_groups import repeat_codes
from pqldesk.services.notices import notices
from pqldesk.services.notices.finding import look
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.queue import filtered_order, read_rows, reading, view_filter
from pqldesk.services.queue.row_json import queue_row_json
from pqldesk.services.score_now import explained
from pqldesk.services.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from pqldesk.views.main_window import MainWindow

PICTURES = Path("pqldesk-demo")  # where they go when no folder is named
TOKEN, SECRET = "PQLDESK_DEMO_TOKEN", "sandbox-attio-token"  # opens a double on loopback only
PORT = 47_162
TOP = 10
ENDS_S = 5.0  # the double has always ended within one
QUEUE = ("score", "band", "name", "company", "activation", "trial", "state", "owner")
SIGNALS = ("label", "value", "threshold", "from", "to", "weight", "points")
NOT_PRINTED = frozenset(
    {"created_at", "parent_object", "linked_records", "company", "team"}
    | {"associated_deals", "associated_people", "associated_company"}
)  # links and stamps of the CRM
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demo prints."""

    queue: list[Json]
    score: Json
    handoff: Json
    crm: CrmRecords
    hand_raise: Json  # made in a browser while the demo ran


def demo(args: argparse.Namespace) -> int:
    """A fresh sample workspace with a local CRM: printed, and painted where there is no display; else the window."""
    given = getattr(args, "as_of", None)
    if given:
        at = clock.parse_moment(given, ZoneInfo("UTC"), "--as-of")
        os.environ["PQLDESK_NOW"] = at.isoformat()  # the whole process lives at that moment
        repeat_codes(at.isoformat())
    if getattr(args, "workspace", None):
        message(_("The demo makes a workspace of its own; --workspace is left alone."))
    os.environ |= {"PQLDESK_SECRETS": "env", TOKEN: SECRET}
    folder = _picture_folder(args.headless)
    check_qt(window=folder is None)
    if folder is None:
        return _in_a_window(args)
    place = folder / "workspace" / FILE_NAME
    with local_crm() as url:
        _print(build(place, url, folder), str(getattr(args, "format", "table")))
        files = take_pictures(place, folder, few=args.pages)
    message(
        _("{pictures} pictures are in {folder}; the workspace is {place}.").format(
            pictures=len(files), folder=folder, place=place
        )
    )
    return 0


def _in_a_window(args: argparse.Namespace) -> int:
    from pqldesk.app import application, raise_first, run_window

    place = making.demo_place()
    application()
    if raise_first(place):
        message(_("The demo is open already."))
        return 0
    with local_crm() as url:
        _print(build(place, url), str(getattr(args, "format", "table")))
        return run_window(place, "")  # who that is, its settings say


def sample_remove(args: argparse.Namespace) -> None:
    """Remove the sample, and leave what is the user's own."""
    ctx = Context(args)
    with ctx.open():
        removed = ctx.write(remove_sample, ctx.rep_if_known or "manual", ctx.now)
    if ctx.form == "json":
        print_json({"leads": removed.leads, "companies": removed.companies})
    else:
        message(
            _("The sample is gone: {leads} leads and {companies} companies.").format(
                leads=removed.leads, companies=removed.companies
            )
        )


@contextmanager
def local_crm() -> Iterator[str]:
    """The CRM's double in a child process: its address, until the block ends."""
    child, url = _started()

    def stop_both(number: int, _frame: object) -> None:
        child.terminate()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    before = signal.signal(signal.SIGTERM, stop_both)
    with child:
        try:
            yield url
        finally:
            signal.signal(signal.SIGTERM, before)
            child.terminate()
            try:
                child.wait(ENDS_S)
            except subprocess.TimeoutExpired:
                child.kill()


def _started() -> "tuple[subprocess.Popen[str], str]":
    """The double at the demo's own port, so that a picture of its address repeats; at any where that is taken."""
    for port in (PORT, 0):
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "pqldesk.sandbox", "attio", "--port", str(port)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        line = child.stdout.readline() if child.stdout else ""
        if line:
            return child, str(json.loads(line)["listening"])
        child.communicate()
    raise Problem(_("The local CRM did not start."), _("Try `pqldesk sandbox attio` to see why."))


def build(place: Path, url: str, folder: Path | None = None) -> Shown:
    """Make the workspace, let it live until now, hand one lead over; what there is to print."""
    at = clock.now()
    set_clock(url, at)
    workspace = making.fresh_workspace(place)
    try:
        _tell(workspace, at)
        making.set_up(workspace.db, at)
        making.connect_sandbox(workspace.db, url, TOKEN, at)
        for result in making.live(workspace.db, place.parent / "files", at, crm=True):
            message(
                _(
                    "{file}: {rows} rows, {created} new, {updated} updated, {duplicates} duplicates,"
                    " {rejected} rejected, {set_aside} set aside"
                ).format(**{**asdict(result), "file": Path(result.file).name})
            )
        summary = making.bring_up_to_date(workspace.db, at)
        message(
            _("{leads} leads scored under {model} v{version}, {qualified} qualified").format(
                leads=summary.leads, model=summary.model, version=summary.version, qualified=summary.qualified
            )
        )
        making.approve_playbooks(workspace.db, at)
        shown = replace(_worked(workspace, url), hand_raise=raise_a_hand(workspace.db, place, folder))
        _tell(workspace, at)
        return shown
    finally:
        workspace.close()


def _tell(workspace: Workspace, at: datetime) -> None:
    """Put into the rep's inbox what has happened since this was last done."""
    news = workspace.db.read(look, making.REP, at).result()
    workspace.db.write(notices.tell, making.REP, news, at).result()


def _worked(workspace: Workspace, url: str) -> Shown:
    """The queue as the rep finds it, then the lead that raised a hand, handed over."""
    db, at = workspace.db, clock.now()

    def top(session: Session) -> list[Json]:
        ids = filtered_order(session, view_filter(session, "open"), making.REP, at, TOP)
        return [queue_row_json(row) for row in read_rows(Driver(session), ids, reading(session, at))]

    queue = db.read(top).result()
    lead_id = db.read(making.raised_hand).result()
    if lead_id is None:
        raise Problem(
            _("Nobody in the sample has raised a hand."), _("Install PQLDesk again: the sample is not whole.")
        )
    score = db.read(lambda session: explained(session, lead_of(session, lead_id).id, at, None)).result()
    handed = making.hand_over(db, lead_id, at)
    items = [{"kind": item.kind, "summary": item.summary} for item in handed.pushed.items]
    handoff = {
        "lead_id": lead_id,
        "email": handed.email,
        "items": items,
        "outbox": dict(handed.delivered.counts),
    }
    return Shown(queue, score, handoff, crm_records(url, handed.email), {})


def take_pictures(place: Path, folder: Path, *, few: bool = False) -> list[Path]:
    """Every page, light and dark, as PNG files in *folder*; with *few* each page once."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QCoreApplication, QEvent

    from pqldesk.app import application, build_window, close_window
    from pqldesk.views.pictures import grab_pages, grab_state

    @contextmanager
    def window_on(place: Path, rep: str = making.REP, *, opens: bool = True) -> "Iterator[MainWindow]":
        window = build_window(place, rep, with_errands=False, opens=opens)
        try:
            yield window
        finally:
            close_window(window)
            window.deleteLater()  # else it takes part in every change of the look, 0.6 s each
            QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)

    application()
    with window_on(place) as window:
        files = grab_pages(window, folder, few=few)
    if few:
        return files
    with TemporaryDirectory(prefix="pqldesk-first-use-") as empty:
        with window_on(Path(empty) / FILE_NAME, rep="") as window:  # nobody has said yet who sits there
            files += grab_state(window, folder, "first-use")
        with window_on(Path(empty) / FILE_NAME, opens=False) as window:
            files += grab_state(window, folder, "loading", unanswered=True)
    return files


def _picture_folder(named: str | None) -> Path | None:
    """Where pictures go, made; None when there is a display to open a window on instead."""
    display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if not named and (display or sys.platform != "linux"):
        return None
    folder = Path(named) if named else PICTURES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as why:
        raise Problem(
            _("The folder {folder} cannot be made or written to ({strerror}).").format(
                folder=folder, strerror=why.strerror
            ),
            _("Name another one with --headless DIR."),
        ) from None
    return folder


def _print(shown: Shown, form: str) -> None:
    if form == "json":
        print_json(asdict(shown))
        return
    print(_("The queue, best first") + "\n")
    print_table([_line(row) for row in shown.queue], QUEUE)
    score = shown.score
    why = _("Why {score}: {email} under {model} v{version}")
    said = {name: score[name] for name in ("score", "model", "version")}
    print("\n" + why.format(email=shown.handoff["email"], **said) + "\n")
    print_table(score["signals"], SIGNALS)
    print(_("{score} points, cut {cut}").format(score=score["score"], cut=score["cut"]))
    print("\n" + _("Handed over by {who}").format(who=making.REP) + "\n")
    for item in shown.handoff["items"]:
        print(f"  {item['kind']:<11} {item['summary']}")
    print("\n" + _("In the CRM now"))
    for title, records in asdict(shown.crm).items():
        print(f"\n{title} ({len(records)})")
        for record in records:
            _print_record(record)
    _print_hand_raise(shown.hand_raise)
    sys.stdout.flush()


def _print_hand_raise(raised: Json) -> None:
    lead = raised["lead"]
    by_browser = raised["by"] == "browser"
    plain = _("A hand-raise made by the request that the button sends")
    print("\n" + (_("A hand-raise made in a browser") if by_browser else plain) + "\n")
    print_table([_line(lead)], QUEUE)
    print()
    for hop in raised["hops"]:
        print(f"  {hop['hop']:<12} {hop['system'] or '':<10} {hop['status']}")
    print(f"  {raised['where']}")


def _line(row: Json) -> Json:
    trial = row["trial"]
    running = trial is not None and trial["state"] in ("active", "extended")
    shown = "" if trial is None else f"{trial['days_left']} d left" if running else trial["state"]
    return row | {"activation": f"{row['activation']}%", "trial": shown}


def _print_record(record: Json) -> None:
    """The fields that are filled, without the CRM's own ids and links."""
    for key, value in record.items():
        if value in (None, [], "") or key.endswith("_id") or key in NOT_PRINTED:
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        first, *rest = text.splitlines()
        print(f"  {key:<22} {first}")
        for line in rest:
            print(f"  {'':<22} {line}")
