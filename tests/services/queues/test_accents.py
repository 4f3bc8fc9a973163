"""Searching ignores accents and case alike, whoever wrote the name and on whichever way the hits are found."""

import contextlib
import random
import sqlite3
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from queued import NOW, Make
from sqlalchemy import text
from sqlalchemy.orm import Session

from pqldesk.models.letters import as_searched, changed_letters
from pqldesk.models.people import Company, Lead
from pqldesk.models.plain_names import KEPT
from pqldesk.services.doctor import _search
from pqldesk.services.filters.language import parse_filter
from pqldesk.services.filters.queue_filter import QueueFilter
from pqldesk.services.queue import queue
from pqldesk.services.queue import search as queue_search
from pqldesk.services.queue.find import companies_found
from pqldesk.services.workspaces.workspace import FILE_NAME, Workspace, open_workspace
from tests.services.checked_index import check_index

# As somebody types it, and as it is written somewhere.
ALIKE = [
    ("muller", "Müller"), ("MÜLLER", "Muller"), ("jose", "José"), ("strasse", "Straße"), ("straße", "STRASSE"),
    ("orsted", "Ørsted"), ("ørsted", "Orsted"), ("lodz", "ŁÓDŹ"), ("istanbul", "İstanbul"), ("isik", "Işık"),
    ("o'brien", "O’Brien"), ("o’brien", "O'Brien"), ("nguyen", "Nguyễn"), ("aero", "Ærø"), ("thor", "Þór"),
    ("dordevic", "Đorđević"), ("αθηνα", "Ἀθήνα"), ("елкин", "ЁЛКИН"), ("jean-luc", "Jean‑Luc"), ("acme", "Ａｃｍｅ"),
    ("zoe", "Zoe\u0308"), ("oeuvre", "Œuvre"), ("한국", "한국"), ("ガス", "ガス"),
]  # fmt: skip
UNLIKE = [("muller", "Miller"), ("カス", "ガス"), ("jose", "Jos"), ("ё", "о")]


def test_what_is_typed_and_what_is_written_are_compared_alike() -> None:
    assert [pair for pair in ALIKE if as_searched(pair[0]) not in as_searched(pair[1])] == []
    assert [pair for pair in UNLIKE if as_searched(pair[0]) in as_searched(pair[1])] == []


def test_a_text_that_was_made_plain_once_stays_as_it_is() -> None:
    assert [letter for letter, plain in changed_letters() if as_searched(plain) != plain] == []
    composed = (chr(number) for number in range(0xA0, 0x2FFF))
    apart = ((letter, unicodedata.normalize("NFD", letter)) for letter in composed)
    differ = [letter for letter, parts in apart if as_searched(letter) != as_searched(parts)]
    assert [letter for letter in differ if "LATIN" in unicodedata.name(letter, "")] == []


@pytest.mark.both_databases
def test_the_database_compares_every_letter_as_the_program_does(lead: Make, workspace: Workspace) -> None:
    letters = [letter for letter, _plain in changed_letters()] + ["x", "字", "ガ", "😀"]
    for start in range(0, len(letters), 400):
        lead(f"{start}@example.com", name="y" + "".join(letters[start : start + 400]))

    def read(session: Session) -> list[tuple[str, str]]:
        both = "SELECT l.name, p.name FROM lead l JOIN lead_plain p ON p.lead_id = l.id"
        return [(row[0], row[1]) for row in session.execute(text(both))]

    kept = workspace.db.read(read).result()
    assert len(kept) == len(range(0, len(letters), 400))
    assert [plain for name, plain in kept if plain != as_searched(name)] == []


@pytest.mark.both_databases
@pytest.mark.parametrize(("near", "few"), [(1_000, 4_000), (3, 4_000), (3, 2)])
def test_a_search_finds_names_whatever_their_accents_and_case(
    lead: Make, listed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, near: int, few: int
) -> None:
    for name, number in (("NEAR", near), ("FEW", few), ("FEW_WITH_SHORT", few), ("SHORT_WALK", 1_000)):
        monkeypatch.setattr(queue_search, name, number)
    for number in range(9):
        lead(f"p{number}@example.com", 50 + number, name=f"Person {number}")
    written = sorted({name for _typed, name in ALIKE})
    for number, name in enumerate(written):
        lead(f"x{number}@example.com", 9, name=name, company_name="Größe 12" if number % 2 else "Grosse 12")
    for typed, name in ALIKE:
        assert name in listed(search=typed), typed
        assert listed(search=typed, limit=99) == listed(search=typed), typed
        assert listed(search=f"{typed} GRÖSSE") == listed(search=typed), typed
        for pair in (typed[:2], typed[1:3]):
            if "'" not in pair:
                assert name in listed(search=pair, limit=99), pair
                assert listed(search=pair, limit=99) == listed(search=pair), pair


@pytest.mark.of_a_file
def test_names_of_two_letters_are_found_without_their_accents(
    lead: Make, listed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_search, "NEAR", 1)
    lead("p@example.com", 50, name="Person")
    lead("short@example.com", 5, name="Ýx", company_name="Çy")
    assert [listed(search=typed, limit=9) for typed in ("yx", "ÝX", "cy", "çy")] == [["Ýx"]] * 4


