"""Erasing a person: no row holds anything of them afterwards, and what was done stays."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from erased import LEADS, REP, TOKENS, TRIALS, WHO, erase, everything_stored
from sqlalchemy import select, text

from pqldesk.models.history import Action, ActionRow, Change
from pqldesk.models.people import Identity, Lead, Trial
from pqldesk.models.schema import Base
from pqldesk.models.settings import Placement, SavedView, ViewLayout
from pqldesk.models.team import Route
from pqldesk.models.usage import RawPage
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.erasure import erase as erasing
from pqldesk.services.erasure import rows as erased_rows
from pqldesk.services.events import deriving, raw_pages
from pqldesk.services.files.fields import Kind
from pqldesk.services.leads.undo import undo
from pqldesk.services.queue import saved_views, view_layouts
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW

pytestmark = pytest.mark.both_databases


def test_every_table_says_what_erasing_does_to_it() -> None:
    known = {*erased_rows.GOES, *erased_rows.EMPTIED, *erased_rows.OF_NOBODY}
    assert set(Base.metadata.tables) == known
    assert len(known) == len(erased_rows.GOES) + len(erased_rows.EMPTIED) + len(erased_rows.OF_NOBODY)


def test_no_table_holds_anything_of_the_person_afterwards(lived: Workspace) -> None:
    before = everything_stored(lived)
    assert all(token in before for token in TOKENS)
    found = erase(lived)
    after = everything_stored(lived)
    assert [token for token in TOKENS if token in after] == []
    assert found.rows["lead"] == 1
    assert found.rows["usage_event"] == 2
    assert found.rows["event_set_aside"] == 1
    assert "abe@north.example" in after


def test_the_name_as_it_is_compared_goes_with_the_name(lived: Workspace) -> None:
    lived.db.write(
        lambda session: session.execute(text("UPDATE lead SET name = replace(name, 'e', 'é')")) and None
    ).result()

    def compared() -> set[str]:
        return set(lived.db.read(lambda s: s.scalars(text("SELECT name FROM lead_plain")).all()).result())

    before = compared()
    erase(lived)
    assert before - compared() == {"zoe quagmire"}


def test_the_history_keeps_what_was_done_and_when(lived: Workspace) -> None:
    erase(lived)

    def read(session: Any) -> list[tuple[str, str]]:
        rows = session.execute(select(Action.name, Action.actor).order_by(Action.id))
        return [(name, actor) for name, actor in rows]

    assert lived.db.read(read).result() == [
        ("claimed", REP),
        ("note_added", REP),
        ("task_added", REP),
        ("erased", REP),
    ]
    owners = lived.db.read(
        lambda s: [
            image.after["owner"] for image in s.scalars(select(ActionRow)) if "owner" in (image.after or {})
        ]
    ).result()
    assert owners == [REP]


def test_what_was_done_with_an_erased_lead_cannot_be_undone(lived: Workspace) -> None:
    erase(lived)
    with pytest.raises(NotAllowed):
        lived.db.write(undo, REP, NOW).result()
    assert [token for token in TOKENS if token in everything_stored(lived)] == []


def test_views_and_routes_that_name_the_person_stay_without_the_name(lived: Workspace) -> None:
    where = f'email = "{WHO}" or owner = "{REP}"'
    for label, spec in (
        (WHO.upper(), {"filter": where}),
        ("Theirs", {"filter": "score >= 50", "search": "Zoe Quagmire"}),
        ("Others", {"filter": 'email = "abe@north.example"'}),
    ):
        lived.db.write(saved_views.save_view, label, spec, REP, NOW).result()
    lived.db.write(saved_views.save_view, "To go", {"search": "zoe quagmire"}, REP, NOW).result()
    lived.db.write(saved_views.delete_view, "to-go", REP, NOW).result()
    lived.db.write(view_layouts.pin_view, "zoe-quagmire-north-example", False, REP).result()
    lived.db.write(
        lambda s: s.add(Route(name="Zoe Quagmire", position=1, filter=where, weights={}, created_at=NOW))
    ).result()
    assert erasing.preview(lived.db, WHO).rows["saved_view"] == 2
    found = erase(lived)
    assert (found.rows["saved_view"], found.rows["route"]) == (2, 1)
    assert [token for token in TOKENS if token in everything_stored(lived)] == []

    def kept(session: Any) -> list[tuple[str, str]]:
        return [
            (view.label, view.spec.get("filter", ""))
            for view in session.scalars(select(SavedView).order_by(SavedView.id))
        ]

    assert lived.db.read(kept).result() == [
        ("erased", f'email = "erased" or owner = "{REP}"'),
        ("Theirs", "score >= 50"),
        ("Others", 'email = "abe@north.example"'),
    ]
    assert "erased-1" in lived.db.read(lambda s: s.scalars(select(ViewLayout.view)).all()).result()
    with pytest.raises(NotAllowed, match="named a person who was erased"):  # what "To go" was
        lived.db.write(undo, REP, NOW).result()


def test_what_names_the_person_and_is_left_to_others_is_said(lived: Workspace) -> None:
    lived.db.write(lambda s: s.add(Placement(glm_content="mail", note=f"Of {WHO}", created_at=NOW))).result()
    for said in (erasing.preview(lived.db, WHO).left, erase(lived).left):
        assert "The placement mail names the person: change it where it should not." in said


def test_every_window_hears_of_it_as_soon_as_the_rows_are_gone(
    lived: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []

    def stopped(*_given: object) -> None:
        heard.append(lived.db.read(lambda session: len(session.scalars(select(Change.id)).all())).result())
        raise KeyboardInterrupt

    before = lived.db.read(lambda session: len(session.scalars(select(Change.id)).all())).result()
    monkeypatch.setattr(erasing, "_empty_files", stopped)
    with pytest.raises(KeyboardInterrupt):
        erase(lived)
    assert heard[0] > before


def test_a_person_known_only_by_usage_is_erased_too(workspace: Workspace, bring: Callable[..., Any]) -> None:
    bring(Kind.EVENTS, "event_id,user_id,event,occurred_at\ne1,zq-4711,login,2026-11-10T10:00:00Z\n", "e.csv")
    found = erase(workspace, "app:zq-4711")
    assert found.leads == []
    assert found.rows["usage_event"] == 1
    assert workspace.db.read(lambda s: s.scalars(select(Identity.value)).all()).result() == []


def test_the_trial_of_a_company_stays_without_the_person(
    workspace: Workspace, bring: Callable[..., Any]
) -> None:
    bring(Kind.LEADS, LEADS, "leads.csv")
    bring(Kind.TRIALS, TRIALS, "trials.csv")
    erase(workspace)
    trial = workspace.db.read(lambda s: s.scalars(select(Trial)).one()).result()
    assert (trial.lead_id, trial.identity_id) == (None, None)
    assert trial.company_id is not None
    assert trial.plan == "Pro"


def test_what_was_received_raw_is_emptied_and_derives_nothing_any_more(workspace: Workspace) -> None:
    track = {"type": "track", "event": "Signed In", "timestamp": "2026-11-10T10:00:00Z"}
    zoe = {"type": "identify", "messageId": "m1", "userId": "zq-4711", "traits": {"email": WHO}}
    items = [
        zoe,
        {**track, "messageId": "m2", "userId": "zq-4711"},
        {**track, "messageId": "m3", "userId": "ao-1"},
    ]
    page = raw_pages.packed(raw_pages.Page("segment", items, NOW))
    workspace.db.write(raw_pages.keep_pages, [page, page]).result()
    workspace.db.write(deriving.derive_waiting, NOW, 3).result()  # the first page; the second waits
    found = erase(workspace)
    assert found.rows["raw_item"] == 4
    workspace.db.write(deriving.derive_waiting, NOW, 100).result()

    def read(session: Any) -> tuple[list[Any], int]:
        bodies = session.scalars(select(RawPage.body))
        return [json.loads(zlib.decompress(body)) for body in bodies], len(
            session.scalars(select(Lead.email)).all()
        )

    pages, leads = workspace.db.read(read).result()
    assert [[item and item["userId"] for item in page] for page in pages] == [[None, None, "ao-1"]] * 2
    assert leads == 1  # the shell
    assert [token for token in TOKENS if token in everything_stored(workspace)] == []


def test_what_would_be_erased_is_shown_and_left(lived: Workspace, tmp_path: Path) -> None:
    before = everything_stored(lived)
    found = erasing.preview(lived.db, WHO)
    assert found.rows["note"] == 1
    assert found.rows["task"] == 1
    assert everything_stored(lived) == before
