"""Payloads to parse, and a platform on loopback that answers what a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.channels.contract import Parsed
from chalicelib.channels.meta.envelope import parse
from chalicelib.channels.places import Places

EVENTS = Path(__file__).parents[2] / "events"
RECEIVED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def read() -> Callable[[str], Parsed]:
    """Parse a recorded body of Meta by its file's name."""
    return lambda name: parse((EVENTS / "meta" / f"{name}.json").read_bytes(), RECEIVED)


@dataclass
class Asked:
    """One request that the platform got."""

    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def content(self) -> dict:
        return json.loads(self.body)

    @property
    def form(self) -> dict:
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


@dataclass
class Platform:
    """What the platform shall answer, and what it was asked. `manner`: answer, hang or drop."""

    url: str
    status: int = 200
    answer: object = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    manner: str = "answer"
    asked: list = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def places(self) -> Places:
        return Places(
            graph_url=self.url,
            instagram_graph_url=self.url + "/instagram",
            private_urls=True,
            read_seconds=0.2 if self.manner == "hang" else 5.0,
            now=lambda: RECEIVED,
        )


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers.get("content-length", 0))
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            headers = {key.lower(): value for key, value in self.headers.items()}
            it.asked.append(Asked(parts.path, query, headers, self.rfile.read(size)))
            if it.manner == "hang":
                it.over.wait(10)
            if it.manner != "answer":
                return
            raw = it.answer if isinstance(it.answer, bytes) else json.dumps(it.answer).encode()
            self.send_response(it.status)
            for key, value in {**it.headers, "content-length": str(len(raw))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it = Platform(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield it
    it.over.set()
    server.shutdown()
    thread.join()
    server.server_close()
