"""The desk of one person: uses the real API with a real token, as a browser would."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import urllib3

DONE = range(200, 300)

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the API said."""

    status: int
    body: Json

    @property
    def ok(self) -> bool:
        """Return whether the API did what was asked."""
        return self.status in DONE

    @property
    def code(self) -> str:
        """Return why the API refused, as its machine word; empty when it did not."""
        error = self.body.get("error")
        return str(error.get("code", "")) if isinstance(error, Mapping) else ""


class Desk:
    """One signed-in person (or nobody, with an empty token) in front of the API.

    Safe for one thread.
    """

    def __init__(self, api_url: str, token: str = "") -> None:
        self._base = api_url.rstrip("/")
        self._token = token
        self._http = urllib3.PoolManager(retries=False)

    def get(self, path: str) -> Answered:
        """Read."""
        return self.ask("GET", path)

    def change(self, method: str, path: str, body: Json) -> Answered:
        """Change something, with an idempotency key of its own.

        Asked again with the same key when nobody answered.
        """
        key = str(uuid4())
        answer = self.ask(method, path, body, key)
        return (
            answer if answer.status not in (0, 502, 503, 504) else self.ask(method, path, body, key)
        )

    def put(self, place: Json, name: str, content: bytes) -> bool:
        """Put a file where the API said, as a browser's form does; return whether it is there."""
        fields = place.get("fields")
        form: list[tuple[str, str | tuple[str, bytes]]] = []
        if isinstance(fields, Mapping):
            form += [(str(key), str(value)) for key, value in fields.items()]
        form.append(("file", (name, content)))
        try:
            answer = self._http.request("POST", str(place.get("url")), fields=form, timeout=25.0)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status in DONE

    def ask(self, method: str, path: str, body: Json | None = None, key: str = "") -> Answered:
        """Send one request; status 0 when there was no answer."""
        headers = {"Authorization": self._token} if self._token else {}
        content = None
        if body is not None:
            headers |= {"Content-Type": "application/json"}
            content = json.dumps(body).encode()
        if key:
            headers |= {"Idempotency-Key": key}
        try:
            answer = self._http.request(
                method, self._base + path, body=content, headers=headers, timeout=25.0
            )
        except urllib3.exceptions.HTTPError:
            return Answered(0, {})
        return Answered(answer.status, _object(answer.data))


def _object(content: bytes) -> Json:
    try:
        value = json.loads(content or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
