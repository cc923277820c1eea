"""A fake API Gateway: makes the event of a REST API as AWS sends it, and calls the app."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from chalice.app import Chalice

from chalicelib.domain.agent import Role


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The machine word of an error."""
        return str(self.json["error"]["code"])


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token. `groups` as API Gateway hands them over."""

    name: str
    role: Role = Role.AGENT

    @property
    def claims(self) -> dict[str, str]:
        """The claims of the id token."""
        return {
            "sub": f"sub-{self.name}",
            "cognito:username": self.name,
            "cognito:groups": self.role.value,
        }


class FakeContext:
    """Lambda's context, as far as the doors look at it."""

    aws_request_id = "lambda-request-1"
    function_name = "api_handler"


class FakeGateway:
    """Calls an app.

    `person` None: no authorizer ran, as for a route without one (or a way around the gateway).
    """

    def __init__(self, app: Chalice) -> None:
        self.app = app
        self._keys = 0

    def get(self, path: str, person: Person | None = None, **more: Any) -> Answer:
        """GET."""
        return self.call("GET", path, person=person, **more)

    def change(
        self,
        method: str,
        path: str,
        body: object,
        person: Person | None = None,
        key: str | None = None,
    ) -> Answer:
        """POST or PUT JSON with a fresh Idempotency-Key, or with `key` (empty: without any)."""
        self._keys += 1
        sent = f"change-{self._keys:06d}" if key is None else key
        headers = {"Idempotency-Key": sent} if sent else {}
        return self.call(method, path, json.dumps(body).encode(), headers, person=person)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        person: Person | None = None,
        as_base64: bool = False,
    ) -> Answer:
        """Call with exactly this; the body arrives as text, or as base64."""
        raw: Any = self.app(
            self.event(method, path, body, headers, person=person, as_base64=as_base64),
            FakeContext(),
        )
        return Answer(
            raw["statusCode"], {**raw["headers"], **raw["multiValueHeaders"]}, raw["body"]
        )

    def event(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        person: Person | None = None,
        as_base64: bool = False,
    ) -> dict[str, Any]:
        """Return the event of a request.

        Raises LookupError for a path that the gateway does not know (it answers 403 itself).
        """
        plain, _, query = path.partition("?")
        resource, values = self.match(plain)
        pairs = parse_qsl(query, keep_blank_values=True)
        context: dict[str, Any] = {
            "httpMethod": method,
            "resourcePath": resource,
            "requestId": "request-1",
            "path": f"/stage{plain}",
            "identity": {"sourceIp": "127.0.0.1"},
        }
        if person is not None:
            context["authorizer"] = {"claims": person.claims}
        text = (
            None
            if body is None
            else base64.b64encode(body).decode()
            if as_base64
            else body.decode("utf-8")
        )
        return {
            "resource": resource,
            "path": plain,
            "httpMethod": method,
            "headers": dict(headers or {}),
            "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
            "multiValueQueryStringParameters": {
                name: [v for n, v in pairs if n == name] for name, _ in pairs
            }
            or None,
            "queryStringParameters": dict(pairs) or None,
            "pathParameters": values or None,
            "stageVariables": None,
            "requestContext": context,
            "body": text,
            "isBase64Encoded": as_base64,
        }

    def match(self, path: str) -> tuple[str, dict[str, str]]:
        """Return the route of a path and what stands in its braces; fixed parts win, as on AWS."""
        found = [match for route in self.app.routes if (match := _match(route, path)) is not None]
        if not found:
            raise LookupError(path)
        return min(found, key=lambda match: len(match[1]))


def _match(route: str, path: str) -> tuple[str, dict[str, str]] | None:
    wanted, given = route.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    values: dict[str, str] = {}
    for part, value in zip(wanted, given, strict=True):
        if part.startswith("{") and value:
            values[part[1:-1]] = value
        elif part != value:
            return None
    return route, values
