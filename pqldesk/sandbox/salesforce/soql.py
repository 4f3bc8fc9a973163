"""The part of SOQL that is understood: SELECT fields FROM object WHERE ... ORDER BY fields LIMIT n.

Conditions: =, !=, <, <=, >, >=, LIKE, IN, joined by AND or OR, in parentheses; one relation deep
(``Opportunity.Name``).
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from pqldesk.sandbox.salesforce.org import ApiError, Org, Row
from pqldesk.sandbox.salesforce.schema import TEXT, Field, Thing

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|[=<>(),]))"
)
_ESCAPED = re.compile(r"\\(.)")

Test = Callable[[Row], bool]


def wrong(message: str) -> ApiError:
    return ApiError(400, "MALFORMED_QUERY", message)


def select(org: Org, soql: str, *, deleted: bool = False) -> list[Row]:
    """The rows a query asks for, as they are answered; *deleted*: also those in the bin."""
    return _Query(org, soql).rows(deleted=deleted)


class _Query:
    def __init__(self, org: Org, soql: str) -> None:
        self.org = org
        self.tokens = _tokens(soql)
        self.at = 0
        self._word("SELECT")
        self.fields = [self._name()]
        while self._taken(","):
            self.fields.append(self._name())
        self._word("FROM")
        named = self._name()
        if named not in org.things or (named == "ContentNote" and not org.switches.notes_enabled):
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{named}' is not supported.")
        self.thing: Thing = org.things[named]
        for name in self.fields:
            self._field(name)
        self.test: Test = self._any() if self._is_word("WHERE") else lambda row: True
        self.order: list[tuple[str, bool]] = []
        if self._is_word("ORDER"):
            self._word("BY")
            while not self.order or self._taken(","):
                name = self._name()
                self._field(name)
                down = self._is_word("DESC")
                if not down:
                    self._is_word("ASC")
                self.order.append((name, down))
        self.limit = int(self._value()) if self._is_word("LIMIT") else None
        if self.at < len(self.tokens):
            raise wrong(f"unexpected token: '{self.tokens[self.at][1]}'")

    def rows(self, *, deleted: bool = False) -> list[Row]:
        found = [row for row in self.org.visible(self.thing.name, deleted=deleted) if self.test(row)]
        for name, down in reversed(self.order):
            found.sort(key=partial(_ordered, name), reverse=down)
        return [self._shown(row) for row in found[: self.limit]]

    def _shown(self, row: Row) -> Row:
        shown: Row = {"attributes": attributes(self.thing, row)}
        for name in self.fields:
            relation, _, inner = name.partition(".")
            if inner:
                shown.setdefault(relation, {})[inner] = self._held(row, name)
            else:
                shown[name] = row.get(name)
        return shown

    def _held(self, row: Row, name: str) -> Any:
        relation, _, inner = name.partition(".")
        if not inner:
            return row.get(name)
        found = self.org.find(row.get(f"{relation}Id"))
        return found[1].get(inner) if found else None

    def _field(self, name: str, *, filtered: bool = False) -> Field:
        relation, _, inner = name.partition(".")
        thing = (
            self.org.things.get(relation) if inner and f"{relation}Id" in self.thing.fields else self.thing
        )
        found = thing.fields.get(inner or relation) if thing else None
        if found is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on entity '{self.thing.name}'.")
        if filtered and not found.filterable:
            raise ApiError(400, "INVALID_FIELD", f"field '{name}' can not be filtered in a query call")
        return found

    # Conditions

    def _any(self) -> Test:
        tests = [self._all()]
        while self._is_word("OR"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._is_word("AND"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._taken("("):
            inner = self._any()
            if not self._taken(")"):
                raise wrong("expecting a right parentheses")
            return inner
        name = self._name()
        field = self._field(name, filtered=True)
        sign = self._sign()
        if sign == "IN":
            if not self._taken("("):
                raise wrong("expecting a left parentheses")
            values = [self._value()]
            while self._taken(","):
                values.append(self._value())
            self._taken(")")
            folded = [_folded(value) for value in values]
            return lambda row: _folded(self._held(row, name)) in folded
        value = self._value()
        if sign == "LIKE":
            pattern = _pattern(str(value))
            return lambda row: bool(pattern.fullmatch(str(self._held(row, name) or "")))
        if value is not None and isinstance(value, str) != (field.type in (*TEXT, "date", "datetime")):
            raise ApiError(
                400, "INVALID_FIELD", f"{name}: value of filter criterion must be of type {field.type}"
            )
        return lambda row: _compared(sign, _folded(self._held(row, name)), _folded(value))

    # Tokens

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def _word(self, word: str) -> None:
        if not self._is_word(word):
            raise wrong(f"expecting {word}, found '{self._peek()[1]}'")

    def _is_word(self, word: str) -> bool:
        kind, text = self._peek()
        if kind == "name" and text.upper() == word:
            self.at += 1
            return True
        return False

    def _taken(self, sign: str) -> bool:
        if self._peek() == ("sign", sign):
            self.at += 1
            return True
        return False

    def _name(self) -> str:
        kind, text = self._peek()
        if kind != "name":
            raise wrong(f"unexpected token: '{text}'")
        self.at += 1
        return text

    def _sign(self) -> str:
        kind, text = self._peek()
        self.at += 1
        if kind == "sign" and text not in "(),":
            return text
        if kind == "name" and text.upper() in ("LIKE", "IN"):
            return text.upper()
        raise wrong(f"unknown operator: '{text}'")

    def _value(self) -> Any:
        kind, text = self._peek()
        self.at += 1
        match kind:
            case "text":
                return _Quoted(text[1:-1]).plain
            case "moment":
                return text.replace("Z", "+0000")
            case "number":
                return float(text) if "." in text else int(text)
            case "name" if text.lower() in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text.lower()]
        raise wrong(f"unexpected token: '{text}'")


class _Quoted:
    """A text literal; ``\\%`` and ``\\_`` stay escaped for LIKE."""

    def __init__(self, inner: str) -> None:
        self.plain = _ESCAPED.sub(lambda m: m[0] if m[1] in "%_" else m[1], inner)


def _tokens(soql: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = soql.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise wrong(f"unexpected token: '{text[at : at + 20]}'")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _ordered(name: str, row: Row) -> tuple[bool, Any]:
    """Empty values first."""
    return row.get(name) is not None, row.get(name) or ""


def _pattern(like: str) -> re.Pattern[str]:
    out, escaped = "", False
    for sign in like:
        if escaped:
            out, escaped = out + re.escape(sign), False
        elif sign == "\\":
            escaped = True
        else:
            out += {"%": ".*", "_": "."}.get(sign, re.escape(sign))
    return re.compile(out, re.IGNORECASE | re.DOTALL)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _compared(sign: str, held: Any, value: Any) -> bool:
    if sign in ("=", "!="):
        return bool(held == value) == (sign == "=")
    if held is None or value is None:
        return False
    return bool({"<": held < value, "<=": held <= value, ">": held > value, ">=": held >= value}[sign])


def attributes(thing: Thing, row: Row) -> Row:
    """What every row carries beside its fields."""
    return {"type": thing.name, "url": f"/services/data/v67.0/sobjects/{thing.name}/{row['Id']}"}
