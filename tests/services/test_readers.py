"""Reading beside others: short queries go before long ones, and what nobody waits for any more ends."""

import threading

import pytest
from sqlalchemy import text

from pqldesk.models.driver import Driver
from pqldesk.models.readers import GivenUp

FOR_EVER = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    "postgres": "SELECT pg_sleep(3600)",
}
PATIENCE_S = 60


def test_a_short_query_does_not_wait_behind_long_ones(workspace):
    may_end, first = threading.Event(), threading.Event()

    def long(_session):
        first.set()
        assert may_end.wait(PATIENCE_S)

    waiting = [workspace.db.read_long(long) for _ in range(3)]
    assert first.wait(PATIENCE_S)
    assert workspace.db.read(lambda s: s.scalar(text("SELECT 7"))).result(PATIENCE_S) == 7
    assert not any(one.done() for one in waiting)
    may_end.set()
    assert [one.result(PATIENCE_S) for one in waiting] == [None] * 3


@pytest.mark.both_databases
def test_a_query_that_is_cancelled_ends_while_its_statement_runs(workspace):
    begun = threading.Event()
    sql = FOR_EVER["sqlite" if workspace.db.is_sqlite else "postgres"]

    def endless(session):
        begun.set()
        return Driver(session).rows(sql)

    answer = workspace.db.read_long(endless)
    assert begun.wait(PATIENCE_S)
    answer.cancel()
    assert isinstance(answer.exception(PATIENCE_S), GivenUp)
    # what comes next on the same connection is answered
    for _ in range(5):
        assert workspace.db.read_long(lambda s: s.scalar(text("SELECT 7"))).result(PATIENCE_S) == 7


def test_a_query_that_is_cancelled_between_two_statements_asks_nothing_more(workspace):
    cancelled, begun = threading.Event(), threading.Event()

    def two_steps(session):
        driver = Driver(session)
        driver.rows("SELECT 1")
        begun.set()
        assert cancelled.wait(PATIENCE_S)
        return driver.rows("SELECT 2")

    answer = workspace.db.read_long(two_steps)
    assert begun.wait(PATIENCE_S)
    answer.cancel()
    cancelled.set()
    assert isinstance(answer.exception(PATIENCE_S), GivenUp)


def test_a_query_that_has_not_begun_is_cancelled_without_running(workspace):
    may_end, ran = threading.Event(), []
    blocker = workspace.db.read_long(lambda _s: may_end.wait(PATIENCE_S))
    answer = workspace.db.read_long(lambda _s: ran.append(1))
    assert answer.cancel()
    may_end.set()
    blocker.result(PATIENCE_S)
    workspace.db.read_long(lambda _s: None).result(PATIENCE_S)
    assert ran == []


def test_closing_gives_up_what_is_being_read(workspace):
    begun = threading.Event()

    def endless(session):
        begun.set()
        return Driver(session).rows(FOR_EVER["sqlite"])

    answer = workspace.db.read(endless)
    assert begun.wait(PATIENCE_S)
    closing = threading.Thread(target=workspace.db.close, daemon=True)
    closing.start()
    closing.join(PATIENCE_S)
    assert not closing.is_alive()
    assert isinstance(answer.exception(), GivenUp)
