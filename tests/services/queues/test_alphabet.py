"""Lists sorted by a name are in the order of the alphabet, whatever the case and the accents, on both databases."""

from array import array
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from queued import KIM, NOW, Make
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Company, Lead, Trial
from pqldesk.models.work import Task
from pqldesk.services.figures.account_order import account_order
from pqldesk.services.leads.task_list import task_order
from pqldesk.services.queue.view_orders import view_order
from pqldesk.services.trials.order import trial_order
from pqldesk.services.view_spec import ViewSpec
from pqldesk.services.workspaces.workspace import Workspace

NAMES = [
    "Zoe",
    "émile",
    "Åsa",
    "Emilia",
    "Ørsted",
    "oscar",
    "Émil",
    "ödön",
    "Adam",
    "Øster",
    "Straßen",
    "strasse",
    "Ж",
]
ALPHABETICAL = [
    "Adam", "Åsa", "Émil", "émile", "Emilia", "ödön", "Ørsted", "oscar", "Øster", "strasse", "Straßen", "Zoe", "Ж",
]  # fmt: skip

pytestmark = pytest.mark.both_databases
Ask = Callable[..., Any]


@pytest.fixture
def desk(workspace: Workspace, lead: Make) -> None:
    """Each name on a lead, its title and company, a follow-up and a trial."""

    def store(session: Session, number: int, name: str) -> None:
        owned = session.get_one(Lead, number)
        company = Company(name=name, created_at=NOW)
        session.add(company)
        session.flush()
        owned.company_id, owned.company_name, owned.job_title = company.id, name, name
        session.add(Task(lead_id=number, title=name, created_at=NOW, created_by=KIM))
        session.add(
            Trial(
                lead_id=number, company_id=company.id, source="test", key=name, starts_at=NOW,
                ends_at=NOW + timedelta(days=9), ends_date_only=False, created_at=NOW,
            )
        )  # fmt: skip

    for count, name in enumerate(NAMES):
        number = lead(f"l{count}@example.com", name=name)
        workspace.db.write(store, number, name).result()


@pytest.fixture
def called(ask: Ask) -> Callable[[Any, "array[int]"], list[str]]:
    """The names of rows by their numbers."""

    def name_of(column: Any, ids: "array[int]") -> list[str]:
        key = column.class_.id
        found = dict(ask(lambda session: session.execute(select(key, column)).all()))
        return [found[one] for one in ids]

    return name_of


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("sort", ["name", "company", "title"])
def test_the_queue(ask: Ask, called: Ask, sort: str) -> None:
    order = ask(view_order, ViewSpec("all", sort=sort), "", KIM, NOW)
    assert called(Lead.name, order.ids) == ALPHABETICAL
    order = ask(view_order, ViewSpec("all", sort=f"-{sort}"), "", KIM, NOW)
    assert called(Lead.name, order.ids) == ALPHABETICAL[::-1]


@pytest.mark.usefixtures("desk")
def test_the_queue_by_companies(ask: Ask, called: Ask, lead: Make) -> None:
    lead("alone@example.com", name="Alone", company_name="Äbel")  # of a company that has no row
    lead("free@example.com", name="Free")
    order = ask(view_order, ViewSpec("all", group="company"), "", KIM, NOW)
    assert list(order.ids[::2]) == list(range(-1, -len(ALPHABETICAL) - 3, -1))
    assert list(order.counts) == [1] * (len(ALPHABETICAL) + 2)
    assert called(Lead.name, order.ids[1::2]) == ["Alone", *ALPHABETICAL, "Free"]


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("sort", ["name", "champion"])
def test_accounts(ask: Ask, called: Ask, sort: str) -> None:
    order = ask(account_order, NOW, "all", sort, descending=False)
    assert called(Company.name, order.ids) == ALPHABETICAL


@pytest.mark.usefixtures("desk")
def test_accounts_that_are_equally_good(ask: Ask, called: Ask) -> None:
    assert called(Company.name, ask(account_order, NOW).ids) == ALPHABETICAL


@pytest.mark.usefixtures("desk")
def test_trials(ask: Ask, called: Ask) -> None:
    order = ask(trial_order, NOW, "active", "company", descending=False)
    assert called(Trial.key, order.ids) == ALPHABETICAL


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("sort", ["lead", "title"])
def test_tasks(ask: Ask, called: Ask, sort: str) -> None:
    order = ask(task_order, KIM, NOW, NOW, "team", sort, descending=False)
    assert called(Task.title, order.ids) == ALPHABETICAL
