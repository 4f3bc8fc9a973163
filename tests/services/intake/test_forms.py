"""GitLab's forms: the recorded requests of its HTTP client, the answers its sender needs, and what is stored."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from pqldesk.models.people import Hop, Lead, Submission, Trial
from pqldesk.services.basics import clock
from pqldesk.services.events.deriving import derive_waiting
from pqldesk.services.events.raw_pages import Page, keep_pages, packed
from pqldesk.services.intake import forms, limits
from pqldesk.services.workspaces.workspace import Workspace

pytestmark = pytest.mark.both_databases

RECORDED = json.loads(
    (Path(__file__).parents[2] / "data/recorded/gitlab-customersdot-httparty-0.21.0.json").read_text()
)["requests"]
TOKEN = {"X-Admin-Email": "gl_com_api@gitlab.com", "X-Admin-Token": "customer_admin_token"}
RAISE = RECORDED[0]["body_json"]
ADDRESS = "http://127.0.0.1:8620"
Post = Callable[..., httpx.Response]
Rows = Callable[[str], list[tuple[Any, ...]]]


def raised(**changed: Any) -> dict[str, Any]:
    return {**RAISE, **changed}


@pytest.fixture
def gitlab(connect: Callable[..., None]) -> None:
    connect("gitlab")


def send(post: Post, recorded: dict[str, Any]) -> httpx.Response:
    headers = {
        name: value
        for name, value in recorded["headers"]
        if name not in ("Host", "Content-Length", "Connection")
    }
    content = json.dumps(recorded["body_json"]).encode() if "body_json" in recorded else None
    return post(ADDRESS + recorded["request_target"], recorded["method"], headers=headers, content=content)


def test_every_recorded_request_is_answered_as_the_portal_would(
    connect: Callable[..., None], post: Post, rows: Rows
) -> None:
    connect("gitlab", self_managed="on")
    said = {}
    for recorded in RECORDED:
        answer = send(post, recorded)
        assert isinstance(answer.json(), dict)  # what the sender parses
        said.setdefault(answer.status_code, []).append(recorded["path"])

    assert said[502] == [  # these need the portal itself, and none is connected
        "/trials/self_managed/ultimates",
        "/api/v1/gitlab/namespaces/trials/eligibility",
        "/api/v1/gitlab/namespaces/trials/trial_types",
    ]
    assert set(said) == {200, 502}
    assert rows("SELECT kind, glm_content, product_interaction, times FROM submission ORDER BY id") == [
        (
            "hand_raise",
            "group-billing",
            "Hand Raise PQL",
            2,
        ),  # with the last request, two slashes in its path
        ("hand_raise", "trial-status-show-group", "Hand Raise PQL", 1),
        ("hand_raise", "group-billing", None, 1),
        ("trial", "discover-group-security", None, 1),
        ("trial", "discover-group-security", "duo_pro_trial", 1),
        ("signup", "navigation-cta-docs", "Personal SaaS Registration", 1),
        ("cart_abandonment", None, "cart abandonment - SaaS Premium", 1),
        ("trial", None, None, 1),
        ("contact", None, "SM Welcome Flow No Trial Contact", 1),
    ]
    assert rows("SELECT email, first_name, last_name, company_name, placement FROM lead") == [
        ("dana.ruiz@example.com", "Dana", "Ruiz", "Example, Inc.", "navigation-cta-docs")
    ]
    assert rows("SELECT plan, lead_id, outcome FROM trial") == [("ultimate_with_dap", 1, None)]


@pytest.mark.usefixtures("gitlab")
def test_a_hand_raise_qualifies_at_once_and_is_kept_whole(post: Post, workspace: Workspace) -> None:
    assert post("/leads/gitlab_com/hand_raises", json=raised(unheard_of={"a": 1}), headers=TOKEN).json() == {
        "success": True
    }

    def look(session: Any) -> tuple[Any, ...]:
        lead, form = session.query(Lead).one(), session.query(Submission).one()
        hops = [(hop.step, hop.status) for hop in session.query(Hop)]
        return lead.qualified, lead.hand_raised_at, form.received_at, form.raw, hops

    qualified, at, received_at, raw, hops = workspace.db.read(look).result()
    assert qualified
    assert at == received_at
    assert raw["unheard_of"] == {"a": 1}
    assert raw["path"] == "/leads/gitlab_com/hand_raises"
    assert hops == [("received", "ok")]


def test_a_hand_raise_received_while_deriving_waits_for_its_turn_qualifies_at_once(
    workspace: Workspace,
) -> None:
    received = datetime(2026, 11, 20, 9, 0, 0, 5, tzinfo=UTC)
    form = {"path": "/leads/gitlab_com/hand_raises", "body": raised()}
    page = packed(Page("gitlab", [form], received))
    workspace.db.write(keep_pages, [page]).result()
    workspace.db.write(derive_waiting, received - timedelta(seconds=1), 10).result()

    qualified = workspace.db.read(lambda session: session.query(Lead.qualified).one()).result()
    assert qualified == (True,)


@pytest.mark.usefixtures("gitlab")
def test_the_same_hand_raise_within_a_day_is_counted_and_later_is_a_new_one(
    post: Post, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = datetime(2026, 11, 20, 9, tzinfo=UTC)
    for hours in (0, 1, 23, 25):
        monkeypatch.setattr(clock, "now", lambda at=begun + timedelta(hours=hours): at)
        post("/trials/create_hand_raise_lead", json=raised(work_email="Dana.Ruiz@Example.com"), headers=TOKEN)
    post("/trials/create_hand_raise_lead", json=raised(comment="Call me"), headers=TOKEN)
    assert rows("SELECT times, comment FROM submission ORDER BY id") == [
        (3, "We need SAML for 120 seats."), (1, "We need SAML for 120 seats."), (1, "Call me"),
    ]  # fmt: skip
    assert rows("SELECT count(*) FROM lead") == [(1,)]


@pytest.mark.usefixtures("gitlab")
@pytest.mark.parametrize(
    ("request_", "status", "fields"),
    [
        ({"json": {"comment": "hi"}}, 422, {"work_email": ["blank"]}),
        ({"json": {"work_email": "nobody"}}, 422, {"work_email": ["invalid"]}),
        ({"json": [RAISE]}, 422, {"work_email": ["blank"]}),
        ({"content": b"{"}, 422, {"work_email": ["blank"]}),
        ({"json": RAISE, "headers": {"X-Admin-Token": "wrong"}}, 403, None),
    ],
)
def test_refusals_are_objects_with_errors_and_nothing_is_kept(
    post: Post, rows: Rows, request_: dict[str, Any], status: int, fields: Any
) -> None:
    answer = post("/leads/gitlab_com/hand_raises", **{"headers": TOKEN, **request_})
    assert answer.status_code == status
    assert answer.json()["errors"]
    assert answer.json().get("error_attribute_map") == fields
    assert rows("SELECT count(*) FROM raw_page") == [(0,)]


def test_nothing_is_taken_before_gitlab_is_connected(post: Post) -> None:
    assert post("/trials", json={"trial_user": RAISE}, headers=TOKEN).status_code == 404


@pytest.mark.usefixtures("gitlab")
def test_self_managed_forms_bring_no_token_and_are_off_until_switched_on(post: Post) -> None:
    assert (
        post("/leads/self_managed/welcome_contacts", json={"lead": {"email": "a@example.com"}}).status_code
        == 404
    )


@pytest.mark.usefixtures("gitlab")
def test_a_form_is_taken_however_much_waits_because_its_sender_does_not_send_again(
    post: Post, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pqldesk.services.intake.desk.WAITING_LIMIT", -1)
    assert post("/leads/gitlab_com/hand_raises", json=RAISE, headers=TOKEN).status_code == 200
    assert rows("SELECT count(*) FROM submission") == [(1,)]


@pytest.mark.usefixtures("gitlab")
def test_what_cannot_be_stored_is_a_500_with_errors(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("pqldesk.services.intake.desk.keep_durably", full)
    answer = post("/leads/gitlab_com/hand_raises", json=RAISE, headers=TOKEN)
    assert answer.status_code == 500
    assert isinstance(answer.json()["errors"], str)


@pytest.mark.usefixtures("gitlab")
def test_lead_apply_and_extension_of_a_namespace_are_one_trial(post: Post, workspace: Workspace) -> None:
    for number in (3, 4):
        assert send(post, RECORDED[number]).json() == {"success": True}
    apply = RECORDED[4]["body_json"]
    extension = {**apply, "trial_user": {**apply["trial_user"], "trial_extension_type": 1}}
    assert post("/trials/extend_reactivate_trial", "PUT", json=extension, headers=TOKEN).json() == {
        "success": True
    }

    def look(session: Any) -> list[tuple[Any, ...]]:
        return [
            (trial.plan, (trial.ends_at - trial.starts_at).days, trial.source_state, trial.lead_id)
            for trial in session.query(Trial)
        ]

    assert workspace.db.read(look).result() == [("ultimate_with_dap", 30, "extended", 1)]


@pytest.mark.usefixtures("gitlab")
def test_the_token_is_stored_nowhere(post: Post, workspace: Workspace, place: Any) -> None:
    post("/leads/gitlab_com/hand_raises", json=RAISE, headers=TOKEN)
    workspace.db.write(lambda session: None).result()
    if isinstance(place, Path):
        held = b"".join(path.read_bytes() for path in place.parent.glob(place.name + "*"))
        assert b"customer_admin_token" not in held


def test_whoever_tries_many_tokens_waits_and_the_right_one_never_does(
    gitlab: None, served: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async def tried(client: httpx.AsyncClient) -> list[int]:
        monkeypatch.setattr(forms.asyncio, "sleep", wait)
        # All in one moment: a slow computer would leave time enough between them.
        monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: 1000.0))
        tokens = [*(f"guess {n}" for n in range(60)), "customer_admin_token"]
        told = [
            await client.post("/trials/create_hand_raise_lead", json=RAISE, headers={"X-Admin-Token": token})
            for token in tokens
        ]
        monkeypatch.undo()
        return [answer.status_code for answer in told]

    *guesses, right = served(tried)
    assert guesses[:5] == [403] * 5
    assert guesses[-1] == 429
    assert forms.TRYING_S in waited
    assert right == 200
    assert rows("SELECT count(*) FROM submission") == [(1,)]


def test_a_form_beyond_all_measure_is_refused(gitlab: None, post: Post, rows: Rows) -> None:
    large = post("/trials/create_hand_raise_lead", json=raised(comment="x" * 2_000_000), headers=TOKEN)
    assert large.status_code == 413
    assert "KiB" in large.json()["errors"]
    assert rows("SELECT count(*) FROM raw_page") == [(0,)]
