"""One org: rows by object, sessions, switches; and how it refuses."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pqldesk.sandbox.clock import Clock
from pqldesk.sandbox.consent import Consents
from pqldesk.sandbox.salesforce.schema import Field, Thing, things

ORG_ID = "00DSB0000000001EAA"
PUBLIC_ID = "sandbox-salesforce-public"  # an app without a secret, for sign-ins
CLIENT_ID, CLIENT_SECRET = "sandbox-salesforce-app", "sandbox-salesforce-secret"
ROBOT, ROUTING = "pqldesk@northquay.example", "routing@northquay.example"
USERS = (
    ("PQLDesk Integration", ROBOT, True),
    ("Routing User", ROUTING, True),
    ("Ines Duarte", "ines@northquay.example", True),
    ("Dana Kim", "dana@northquay.example", True),
    ("Omar Haddad", "omar@northquay.example", False),
)
CAMPAIGNS = ("Active trials", "PQL queue")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

Row = dict[str, Any]


class ApiError(Exception):
    """A refusal: an array with one error."""

    def __init__(
        self, status: int, code: str, message: str, fields: tuple[str, ...] = (), **extra: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.body: Any = [{"message": message, "errorCode": code, **extra}]
        if fields:
            self.body[0]["fields"] = list(fields)


@dataclass(slots=True)
class Switches:
    """What can be changed at run time (admin action ``switch``)."""

    duplicate_mode: str = "alert"  # off, alert (the header may override), block
    duplicate_by: str = "email"  # email, name
    session_s: float = 7_200.0
    app_enabled: bool = True  # False: the app was switched off, no token is given any more
    rest_refused: bool = False  # the second kind of 401, which a fresh token does not heal
    daily_limit: int = 15_000
    busy: int = 0  # so many requests are told of too many at the same time
    batch_size: int = 2_000
    locked: int = 0  # so many rows of the next collections are locked by somebody else
    notes_enabled: bool = True


@dataclass(slots=True)
class Org:
    """Everything stored."""

    clock: Clock
    things: dict[str, Thing]
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    bin: dict[str, dict[str, Row]] = field(default_factory=dict)  # deleted rows, which queryAll still shows
    sessions: dict[str, float] = field(default_factory=dict)  # token: when it began
    pages: dict[str, list[Row]] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)  # ids that sharing rules hide from the API's user
    switches: Switches = field(default_factory=Switches)
    consents: Consents = field(default_factory=lambda: Consents({PUBLIC_ID: None, CLIENT_ID: CLIENT_SECRET}))
    used: int = 0
    made: int = 0
    revision: int = 0

    def thing(self, name: str) -> Thing:
        """The object; the answers differ for one that is switched off and one that never was."""
        found = self.things.get(name)
        if found is None or (name == "ContentNote" and not self.switches.notes_enabled):
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return found

    def new_id(self, prefix: str) -> str:
        """An id of 18 characters; the last three tell the case of the others."""
        self.made += 1
        short = f"{prefix}SB{self.made:010d}"
        tail = "".join(
            LETTERS[sum(1 << i for i, c in enumerate(part) if c.isupper())]
            for part in (short[0:5], short[5:10], short[10:15])
        )
        return short + tail

    def store(self, thing: Thing, values: Row) -> Row:
        """A new row with every field."""
        row: Row = {name: each.default for name, each in thing.fields.items()}
        row |= values
        row["Id"] = self.new_id(thing.prefix)
        row["CreatedDate"] = row["LastModifiedDate"] = row["SystemModstamp"] = self.stamp()
        self.rows.setdefault(thing.name, {})[row["Id"]] = row
        self.revision += 1
        return row

    def of(self, name: str) -> dict[str, Row]:
        return self.rows.setdefault(name, {})

    def delete(self, name: str, row: Row, master: str | None = None) -> None:
        """Put a row into the bin; *master* is the one that it was merged into."""
        del self.of(name)[row["Id"]]
        row |= {"IsDeleted": True, "SystemModstamp": self.stamp()}
        if "MasterRecordId" in self.things[name].fields:
            row["MasterRecordId"] = master
        self.bin.setdefault(name, {})[row["Id"]] = row
        self.revision += 1

    def visible(self, name: str, *, deleted: bool = False) -> list[Row]:
        """The rows that the API's user may see; *deleted*: those in the bin, too."""
        rows = [*self.of(name).values(), *(self.bin.get(name, {}).values() if deleted else ())]
        return [row for row in rows if row["Id"] not in self.hidden]

    def find(self, record_id: Any) -> tuple[Thing, Row] | None:
        """The row of an id, whatever its object; 15 characters will do."""
        text = str(record_id or "")
        for thing in self.things.values():
            if text.startswith(thing.prefix):
                for row in self.of(thing.name).values():
                    if text in (row["Id"], row["Id"][:15]):
                        return thing, row
        return None

    def lock_some(self) -> None:
        """Refuse a row, while there are some that somebody else has locked."""
        if self.switches.locked > 0:
            self.switches.locked -= 1
            raise ApiError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")

    def user(self, email: str) -> str:
        """The user's id."""
        return next(str(row["Id"]) for row in self.of("User").values() if row["Email"] == email)

    def stamp(self) -> str:
        moment = datetime.fromtimestamp(self.clock.time(), UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"

    def to_json(self) -> str:
        kept = {
            "things": {name: asdict(thing) for name, thing in self.things.items()},
            "rows": self.rows,
            "bin": self.bin,
            "sessions": self.sessions,
            "hidden": self.hidden,
            "switches": asdict(self.switches),
            "consents": asdict(self.consents),
            "used": self.used,
            "made": self.made,
            "revision": self.revision,
        }
        return json.dumps(kept)

    def load_json(self, text: str) -> None:
        kept = json.loads(text)
        self.things = {
            name: Thing(name, each["prefix"], {key: Field(**value) for key, value in each["fields"].items()})
            for name, each in kept["things"].items()
        }
        self.switches = Switches(**kept["switches"])
        self.consents = Consents(**kept["consents"])
        for name in ("rows", "bin", "sessions", "hidden", "used", "made", "revision"):
            setattr(self, name, kept[name])


def founded(clock: Clock, *, bare: bool = False) -> Org:
    """The org Northquay; *bare* without PQLDesk's fields, stages and campaigns."""
    org = Org(clock, things(custom=not bare))
    for name, email, active in USERS:
        values = {"Name": name, "Email": email, "IsActive": active, "UserType": "Standard"}
        org.store(org.things["User"], values)
    company = org.store(org.things["Organization"], {"Name": "Northquay"})
    org.rows["Organization"] = {ORG_ID: {**company, "Id": ORG_ID}}
    if bare:
        stage = org.things["Opportunity"].fields["StageName"]
        stage.options = [each for each in stage.options if "Qualified" not in each]
    else:
        for title in CAMPAIGNS:
            org.store(org.things["Campaign"], {"Name": title, "IsActive": True})
    return org
