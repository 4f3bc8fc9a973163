"""Records in the local double: validation order, values, assert, patch and put, uniqueness."""

import pytest

from .conftest import Attio, Start

PEOPLE = "/v2/objects/people/records"
DEALS = "/v2/objects/deals/records"
COMPANIES = "/v2/objects/companies/records"


def body(**values: object) -> dict[str, object]:
    return {"data": {"values": values}}


def test_reading_all_records_by_get_is_an_unknown_endpoint(attio: Attio) -> None:
    assert attio.refused("GET", PEOPLE) == (404, "not_found")


def test_the_shape_of_the_body_is_checked_before_slugs_and_slugs_before_types(attio: Attio) -> None:
    assert attio.refused("POST", PEOPLE, {"values": {}}) == (400, "validation_type")
    assert attio.refused("POST", PEOPLE, body(nope=1, pql_score="x")) == (400, "value_not_found")
    assert attio.refused("POST", PEOPLE, body(pql_score="x", plan_type="Gold")) == (400, "validation_type")
    assert attio.refused("POST", DEALS, body(stage="Gold")) == (400, "value_not_found")


def test_a_missing_required_value_is_named_by_its_attributes_uuid(attio: Attio) -> None:
    owner = attio.ok("GET", "/v2/objects/deals/attributes/owner")["id"]["attribute_id"]
    answer = attio.http.post(DEALS, json=body(name="PQL", stage="Lead")).json()
    assert answer["code"] == "missing_value"
    assert owner in answer["message"]


