"""Faults: which errors of DynamoDB may pass by themselves, and which mean something."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004  (botocore's)
from pynamodb.exceptions import PynamoDBException

from chalicelib.workflows.ports import BusyError

REFUSED = "ConditionalCheckFailed"
"""Why a row of a transaction was not written: its condition did not hold."""

CONFLICT = "TransactionConflict"
"""Why a row of a transaction was not written: another one was writing it."""

_PASSING = frozenset({
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingError",
    "ThrottlingException",
    CONFLICT,
    "TransactionConflictException",
    "TransactionInProgressException",
})  # fmt: skip


@contextmanager
def passing_faults() -> Iterator[None]:
    """Raise BusyError for what may pass by itself: throttling, time-outs, lost connections."""
    try:
        yield
    except (PynamoDBException, ClientError, ConnectionError, HTTPClientError) as error:
        if _passes(error):
            raise BusyError(str(error)) from error
        raise


def _passes(error: Exception) -> bool:
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, ConnectionError | HTTPClientError):
        return True
    reasons = [reason.code for reason in getattr(cause, "cancellation_reasons", []) if reason]
    if REFUSED in reasons or CONFLICT in reasons:
        return False  # decided, or tried again, by the table itself
    return code(cause) in _PASSING or any(code in _PASSING for code in reasons)


def code(error: Exception) -> str:
    """Return DynamoDB's own word for an error, or an empty string."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", "")).rpartition("#")[2]
