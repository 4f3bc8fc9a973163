"""Search as you type: the first 100 leads by score after each keystroke.

usage: python -m benchmarks.search [--small]

What is typed: beginnings of names, e-mails and companies of 1 to 12 letters, pieces from their middles, and words that
do not occur. A sample of the answers is held against a plain scan.
"""

import random
import sys
import time

from sqlalchemy.orm import Session

from benchmarks.build import AT
from benchmarks.figures import Figure
from benchmarks.ground import workspace_of
from benchmarks.rounds import percentile
from pqldesk.models.driver import Driver
from pqldesk.services.queue.queue import lead_order
from pqldesk.services.workspaces.workspace import open_workspace

FIRST = 100
ABSENT = ("zzzz", "qqq", "xq", "@", "acme north", "no such lead")
SCANNED = 12  # answers held against a scan; each scan of a million leads takes a second


def main(small: bool) -> list[Figure]:
    """The 95th percentile and the worst keystroke."""
    workspace = open_workspace(workspace_of(100_000 if small else 1_000_000), create=False)
    try:
        return workspace.db.read(_measured).result()
    finally:
        workspace.close()


def _measured(session: Session) -> list[Figure]:
    driver = Driver(session)
    typed = _keystrokes(driver)
    times, paid = [], []
    for text in typed:
        started, began = time.perf_counter(), time.thread_time()
        lead_order(session, search=text, at=AT, limit=FIRST)
        times.append((1e3 * (time.perf_counter() - started), text))
        paid.append(1e3 * (time.thread_time() - began))
    _check(
        session,
        driver,
        [text for text in typed if len(text) >= 3 and " " not in text][:: len(typed) // SCANNED],
    )
    times.sort()
    p95, worst = times[int(len(times) * 0.95)], times[-1]
    detail = (
        f"{len(times)} keystrokes, median {times[len(times) // 2][0]:.1f} ms;"
        f" by CPU time p95 {percentile(paid, 0.95):.1f}, worst {max(paid):.0f} ms"
    )
    return [
        Figure("search as you type, p95", p95[0], "ms", 30, 15, detail),
        Figure("search as you type, worst", worst[0], "ms", 500, 100, f"typed {worst[1]!r}"),
    ]


def _keystrokes(driver: Driver) -> list[str]:
    dice = random.Random(11)
    ((newest,),) = driver.rows("SELECT max(id) FROM lead")
    ids = ",".join(str(dice.randrange(1, newest + 1)) for _ in range(200))
    words = [
        dice.choice(row)
        for row in driver.rows(f"SELECT name, email, company_name FROM lead WHERE id IN ({ids})")
    ]
    typed = [word[:letters] for word in words[:60] for letters in range(1, 13)]
    typed += [word[3 : 3 + letters] for word in words[60:120] for letters in (2, 3, 5, 8)]
    return [text for text in typed if text.strip()] + list(ABSENT)


def _check(session: Session, driver: Driver, texts: list[str]) -> None:
    for text in texts:
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = ("name", "email", "company_name", "domain")
        where = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in columns)
        plain = driver.rows(
            f"SELECT id FROM lead WHERE is_open = 1 AND ({where})"
            f" ORDER BY score DESC, active_order DESC, id LIMIT {FIRST}",
            (pattern,) * 4,
        )
        found = list(lead_order(session, search=text, at=AT, limit=FIRST))
        if found != [row[0] for row in plain]:
            raise AssertionError(f"the search for {text!r} is not what a scan finds")


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
