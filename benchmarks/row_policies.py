"""What row policies would cost a rep on the queue page of a team workspace, beside the grants and triggers in use.

usage: python -m benchmarks.row_policies URL [LEADS]

URL is that of an empty PostgreSQL database, as its owner. The same pages are read by a rep's login in rounds that take
turns: without policies, with one that lets every row through, and with one that shows a rep free leads and their own.
"""

import statistics
import sys
import time
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from pqldesk.services.invitations import invite, url_for
from pqldesk.services.queue.queue import queue_page
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
REP = "kim@example.com"
LEADS, ROUNDS = 50_000, 30
POLICIES = {
    "none": None,
    "every row": "true",
    "free and own": "owner IS NULL OR lower(owner) = (SELECT pqldesk_me()) OR (SELECT pqldesk_rank()) <> 'rep'",
    "free and own, asked for each row": "NOT pqldesk_is_anothers(owner, lease_until) OR pqldesk_rank() <> 'rep'",
}
PAGES = {"first page": "all", "own leads": "mine", "unclaimed": "unclaimed"}


def prepare(session: Session, leads: int) -> None:
    """That many scored leads, one in twenty claimed by the rep and one in four by others."""
    session.execute(
        text(
            "INSERT INTO lead (name, email, state, score, owner, created_at, last_active_at, touched_at, qualified,"
            " activation, sample)"
            " SELECT 'Person ' || n, 'p' || n || '@team.example', CASE WHEN n % 20 = 0 OR n % 4 = 1 THEN 'claimed'"
            " ELSE 'new' END, n * 7919 % 10000, CASE WHEN n % 20 = 0 THEN :rep WHEN n % 4 = 1 THEN"
            " 'lee@example.com' END, 1, 1, 1, n % 3 = 0, 0, false FROM generate_series(1, :leads) n"
        ),
        {"leads": leads, "rep": REP},
    )


def put(owner: Workspace, policy: str | None) -> None:
    """Have that policy on the table of leads, and no other."""

    def run(session: Session) -> None:
        session.execute(text("DROP POLICY IF EXISTS measured ON lead"))
        session.execute(
            text(f"ALTER TABLE lead {'DISABLE' if policy is None else 'ENABLE'} ROW LEVEL SECURITY")
        )
        if policy is not None:
            session.execute(text(f"CREATE POLICY measured ON lead USING ({policy})"))

    owner.db.write(run).result()


def main() -> None:
    url, leads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else LEADS
    owner = open_workspace(url, create=True)
    owner.db.write(prepare, leads).result()
    made = owner.db.write(invite, REP, "rep", "owner", AT).result()
    owner.db.write(lambda session: session.execute(text("ANALYZE"))).result()
    rep = open_workspace(url_for(url, made.login, made.password), create=False)
    took: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS):
        for name, policy in POLICIES.items():
            put(owner, policy)
            for page, view in PAGES.items():
                for again in range(3):  # the first after a change plans anew
                    began = time.perf_counter()
                    rep.db.read(
                        lambda session, view=view: queue_page(session, view, rep=REP, at=AT, limit=100)
                    ).result()
                    if number and again:
                        took.setdefault((page, name), []).append(time.perf_counter() - began)
    put(owner, None)
    for page in PAGES:
        plain = statistics.median(took[page, "none"])
        for name in POLICIES:
            middle = statistics.median(took[page, name])
            print(f"{page:12} {name:34} {middle * 1e3:8.2f} ms  {middle / plain:5.2f}x")
    rep.close()
    owner.close()


if __name__ == "__main__":
    main()
