"""A platform on loopback that gives every call one answer, for sendings."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

from chalicelib.channels.places import Places
from tests.contract.channels.specimen import NOW

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class Platform:
    """What the next calls are answered with, and what was asked. `hang`: no answer comes."""

    url: str
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = NOTHING
    hang: bool = False
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def places(self, name: str) -> Places:
        """Return the places of a network that is this platform."""
        usual = {"connect_seconds": 2.0, "read_seconds": 0.3, "now": lambda: NOW}
        if name == "graph":
            return Places(self.url, instagram_graph_url=self.url, private_urls=True, **usual)
        return Places(urls={name: self.url}, private_urls=True, **usual)


@contextmanager
def platform() -> Iterator[Platform]:
    """Yield a platform that listens on loopback; it is gone afterwards."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = False
    shown = Platform(f"http://127.0.0.1:{server.server_port}")
    server.shown = shown  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="platform")
    thread.start()
    try:
        yield shown
    finally:
        shown.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        shown: Platform = self.server.shown  # type: ignore[attr-defined]
        length = int(self.headers.get("Content-Length") or 0)
        shown.asked.append((self.path, self.rfile.read(length)))
        if shown.hang:
            shown.over.wait(5)
            self.close_connection = True
            return
        self.send_response(shown.status)
        for name, value in shown.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(shown.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(shown.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the base asks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Say nothing."""
