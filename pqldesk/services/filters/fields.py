"""The fields and operators of the filter language, declared once for parser, SQL, chips and help."""

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from pqldesk.services.basics.texts import _


@dataclass(frozen=True, slots=True)
class Verb:
    """An operator: how it is written (the first spelling is what we write), how many values follow, its opposite.

    2 values means a list in brackets, or a number with its unit.
    """

    spellings: tuple[str, ...]
    values: int = 1
    opposite: str = ""


VERBS: Final = MappingProxyType(
    {
        ">=": Verb((">=", "at least", "is at least")),
        "<=": Verb(("<=", "at most", "is at most")),
        "=": Verb(("=", "is")),
        "!=": Verb(("!=", "is not")),
        ">": Verb((">", "over", "is over")),
        "<": Verb(("<", "under", "is under")),
        "is": Verb(("is", "="), opposite="is not"),
        "is not": Verb(("is not", "!="), opposite="is"),
        "contains": Verb(("contains",), opposite="not contains"),
        "not contains": Verb(("does not contain", "not contains"), opposite="contains"),
        "starts": Verb(("starts with",)),
        "any": Verb(("is any of", "is one of", "in"), 2, "none"),
        "none": Verb(("is none of", "not in"), 2, "any"),
        "empty": Verb(("is empty",), 0, "not empty"),
        "not empty": Verb(("is not empty", "is set"), 0, "empty"),
        "before": Verb(("before", "is before", "<")),
        "after": Verb(("after", "is after", ">")),
        "on": Verb(("on", "is on")),
        "last": Verb(("in the last", "in last"), 2, "not last"),
        "not last": Verb(("not in the last", "not in last"), 2, "last"),
        "next": Verb(("in the next", "in next"), 2, "not next"),
        "not next": Verb(("not in the next", "not in next"), 2, "next"),
        "yes": Verb(("is yes", "= yes", "is true"), 0, "no"),
        "no": Verb(("is no", "= no", "is false"), 0, "yes"),
        "met": Verb(("is met", "met"), 0, "unmet"),
        "unmet": Verb(("is not met", "not met", "is unmet", "unmet"), 0, "met"),
        "reached": Verb(("is reached", "reached"), 0, "unreached"),
        "unreached": Verb(("is not reached", "not reached"), 0, "reached"),
    }
)

_EMPTY = ("empty", "not empty")


class Kind(Enum):
    """What a field holds, with the operators it takes."""

    NUMBER = (">=", "<=", "=", "!=", ">", "<", *_EMPTY)
    TEXT = ("is", "is not", "contains", "not contains", "starts", "any", "none", *_EMPTY)
    CHOICE = ("is", "is not", "any", "none", *_EMPTY)
    PERSON = ("is", "is not", "any", "none")  # nobody and me are values
    WORDS = ("contains", "not contains", *_EMPTY)  # one of several texts
    TIME = ("last", "not last", "next", "not next", "before", "after", "on", *_EMPTY)
    FLAG = ("yes", "no")
    SIGNAL = ("met", "unmet")
    MILESTONE = ("reached", "unreached")

    @property
    def ops(self) -> tuple[str, ...]:
        return tuple(self.value)


@dataclass(frozen=True, slots=True)
class Field:
    """What can be asked about a lead. *label* is how a chip begins; *hint* is what a value looks like."""

    key: str
    label: str
    kind: Kind
    choices: tuple[str, ...] = ()
    nullable: bool = True
    hint: str = ""


_NUMBER, _TIME = _("a number"), _("a day like 2026-12-01, or today, yesterday, tomorrow")
_STATES = (
    "new", "qualified", "claimed", "working", "handed_off", "won", "lost", "disqualified", "snoozed", "nurture",
)  # fmt: skip

FIELDS: Final = MappingProxyType(
    {
        field.key: field
        for field in (
            Field("score", _("Score"), Kind.NUMBER, nullable=False, hint=_NUMBER),
            Field("owner", _("Owner"), Kind.PERSON, hint=_("an e-mail, nobody or me")),
            Field("band", _("Band"), Kind.CHOICE, nullable=False, hint=_("a band of the model, such as hot")),
            Field("state", _("State"), Kind.CHOICE, _STATES, nullable=False, hint=_("a state")),
            Field("active", _("Active"), Kind.TIME, hint=_TIME),
            Field("company", _("Company"), Kind.TEXT, hint=_("a company")),
            Field("domain", _("Domain"), Kind.TEXT, hint=_("a domain")),
            Field("name", _("Name"), Kind.TEXT, hint=_("a name")),
            Field("email", _("E-mail"), Kind.TEXT, hint=_("an e-mail")),
            Field("title", _("Job title"), Kind.TEXT, hint=_("a job title")),
            Field("country", _("Country"), Kind.TEXT, hint=_("a country as the source writes it")),
            Field("region", _("Region"), Kind.TEXT, hint=_("a region as the source writes it")),
            Field("source", _("Source"), Kind.TEXT, hint=_("the name of a source")),
            Field("placement", _("Placement"), Kind.TEXT, hint=_("a placement such as group-billing")),
            Field("plan", _("Plan"), Kind.TEXT, hint=_("a plan")),
            Field("signal", _("Signal"), Kind.SIGNAL, hint=_("the key of a signal")),
            Field("milestone", _("Milestone"), Kind.MILESTONE, hint=_("the key of a milestone")),
            Field("activation", _("Activation"), Kind.NUMBER, nullable=False, hint=_("a number of percent")),
            Field("fit", _("Fit"), Kind.NUMBER, hint=_NUMBER),
            Field("pql", _("PQL"), Kind.FLAG, nullable=False),
            Field("hand-raise", _("Hand-raise"), Kind.TIME, hint=_TIME),
            Field("asked", _("Asked"), Kind.WORDS, hint=_("a word of the request")),
            Field(
                "trial",
                _("Trial"),
                Kind.CHOICE,
                ("running", "converted", "expired", "lost"),
                hint=_("a state"),
            ),
            Field("trial ends", _("Trial ends"), Kind.TIME, hint=_TIME),
            Field("trial plan", _("Trial plan"), Kind.TEXT, hint=_("a plan")),
            Field("task due", _("Task due"), Kind.TIME, hint=_TIME),
            Field("respond by", _("Respond by"), Kind.TIME, hint=_TIME),
            Field("qualified", _("Qualified"), Kind.TIME, hint=_TIME),
            Field("signed-up", _("Signed up"), Kind.TIME, hint=_TIME),
            Field("created", _("Created"), Kind.TIME, nullable=False, hint=_TIME),
            Field("claimed", _("Claimed"), Kind.TIME, hint=_TIME),
        )
    }
)
KEYED: Final = frozenset({"signal", "milestone"})
UNITS: Final = MappingProxyType({"hours": "hours", "days": "days", "weeks": "weeks"})
NOBODY: Final = "nobody"  # the owner of a lead that nobody has claimed
ME: Final = "me"
