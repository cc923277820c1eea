"""A network that says what a test tells it to, call by call, and remembers what it was asked."""

import json
from collections.abc import Sequence

from infra.local.simulator.taker import Asked, Told


def told(value: object = None, status: int = 200, **headers: str) -> Told:
    """Return an answer in JSON; underscores in header names stand for hyphens."""
    body = value if isinstance(value, bytes) else json.dumps(value or {}).encode()
    return Told(
        status, body, headers={name.replace("_", "-"): one for name, one in headers.items()}
    )


class Scripted:
    """Answers each `METHOD /path` from its own list, the last of it again and again."""

    def __init__(self, prefix: str, script: dict[str, Sequence[Told] | Told]) -> None:
        self.prefix = prefix
        self.script = {
            call: [answers] if isinstance(answers, Told) else list(answers)
            for call, answers in script.items()
        }
        self.asked: list[Asked] = []

    def take(self, asked: Asked) -> Told:
        self.asked.append(asked)
        answers = self.script.get(f"{asked.method} {asked.path}")
        if not answers:
            return Told(404, b'{"title": "Not Found", "detail": "Not Found", "status": 404}')
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def calls(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def contents(self) -> list[dict]:
        return [json.loads(asked.body) for asked in self.asked if asked.body]
