"""Who might be one person: pure rules over a few columns, and the search that stays cheap by comparing only within
blocks (one mailbox but for dots and tags, one company, one phone). What is found is suggested, never merged."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein
from sqlalchemy import ColumnElement, func, insert, or_, select
from sqlalchemy.orm import Session

from pqldesk.models.people import Identity, Lead, Suggestion
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.resources import resource
from pqldesk.services.basics.texts import _
from pqldesk.services.identity.company_names import stripped_name
from pqldesk.services.identity.keys import EMAIL

ALIKE_NAMES = 88  # of 100, words in any order; see the measurement in tests/services/test_likeness.py
ALIKE_WORDS = 80  # a first or last name alone, where another fact agrees
ALIKE_COLLEAGUES = 85  # names at one domain: Jane and Jon Doe are 80 alike
MOST_SLIPS = 3  # letters added, left out, changed or swapped in a whole address
SHORTEST_ADDRESS = 10
LARGEST_BLOCK = 200  # more people than this under one phone or mailbox pattern are not one person
FEW = 50  # so many new leads are looked up one by one; more are found in one pass over all
PHONE_DIGITS = 9  # compared from the end: country codes and trunk zeros differ
MANY = 200_000  # leads; beyond, phones are not scanned for a few new ones, and typing errors not looked for
_DIGITS = re.compile(r"\D")
_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Person:
    """What likeness is judged by. *place* is the company, as far as it is known."""

    lead_id: int
    name: str
    email: str | None
    phone: str | None
    place: str | None


def likeness(one: Person, other: Person) -> str | None:
    """Why the two may be one person, as a sentence, or None."""
    if _same_mailbox(one, other):
        return _("{one} and {other} differ only by dots, tags or case.").format(
            one=one.email, other=other.email
        )
    alike = names_alike(one.name, other.name)
    if one.place is not None and one.place == other.place and alike >= ALIKE_NAMES:
        return _("Both are called {one} and belong to {company}.").format(
            one=_both(one, other), company=one.place.partition(":")[2]
        )
    if _same_phone(one, other) and (alike >= ALIKE_WORDS or not one.name or not other.name):
        return _("Both have the phone {phone}.").format(phone=one.phone)
    if _close_mailboxes(one, other):
        return _("{one} and {other} are a few letters apart.").format(one=one.email, other=other.email)
    return None


def names_alike(one: str, other: str) -> float:
    """0 to 100; word order, case, accents and punctuation do not count. An address is no name."""
    first, second = plain_name(one), plain_name(other)
    if not first or not second or len(first) < 3 or len(second) < 3:
        return 0
    if (" " in first) != (" " in second):
        return 0  # "Smith" is not evidence for "Ada Smith"
    return float(fuzz.token_sort_ratio(first, second))


@lru_cache(maxsize=65_536)
def mailbox(email: str | None) -> str | None:
    """The address without dots, plus tag and case; None for addresses of a role such as info@."""
    if not email or "@" not in email:
        return None
    local, _, domain = email.strip().casefold().rpartition("@")
    bare = local.partition("+")[0].replace(".", "")
    return None if not bare or bare in _role_names() else f"{bare}@{domain}"


def phone_key(phone: str | None) -> str | None:
    """The last digits of a phone number; None when there are too few to mean anything."""
    digits = _DIGITS.sub("", phone or "")
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS - 1 else None


def suggest_likely(
    session: Session, lead_ids: Collection[int], at: datetime, batch_id: int | None = None
) -> int:
    """Suggest merges between *lead_ids* and any lead; returns how many are new. Asked before is not asked again."""
    session.flush()
    wanted = set(lead_ids)
    if not wanted:
        return 0
    one_by_one = len(wanted) <= FEW
    people = _neighbours(session, wanted) if one_by_one else _everybody(session)
    thorough = one_by_one or len(people) <= MANY
    found: dict[tuple[int, int], str] = {}
    for block in _blocks(people, wanted, thorough):
        for one, other in _pairs(block, wanted):
            pair = (min(one.lead_id, other.lead_id), max(one.lead_id, other.lead_id))
            if pair not in found and (why := likeness(one, other)):
                found[pair] = why
    asked = _asked(session, found)
    new = [pair for pair in sorted(found) if pair not in asked]
    if new:
        session.execute(
            insert(Suggestion),
            [
                {
                    "lead_id": low,
                    "other_id": high,
                    "reason": found[low, high],
                    "state": "open",
                    "created_at": at,
                    "batch_id": batch_id,
                }
                for low, high in new
            ],
        )
    return len(new)


def _blocks(people: Iterable[Person], wanted: set[int], thorough: bool) -> Iterator[list[Person]]:
    """Groups worth comparing that hold somebody wanted."""
    blocks: dict[tuple[str, str], list[Person]] = {}
    for person in people:
        for key in _block_keys(person, thorough):
            blocks.setdefault(key, []).append(person)
    for block in blocks.values():
        if 1 < len(block) <= LARGEST_BLOCK and any(person.lead_id in wanted for person in block):
            yield block


def _block_keys(person: Person, thorough: bool) -> Iterator[tuple[str, str]]:
    box = mailbox(person.email)
    if box is not None:
        yield "mailbox", box
    if box is not None and thorough:
        local, _, domain = box.partition("@")
        yield "local", local
        yield "start", f"{local[:3]}@{domain}"
        yield "end", f"{local[-3:]}@{domain}"
        yield "starts", f"{local[:4]}@{domain[:4]}"
    if phone := phone_key(person.phone):
        yield "phone", phone
    if person.place is not None:
        words = plain_name(person.name).split()
        for word in words:
            yield "place", f"{person.place}/{word[:2]}"


def _pairs(block: list[Person], wanted: set[int]) -> Iterator[tuple[Person, Person]]:
    for place, one in enumerate(block):
        for other in block[place + 1 :]:
            if one.lead_id != other.lead_id and (one.lead_id in wanted or other.lead_id in wanted):
                yield one, other


def _asked(session: Session, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    asked: set[tuple[int, int]] = set()
    for chunk in chunked(sorted({low for low, _high in pairs})):
        asked.update(
            (low, high)
            for low, high in session.execute(
                select(Suggestion.lead_id, Suggestion.other_id).where(Suggestion.lead_id.in_(chunk))
            )
        )
    return asked


_COLUMNS = (
    Lead.id, Lead.name, Lead.email, Lead.phone, Lead.company_id, Lead.company_name, Lead.domain
)  # fmt: skip


def _everybody(session: Session) -> list[Person]:
    return [_person(row) for row in session.execute(select(*_COLUMNS).where(Lead.is_listed == 1))]


def _neighbours(session: Session, wanted: set[int]) -> list[Person]:
    """The wanted leads and those that share a company, a mailbox pattern or a phone with one of them."""
    people = select(*_COLUMNS, Lead.is_listed)  # not WHERE is_listed: it would be taken for the better index
    rows = {row.id: row for row in session.execute(people.where(Lead.id.in_(wanted)))}
    near: set[int] = set()
    phones: set[str] = set()
    companies: set[int] = set()
    for row in rows.values():
        if row.company_id is not None:
            companies.add(row.company_id)
        if phone := phone_key(row.phone):
            phones.add(phone)
        if box := mailbox(row.email):
            local, _, domain = box.partition("@")
            there = Identity.folded.endswith(f"@{domain}", autoescape=True)
            near |= _from(session, local[:2], there) | _from(session, f"{local[0]}.", there)
            near |= _from(session, f"{local}@")
    conditions: list[ColumnElement[bool]] = [Lead.company_id.in_(companies)] if companies else []
    newest = session.scalar(select(func.max(Lead.id))) or 0
    if phones and newest <= MANY:
        conditions += [Lead.phone.endswith(phone[-2:], autoescape=True) for phone in phones]
    if conditions:
        rows |= {row.id: row for row in session.execute(people.where(or_(*conditions)))}
    for chunk in chunked(near - rows.keys()):
        rows |= {row.id: row for row in session.execute(people.where(Lead.id.in_(chunk)))}
    return [_person(row[:-1]) for row in rows.values() if row.is_listed]


def _from(session: Session, start: str, *more: ColumnElement[bool]) -> set[int]:
    """Leads with an e-mail that begins so; one range of the identity index."""
    begins: ColumnElement[bool] = Identity.folded.startswith(start, autoescape=True)
    if (
        session.get_bind().dialect.name == "sqlite"
    ):  # its LIKE uses no index; it compares bytes, so a range will do
        begins = (Identity.folded >= start) & (Identity.folded < start[:-1] + chr(ord(start[-1]) + 1))
    found = session.scalars(select(Identity.lead_id).where(Identity.namespace == EMAIL, begins, *more))
    return {lead_id for lead_id in found if lead_id is not None}


def _person(row: Sequence[Any]) -> Person:
    number, name, email, phone, company_id, company_name, domain = row
    if company_id is not None:
        place = f"{company_id}:{company_name or domain or _('the same company')}"
    elif company_name:
        place = f"name:{stripped_name(company_name)}"
    else:
        place = None
    return Person(number, name, email, phone, place)


def _same_mailbox(one: Person, other: Person) -> bool:
    box = mailbox(one.email)
    return box is not None and box == mailbox(other.email)


def _close_mailboxes(one: Person, other: Person) -> bool:
    """A few typing errors apart. Colleagues have like addresses too, so at one domain the names must agree more."""
    first, second = mailbox(one.email), mailbox(other.email)
    if first is None or second is None or min(len(first), len(second)) < SHORTEST_ADDRESS:
        return False
    slips = DamerauLevenshtein.distance(first, second, score_cutoff=MOST_SLIPS)
    if slips > MOST_SLIPS:
        return False
    if not plain_name(one.name) or not plain_name(other.name):
        return slips <= 1
    if first.partition("@")[2] == second.partition("@")[2]:
        return slips < MOST_SLIPS and names_alike(one.name, other.name) >= ALIKE_COLLEAGUES
    return _share_a_word(one.name, other.name)


def _share_a_word(one: str, other: str) -> bool:
    return any(
        fuzz.ratio(word, another) >= ALIKE_WORDS
        for word in plain_name(one).split()
        for another in plain_name(other).split()
    )


def _same_phone(one: Person, other: Person) -> bool:
    key = phone_key(one.phone)
    return key is not None and key == phone_key(other.phone)


def _both(one: Person, other: Person) -> str:
    return one.name if one.name == other.name else f"{one.name} / {other.name}"


@lru_cache(maxsize=65_536)
def plain_name(name: str) -> str:
    """A name as it is compared: without case, accents and signs; nothing for an address."""
    if "@" in name:
        return ""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(_WORDS.sub(" ", bare).split())


@cache
def _role_names() -> frozenset[str]:
    return frozenset(resource("domains", "role_local_parts.txt").read_text("utf-8").casefold().split())
