"""The filter language of the queue: what a view, the window's chips and ``queue --filter`` say alike.

    score >= 60 and owner is nobody
    (company contains acme or plan is any of (team, pro)) and active in the last 7 days
    not signal invites is met and trial ends before 2026-12-01

Text becomes a tree of clauses, and a tree becomes text again; what it means is in sql.py and filter_facts.py.
Standard library only, because the window's chips are made from it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.fields import FIELDS, KEYED, ME, NOBODY, UNITS, VERBS, Field, Kind


@dataclass(frozen=True, slots=True)
class Clause:
    """One test: a field, an operator (a key of VERBS), its values as text, and the signal or milestone it is about."""

    field: str
    op: str
    values: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; no parts hold for everybody."""

    parts: "tuple[Node, ...]" = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"


Node = Clause | Every | Either | Not
EVERYBODY = Every()


class BadFilter(BadInput):
    """A filter that cannot be read. *at* is the character, from 0, at which it stops making sense."""

    def __init__(self, what: str, remedy: str, at: int) -> None:
        super().__init__(what, remedy)
        self.at = at


def parse_filter(text: str) -> Every:
    """The tree of a filter; nothing means everybody. BadFilter says where it stops making sense, and what may stand."""
    return _Parser(text).whole()


def filter_text(node: Node) -> str:
    """The filter as text that parse_filter() reads back to the same tree."""
    return _text(node, outer=True)


