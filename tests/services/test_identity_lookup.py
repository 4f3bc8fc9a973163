"""Finding out who a page of events is about."""

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.people import Identity
from pqldesk.services.ingest.identities import IdentityBook, email_key, user_key
from tests.services.conftest import NOW
from tests.services.steps import steps

ODD = "Zoë 100%?'\"\\é日"


def met(session: Session, emails: list[str]) -> None:
    """Identities of *emails* and of users of two sources with the same names."""
    session.execute(
        insert(Identity),
        [
            {"namespace": namespace, "folded": one, "value": one, "verified": False, "created_at": NOW}
            for one in emails
            for namespace in ("email", "segment", "posthog")
        ],
    )


@pytest.mark.both_databases
def test_people_are_found_by_name_and_kind_of_name_however_many_are_asked_for(write):
    write(met, [f"p{n}@example.com" for n in range(900)] + [ODD])

    def found(session: Session) -> set[tuple[str, str]]:
        book = IdentityBook(session, NOW, None)
        asked = [email_key(f"P{n}@example.com ") for n in range(0, 1_800, 2)]
        asked += [user_key("segment", ODD), user_key("mixpanel", ODD), user_key("posthog", "p1@example.com")]
        return set(book.look_up(asked))

    assert write(found) == {
        *(("email", f"p{n}@example.com") for n in range(0, 900, 2)),
        ("segment", ODD),
        ("posthog", "p1@example.com"),
    }


@pytest.mark.of_a_file
def test_looking_people_up_costs_no_more_in_a_large_workspace(write):
    wanted = [email_key(f"p{n}@example.com") for n in range(50)]

    def cost(session: Session) -> int:
        return steps(session, lambda: IdentityBook(session, NOW, None).look_up(wanted))

    write(met, [f"p{n}@example.com" for n in range(100)])
    small = write(cost)
    write(met, [f"q{n}@example.com" for n in range(5_000)])
    assert write(lambda session: Driver(session).rows("SELECT count(*) FROM identity")[0][0]) == 15_300
    assert write(cost) < small * 1.5
