"""Batches of a queue: what failed is told again, and in a FIFO queue the rest of its group too.

Powertools' own processor does the same and costs more to import than the rest of the door together;
this is all of it that a FIFO queue needs
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib.entrypoints.observed import count, logger

LONGEST_BACK_OFF = 300

log = logging.getLogger(__name__)

Record = Mapping[str, Any]
Response = dict[str, list[dict[str, str]]]


def work_off(
    records: Iterable[Record],
    work: Callable[[Record], None],
    postpone: Callable[[str, int], None],
    door: str,
) -> Response:
    """Work on each record; return those to be told again.

    After a failure the rest of its group is left untouched, so that order is kept; other groups go
    on. In a queue without groups each record is on its own. `postpone` puts off a record by
    seconds, when what failed said that it is only too early.
    """
    failed: list[str] = []
    stopped: set[str] = set()
    for record in records:
        group = str(record.get("attributes", {}).get("MessageGroupId") or record["messageId"])
        if group in stopped or not _worked(record, work, postpone, door):
            stopped.add(group)
            failed.append(str(record["messageId"]))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def tries_of(record: Record) -> int:
    """Return how often the queue has handed out a record, this time included."""
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))


def _worked(
    record: Record, work: Callable[[Record], None], postpone: Callable[[str, int], None], door: str
) -> bool:
    from chalicelib.workflows.errors import RetryLaterError
    from chalicelib.workflows.ports import BusyError

    tries = tries_of(record)
    logger().append_keys(message_id=str(record["messageId"]), tries=tries)
    try:
        work(record)
    except (RetryLaterError, BusyError) as early:
        seconds = getattr(early, "seconds", 0) or min(LONGEST_BACK_OFF, 2**tries)
        log.info("Not yet (%s): again in %s s.", type(early).__name__, seconds)
        count("RetriedLater", door=door)
        _put_off(postpone, str(record.get("receiptHandle", "")), seconds)
        return False
    except Exception:  # one bad record must not stop the other groups; the queue counts its tries
        log.exception("A message of the queue failed.")
        count("MessageFailed", door=door)
        return False
    return True


def _put_off(postpone: Callable[[str, int], None], receipt: str, seconds: int) -> None:
    try:
        postpone(receipt, seconds)
    except Exception:  # it is then told again when the queue's own time has passed: later, not lost
        log.exception("A message could not be put off.")
