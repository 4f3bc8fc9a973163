"""What is here already of somebody who is being entered by hand."""

from datetime import UTC, datetime

import pytest

from pqldesk.services.known_already import known_already
from pqldesk.services.leads.leads import add_lead
from pqldesk.services.queue.find import companies_found
from pqldesk.services.rows import LeadDraft

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"


@pytest.mark.both_databases
def test_the_same_address_and_the_company_of_its_domain_are_found(write):
    write(
        add_lead,
        LeadDraft(email="Ada@acme.example", first_name="Ada", last_name="Roe", company="Acme"),
        KIM,
        NOW,
    )
    same = write(known_already, LeadDraft(email="ada@ACME.example"))
    assert (same.lead_name, same.is_same, same.company, same.domain) == (
        "Ada Roe",
        True,
        "Acme",
        "acme.example",
    )
    other = write(known_already, LeadDraft(email="bo@acme.example"))
    assert (other.lead_id, other.company) == ("", "Acme")
    alike = write(known_already, LeadDraft(email="ada@home.example", first_name="ada", last_name="ROE"))
    assert (alike.lead_name, alike.is_same, alike.company) == ("Ada Roe", False, "")
    assert write(known_already, LeadDraft(first_name="Ada")).lead_id == ""
    write(add_lead, LeadDraft(email="vj@acme.example", first_name="Vojtěch", last_name="Jeřábek"), KIM, NOW)
    bare = LeadDraft(email="vojtech@acme.example", first_name="Vojtech", last_name="Jerabek")
    assert write(known_already, bare).lead_name == "Vojtěch Jeřábek"
    assert write(known_already, LeadDraft(email="vojtech@else.example", last_name="Jerabek")).lead_id == ""
    elsewhere = LeadDraft(email="vojtech@else.example", first_name="VOJTECH", last_name="Jerabek")
    assert write(known_already, elsewhere).lead_name == "Vojtěch Jeřábek"
    assert [hit.name for hit in write(companies_found, "ACM")] == ["Acme"]
    assert write(companies_found, "100%") == []