def every(*parts: Node) -> Every:
    """All of *parts*; what is an Every already is not nested."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Every) else [part])
    return Every(tuple(flat))


def parts_of(node: Node) -> tuple[Node, ...]:
    """What must all hold: the parts of an Every, or the node itself."""
    return node.parts if isinstance(node, Every) else (node,)


def clauses_in(node: Node) -> Iterator[Clause]:
    """Every clause of a tree."""
    if isinstance(node, Clause):
        yield node
    elif isinstance(node, Not):
        yield from clauses_in(node.part)
    else:
        for part in node.parts:
            yield from clauses_in(part)


def verbs_of(field: Field) -> tuple[str, ...]:
    """The operators that a field takes, the usual one first."""
    return tuple(op for op in field.kind.ops if field.nullable or op not in ("empty", "not empty"))


def check_clause(clause: Clause) -> str:
    """Why a clause that was put together by hand cannot be used, as one sentence; "" when it can."""
    try:
        parse_filter(filter_text(clause))
    except BadFilter as problem:
        return f"{problem.what} {problem.remedy}".strip()
    return ""


_TOKEN = re.compile(
    r"""\s*(?:
    (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>>=|<=|!=|<>|[≥≤≠=<>(),])
    |(?P<word>[^\s"'=<>!≥≤≠(),]+)
    |(?P<other>\S)
    )""",
    re.VERBOSE,
)
_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "<>": "!="}
_STARTS_VALUE = re.compile(r"[\w@.+%*/:#$&~-]+\Z")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    at: int
    quoted: bool = False

    @property
    def word(self) -> str:
        """Folded, as fields and verbs are compared; a quoted text is none of these."""
        return "" if self.quoted else self.text.casefold().replace("_", "-")


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Every:
        if not self._tokens:
            return EVERYBODY
        found = self._either()
        if (rest := self._peek()) is not None:
            self._fail(rest, _("and, or"))
        return every(found)

    def _either(self) -> Node:
        parts = [self._every()]
        while self._take("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _every(self) -> Node:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else every(*parts)

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > 50:
            self._fail(self._peek(), _("fewer brackets"))
        try:
            if self._take("not"):
                return _negated(self._one())
            if self._take("("):
                inside = self._either()
                if not self._take(")"):
                    self._fail(self._peek(), ")")
                return inside
            return self._clause()
        finally:
            self._depth -= 1

    def _clause(self) -> Clause:
        start = self._peek()
        field = self._field()
        if field is None:
            self._fail(start, ", ".join([*FIELDS, "not", "("]))
        key = ""
        if field.key in KEYED:
            key = self._value(_("the key of a {field}").format(field=field.key))
        op = self._verb(field)
        return Clause(field.key, op, self._values(field, op), key)

    def _field(self) -> Field | None:
        for length in (2, 1):
            words = [token.word for token in self._tokens[self._next : self._next + length]]
            found = FIELDS.get(" ".join(words)) or FIELDS.get("-".join(words))
            if len(words) == length and found is not None:
                self._next += length
                return found
        return None

    def _verb(self, field: Field) -> str:
        ops = verbs_of(field)
        here = self._next
        best: tuple[int, str] | None = None
        for op in ops:
            for spelling in VERBS[op].spellings:
                words = spelling.split()
                tokens = self._tokens[here : here + len(words)]
                said = [_SIGNS.get(token.text, token.word) for token in tokens]
                if said == words and (best is None or len(words) > best[0]):
                    best = len(words), op
        if best is None:
            if field.kind is Kind.FLAG and (self._peek() is None or self._peek_word() in ("and", "or", ")")):
                return "yes"
            self._fail(self._peek(), ", ".join(VERBS[op].spellings[0] for op in ops))
        self._next += best[0]
        return best[1]

    def _values(self, field: Field, op: str) -> tuple[str, ...]:
        arity = VERBS[op].values
        if arity == 0:
            return ()
        if op in ("last", "next", "not last", "not next"):
            number = self._peek()
            amount = self._value(_("a whole number"))
            if not amount.isdecimal() or not 0 < int(amount) <= 36_500:
                self._fail(number, _("a whole number from 1 to 36500"))
            unit = self._peek()
            name = self._value(", ".join(UNITS)).casefold()
            if (found := UNITS.get(name) or UNITS.get(f"{name}s")) is None:
                self._fail(unit, ", ".join(UNITS))
            return (str(int(amount)), found)
        if arity == 2:  # a list
            if not self._take("("):
                return (self._checked(field),)
            listed = [self._checked(field)]
            while self._take(","):
                listed.append(self._checked(field))
            if not self._take(")"):
                self._fail(self._peek(), ", )")
            return tuple(dict.fromkeys(listed))
        return (self._checked(field),)

    def _checked(self, field: Field) -> str:
        token = self._peek()
        text = self._value(field.hint)
        if field.kind is Kind.NUMBER:
            return _number(text) or self._fail(token, field.hint)
        if field.kind is Kind.TIME:
            return _day(text) or self._fail(token, field.hint)
        if field.kind is Kind.PERSON and text.casefold() in (NOBODY, ME, "empty"):
            return ME if text.casefold() == ME else NOBODY
        if field.choices and text.casefold() not in field.choices:
            self._fail(token, ", ".join(field.choices))
        return text.casefold() if field.choices else text

    def _value(self, expected: str) -> str:
        token = self._peek()
        if token is None or (not token.quoted and not _STARTS_VALUE.match(token.text)):
            self._fail(token, expected)
        self._next += 1
        return token.text

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _peek_word(self) -> str:
        token = self._peek()
        return "" if token is None else token.word

    def _take(self, word: str) -> bool:
        if self._peek_word() != word:
            return False
        self._next += 1
        return True

    def _fail(self, token: _Token | None, allowed: str) -> NoReturn:
        if token is None:
            raise BadFilter(
                _("The filter ends too early, after character {n}.").format(n=len(self._text.rstrip())),
                _("Allowed there: {allowed}.").format(allowed=allowed),
                len(self._text),
            )
        raise BadFilter(
            _("The filter stops making sense at character {n}, “{text}”.").format(
                n=token.at + 1, text=token.text
            ),
            _("Allowed there: {allowed}.").format(allowed=allowed),
            token.at,
        )


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None or found["other"] is not None:
            wrong = found.start("other") if found is not None else at
            quote = text[wrong] in "\"'"
            raise BadFilter(
                _("The filter stops making sense at character {n}, “{text}”.").format(n=wrong + 1, text=text[wrong]),
                _("Close the quotes.") if quote else _("Allowed there: words, numbers, quotes, = != > < >= <= ( )."),
                wrong,
            )  # fmt: skip
        at = found.end()
        if found["quoted"] is not None:
            inner = re.sub(r"\\(.)", r"\1", found["quoted"][1:-1])
            yield _Token(inner, found.start("quoted"), quoted=True)
        else:
            group = "sign" if found["sign"] is not None else "word"
            yield _Token(found[group], found.start(group))


def _number(text: str) -> str:
    try:
        value = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        return ""
    if not value.is_finite() or abs(value) >= 10**9 or value != round(value, 2):
        return ""
    return f"{value.normalize():f}"


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\Z")


def _day(text: str) -> str:
    from datetime import datetime

    folded = text.casefold()
    if folded in ("today", "yesterday", "tomorrow"):
        return folded
    if not _DAY.match(text):
        return ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text


def _negated(node: Node) -> Node:
    if isinstance(node, Not):
        return node.part
    if isinstance(node, Clause) and (opposite := VERBS[node.op].opposite):
        return Clause(node.field, opposite, node.values, node.key)
    return Not(node)


def _text(node: Node, *, outer: bool = False) -> str:
    if isinstance(node, Clause):
        return _clause_text(node)
    if isinstance(node, Not):
        inner = _text(node.part)
        return f"not {inner}" if inner.startswith("(") or isinstance(node.part, Clause) else f"not ({inner})"
    word = " and " if isinstance(node, Every) else " or "
    if len(node.parts) == 1:
        return _text(node.parts[0], outer=outer)
    text = word.join(_text(part) for part in node.parts)
    return text if outer else f"({text})"


def _clause_text(clause: Clause) -> str:
    words = [clause.field]
    if clause.key:
        words.append(_quoted(clause.key))
    words.append(VERBS[clause.op].spellings[0])
    arity = VERBS[clause.op].values
    if arity == 2 and clause.op in ("any", "none"):
        words.append(f"({', '.join(map(_quoted, clause.values))})")
    elif arity:
        words.extend(map(_quoted, clause.values))
    return " ".join(words)


def _quoted(value: str) -> str:
    reserved = value.casefold() in ("and", "or", "not") or not _STARTS_VALUE.match(value)
    if not reserved:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def either(parts: Sequence[Node]) -> Node:
    """At least one of *parts*; one part stands for itself."""
    return parts[0] if len(parts) == 1 else Either(tuple(parts))
