"""The double of a customer portal, as its one known sender talks to it: three generations of paths, admin headers, lead
bodies flat or under ``trial_user``, trial applies, and the two questions about trials.

What a real portal checks is not public: this one checks what the senders are known to keep to, and a country unless
``skip_country_validation`` is set.
"""

import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.datastructures import QueryParams

from pqldesk.sandbox.double import Answer, Asked, Double, carry_out, set_switches
from pqldesk.sandbox.portal.tables import Tables

ADMIN_EMAIL, ADMIN_TOKEN = "gl_com_api@gitlab.com", "customer_admin_token"
DAYS = {"ultimate_with_gitlab_duo_enterprise": 60, "ultimate_on_premium_with_gitlab_duo_enterprise": 60,
        "gitlab_duo_enterprise": 60}  # fmt: skip
TYPES = ("ultimate_with_dap", "ultimate_on_premium_with_dap", *DAYS)
USUAL_DAYS = 30
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LEAD = (
    "first_name", "last_name", "company_name", "phone_number", "country", "state", "comment", "uid", "namespace_id",
    "glm_source", "glm_content", "product_interaction", "existing_plan", "trial_type",
)  # fmt: skip


class _Refused(Exception):
    def __init__(self, status: int, errors: str, fields: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(errors)
        body: dict[str, Any] = {"success": False, "errors": errors}
        if fields is not None:
            body["error_attribute_map"] = fields
        self.answer = Answer(status, body)


@dataclass(slots=True)
class Switches:
    """What the portal's owners have set. *paused*: leads stay in the queue to Workato."""

    paused: bool = False
    token: str = ADMIN_TOKEN


class PortalDouble(Double):
    """One portal. Its queue to the relay behind it is worked off at once unless *paused*."""

    def __init__(self, tables: Tables, *, paused: bool = False, latency_s: float = 0.0) -> None:
        super().__init__(latency_s=latency_s)
        self.tables = tables
        self._paused = paused
        self.switches = Switches(paused)
        self._revision = 0

    def answer(self, asked: Asked) -> Answer:
        """Serve one call of the sender."""
        path = "/" + asked.path.strip("/")
        route = ROUTES.get((asked.method, path))
        if route is None:
            return Answer(404, {"status": 404, "error": "Not Found"})
        serve, is_open = route
        try:
            asked.caller = self._caller(asked, is_open)
            if asked.method != "GET":
                self._check_body(asked)
            answer = serve(self, asked)
        except _Refused as refused:
            return refused.answer
        self._revision += 1
        return answer

    def _caller(self, asked: Asked, is_open: bool) -> str | None:
        if is_open:
            return None
        token = asked.headers.get("x-admin-token", "")
        if not hmac.compare_digest(token, self.switches.token) or not asked.headers.get("x-admin-email"):
            raise _Refused(403, "Forbidden")
        return "admin"

    def _check_body(self, asked: Asked) -> None:
        if not asked.headers.get("content-type", "").startswith("application/json"):
            raise _Refused(415, "Unsupported Media Type")
        if not isinstance(asked.body, dict):
            raise _Refused(400, "Bad Request")

    # Leads

    def hand_raise(self, asked: Asked) -> Answer:
        self._lead("hand_raise", asked.body, asked.body)
        return Answer(200, {"success": True})

    def trial_lead(self, asked: Asked) -> Answer:
        user = self._inner(asked, "trial_user")
        self._lead("trial", user, asked.body)
        self._customer(user, user.get("uid"))
        return Answer(201, {"success": True})

    def trials(self, asked: Asked) -> Answer:
        """Generations A and B: a lead, or with ``sync_to_gl`` an apply."""
        user = self._inner(asked, "trial_user")
        return self.apply(asked) if user.get("sync_to_gl") else self.trial_lead(asked)

    def iterable(self, asked: Asked) -> Answer:
        self._lead("iterable", {"skip_country_validation": True, **asked.body}, asked.body)
        return Answer(200, {"success": True})

    def contact(self, asked: Asked) -> Answer:
        lead = self._inner(asked, "lead")
        self._lead("contact", {**lead, "work_email": lead.get("email")}, asked.body)
        return Answer(200, {"success": True})

    def opt_in(self, _asked: Asked) -> Answer:
        return Answer(200, {"success": True})

    def _lead(self, kind: str, lead: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        email = lead.get("work_email")
        if not isinstance(email, str) or not _EMAIL.fullmatch(email.strip()):
            raise _Refused(422, "Work email is invalid", {"work_email": ["invalid" if email else "blank"]})
        if not lead.get("skip_country_validation") and not lead.get("country"):
            raise _Refused(422, "Country can't be blank", {"country": ["blank"]})
        now = _stamp(self._now())
        number = self.tables.add(
            "leads", kind=kind, work_email=email, body=json.dumps(body), created_at=now,
            **{name: _text(lead.get(name)) for name in _LEAD},
        )  # fmt: skip
        if not self.switches.paused:
            self._send(number)

    def _send(self, number: int) -> None:
        self.tables.run(
            "UPDATE leads SET sent_to = 'workato', sent_at = ? WHERE id = ?", _stamp(self._now()), number
        )

    def _customer(self, user: Mapping[str, Any], uid: Any) -> int:
        known = self.tables.one("SELECT id FROM customers WHERE uid = ?", _text(uid))
        if known is not None:
            return int(known["id"])
        return self.tables.add(
            "customers", uid=_text(uid), email=user.get("work_email"), first_name=user.get("first_name"),
            last_name=user.get("last_name"), company=user.get("company_name"), created_at=_stamp(self._now()),
        )  # fmt: skip

    # Trials

    def apply(self, asked: Asked) -> Answer:
        user = self._inner(asked, "trial_user")
        uid, namespace = _text(asked.body.get("uid")), _text(user.get("namespace_id"))
        if uid is None or namespace is None:
            raise _Refused(422, "Namespace can't be blank", {"namespace_id": ["blank"]})
        if self.tables.one("SELECT id FROM trial_histories WHERE namespace_id = ?", namespace) is not None:
            raise _Refused(422, "Namespace has had a trial", {"namespace_id": ["taken"]})
        kind = user.get("trial_type") or "ultimate_with_dap"
        now = self._now()
        begun, ends = f"{now:%Y-%m-%d}", f"{now + timedelta(days=DAYS.get(kind, USUAL_DAYS)):%Y-%m-%d}"
        customer = self._customer({}, uid)
        self.tables.add(
            "orders", customer_id=customer, namespace_id=namespace, product=kind, trial=1, start_date=begun,
            end_date=ends, created_at=_stamp(now),
        )  # fmt: skip
        self.tables.add(
            "trial_histories", namespace_id=namespace, uid=uid, trial_type=kind, glm_source=user.get("glm_source"),
            glm_content=user.get("glm_content"), start_date=begun, end_date=ends, created_at=_stamp(now),
        )  # fmt: skip
        return Answer(201, {"success": True, "trial": {"trial_ends_on": ends}})

    def extend(self, asked: Asked) -> Answer:
        user = self._inner(asked, "trial_user")
        if not user.get("trial_extension_type"):
            raise _Refused(422, "Trial extension type can't be blank", {"trial_extension_type": ["blank"]})
        namespace = _text(user.get("namespace_id"))
        found = self.tables.one("SELECT id, end_date FROM trial_histories WHERE namespace_id = ?", namespace)
        if found is None:
            raise _Refused(422, "Namespace has no trial", {"namespace_id": ["invalid"]})
        later = datetime.fromisoformat(found["end_date"]) + timedelta(days=USUAL_DAYS)
        self.tables.run(
            "UPDATE trial_histories SET end_date = ? WHERE id = ?", f"{later:%Y-%m-%d}", found["id"]
        )
        return Answer(200, {"success": True})

    def self_managed(self, asked: Asked) -> Answer:
        trial = self._inner(asked, "trial")
        email = trial.get("email")
        known = self.tables.one("SELECT id FROM leads WHERE kind = 'self_managed' AND work_email = ?", email)
        if known is not None:
            taken = {"base": ["only_one_trial_per_email_and_type"]}
            raise _Refused(422, "Only one trial per email and type", taken)
        self._lead("self_managed", {**trial, "work_email": email}, asked.body)
        return Answer(200, {"activation_code": secrets.token_hex(12)})

    def eligibility(self, asked: Asked) -> Answer:
        query = asked.query
        ids = query.getlist("namespace_ids[]") if isinstance(query, QueryParams) else []
        had = {number for number in ids if self._had_trial(number)}
        return Answer(
            200,
            {"namespaces": {number: [] if number in had else [TYPES[0]] for number in ids}},
            {"cache-control": "max-age=28800"},
        )

    def trial_types(self, _asked: Asked) -> Answer:
        kinds = {kind: {"duration_days": DAYS.get(kind, USUAL_DAYS)} for kind in TYPES}
        return Answer(200, {"trial_types": kinds}, {"cache-control": "max-age=3600"})

    def _had_trial(self, number: str) -> bool:
        return self.tables.one("SELECT id FROM trial_histories WHERE namespace_id = ?", number) is not None

    def _inner(self, asked: Asked, root: str) -> dict[str, Any]:
        found = asked.body.get(root)
        if not isinstance(found, dict):
            raise _Refused(400, f"param is missing or the value is empty: {root}")
        return found

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.time(), UTC)

    # What a double brings

    def refusal(self, status: int) -> Answer:
        return Answer(status, {"success": False, "errors": f"HTTP status code: {status}"})

    def revision(self) -> int:
        return self._revision

    def snapshot(self) -> str:
        return "{}"

    def dump(self) -> Any:
        return {**self.tables.dump(), "paused": self.switches.paused}

    def change(self, order: Mapping[str, Any]) -> Any:
        known: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "switch": lambda order: set_switches(self.switches, order),
            "send_waiting": lambda order: self._send_waiting(),
            "fail_waiting": lambda order: self.tables.run(
                "UPDATE leads SET send_error = ? WHERE sent_at IS NULL", order["error"]
            ),
            "advance_clock": lambda order: self.clock.advance(order["seconds"]),
        }
        carry_out(known, order.get("action"), order)
        self._revision += 1
        return {}

    def _send_waiting(self) -> None:
        for row in self.tables.dump()["leads"]:
            if row["sent_at"] is None:
                self._send(row["id"])

    def reset(self) -> None:
        self.tables.clear()
        self.switches = Switches(self._paused)
        self._revision += 1


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


