"""Marketo's calls: rows in, what came of each row out, in the same order."""

from collections.abc import Mapping, Sequence
from typing import Any

from pqldesk.services.connectors.marketo.answers import refused_row, unsettled
from pqldesk.services.remote.rest import Rest

ROOT = "/rest/v1"
AT_ONCE = 300

Row = dict[str, Any]


class Api:
    """One instance."""

    def __init__(self, rest: Rest, partition: str | None = None) -> None:
        self.rest = rest
        self._partition = partition

    async def get(self, path: str, **params: Any) -> Row:
        """The whole answer of a call that only reads."""
        found: Row = await self.rest.read("GET", f"{ROOT}/{path}.json", params=params)
        return found

    async def rows(self, path: str, **params: Any) -> list[Row]:
        """All rows, page by page."""
        rows: list[Row] = []
        token = None
        while True:
            answer = await self.get(path, **params, nextPageToken=token)
            rows += answer.get("result") or []
            token = answer.get("nextPageToken")
            if not token:
                return rows

    async def leads(self, emails: Sequence[str], fields: Sequence[str]) -> list[Row]:
        """The leads of up to 300 addresses; several may share one."""
        form = {"filterType": "email", "filterValues": ",".join(emails), "fields": ",".join(fields)}
        if len(emails) == 1:
            return await self.rows("leads", **form)
        path, token = f"{ROOT}/leads.json", None
        rows: list[Row] = []
        while True:  # as a form: so many addresses are too long for a URL
            paged = {**form, "nextPageToken": token} if token else form
            answer = await self.rest.read("POST", path, params={"_method": "GET"}, form=paged)
            rows += answer.get("result") or []
            token = answer.get("nextPageToken")
            if not token:
                return rows

    async def write(self, path: str, rows: Sequence[Row], **more: Any) -> list[Row]:
        """What came of each of up to 300 rows."""
        body = {**more, "input": list(rows)}
        answer = await self.rest.write("POST", f"{ROOT}/{path}.json", body=body)
        found: list[Row] = (answer or {}).get("result") or []
        if len(found) != len(rows):
            raise unsettled(f"{len(rows)} rows of {path}")
        return found

    async def write_one(self, path: str, row: Row, **more: Any) -> Row:
        """What came of one row; raises why it was not carried out."""
        (found,) = await self.write(path, [row], **more)
        problem = refused_row(found)
        if problem is not None:
            raise problem
        return found

    async def upsert(self, rows: Sequence[Row], action: str, key: str) -> list[Row]:
        """What came of up to 300 leads."""
        more = {"partitionName": self._partition} if self._partition and action == "createOnly" else {}
        return await self.write("leads", rows, action=action, lookupField=key, **more)

    async def create(self, values: Mapping[str, Any]) -> str:
        """Make a lead; raises Exists where the e-mail has one."""
        more = {"partitionName": self._partition} if self._partition else {}
        row = dict(values)
        return str(
            (await self.write_one("leads", row, action="createOnly", lookupField="email", **more))["id"]
        )

    async def change(self, lead_id: str, values: Mapping[str, Any]) -> None:
        """Change fields of a lead."""
        if values:
            row = {"id": int(lead_id), **values}
            await self.write_one("leads", row, action="updateOnly", lookupField="id")
