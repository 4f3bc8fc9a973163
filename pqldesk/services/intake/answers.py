"""What the intake answers. One shape of refusal satisfies all clients that were looked at: Segment and RudderStack read
code and message, PostHog detail, GitLab's sender errors. 5xx and 429 mean that nothing was stored."""

from typing import Any

from starlette.responses import JSONResponse


class Refusal(Exception):
    """A request that is not accepted, and what its sender is told."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
        self.more: dict[str, Any] = {}  # what one sender wants to read besides

    def body(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "detail": self.message,
            "errors": self.message,
            **self.more,
        }

    def response(self) -> JSONResponse:
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        return JSONResponse(self.body(), self.status, headers)


def not_connected(system: str) -> Refusal:
    """Nobody has connected the system a path belongs to."""
    return Refusal(404, "not_connected", f"{system} is not connected to this PQLDesk.")


def not_found() -> Refusal:
    """A path that belongs to no system."""
    return Refusal(404, "not_found", "There is nothing at this address.")
