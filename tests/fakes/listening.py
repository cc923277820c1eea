"""A simulated network on loopback: its answers over a real socket, for tests of our own calls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from infra.local.simulator.taker import Asked, Taker, Told


@contextmanager
def listening(taker: Taker) -> Iterator[str]:
    """Yield the base URL of a network; it is gone afterwards. A silent one hangs up."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            path = parts.path.removeprefix(f"/{taker.prefix}")
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            told = taker.take(Asked(self.command, path, query, headers, body))
            if not told.silent:
                self._tell(told)
            self.close_connection = True

        def _tell(self, told: Told) -> None:
            self.send_response(told.status)
            self.send_header("Content-Type", told.content_type)
            self.send_header("Content-Length", str(len(told.body)))
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{taker.prefix}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