@pytest.mark.parametrize(
    "values",
    [
        {"email_addresses": "nadia@northquay.example"},
        {"email_addresses": ["nadia at northquay"]},
        {"name": {"first_name": "Nadia"}},
        {"primary_location": {"locality": "Leeds"}},
        {"pql_score": True},
        {"signup_date": "yesterday"},
        {"created_at": "2026-11-20"},
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_slug(attio: Attio, values: dict[str, object]) -> None:
    answer = attio.http.post(PEOPLE, json=body(**values)).json()
    assert answer["code"] == "validation_type"
    assert next(iter(values)) in answer["message"]
    assert answer["validation_errors"][0]["path"][:2] == ["data", "values"]
    assert attio.dump()["people"] == []


def test_a_currency_code_is_refused_on_write_and_shown_on_read(attio: Attio) -> None:
    bad = attio.deal_values("a", value=[{"currency_value": 5, "currency_code": "USD"}])
    assert attio.refused("POST", DEALS, body(**bad)) == (400, "validation_type")
    deal = attio.ok("POST", DEALS, body(**attio.deal_values("a", value=75000)))
    assert deal["values"]["value"][0]["currency_code"] == "USD"


def test_option_titles_are_case_sensitive(attio: Attio) -> None:
    assert attio.refused("POST", PEOPLE, body(plan_type="trial")) == (400, "value_not_found")


def test_values_are_normalised_and_always_come_as_arrays(attio: Attio) -> None:
    values = attio.person(
        "Nadia@Mail.Northquay.co.uk", name="Okoye, Nadia", last_activity_at="2026-11-20T10:00:00+01:00"
    )["values"]
    email = values["email_addresses"][0]
    assert email["email_address"] == "nadia@mail.northquay.co.uk"
    assert email["email_root_domain"] == "northquay.co.uk"
    assert values["name"][0]["full_name"] == "Nadia Okoye"
    assert values["last_activity_at"][0]["value"] == "2026-11-20T09:00:00.000000000Z"
    assert values["job_title"] == []


def test_a_name_without_a_comma_becomes_the_first_name(attio: Attio) -> None:
    assert attio.person(name="Nadia Okoye")["values"]["name"][0]["first_name"] == "Nadia Okoye"


def test_assert_changes_the_record_that_holds_the_address_whatever_its_case(attio: Attio) -> None:
    first = attio.person_id("nadia@northquay.example", pql_score=10)
    again = attio.person("NADIA@northquay.example", pql_score=72)
    assert again["id"]["record_id"] == first
    assert again["values"]["pql_score"][0]["value"] == 72


def test_assert_adds_to_the_matching_attribute_and_replaces_other_lists(attio: Attio) -> None:
    attio.person(milestones_completed=["signed_up", "first_login"], job_title="Ops")
    both = [{"email_address": "nadia@northquay.example"}, {"email_address": "n@northquay.example"}]
    asked = body(email_addresses=both[1:] + both[:1], milestones_completed=["first_feature"])
    values = attio.ok("PUT", f"{PEOPLE}?matching_attribute=email_addresses", asked)["values"]
    assert [v["email_address"] for v in values["email_addresses"]] == [v["email_address"] for v in both]
    assert [v["option"]["title"] for v in values["milestones_completed"]] == ["first_feature"]
    assert values["job_title"][0]["value"] == "Ops"


def test_assert_needs_a_unique_matching_attribute(attio: Attio) -> None:
    asked = body(job_title="Ops")
    assert attio.refused("PUT", PEOPLE, asked) == (400, "validation_type")
    assert attio.refused("PUT", f"{PEOPLE}?matching_attribute=nope", asked) == (400, "value_not_found")
    code = "matching_attribute_definition_not_unique"
    assert attio.refused("PUT", f"{PEOPLE}?matching_attribute=job_title", asked) == (400, code)


def test_assert_refuses_unknown_keys_beside_values(attio: Attio) -> None:
    asked = {"data": {"values": {}, "matching_attribute": "email_addresses"}}
    path = f"{PEOPLE}?matching_attribute=email_addresses"
    assert attio.refused("PUT", path, asked) == (400, "validation_type")


def test_patch_prepends_what_is_new_and_put_sets_exactly(attio: Attio) -> None:
    path = f"{PEOPLE}/{attio.person_id(milestones_completed=['signed_up', 'first_login'])}"
    sent = body(milestones_completed=["first_login", "first_feature"])

    def titles(method: str) -> list[str]:
        return [v["option"]["title"] for v in attio.ok(method, path, sent)["values"]["milestones_completed"]]

    assert titles("PATCH") == ["first_feature", "signed_up", "first_login"]
    assert titles("PUT") == ["first_login", "first_feature"]


def test_a_taken_address_refuses_create_and_patch_and_stores_nothing(attio: Attio) -> None:
    attio.person("nadia@northquay.example")
    other = attio.person_id("lin@northquay.example")
    taken = body(email_addresses=["NADIA@northquay.example"], job_title="Ops")
    assert attio.refused("POST", PEOPLE, taken) == (400, "uniqueness_conflict")
    assert attio.refused("PATCH", f"{PEOPLE}/{other}", taken) == (400, "uniqueness_conflict")
    assert attio.ok("GET", f"{PEOPLE}/{other}")["values"]["job_title"] == []


def test_a_freed_unique_value_can_be_taken_again(attio: Attio) -> None:
    path = f"{PEOPLE}/{attio.person_id('nadia@northquay.example')}"
    attio.ok("PUT", path, body(email_addresses=["n.okoye@northquay.example"]))
    attio.ok("POST", PEOPLE, body(email_addresses=["nadia@northquay.example"]))


def test_the_same_pqldesk_id_is_one_deal(attio: Attio) -> None:
    path = f"{DEALS}?matching_attribute=pqldesk_id"
    first = attio.ok("PUT", path, body(**attio.deal_values("d-1")))
    again = attio.ok("PUT", path, body(**attio.deal_values("d-1", stage="Won 🎉")))
    assert first["id"] == again["id"]
    assert attio.dump()["deals"][0]["stage"] == "Won 🎉"


def test_a_person_gets_the_company_of_the_address_but_not_of_free_mail(attio: Attio) -> None:
    attio.person("nadia@mail.northquay.example")
    attio.person("lin@northquay.example")
    attio.person("kim@gmail.com")
    dump = attio.dump()
    assert [company["domains"] for company in dump["companies"]] == [["northquay.example"]]
    assert [bool(person["company"]) for person in dump["people"]] == [True, True, False]
    assert len(dump["companies"][0]["team"]) == 2


def test_companies_by_address_can_be_switched_off(attio: Attio) -> None:
    attio.admin("state", action="switch", auto_company=False)
    attio.person()
    assert attio.dump()["companies"] == []


def test_disabled_deals_refuse_every_record_call(start: Start) -> None:
    attio = start("--no-deals")
    for method, path in (("POST", DEALS), ("POST", f"{DEALS}/query"), ("PUT", DEALS)):
        assert attio.refused(method, path, {}) == (400, "standard_object_disabled")


def test_history_shows_replaced_stages_oldest_first(attio: Attio) -> None:
    deal = attio.ok("POST", DEALS, body(**attio.deal_values("a")))["id"]["record_id"]
    attio.ok("PATCH", f"{DEALS}/{deal}", body(stage="Won 🎉"))
    rows = attio.ok("GET", f"{DEALS}/{deal}/attributes/stage/values?show_historic=true")
    assert [row["status"]["title"] for row in rows] == ["Product Qualified", "Won 🎉"]
    assert [row["active_until"] is None for row in rows] == [False, True]


def test_a_deleted_record_takes_its_entries_along(attio: Attio) -> None:
    person = attio.person_id()
    entry = {"data": {"parent_record_id": person, "parent_object": "people", "entry_values": {}}}
    attio.ok("POST", "/v2/lists/active_trials/entries", entry)
    attio.ok("DELETE", f"{PEOPLE}/{person}")
    assert attio.dump()["entries"]["active_trials"] == []
    assert attio.refused("GET", f"{PEOPLE}/{person}") == (404, "not_found")