@pytest.mark.both_databases
def test_filters_of_words_ignore_accents_and_those_of_keys_do_not(
    lead: Make, workspace: Workspace, ask: Callable[..., Any]
) -> None:
    lead("a@example.com", 3, name="Zoë Ünal", company_name="Straße AG", job_title="Geschäftsführer",
         country="España", region="Île-de-France", plan="Prémium")  # fmt: skip
    lead("b@example.com", 2, name="Zoe Unal", company_name="Strasse AG", plan="Premium")
    lead("c@example.com", 1, name="Ann")

    def found(written: str) -> list[str]:
        ids = ask(queue.filtered_order, QueueFilter(where=parse_filter(written)), None, NOW)
        return [row.email[0] for row in ask(queue.lead_rows, ids, NOW)]

    for written in ("name is 'ZOE UNAL'", "name contains zöe", "name starts with zoe", "company is 'strasse ag'",
                    "company contains straße"):  # fmt: skip
        assert found(written) == ["a", "b"], written
    assert found("title contains geschaftsfuhrer") == found("country is espana") == ["a"]
    assert found("region starts with ile") == ["a"]
    assert found("name is not 'Zoe Unal'") == found("name not contains ünal") == ["c"]
    assert found("name is any of (ann, 'zoe unal')") == ["a", "b", "c"]
    assert found("plan is Premium") == ["b"]  # a key of a source, as it is written
    assert found("plan contains premium") == ["a", "b"]


@pytest.mark.both_databases
def test_companies_are_found_without_their_accents_those_that_begin_with_it_first(
    workspace: Workspace, ask: Callable[..., Any]
) -> None:
    def store(session: Session) -> None:
        for name in ("Société Générale", "Die Société", "Societe 100%", "Other"):
            session.add(Company(name=name, domain="gruppe-ö.example", created_at=NOW))

    workspace.db.write(store).result()
    assert [hit.name for hit in ask(companies_found, "SOCIETE")] == [
        "Societe 100%", "Société Générale", "Die Société",
    ]  # fmt: skip
    assert [hit.name for hit in ask(companies_found, "générale")] == ["Société Générale"]
    assert [hit.name for hit in ask(companies_found, "100%")] == ["Societe 100%"]
    assert len(ask(companies_found, "gruppe-o")) == 4


WORDS = (
    "Ada", "José", "Müller", "Ørsted", "Straße", "x", "", "日本", "Zoe\u0308", "O’Brien", "plain", "Ünal 100%", None,
)  # fmt: skip


def changed(session: Session, dice: random.Random) -> None:
    """Some change of some lead or company, on one of the ways on which rows are written."""
    leads, companies = ([*session.scalars(text(f"SELECT id FROM {name}"))] for name in ("lead", "company"))
    values = {column: dice.choice(WORDS) for column in dice.sample(KEPT["lead"], 2)}
    if values.get("name", "") is None:
        values["name"] = "Nobody"
    match dice.randrange(6) if leads and companies else 0:
        case 0:
            session.add(Lead(**{"name": "New"} | values, created_at=NOW))
            session.add(Company(name=dice.choice(WORDS) or "New", domain=dice.choice(WORDS), created_at=NOW))
        case 1:
            row = session.get_one(Lead, dice.choice(leads))
            for column, value in values.items():
                setattr(row, column, value)
        case 2:
            session.execute(text("UPDATE lead SET company_name = :word"), {"word": dice.choice(WORDS)})
        case 3:
            session.execute(text("DELETE FROM lead WHERE id = :id"), {"id": dice.choice(leads)})
        case 4:
            named = {"id": dice.choice(companies), "word": dice.choice(WORDS) or "Firm"}
            session.execute(text("UPDATE company SET name = :word, domain = NULL WHERE id = :id"), named)
        case 5:
            session.execute(text("DELETE FROM company WHERE id = :id"), {"id": dice.choice(companies)})
    session.flush()


def differences(session: Session) -> list[tuple[Any, ...]]:
    """Rows beside names that should not be there, or are missing."""
    wrong: list[tuple[Any, ...]] = []
    for table, columns in KEPT.items():
        listed = ", ".join(columns)
        wanted = {
            (number, *(None if one is None else as_searched(one) for one in texts))
            for number, *texts in session.execute(text(f"SELECT id, {listed} FROM {table}"))
            if not "".join(filter(None, texts)).isascii()
        }
        kept = {
            tuple(row) for row in session.execute(text(f"SELECT {table}_id, {listed} FROM {table}_plain"))
        }
        wrong += wanted ^ kept
    return wrong


@pytest.mark.both_databases
def test_names_as_they_are_compared_stay_true_whatever_is_written(workspace: Workspace) -> None:
    dice = random.Random()

    def some(session: Session) -> list[tuple[Any, ...]]:
        for _ in range(8):
            changed(session, dice)
        return differences(session)

    for _ in range(20):
        assert workspace.db.write(some).result() == []
    assert workspace.db.read(_search).result().ok


def test_another_program_that_writes_a_name_keeps_the_search_true(tmp_path: Path) -> None:
    place = tmp_path / FILE_NAME
    with contextlib.closing(open_workspace(place, create=True)) as workspace:
        add = "INSERT INTO lead (name, created_at, score, activation, sample, state, qualified) VALUES"
        with contextlib.closing(sqlite3.connect(place)) as other, other:
            other.execute(f"{add} ('José Müller', 1, 0, 0, 0, 'new', 0), ('Ann', 2, 0, 0, 0, 'new', 0)")
            other.execute("UPDATE lead SET name = 'Søren' WHERE name = 'Ann'")
        for typed, number in (("muller", 1), ("soren", 2)):
            assert list(workspace.db.read(queue.lead_order, search=typed, at=NOW).result()) == [number]
    with contextlib.closing(sqlite3.connect(place)) as file:
        check_index(file)


@pytest.mark.of_a_file
def test_the_doctor_counts_a_lead_whose_name_as_it_is_compared_is_missing(
    lead: Make, workspace: Workspace
) -> None:
    lead("a@example.com", name="José")
    workspace.db.write(lambda session: session.execute(text("DELETE FROM lead_plain")) and None).result()
    found = workspace.db.read(_search).result()
    assert (found.ok, found.what) == (False, "0 of 1 leads are in the search index.")
