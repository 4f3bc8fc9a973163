"""Salesforce's REST calls: rows, queries and several writes as one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.salesforce.answers import code_and_words, explain
from pqldesk.services.remote.problems import Ambiguous, Gone
from pqldesk.services.remote.rest import Answer, Rest

VERSION = "67.0"
ROOT = f"/services/data/v{VERSION}"
# The org's own assignment rules must not re-route what a person was given, and its duplicate rules must speak up.
HEADERS = {
    "Sforce-Auto-Assign": "FALSE",
    "Sforce-Duplicate-Rule-Header": "allowSave=false; includeRecordDetails=false; runAsCurrentUser=true",
}
CONTACT, LEAD = "003", "00Q"  # how ids of these objects begin
AT_ONCE = 200  # rows in one call
LONGEST_LIST = 6_000  # characters of a list in a query: with each one escaped, the address stays below 16,384

Row = dict[str, Any]


def same(field: str, value: str) -> str:
    """The condition that *field* is *value*."""
    return f"{field} = '{_escaped(value)}'"


def has(field: str, part: str) -> str:
    """The condition that *part* stands in *field*."""
    return f"{field} LIKE '%{_pattern(part)}%'"


def begins(field: str, starts: Sequence[str]) -> str:
    """The condition that *field* begins with one of *starts*."""
    ways = [f"{field} LIKE '{_pattern(start)}%'" for start in starts]
    return f"({' OR '.join(ways)})"


def among(field: str, values: Sequence[str]) -> str:
    """The condition that *field* is one of *values*."""
    return f"{field} IN ({', '.join(_quoted(value) for value in values)})"


def in_parts(values: Sequence[str]) -> Iterator[list[str]]:
    """*values* in as few lists as queries can hold."""
    part: list[str] = []
    length = 0
    for value in values:
        size = len(quote(_quoted(value)))
        if part and length + size > LONGEST_LIST:
            yield part
            part, length = [], 0
        part.append(value)
        length += size
    if part:
        yield part


def _pattern(text: str) -> str:
    return _escaped(text).replace("%", "\\%").replace("_", "\\_")


def _quoted(value: str) -> str:
    return f"'{_escaped(value)}'"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def kind_of(record_id: str) -> str:
    """``Lead`` or ``Contact``, from a person's id."""
    return "Lead" if record_id.startswith(LEAD) else "Contact"


class Api:
    """One org."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest

    async def describe(self, name: str) -> Row | None:
        """The object's fields; None where the org does not have it."""
        try:
            found: Row = await self.rest.read("GET", f"{ROOT}/sobjects/{name}/describe")
        except Gone:
            return None
        return found

    async def select(
        self,
        fields: str,
        name: str,
        *where: str,
        order: str = "",
        limit: int | None = None,
        deleted: bool = False,
    ) -> list[Row]:
        """All rows that meet every condition, page by page; *deleted*: those in the recycle bin, too."""
        soql = f"SELECT {fields} FROM {name}"  # noqa: S608 - SOQL; values come through same() and has()
        soql += f" WHERE {' AND '.join(where)}" if where else ""
        soql += f" ORDER BY {order}" if order else ""
        soql += f" LIMIT {limit}" if limit else ""
        path = f"{ROOT}/{'queryAll' if deleted else 'query'}"
        answer = await self.rest.read("GET", path, params={"q": soql})
        rows: list[Row] = list(answer["records"])
        while not answer["done"]:
            answer = await self.rest.read("GET", answer["nextRecordsUrl"])
            rows += answer["records"]
        return rows

    async def get(self, name: str, path: str, fields: Sequence[str]) -> Row:
        """A row by id, or by ``Key__c/value``."""
        found: Row = await self.rest.read(
            "GET", f"{ROOT}/sobjects/{name}/{path}", params={"fields": ",".join(fields)}
        )
        return found

    async def create(self, name: str, values: Row) -> str:
        """Its id."""
        made = await self.rest.write("POST", f"{ROOT}/sobjects/{name}", body=values, headers=HEADERS)
        return str(made["id"])

    async def upsert(self, name: str, key_field: str, key: str, values: Row) -> str:
        """Make it or change it, by a unique external id; its id."""
        made = await self.rest.write(
            "PATCH", f"{ROOT}/sobjects/{name}/{keyed(key_field, key)}", body=values, headers=HEADERS
        )
        return str(made["id"])

    async def change(self, name: str, record_id: str, values: Row) -> None:
        await self.rest.write("PATCH", f"{ROOT}/sobjects/{name}/{record_id}", body=values, headers=HEADERS)

    async def delete(self, name: str, record_id: str) -> None:
        """Into the recycle bin; what is gone already is as was wanted."""
        with suppress(Gone):
            await self.rest.write("DELETE", f"{ROOT}/sobjects/{name}/{record_id}")

    async def many(self, method: str, path: str, name: str, rows: Sequence[Row]) -> list[str | None]:
        """Up to 200 writes of the same kind, each by itself; the id of each row, None for one that was refused.

        *path*: below composite/sobjects, an object and its external id for upserts.
        """
        records = [{"attributes": {"type": name}, **row} for row in rows]
        body = {"allOrNone": False, "records": records}
        where = f"{ROOT}/composite/sobjects{path}"
        answers = await self.rest.write(method, where, body=body, headers=HEADERS)
        if not isinstance(answers, list) or len(answers) != len(rows):
            raise Ambiguous(
                _("Salesforce did not say what came of each row."), _("PQLDesk looks what arrived.")
            )
        return [str(each["id"]) if each.get("success") and each.get("id") else None for each in answers]

    async def together(self, requests: Sequence[tuple[str, str, str, Mapping[str, Any]]]) -> Row:
        """All of these writes or none: (method, path below sobjects, name, body); the first one's answer."""
        body = {
            "allOrNone": True,
            "compositeRequest": [
                {
                    "method": method,
                    "url": f"{ROOT}/sobjects/{path}",
                    "referenceId": name,
                    "body": dict(values),
                }
                for method, path, name, values in requests
            ],
        }
        answers = (await self.rest.write("POST", f"{ROOT}/composite", body=body))["compositeResponse"]
        for (method, path, _name, _values), answer in zip(requests, answers, strict=True):
            status, said = answer["httpStatusCode"], answer.get("body")
            if status >= 500:
                raise Ambiguous(
                    _("Salesforce answered {status}.").format(status=status),
                    _("PQLDesk looks whether it arrived."),
                )
            if status >= 300 and code_and_words(said)[0] != "PROCESSING_HALTED":
                raise explain(Answer(status, said, {}, method, path))
        first: Row = answers[0]["body"]
        return first


def keyed(key_field: str, key: str) -> str:
    """``Key__c/value`` for a path: a raw / or + would break it."""
    return f"{key_field}/{quote(key, safe='')}"
