"""Salesforce's queries travel in the address, which holds so much and no more."""

from urllib.parse import quote

from pqldesk.services.connectors.salesforce.api import among, in_parts


def test_lists_of_addresses_are_split_so_that_each_query_fits_and_none_is_lost() -> None:
    name = "o'neil" * 30
    emails = [f"{name}{number}@quayworks.example" for number in range(200)]
    parts = list(in_parts(emails))
    assert [email for part in parts for email in part] == emails
    assert max(len(quote(among("Email", part))) for part in parts) < 8_000
    assert list(in_parts([])) == []
    assert len(list(in_parts(["a@b.example"] * 100))) == 1
