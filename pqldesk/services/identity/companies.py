"""Which account a lead belongs to: organisation ids of sources first, the registrable e-mail domain second.

Free-mail and throw-away domains say nothing about the employer and never make a company. A name alone finds the
company that had it first, and is asked last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.ids import COMPANY, row_number
from pqldesk.models.people import Company, CompanyKey, Identity, Lead, Trial
from pqldesk.models.remote import RemoteLink
from pqldesk.models.settings import BatchRow
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.resources import resource
from pqldesk.services.basics.texts import _
from pqldesk.services.history import note_added, recording, watch
from pqldesk.services.identity.company_names import stripped_name

DOMAIN, NAME = "domain", "name"  # namespaces of ours beside the sources' names
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """The company of a row. *domain* is the one shown for the company, and may be missing."""

    id: int
    name: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """What a row says about its company. *organisation* is (source, that source's id), *elsewhere* the same of
    another source: where that knows the company it decides, else it is learned."""

    organisation: Key | None = None
    domain: str = ""
    email: str = ""
    name: str = ""
    plan: str | None = None
    elsewhere: Key | None = None

    def keys(self) -> list[Key]:
        """The keys it may be known by, strongest first."""
        keys = []
        if self.organisation is not None and self.organisation[1].strip():
            keys.append((self.organisation[0], self.organisation[1].strip()))
        domain = company_domain(self.domain) or company_domain(self.email)
        if domain:
            keys.append((DOMAIN, domain))
        if name := stripped_name(self.name):
            keys.append((NAME, name))
        return keys


class CompanyFinder:
    """Finds or makes the companies of one transaction's rows; what it has seen it does not ask again."""

    def __init__(
        self, session: Session, at: datetime, batch_id: int | None = None, *, sample: bool = False
    ) -> None:
        self._session = session
        self._driver = Driver(session)
        self._at = micros(at)
        self._batch_id = batch_id
        self._sample = sample
        self._by_key: dict[Key, int | None] = {}
        self._companies: dict[int, FoundCompany] = {}
        self._namespaces: dict[int, set[str]] = {}

    def prepare(self, rows: Iterable[CompanyFacts]) -> None:
        """Look up the keys of many rows at once; find() then asks the database only about what is new."""
        unknown: dict[str, list[str]] = {}
        rows = list(rows)
        new = {key for row in rows for key in row.keys() if key not in self._by_key}  # noqa: SIM118 - a method of ours
        new |= {row.elsewhere for row in rows if row.elsewhere and row.elsewhere not in self._by_key}
        for namespace, value in new:
            unknown.setdefault(namespace, []).append(value)
            self._by_key[namespace, value] = None
        found: set[int] = set()
        for namespace, values in unknown.items():
            for chunk in chunked(values):
                for value, company_id in self._session.execute(
                    select(CompanyKey.value, CompanyKey.company_id).where(
                        CompanyKey.namespace == namespace, CompanyKey.value.in_(chunk)
                    )
                ):
                    self._by_key[namespace, value] = company_id
                    found.add(company_id)
        if found:
            self._read({number for number in found if number not in self._companies})

    def find(self, facts: CompanyFacts) -> FoundCompany | None:
        """The company that *facts* name, made when it is new; None when they name none."""
        keys = facts.keys()
        found = self.peek(facts)
        if found is None and not keys:
            return None
        known = found.id if found is not None else self._make(facts, keys)
        self._learn(known, facts, keys)
        return self._companies[known]

    def peek(self, facts: CompanyFacts) -> FoundCompany | None:
        """The company that *facts* name if it is there already; nothing is learned from them."""
        self.prepare([facts])
        keys = facts.keys()
        known = None if facts.elsewhere is None else self._by_key[facts.elsewhere]
        if known is None:
            known = next((self._by_key[key] for key in keys if self._may_join(key, keys)), None)
        return None if known is None else self._companies[known]

    def _may_join(self, key: Key, keys: list[Key]) -> bool:
        """A weaker key does not decide against a source that knows that company under another id."""
        company_id = self._by_key[key]
        if company_id is None:
            return False
        if key[0] == NAME:
            return len(keys) == 1
        strongest = keys[0]
        return strongest == key or strongest[0] not in self._namespaces[company_id]

    def _make(self, facts: CompanyFacts, keys: list[Key]) -> int:
        domain = next((value for namespace, value in keys if namespace == DOMAIN), None)
        name = facts.name.strip() or domain or keys[0][1]
        company_id = self._inserted(
            "company",
            "INSERT INTO company (name, domain, plan, created_at, batch_id, sample) VALUES (?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            (name, domain, facts.plan, self._at, self._batch_id, self._sample),
        )
        self._companies[company_id] = FoundCompany(company_id, name, domain)
        self._namespaces[company_id] = set()
        return company_id

    def _learn(self, company_id: int, facts: CompanyFacts, keys: list[Key]) -> None:
        company = self._companies[company_id]
        if facts.elsewhere is not None and facts.elsewhere[0] not in self._namespaces[company_id]:
            keys = [*keys, facts.elsewhere]
        for key in keys:
            if self._by_key[key] is None and not (key[0] == DOMAIN and company.domain not in (None, key[1])):
                self._inserted(
                    "company_key",
                    "INSERT INTO company_key (namespace, value, company_id, batch_id) VALUES (?, ?, ?, ?)"
                    " RETURNING id",
                    (*key, company_id, self._batch_id),
                )
                self._by_key[key] = company_id
                self._namespaces[company_id].add(key[0])
        domain = next((value for namespace, value in keys if namespace == DOMAIN), None)
        name = facts.name.strip()
        was_nameless = company.name in {
            company.domain,
            *(value for ns, value in keys if ns not in (DOMAIN, NAME)),
        }
        self._improve(
            company,
            name if name and was_nameless else company.name,
            company.domain or domain,
        )

    def _improve(self, company: FoundCompany, name: str, domain: str | None) -> None:
        """A domain or an id that stood in for the name gives way to it; a missing domain is filled."""
        if (name, domain) == (company.name, company.domain):
            return
        watch(self._session, "company", [company.id])
        self._session.execute(
            update(Company).where(Company.id == company.id).values(name=name, domain=domain)
        )
        if self._batch_id is not None:
            self._session.add(
                BatchRow(
                    batch_id=self._batch_id,
                    table="company",
                    row_id=company.id,
                    before={"name": company.name, "domain": company.domain},
                    after={"name": name, "domain": domain},
                )
            )
        self._companies[company.id] = FoundCompany(company.id, name, domain)

    def _inserted(self, table: str, sql: str, values: tuple[object, ...]) -> int:
        row_id = int(self._driver.rows(sql, values)[0][0])
        note_added(self._session, table, row_id)
        return row_id

    def _read(self, ids: Iterable[int]) -> None:
        for chunk in chunked(ids):
            for row in self._session.execute(
                select(Company.id, Company.name, Company.domain).where(Company.id.in_(chunk))
            ):
                self._companies[row.id] = FoundCompany(*row)
                self._namespaces[row.id] = set()
            for company_id, namespace in self._session.execute(
                select(CompanyKey.company_id, CompanyKey.namespace).where(CompanyKey.company_id.in_(chunk))
            ):
                self._namespaces[company_id].add(namespace)


@lru_cache(maxsize=65_536)
def company_domain(text: str) -> str | None:
    """The registrable domain in an e-mail, URL or host name, or None where it names no employer.

    >>> company_domain("Jane@mail.acme.co.uk")
    'acme.co.uk'
    """
    host = text.strip().rpartition("@")[2].casefold()
    if "//" in host:
        host = urlsplit(host).hostname or ""
    host = host.partition("/")[0].partition(":")[0].strip(".")
    if "." not in host or " " in host:
        return None
    domain: str | None = _suffixes().privatesuffix(host)
    if domain is None or is_free_mail(host) or is_disposable(host):
        return None
    return domain


def is_free_mail(domain: str) -> bool:
    """Whether anybody may have an address there."""
    return _listed(domain, "free_mail_domains.txt")


def free_mail_domains() -> frozenset[str]:
    """The domains at which anybody may have an address."""
    return _names("free_mail_domains.txt")


def is_disposable(domain: str) -> bool:
    """Whether addresses there are thrown away."""
    return _listed(domain, "disposable_domains.txt")


def company_of(session: Session, text: str) -> Company:
    """The company with that id, domain or name. NotFound names what was looked for."""
    number = row_number(COMPANY, text)
    company = session.get(Company, number) if number is not None else None
    if company is None:
        keys = CompanyFacts(domain=text).keys() + CompanyFacts(name=text).keys()
        for namespace, value in keys:
            company = session.scalars(
                select(Company)
                .join(CompanyKey, CompanyKey.company_id == Company.id)
                .where(CompanyKey.namespace == namespace, CompanyKey.value == value)
            ).first()
            if company is not None:
                break
    if company is None:
        raise NotFound(
            _("There is no company {text!r}.").format(text=text),
            _("Give its id, its domain or its exact name."),
        )
    return company


def rename_company(session: Session, company_id: int, name: str, actor: str, at: datetime) -> Changes:
    """Give the company another name, also on its leads' rows where they show the old one."""
    company, name = session.get_one(Company, company_id), name.strip()
    if not name:
        raise BadInput(_("{company} needs a name.").format(company=company.name), _("Write the new name."))
    with recording(session, actor, "company_renamed", at=at, detail=f"{company.name} to {name}"):
        shown = list(
            session.scalars(
                select(Lead.id).where(Lead.company_id == company_id, Lead.company_name == company.name)
            )
        )
        watch(session, "lead", shown)
        for chunk in chunked(shown):
            session.execute(update(Lead).where(Lead.id.in_(chunk)).values(company_name=name))
        company.name = name
        key = CompanyFacts(name=name).keys()
        if key and not _is_known(session, key[0]):
            session.add(CompanyKey(namespace=NAME, value=key[0][1], company_id=company_id))
    return Changes.to(Topic.LEADS, Topic.TRIALS)


def merge_companies(session: Session, stays: Company, joins: Company, actor: str, at: datetime) -> Changes:
    """Make *joins* part of *stays*: its people, usage, trials and every key it is known by. Undo parts them again."""
    if stays.id == joins.id:
        raise BadInput(
            _("{stays} cannot be merged into itself.").format(stays=stays.name), _("Name another company.")
        )
    with recording(session, actor, "companies_merged", at=at, detail=f"{joins.name} into {stays.name}"):
        leads = list(session.scalars(select(Lead.id).where(Lead.company_id == joins.id)))
        watch(session, "lead", leads)
        for chunk in chunked(leads):
            session.execute(
                update(Lead)
                .where(Lead.id.in_(chunk))
                .values(company_id=stays.id, company_name=stays.name, domain=stays.domain or joins.domain)
            )
        for table in (Identity, Trial, CompanyKey):
            rows = list(session.scalars(select(table.id).where(table.company_id == joins.id)))
            watch(session, table.__tablename__, rows)
            for chunk in chunked(rows):
                session.execute(update(table).where(table.id.in_(chunk)).values(company_id=stays.id))
        _move_remote_links(session, stays.id, joins.id)
        stays.domain, stays.plan = stays.domain or joins.domain, stays.plan or joins.plan
        session.flush()
        session.expire(joins)
        session.delete(joins)
    session.expire_all()
    return Changes.to(Topic.LEADS, Topic.TRIALS, Topic.USAGE)


def _move_remote_links(session: Session, stays: int, joins: int) -> None:
    """The records of other systems go over where the other company has none there; else both stay where they are."""
    of_a_company = RemoteLink.kind.startswith("company") | RemoteLink.kind.startswith("deal")
    links = session.scalars(
        select(RemoteLink).where(of_a_company, RemoteLink.local_id.in_((stays, joins)))
    ).all()
    taken = {(link.system, link.kind) for link in links if link.local_id == stays}
    for link in links:
        if link.local_id == joins and (link.system, link.kind) not in taken:
            link.local_id = stays


def set_company(session: Session, lead: Lead, company: str, actor: str, at: datetime) -> Changes:
    """Put *lead* into the company that *company* names by id, domain or name; a new name makes a company."""
    if not company.strip():
        raise BadInput(
            _("{lead} needs a company to move to.").format(lead=lead.name),
            _("Give its id, its domain or its name."),
        )
    with recording(session, actor, "company_set", at=at, detail=company.strip(), lead_id=lead.id):
        try:
            found = company_of(session, company)
            place = FoundCompany(found.id, found.name, found.domain)
        except NotFound:
            facts = CompanyFacts(domain=company) if company_domain(company) else CompanyFacts(name=company)
            made = CompanyFinder(session, at).find(facts)
            if made is None:
                raise BadInput(
                    _("{company!r} names no company: anybody may have an address there.").format(
                        company=company.strip()
                    ),
                    _("Give the company's name or its own domain."),
                ) from None
            place = made
        lead.company_id, lead.company_name, lead.domain = place.id, place.name, place.domain
    return Changes.to(Topic.LEADS, Topic.TRIALS)


def _is_known(session: Session, key: Key) -> bool:
    found = select(CompanyKey.id).where(CompanyKey.namespace == key[0], CompanyKey.value == key[1])
    return session.scalar(found) is not None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _names(file: str) -> frozenset[str]:
    return frozenset(resource("domains", file).read_text("utf-8").casefold().split())


def _listed(domain: str, file: str) -> bool:
    names, rest = _names(file), domain.strip().casefold()
    while rest:
        if rest in names:
            return True
        rest = rest.partition(".")[2]
    return False
