"""Refusals over HTTP: the status that each becomes, and the shape of every error answer."""

from collections.abc import Iterator
from dataclasses import dataclass

CHALICE_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
    500: "internal",
}
"""Our words for the statuses that Chalice answers by itself."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer before it is written. `instead` says what may be done."""

    status: int
    code: str
    message: str
    instead: tuple[str, ...] = ()

    def to_dict(self, request_id: str) -> dict[str, object]:
        """Return the JSON object of the answer."""
        error: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "request_id": request_id,
        }
        return {"error": error | ({"instead": list(self.instead)} if self.instead else {})}


class RequestError(Exception):
    """Raised when the request is at fault: nobody signed in, wrong role, unreadable body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(status, code, message)


INTERNAL = Refusal(
    500,
    "internal",
    "Something failed on our side. It has been counted and logged under this request_id.",
)


def refusal_of(error: Exception) -> Refusal:
    """Return the answer to an error of a route; an unknown one is internal and says nothing."""
    from chalicelib.workflows import errors

    if isinstance(error, RequestError):
        return error.refusal
    if isinstance(error, errors.RefusedError):
        status = next((known for kind, known in _statuses() if isinstance(error, kind)), 422)
        return Refusal(status, error.code, error.message, error.instead)
    found = next((known for kind, known in _outages() if isinstance(error, kind)), None)
    return found or INTERNAL


def _statuses() -> Iterator[tuple[type[Exception], int]]:
    from chalicelib.workflows import errors

    yield errors.NotFoundError, 404
    yield errors.ForbiddenError, 403
    yield errors.ConflictError, 409
    yield errors.NotNowError, 409


def _outages() -> Iterator[tuple[type[Exception], Refusal]]:
    from chalicelib.workflows import ports

    bad = "The cursor is not one that this list gave out."
    yield ports.CursorError, Refusal(400, "bad_cursor", bad)
    full = "That agent is not present or has no room for another case."
    yield ports.CapacityError, Refusal(409, "no_capacity", full)
    busy = "The table is busy. Try again in a moment, with the same Idempotency-Key."
    yield ports.BusyError, Refusal(503, "busy", busy)
