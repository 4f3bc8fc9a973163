"""Walks every page and dialog of a window over the sample desk and prints the faults as JSON.

A process of its own, since texts take their language when they are imported:
``python walk_child.py TASK ...`` with tasks such as ``speech@1440x900``, ``order@1100x700`` or
``layout@1100x700*2:rtl`` (size, text size, direction).
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pqldesk.services.basics.texts import use_language

use_language()

import window_fit as fit  # noqa: E402
import window_walk as walk  # noqa: E402
from desk_background import DeskBackground  # noqa: E402
from hostile_desk import MARK, HostileBackground  # noqa: E402
from PySide6.QtCore import QEvent, QEventLoop, Qt  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from sample_desk import (  # noqa: E402
    NOW,
    REP,
    FakeDesk,
    conflict_rows,
    connectable_rows,
    fake_desk,
    master_rows,
)

from pqldesk.app import application  # noqa: E402
from pqldesk.services.basics.problems import Problem  # noqa: E402
from pqldesk.services.leads.bulk import BulkRow  # noqa: E402
from pqldesk.services.modelling.replay_figures import proposal_from_json  # noqa: E402
from pqldesk.services.scoring.model import DEFAULT_MODEL  # noqa: E402
from pqldesk.services.scoring.model_json import model_to_json  # noqa: E402
from pqldesk.views.accessible import name_roles  # noqa: E402
from pqldesk.views.bulk_run import BulkResult  # noqa: E402
from pqldesk.views.bulk_sheet import BulkSheet  # noqa: E402
from pqldesk.views.column_sheet import ColumnSheet  # noqa: E402
from pqldesk.views.confirm_sheet import ConfirmSheet  # noqa: E402
from pqldesk.views.conflicts_card import OtherValueSheet  # noqa: E402
from pqldesk.views.connect_sheet import ConnectSheet  # noqa: E402
from pqldesk.views.main_window import MainWindow  # noqa: E402
from pqldesk.views.masters_card import MasterSheet  # noqa: E402
from pqldesk.views.milestone_sheet import MilestoneSheet  # noqa: E402
from pqldesk.views.model_sheets import LearnSheet, PublishSheet  # noqa: E402
from pqldesk.views.notices import BugSheet  # noqa: E402
from pqldesk.views.overlay import Sheet  # noqa: E402
from pqldesk.views.page import Context  # noqa: E402
from pqldesk.views.painting import Paintbox  # noqa: E402
from pqldesk.views.part_sheet import PartSheet  # noqa: E402
from pqldesk.views.placements_card import PlacementSheet  # noqa: E402
from pqldesk.views.queue_links_sheet import QueueLinksSheet  # noqa: E402
from pqldesk.views.scenes import everything  # noqa: E402
from pqldesk.views.setting_cards import NameSheet  # noqa: E402
from pqldesk.views.small_sheets import AmountSheet, MomentSheet  # noqa: E402
from pqldesk.views.team_cards import InviteSheet  # noqa: E402
from pqldesk.views.theme import Theme  # noqa: E402
from pqldesk.views.who_sheet import WhoSheet  # noqa: E402

LEARNT = {
    "decided": 180, "won": 61, "folds": 5, "auc_now": 0.7, "auc_now_low": 0.6, "auc_now_high": 0.8,
    "auc_learned": 0.74, "auc_learned_low": 0.65, "auc_learned_high": 0.83, "sentence": "It may be chance.",
    "weights": [{"key": "logins", "label": "Logins (7d)", "weight": 10, "learned": 30}],
    "document": {**model_to_json(DEFAULT_MODEL), "cut": 55},
}  # fmt: skip


def app_is_idle() -> bool:
    return QApplication.activeWindow() is None and QApplication.activePopupWidget() is None


def settle(window: MainWindow, most: int = 60) -> None:
    """Let answers arrive and be laid out."""
    loop, quiet = QEventLoop(), 0
    for _turn in range(most):
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if app_is_idle():
            window.activateWindow()
        quiet = 0 if window.context.background.is_busy else quiet + 1
        if quiet > 5 and window.current().is_settled():
            return


def lay_out() -> None:
    """What was answered in the last turn is laid out in the next: each level of widgets asks the one around it."""
    for _level in range(8):
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def dialogs(window: MainWindow) -> Iterator[str]:
    """What only some action of its own brings up."""
    context = window.context
    makers: dict[str, Callable[[], Sheet]] = {
        "bulk-result": partial(BulkSheet, context, BulkResult(
            "Claimed 2 leads", {"done": 1, "skipped": 1}, [BulkRow("L000001", "Tomás Rey", "done"),
            BulkRow("L000003", "Aiko Tanaka", "skipped", "dana.kim@example.com has it.")],
        )),
        "confirm": partial(
            ConfirmSheet, context, "Days begin at midnight in Europe/Berlin",
            "4,821 leads are scored anew by their days there. Undo takes the change back.", "Change the time zone",
        ),
        "publish": partial(PublishSheet, context, 5, 4, ("The cut is 55 instead of 60",)),
        "learn": partial(LearnSheet, context, proposal_from_json(LEARNT)),
        "bug": partial(BugSheet, context, KeyError("colour")),
        "placement": partial(PlacementSheet, context),
        "milestone": partial(MilestoneSheet, context, None, ("login", "data_imported")),
        "name": partial(NameSheet, context, None),
        "connect": partial(ConnectSheet, context, connectable_rows()),
        "connect-sign-in": partial(ConnectSheet, context, connectable_rows()[1:]),
        "connect-source": partial(ConnectSheet, context, connectable_rows()[:1:-1]),
        "other-value": partial(OtherValueSheet, context, conflict_rows()[0]),
        "master": partial(MasterSheet, context, master_rows()[0]),
        "invite": partial(InviteSheet, context, None),
        "queue-links": partial(QueueLinksSheet, context, context.desk.queue_links(None)),
        "amount": partial(
            AmountSheet, context, "Mark as won", "Tomás Rey", "Deal value, if you know it", "Mark as won"
        ),
        "moment": partial(
            MomentSheet, context, "", "Put away until", "Tomás Rey", "Until", "Put away", context.now()
        ),
        "who": partial(WhoSheet, context),
        "part": partial(PartSheet, context, context.desk.lead_detail(None, "L000002")),
        "columns-there": partial(ColumnSheet, window.page("sources"), "warehouse", "Warehouse"),
    }  # fmt: skip
    for name, make in makers.items():
        window.open_sheet(make())
        settle(window)
        yield name
    window.overlay.close_sheet()
    window.show_page("queue")
    window.queue.show_lead("L000002")
    settle(window)
    window.run("compare")
    settle(window)
    yield "compare"
    window.overlay.close_sheet()
    page = window.page("funnel")
    settle(window)
    page.open_mark(("step", "activated"))  # type: ignore[attr-defined]
    settle(window)
    yield "leads-behind"
    window.show_page("sources")
    settle(window)
    window.run("sources.mapping")
    settle(window)
    window.overlay.sheet()._ask_to_make()  # type: ignore[union-attr]
    settle(window)
    yield "mapping-question"
    window.overlay.close_sheet()
    window.run("imports.undo")
    settle(window)
    yield "import-undo"
    window.overlay.close_sheet()
    window.show_page("queue")
    window.run("import")
    settle(window)
    window.overlay.sheet().choose("/files/signups.csv")  # type: ignore[union-attr]
    settle(window)
    yield "import-look"
    window.overlay.close_sheet()
    window.run("add_lead")
    settle(window)
    window.overlay.sheet().fields["email"].setText("jane@example.com")  # type: ignore[union-attr]
    settle(window)
    yield "add-lead-known"
    window.overlay.close_sheet()
    window.tell("Claimed Jane Doe", 1)
    window.show_problem(Problem("Attio did not answer within 20 s.", "Your note is kept."))
    settle(window)
    yield "toast-and-problem"


def main(tasks: list[str]) -> None:
    app = application()
    theme = Theme("light")
    theme.apply(app)
    background = HostileBackground() if any(task.startswith("markup") for task in tasks) else DeskBackground()
    fake = FakeDesk()
    fake.settings["role"] = "manager"
    window = MainWindow(Context(background, fake_desk(fake), theme, Paintbox(theme), REP, lambda: NOW))  # type: ignore[arg-type]
    name_roles(window)
    window.pin_look()
    window.show()
    window.activateWindow()
    settle(window)
    found: dict[str, dict[str, list[str]]] = {}
    seen: set[str] = set()
    marked = 0
    for task in tasks:
        check, width, height, scale, direction = re.fullmatch(  # type: ignore[union-attr]
            r"([\w+]+)@(\d+)x(\d+)(?:\*([\d.]+))?(?::(\w+))?", task
        ).groups()
        right_to_left = direction == "rtl"
        app.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft if right_to_left else Qt.LayoutDirection.LeftToRight
        )
        theme.choose("light", float(scale or 1))
        window.resize(int(width), int(height))
        settle(window)
        found[task] = {}
        known: set[str] = set()
        for scenes in (everything(window, settle), dialogs(window)):
            for name in scenes:
                if (sheet := window.overlay.sheet()) is not None:
                    seen.add(type(sheet).__name__)
                chain = walk.controls(window) if {"order", "focus"} & set(check.split("+")) else []
                looks = {
                    "speech": walk.unspoken, "order": partial(walk.out_of_order, chain=chain),
                    "targets": walk.too_small, "layout": fit.clipped,
                    "focus": partial(walk.unlit, chain=chain, known=known),
                    "markup": walk.marked_up, "none": lambda _w: [],
                }  # fmt: skip
                lay_out()
                marked += check == "markup" and walk.holding(window, MARK) > 0
                found[task][name] = [fault for one in check.split("+") for fault in looks[one](window)]
                if folder := sys.argv[1].removeprefix("pictures="):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    window.grab().save(
                        str(Path(folder) / f"{name}-{task.replace('*', '-').replace(':', '-')}.png")
                    )
        window.toast.hide()
        window.bars.problem.hide()
    window.close()
    QApplication.processEvents()
    print(json.dumps({"found": found, "sheets": sorted(seen), "marked": marked}))


if __name__ == "__main__":
    main(sys.argv[2:])
