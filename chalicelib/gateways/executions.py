"""Executions: the state machine service (Step Functions)."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.gateways.clients import error_code

_STARTED_BEFORE = frozenset({"ExecutionAlreadyExists"})
_TOKEN_OVER = frozenset({"TaskTimedOut", "InvalidToken", "TaskDoesNotExist"})


class Executions:
    """Starts and wakes executions of one state machine. Satisfies `ports.Executions`."""

    def __init__(self, client: Any, machine_arn: str) -> None:
        self._client = client
        self._machine_arn = machine_arn

    def start(self, name: str, payload: Mapping[str, object]) -> bool:
        """Start an execution; False when a finished one of that name exists.

        Starting a running one again is harmless and True. Raises botocore's errors for an outage,
        so that the stream repeats the call.
        """
        try:
            self._client.start_execution(
                stateMachineArn=self._machine_arn, name=name, input=json.dumps(payload)
            )
        except ClientError as error:
            if error_code(error) in _STARTED_BEFORE:
                return False
            raise
        return True

    def wake(self, token: str, output: Mapping[str, object]) -> bool:
        """Answer a waiting task; False when its token is used up or timed out, or all is over."""
        try:
            self._client.send_task_success(taskToken=token, output=json.dumps(output))
        except ClientError as error:
            if error_code(error) in _TOKEN_OVER:
                return False
            raise
        return True
