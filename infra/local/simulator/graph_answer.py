"""What the Graph API answers to one call."""

from dataclasses import dataclass

from infra.local.simulator.faults import ErrorBody, error


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform says. `silent`: it says nothing at all and lets the caller wait."""

    status: int
    body: ErrorBody
    silent: bool = False


class GraphError(Exception):
    """Raised inside a call that the platform refuses before it looks at the message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, error(code, message))