_Serve = Callable[[PortalDouble, Asked], Answer]
ROUTES: dict[tuple[str, str], tuple[_Serve, bool]] = {  # the second: without the admin headers
    ("POST", "/trials/create_hand_raise_lead"): (PortalDouble.hand_raise, False),
    ("POST", "/leads/gitlab_com/hand_raises"): (PortalDouble.hand_raise, False),
    ("POST", "/leads/gitlab_com/ultimates"): (PortalDouble.trial_lead, False),
    ("POST", "/leads/gitlab_com/addons"): (PortalDouble.trial_lead, False),
    ("POST", "/trials"): (PortalDouble.trials, False),
    ("POST", "/trials/gitlab_com/ultimates"): (PortalDouble.apply, False),
    ("POST", "/trials/create_addon"): (PortalDouble.apply, False),
    ("POST", "/trials/gitlab_com/addons"): (PortalDouble.apply, False),
    ("PUT", "/trials/extend_reactivate_trial"): (PortalDouble.extend, False),
    ("POST", "/trials/create_iterable"): (PortalDouble.iterable, False),
    ("POST", "/trials/self_managed/ultimates"): (PortalDouble.self_managed, True),
    ("POST", "/leads/self_managed/welcome_contacts"): (PortalDouble.contact, True),
    ("POST", "/api/marketo_leads/opt_in"): (PortalDouble.opt_in, False),
    ("GET", "/api/v1/gitlab/namespaces/trials/eligibility"): (PortalDouble.eligibility, False),
    ("GET", "/api/v1/gitlab/namespaces/trials/trial_types"): (PortalDouble.trial_types, False),
}
