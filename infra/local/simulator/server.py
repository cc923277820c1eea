"""The simulator's socket.

One loopback server that plays the Graph API and takes our standard-webhook replies.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from infra.local.simulator.graph import Answer, Call

SILENCE_SECONDS = 1.0
"""How long a call that gets no answer waits before the line goes dead.

To the caller the same as no answer at all, but quicker.
"""

StandardTaker = Callable[[Mapping[str, str], bytes], Answer]


@dataclass(frozen=True, slots=True)
class Takers:
    """Who takes what arrives, and the event that lets silent calls go when the server ends."""

    graph: Callable[[Call], Answer]
    standard: StandardTaker
    stopping: Event


class Server:
    """Listens on 127.0.0.1, on a port of the system's choice."""

    def __init__(self, graph: Callable[[Call], Answer], standard: StandardTaker) -> None:
        self._takers = Takers(graph, standard, Event())
        handler = type("Handler", (_Handler,), {"takers": self._takers})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="simulator", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the base URL; the path says which platform is meant."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop listening and let silent calls go."""
        self._takers.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    takers: ClassVar[Takers]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take one call."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path.startswith("/standard"):
            answer = self.takers.standard(dict(self.headers.items()), body)
        else:
            answer = self.takers.graph(
                Call(url.path, self._fields(url.query, body), self._bearer())
            )
        if answer.silent:
            self.takers.stopping.wait(SILENCE_SECONDS)
            self.close_connection = True
            return
        self._send(answer)

    def _fields(self, query: str, body: bytes) -> dict[str, object]:
        fields: dict[str, object] = dict(parse_qsl(query))
        if "json" in (self.headers.get("Content-Type") or ""):
            content = json.loads(body or b"{}")
            return fields | (content if isinstance(content, dict) else {})
        return fields | dict(parse_qsl(body.decode("utf-8", "replace")))

    def _bearer(self) -> str:
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def _send(self, answer: Answer) -> None:
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Say nothing: the screen shows what happens."""
