"""What a command changed, so that whoever shows it can ask again."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class Topic(StrEnum):
    """A part of the workspace that pages may show."""

    LEADS = "leads"
    USAGE = "usage"
    TRIALS = "trials"
    TASKS = "tasks"
    OUTBOX = "outbox"
    MODEL = "model"
    SOURCES = "sources"
    SETTINGS = "settings"
    NOTICES = "notices"


@dataclass(frozen=True, slots=True)
class Changes:
    """The topics that a commit touched; *elsewhere* when another process made it, which nobody here waits for."""

    topics: frozenset[Topic] = frozenset()
    elsewhere: bool = field(default=False, compare=False)

    @classmethod
    def to(cls, *topics: Topic) -> Self:
        return cls(frozenset(topics))

    def touch(self, topics: frozenset[Topic]) -> bool:
        return not self.topics.isdisjoint(topics)
