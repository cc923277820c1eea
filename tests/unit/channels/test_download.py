"""Files of a network: from public addresses only, every redirect anew, and bounded."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest

from chalicelib.channels import address, download, transport
from chalicelib.channels.base import Base
from chalicelib.channels.places import Places
from chalicelib.channels.transport import Answer, NoAnswerError, NotSentError
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import FetchError, FetchLaterError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PUBLIC = "93.184.216.34"
KEY = {"Authorization": "Bearer secret"}
HOSTS = {
    "cdn.example.com": PUBLIC,
    "other.example.com": "93.184.216.35",
    "inside.example.com": "10.0.0.7",
    "meta.example.com": "169.254.169.254",
    "six.example.com": "::1",
}


@dataclass
class Web:
    """The internet of a test: what each url answers, and every request that was made."""

    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def exchange(self, request):
        self.asked.append(request)
        answer = self.answers[request.url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def redirects(self, *urls, last=None):
        for url, onward in pairwise(urls):
            self.answers[url] = Answer(302, b"", {"location": onward})
        self.answers[urls[-1]] = last or Answer(200, PNG)


@pytest.fixture
def web(monkeypatch) -> Web:
    made = Web()

    def resolve(host, port, **_):
        found = HOSTS.get(host, host)
        if found.endswith(".com"):
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(address.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(transport, "exchange", made.exchange)
    return made


def fetch(url="https://cdn.example.com/f", headers=KEY, most=1_000):
    return download.fetch(url, headers, most, Places())


def test_a_file_comes_from_the_very_address_that_was_checked(web):
    web.answers["https://cdn.example.com/f"] = Answer(
        200, PNG, {"content-type": "text/html", "content-disposition": 'inline; filename="a/b.png"'}
    )
    found = fetch()
    assert (found.body, found.mime_type, found.name) == (PNG, "image/png", "b.png")
    (asked,) = web.asked
    assert (asked.method, asked.address, asked.most_bytes) == ("GET", PUBLIC, 1_001)
    assert asked.headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://cdn.example.com/f", "not_https"),
        ("ftp://cdn.example.com/f", "malformed"),
        ("file:///etc/passwd", "malformed"),
        ("https://user:pw@cdn.example.com/f", "malformed"),
        ("https://127.0.0.1/f", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
        ("https://[::1]/f", "private_address"),
        ("https://[::ffff:10.0.0.1]/f", "private_address"),
        ("https://inside.example.com/f", "private_address"),
        ("https://meta.example.com/f", "private_address"),
        ("https://six.example.com/f", "private_address"),
        ("https://cdn.example.com:99999/f", "malformed"),
        ("https://[half/f", "malformed"),
        ("", "malformed"),
    ],
)
def test_nothing_is_fetched_from_where_it_must_not_be_directly_or_by_a_redirect(web, url, reason):
    with pytest.raises(FetchError) as refused:
        fetch(url)
    assert refused.value.reason == reason
    assert web.asked == []
    if url:
        web.redirects("https://cdn.example.com/f", url)
        with pytest.raises(FetchError) as refused:
            fetch()
        assert refused.value.reason == reason
        assert [asked.url for asked in web.asked] == ["https://cdn.example.com/f"]


def test_credentials_stay_with_their_host_and_do_not_come_back(web):
    urls = ["https://cdn.example.com/f", "https://cdn.example.com/g", "https://other.example.com/h",
            "https://cdn.example.com/i"]  # fmt: skip
    web.redirects(*urls)
    fetch()
    assert [asked.url for asked in web.asked] == urls
    assert ["Authorization" in asked.headers for asked in web.asked] == [True, True, False, False]
    assert [asked.address for asked in web.asked] == [PUBLIC, PUBLIC, "93.184.216.35", PUBLIC]


def test_credentials_are_dropped_for_another_port_of_the_same_host(web):
    web.redirects("https://cdn.example.com/f", "https://cdn.example.com:8443/f")
    fetch()
    assert "Authorization" not in web.asked[1].headers


def test_a_relative_redirect_stays_on_its_host(web):
    web.answers["https://cdn.example.com/a/f"] = Answer(301, b"", {"location": "../g?x=1"})
    web.answers["https://cdn.example.com/g?x=1"] = Answer(200, PNG)
    assert fetch("https://cdn.example.com/a/f").body == PNG
    assert web.asked[1].headers["Authorization"] == "Bearer secret"


def test_five_redirects_are_followed_and_a_sixth_is_not(web):
    urls = [f"https://cdn.example.com/{number}" for number in range(7)]
    web.redirects(*urls[1:])
    assert fetch(urls[1]).body == PNG
    web.redirects(*urls)
    with pytest.raises(FetchError) as refused:
        fetch(urls[0])
    assert refused.value.reason == "redirects"


def test_a_redirect_that_leads_nowhere_is_a_refusal(web):
    web.answers["https://cdn.example.com/f"] = Answer(302, b"")
    with pytest.raises(FetchError):
        fetch()


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "gone"), (410, "gone"), (403, "forbidden"), (401, "forbidden"), (400, "refused"),
     (413, "too_large"), (304, "refused")],
)  # fmt: skip
def test_what_will_not_be_had_says_why(web, status, reason):
    web.answers["https://cdn.example.com/f"] = Answer(status, b"sorry")
    with pytest.raises(FetchError) as refused:
        fetch()
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "answer",
    [Answer(429, b""), Answer(500, b""), Answer(503, b""), Answer(408, b""), Answer(425, b""),
     NotSentError("ConnectTimeoutError"), NoAnswerError("ReadTimeoutError")],
)  # fmt: skip
def test_what_may_be_had_later_is_told_apart(web, answer):
    web.answers["https://cdn.example.com/f"] = answer
    with pytest.raises(FetchLaterError) as later:
        fetch()
    assert "secret" not in str(later.value)


def test_a_name_that_cannot_be_resolved_may_be_later(web):
    with pytest.raises(FetchLaterError):
        fetch("https://nowhere.example.com/f")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, bytes(1_001)),
        Answer(200, bytes(1_000), {"content-length": "5000"}),
    ],
)
def test_a_file_that_is_too_large_is_refused(web, answer):
    web.answers["https://cdn.example.com/f"] = answer
    with pytest.raises(FetchError) as refused:
        fetch()
    assert refused.value.reason == "too_large"


@pytest.mark.parametrize("length", ["1000", "x", "", "-1", "9" * 30])
def test_a_file_of_exactly_the_limit_is_taken_whatever_its_length_is_said_to_be(web, length):
    web.answers["https://cdn.example.com/f"] = Answer(200, bytes(1_000), {"content-length": length})
    assert len(fetch().body) == 1_000


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=UTF-8''R%C3%A4der.pdf; filename=x.pdf", "Räder.pdf"),
        ('attachment; filename="..\\\\..\\\\evil.txt"', "evil.txt"),
        ("attachment; filename*=no-such-set''a%ff.txt", ""),
        ("attachment", ""),
        ("", ""),
    ],
)
def test_the_servers_name_is_read_and_made_harmless(web, header, name):
    headers = {"content-disposition": header}
    web.answers["https://cdn.example.com/f"] = Answer(200, PNG, headers)
    found = fetch().name
    assert found == name or (not name and found.endswith(".txt"))


def test_a_room_without_keys_fetches_the_attachments_own_address(web):
    web.answers["https://cdn.example.com/f"] = Answer(200, PNG)
    one = Attachment("image", url="https://cdn.example.com/f")
    handle = Handle("shop", Channel.WEBHOOK, "shop", "Shop", "care")
    found = Base().fetch(handle, one, 1_000, secret={"token": "secret"}, places=Places())
    assert found.body == PNG
    assert "secret" not in str(web.asked[0].headers)


# On a real connection.


@dataclass
class Server:
    """A server on loopback: sends what `send` writes."""

    url: str = ""
    send: object = None


@pytest.fixture
def server() -> Iterator[Server]:
    it = Server()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            it.send(self, over)

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.url = f"http://127.0.0.1:{made.server_port}/f"
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield it
    over.set()
    made.shutdown()
    thread.join()
    made.server_close()


def told(handler, body, **headers):
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


LOCAL = Places(private_urls=True, read_seconds=0.5)


def test_a_file_is_read_whole_from_a_real_server(server):
    server.send = lambda handler, _: told(handler, PNG * 2_000, content_length=len(PNG) * 2_000)
    assert download.fetch(server.url, {}, 1_000_000, LOCAL).body == PNG * 2_000


def test_no_more_than_one_byte_beyond_the_limit_is_ever_read(server):
    sent = []

    def endless(handler, over):
        handler.send_response(200)
        handler.end_headers()
        try:
            while not over.is_set():
                handler.wfile.write(bytes(65_536))
                sent.append(65_536)
        except OSError:
            return

    server.send = endless
    with pytest.raises(FetchError) as refused:
        download.fetch(server.url, {}, 100_000, LOCAL)
    assert refused.value.reason == "too_large"
    assert sum(sent) < 50_000_000


def test_a_file_that_breaks_off_is_fetched_again_later(server):
    server.send = lambda handler, _: told(handler, PNG, content_length=10_000)
    with pytest.raises(FetchLaterError):
        download.fetch(server.url, {}, 100_000, LOCAL)


def test_a_file_that_drips_does_not_hold_the_worker(server, monkeypatch):
    """Each byte is in time for itself, and all together are not."""
    monkeypatch.setattr(download, "MOST_SECONDS", 0.3)

    def drip(handler, over):
        handler.send_response(200)
        handler.end_headers()
        try:
            while not over.wait(0.05):
                handler.wfile.write(b"x")
                handler.wfile.flush()
        except OSError:
            return

    server.send = drip
    with pytest.raises(FetchLaterError):
        download.fetch(server.url, {}, 100_000, LOCAL)


def test_a_server_that_never_answers_is_asked_again_later(server):
    server.send = lambda _, over: over.wait(5)
    with pytest.raises(FetchLaterError):
        download.fetch(server.url, {}, 100_000, LOCAL)


def test_a_squeezed_body_does_not_grow_beyond_the_limit(server):
    """A server may press a file although we ask it not to."""
    import zlib

    squeezed = zlib.compress(bytes(5_000_000))
    server.send = lambda handler, _: told(
        handler, squeezed, content_length=len(squeezed), content_encoding="deflate"
    )
    with pytest.raises(FetchError) as refused:
        download.fetch(server.url, {}, 100_000, LOCAL)
    assert refused.value.reason == "too_large"
