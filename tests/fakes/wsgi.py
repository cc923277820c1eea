"""The app as a WSGI application, for tools that want to speak HTTP to it, without a socket."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote

from tests.fakes.gateway import Answer, FakeGateway, Person

Environ = dict[str, Any]


class WsgiGateway:
    """The fake gateway behind WSGI. The token `Bearer <name>` stands for that person."""

    def __init__(self, gateway: FakeGateway, people: Iterable[Person]) -> None:
        self._gateway = gateway
        self._people = {f"Bearer {person.name}": person for person in people}

    def __call__(self, environ: Environ, start: Callable[..., object]) -> list[bytes]:
        answer = self._answer(environ)
        headers = [(name, str(value)) for name, value in answer.headers.items()]
        start(f"{answer.status} x", headers)
        return [answer.body.encode()]

    def _answer(self, environ: Environ) -> Answer:
        headers = {
            name[5:].replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else None
        path = unquote(quote(environ["PATH_INFO"].encode("latin-1")))
        query = environ.get("QUERY_STRING", "")
        try:
            return self._gateway.call(
                environ["REQUEST_METHOD"],
                f"{path}?{query}",
                body,
                headers,
                person=self._people.get(headers.get("Authorization", "")),
                as_base64=True,
            )
        except LookupError:  # a path that the gateway does not know never reaches us
            told = {"code": "MISSING_AUTHENTICATION_TOKEN", "message": "No such path."}
            refused = json.dumps({"error": {**told, "request_id": "gateway"}})
            return Answer(403, {"Content-Type": "application/json"}, refused)
