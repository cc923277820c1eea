"""Tasks: the standard queues (SQS), whose letters come at least once and in no order."""

from typing import Any

from chalicelib.gateways.queues import LONGEST_WAIT_SECONDS

LONGEST_DELAY_SECONDS = 900
"""The longest that SQS keeps a new message back."""


class TaskQueue:
    """One standard queue. Satisfies `ports.Tasks`."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, body: bytes, *, delay_seconds: int = 0) -> None:
        """Put one task on the queue, to be seen after `delay_seconds` (900 at most).

        Raises botocore's errors for an outage: whoever sends is told again.
        """
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body.decode("utf-8"),
            DelaySeconds=max(0, min(delay_seconds, LONGEST_DELAY_SECONDS)),
        )

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let a received task reappear after so many seconds instead of the queue's own time."""
        wait = max(0, min(seconds, LONGEST_WAIT_SECONDS))
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=wait
        )
