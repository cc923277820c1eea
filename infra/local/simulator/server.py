"""The simulator's socket: one loopback server for every network, told apart by the path."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from infra.local.simulator.taker import Asked, Taker, Told

SILENCE_SECONDS = 1.0
"""How long a call that gets no answer waits before the line goes dead.

To the caller the same as no answer at all, but quicker.
"""

NOBODY = Told(404, b'{"error": "no such network"}')

Takers = Mapping[str, Taker]
"""The networks by prefix. Looked at anew for each call: some are made later than the server."""


class Server:
    """Listens on 127.0.0.1, on a port of the system's choice."""

    def __init__(self, takers: Takers) -> None:
        self._stopping = Event()
        held = {"takers": takers, "stopping": self._stopping}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), held))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="simulator", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the base URL; the first part of the path says which network is meant."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop listening and let silent calls go."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    takers: ClassVar[Takers]
    stopping: ClassVar[Event]
    protocol_version = "HTTP/1.1"

    def _take(self) -> None:
        """Take one call of any method and hand it to its network."""
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        prefix, slash, path = url.path.lstrip("/").partition("/")
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        taker = self.takers.get(prefix)
        asked = Asked(self.command, slash + path, query, headers, body)
        told = taker.take(asked) if taker else NOBODY
        if told.silent:
            self.stopping.wait(SILENCE_SECONDS)
            self.close_connection = True
            return
        self._tell(told)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _take  # noqa: N815 - http.server's names

    def _tell(self, told: Told) -> None:
        self.send_response(told.status)
        self.send_header("Content-Type", told.content_type)
        self.send_header("Content-Length", str(len(told.body)))
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Say nothing: the screen shows what happens."""
