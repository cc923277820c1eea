"""Faults on demand: what the platform does to the next calls about one customer."""

from collections import deque
from collections.abc import Mapping, Sequence
from enum import StrEnum
from threading import Lock

ErrorBody = dict[str, object]


class Fault(StrEnum):
    """What goes wrong with one call."""

    THROTTLED = "throttled"  # refused for now: certainly not sent
    SILENT = "silent"  # sent, and then no answer comes
    GONE = "gone"  # the customer cannot be reached any more
    WINDOW = "window"  # outside the platform's reply window


_META: Mapping[Fault, tuple[int, int, int, str]] = {
    Fault.THROTTLED: (400, 613, 0, "Calls to this api have exceeded the rate limit."),
    Fault.GONE: (400, 551, 1545041, "This person isn't available right now."),
    Fault.WINDOW: (400, 10, 2018278, "This message is sent outside of allowed window."),
}
_WHATSAPP: Mapping[Fault, tuple[int, int, int, str]] = {
    Fault.THROTTLED: (429, 130429, 0, "Rate limit hit"),
    Fault.GONE: (400, 131026, 0, "Message undeliverable"),
    Fault.WINDOW: (400, 131047, 0, "Re-engagement message"),
}


def refusal(fault: Fault, *, whatsapp: bool) -> tuple[int, ErrorBody]:
    """Return (HTTP status, body) of a refused call, in the platform's own form."""
    status, code, subcode, message = (_WHATSAPP if whatsapp else _META)[fault]
    return status, error(code, message, subcode)


def error(code: int, message: str, subcode: int = 0) -> ErrorBody:
    """Return an error body of the Graph API."""
    body: ErrorBody = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "Alocal",
    }
    if subcode:
        body["error_subcode"] = subcode
    return {"error": body}


class Faults:
    """What is to go wrong, customer by customer, in order.

    A customer without faults is served well.
    """

    def __init__(self, planned: Mapping[str, Sequence[Fault]]) -> None:
        self._queues = {customer: deque(faults) for customer, faults in planned.items()}
        self._lock = Lock()

    def add(self, customer: str, fault: Fault) -> None:
        """Let one more call about this customer go wrong."""
        with self._lock:
            self._queues.setdefault(customer, deque()).append(fault)

    def next(self, customer: str) -> Fault | None:
        """Return what happens to this call, and use it up."""
        with self._lock:
            queue = self._queues.get(customer)
            return queue.popleft() if queue else None
