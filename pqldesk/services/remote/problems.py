"""What can go wrong with another system. The outbox decides by kind what happens to the item:

RemoteProblem
  Unreachable    the request never arrived: try again
  RateLimited    not processed, too many requests: wait, never counted as a try
  TryLater       not processed for now (concurrent write, merge in progress): try again
  Ambiguous      sent, but the answer was lost or a 5xx: look before writing again
  Refused        another 4xx: failed at once
    Gone         the record addressed is not there (any more)
  Held           a person must act first: credential, permission, stage, list, field, member
    Adoptable    a record that may be ours was found; a retry takes it
  DealClosed     the deal known to us is won or lost: a new one is due
"""

from pqldesk.services.basics.problems import Problem


class RemoteProblem(Problem):
    """Another system did not do what was asked."""


class Unreachable(RemoteProblem):
    """The request never arrived."""


class RateLimited(RemoteProblem):
    """Too many requests; nothing was processed. *retry_after_s* is how long to stay away."""

    def __init__(self, what: str, remedy: str = "", *, retry_after_s: float) -> None:
        super().__init__(what, remedy)
        self.retry_after_s = retry_after_s


class TryLater(RemoteProblem):
    """Not processed because of something that passes by itself."""


class Ambiguous(RemoteProblem):
    """Nobody can tell whether the write happened."""


class Refused(RemoteProblem):
    """The system understood and said no. *paths* name the parts of the request it complained about."""

    def __init__(self, what: str, remedy: str = "", *, paths: tuple[str, ...] = ()) -> None:
        super().__init__(what, remedy)
        self.paths = paths


class Gone(Refused):
    """The record addressed does not exist, or not under this id any more."""


class Held(RemoteProblem):
    """A person has to do something before the write can go out."""


class Adoptable(Held):
    """A record that may already be ours was found; *remote_id* is used when the item is retried."""

    def __init__(self, what: str, remedy: str, *, remote_id: str) -> None:
        super().__init__(what, remedy)
        self.remote_id = remote_id


class DealClosed(RemoteProblem):
    """The deal we knew is won or lost."""
