"""Refusals over HTTP: the status that each becomes, and the shape of every error answer."""

from dataclasses import dataclass

from chalicelib.workflows.errors import (
    ConflictError,
    ForbiddenError,
    KeyReusedError,
    NotFoundError,
    NotNowError,
    RefusedError,
)
from chalicelib.workflows.ports import BusyError, CapacityError, CursorError

CHALICE_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
    500: "internal",
}
"""Our words for the statuses that Chalice answers by itself."""

_STATUS: dict[type[Exception], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    ConflictError: 409,
    NotNowError: 409,
    KeyReusedError: 422,
    RefusedError: 422,
}
_OUTAGES: dict[type[Exception], tuple[int, str, str]] = {
    CursorError: (400, "bad_cursor", "The cursor is not one that this list gave out."),
    CapacityError: (
        409,
        "no_capacity",
        "That agent is not present or has no room for another case.",
    ),
    BusyError: (
        503,
        "busy",
        "The table is busy. Try again in a moment, with the same Idempotency-Key.",
    ),
}


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
    if isinstance(error, RequestError):
        return error.refusal
    for kind, status in _STATUS.items():
        if isinstance(error, kind) and isinstance(error, RefusedError):
            return Refusal(status, error.code, error.message, error.instead)
    for kind, (status, code, message) in _OUTAGES.items():
        if isinstance(error, kind):
            return Refusal(status, code, message)
    return INTERNAL
