"""Queues: the FIFO queues (SQS)."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.gateways.clients import error_code
from chalicelib.workflows.letter import Letter

BATCH_COUNT = 10
BATCH_BYTES = 250_000
"""SQS takes ten messages a request and, where its limit is still the old one, 262,144 bytes in all.
"""

LONGEST_WAIT_SECONDS = 12 * 3600
"""The longest visibility time-out that SQS knows, counted from when the message was received."""

log = logging.getLogger(__name__)


class FifoQueue:
    """One FIFO queue. Satisfies `ports.Queue`."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, body: bytes, *, group: str, key: str, delay_seconds: int = 0) -> None:
        """Put one message on the queue. Raises botocore's errors for an outage.

        `delay_seconds` must be 0: SQS knows no delay of a single message on a FIFO queue. Later is
        said by the reader, who raises RetryLaterError. Raises ValueError otherwise.
        """
        if delay_seconds:
            raise ValueError("A FIFO queue cannot delay one message.")
        self._client.send_message(QueueUrl=self._url, **_entry(Letter(body, group, key)))

    def send_many(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        """Send ten at a time; what the queue did not take is tried once more.

        Return what it still did not take.
        """
        unsent = [letter for batch in _batches(letters) for letter in self._send_batch(batch)]
        return [letter for batch in _batches(unsent) for letter in self._send_batch(batch)]

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let a received message reappear after so many seconds instead of the queue's own time."""
        wait = max(0, min(seconds, LONGEST_WAIT_SECONDS))
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=wait
        )

    def _send_batch(self, batch: Sequence[Letter]) -> Sequence[Letter]:
        entries = [{"Id": str(number), **_entry(letter)} for number, letter in enumerate(batch)]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            log.warning(
                "A batch could not be queued: %s", error_code(error) or type(error).__name__
            )
            return batch
        failed = {int(row["Id"]) for row in answer.get("Failed", [])}
        return [letter for number, letter in enumerate(batch) if number in failed]


def _entry(letter: Letter) -> dict[str, str]:
    return {
        "MessageBody": letter.body.decode("utf-8"),
        "MessageGroupId": letter.group,
        "MessageDeduplicationId": letter.key,
    }


def _batches(letters: Sequence[Letter]) -> Iterator[list[Letter]]:
    batch: list[Letter] = []
    size = 0
    for letter in letters:
        if batch and (len(batch) == BATCH_COUNT or size + len(letter.body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(letter)
        size += len(letter.body)
    if batch:
        yield batch
