"""Every table, imported once, so that the metadata is complete for migrations and tests."""

from pqldesk.models import erasure, history, notices, people, remote, settings, team, usage, work
from pqldesk.models.base import Base

__all__ = ["Base", "erasure", "history", "notices", "people", "remote", "settings", "team", "usage", "work"]
