"""Addresses from outside: none leads into our own network, however it is written.

A file's address comes from a customer, an endpoint's from a form somebody filled in. A listener
stands where nothing may ever call, and every connection that is tried is written down.
"""

import ipaddress
import socket
from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.channels import address, download, transport
from chalicelib.channels.hooks import EndpointSender
from chalicelib.channels.places import Places
from chalicelib.channels.registry import room_of
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import FetchError, FetchLaterError, Outgoing, SendState
from tests.contract.channels.specimens import SPECIMENS
from tests.fakes.house import HOOK_SECRET

PUBLIC, OTHER = "93.184.216.34", "93.184.216.35"
START = "https://cdn.example.com/start"
BODY = b'{"type":"case.opened"}'
HOSTS = {
    "cdn.example.com": [PUBLIC],
    "localhost": ["127.0.0.1"],
    "localhost.localdomain": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "instance-data": ["169.254.169.254"],
    "inside.example.com": ["10.0.0.7"],
    "tasks.example.com": ["169.254.170.2"],
    "six.example.com": ["fd00:ec2::254"],
    "mapped.example.com": ["::ffff:127.0.0.1"],
    "mixed.example.com": [PUBLIC, "127.0.0.1"],
    "mixed-behind.example.com": ["127.0.0.1", PUBLIC],
    "mixed-six.example.com": [PUBLIC, "::1"],
    "site.example.com": ["fec0::1"],
}
TARGETS = (
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "10.0.0.7",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address that is tried, none that we listen on
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
)


def spellings(target):
    """Return the ways in which programs write one IPv4 address."""
    number, (a, b, c, d) = int(ipaddress.ip_address(target)), map(int, target.split("."))
    high, low = number >> 16, number & 0xFFFF
    return (
        target,
        target + ".",
        str(number),
        hex(number),
        f"0{number:o}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{low}",
        f"{a}.0x{b:x}.0{c:o}.{d}",
        target.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}),
        target.replace(".", "\u3002"),
        f"[::ffff:{target}]",
        f"[::ffff:{high:x}:{low:x}]",
        f"[0:0:0:0:0:ffff:{high:04X}:{low:04X}]",
        f"[64:ff9b::{target}]",
        f"[64:ff9b:1::{high:x}:{low:x}]",
        f"[2002:{high:x}:{low:x}::1]",
        f"[::{high:x}:{low:x}]",
        f"[2001:0:5ef5:79fd:0:0:{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}]",
    )


def forms(port):
    """Return every address that must lead nowhere; where it can be, with the listener's port."""
    hosts = [one for target in TARGETS for one in spellings(target)]
    hosts += ["[::1]", "[::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]"]
    hosts += ["[ff02::1]", "[fec0::1]", "[100::1]", "[2001:db8::1]", "localhost", "LOCALHOST"]
    hosts += ["localhost.", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3"]
    hosts += [name for name in HOSTS if name != "cdn.example.com"]
    urls = [f"https://{host}:{port}/x" for host in hosts] + [f"https://{host}/x" for host in hosts]
    schemes = "http ftp file gopher dict ldap jar data ws unix javascript //".split()
    urls += [f"{scheme}://127.0.0.1:{port}/" for scheme in schemes]
    urls += [
        f"https://cdn.example.com@127.0.0.1:{port}/",
        f"https://127.0.0.1:{port}@cdn.example.com/",
        f"https://cdn.example.com:pw@127.0.0.1:{port}/",
        f"https://@127.0.0.1:{port}/",
        f"https://127.0.0.1:{port}#@cdn.example.com/",
        f"https://127.0.0.1:{port}?@cdn.example.com/",
        f"https://127.0.0.1:{port}\\@cdn.example.com/",
        f"https://cdn.example.com\\@127.0.0.1:{port}/",
        f"https:\\\\127.0.0.1:{port}\\",
        f"https:/127.0.0.1:{port}/",
        f"https:127.0.0.1:{port}",
        f"//127.0.0.1:{port}/",
        f"127.0.0.1:{port}",
        f" https://127.0.0.1:{port}/",
        f"https://\t127.0.0.1:{port}/",
        f"https://127.0.0.1\n:{port}/",
        f"https://127.0.0.1:{port}\r\nHost: cdn.example.com/",
        f"https://127.0.0.1%00.example.com:{port}/",
        f"https://127.0.0.1%2f@x:{port}/",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1:-1/",
        "https://127.0.0.1:x/",
        "https://",
        "https:///etc/passwd",
        "file:///etc/passwd",
        "https://[::1",
        "https://[v1.x]/",
        "https://[127.0.0.1]/",
        "https://" + "a." * 200 + "example.com/",
        "https://xn--/",
        "https://..../",
        "",
    ]
    return list(dict.fromkeys(urls))


class Net:
    """Names as an attacker runs them, and every connection that was tried."""

    def __init__(self):
        self.tried = []
        self.asked = {}
        self.rebound = {}
        self.canary = socket.create_server(("127.0.0.1", 0))
        self.canary.setblocking(False)
        self.port = self.canary.getsockname()[1]

    def getaddrinfo(self, host, port, *_, **__):
        found = self._found(host.encode("idna").decode().rstrip(".").lower())
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    def _found(self, host):
        self.asked[host] = self.asked.get(host, 0) + 1
        if host in self.rebound:
            turns = self.rebound[host]
            return turns.pop(0) if len(turns) > 1 else turns[0]
        with suppress(ValueError):
            return [str(ipaddress.ip_address(host.partition("%")[0]))]
        with suppress(OSError):  # as the system's own resolver reads numbers
            return [socket.inet_ntoa(socket.inet_aton(host))]
        if host in HOSTS:
            return HOSTS[host]
        raise socket.gaierror(host)

    def connect(self, real):
        def tried(sock, where):
            self.tried.append(where)
            if where == ("127.0.0.1", self.port):
                return real(sock, where)
            raise ConnectionRefusedError(where)

        return tried

    def reached(self):
        """Return what was called inside; the listener itself must have heard nothing."""
        heard = []
        with suppress(BlockingIOError):
            sock, where = self.canary.accept()
            sock.close()
            heard.append(where)
        return heard + [where for where in self.tried if where[0] not in (PUBLIC, OTHER)]


@pytest.fixture
def net(monkeypatch):
    made = Net()
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", made.connect(socket.socket.connect))
    yield made
    made.canary.close()


HANDLES = {one.name: (one.handle, one.secret) for one in SPECIMENS} | {
    "mastodon": (Handle("m", Channel.MASTODON, "1", "A", "care"), {"token": "t"}),
    "bluesky": (Handle("b", Channel.BLUESKY, "did:plc:a", "A", "care"), {}),
    "youtube": (Handle("y", Channel.YOUTUBE, "UC1", "A", "care"), {}),
}


def fetched(url, handle, secret):
    """Return whether a file came; refusals are the floor's own errors and no others."""
    attachment = Attachment("image", url=url)
    try:
        room_of(handle).fetch(handle, attachment, 1_000, secret=secret, places=Places())
    except (FetchError, FetchLaterError):
        return False
    return True


def test_there_are_more_than_two_hundred_ways_to_write_them():
    assert len(forms(9001)) > 200


def test_an_address_that_may_be_called_is_called(net):
    """Otherwise the refusals below would prove nothing; and the listener does hear a call."""
    with pytest.raises(FetchLaterError):
        download.fetch(START, {}, 1_000, Places())
    assert net.tried == [(PUBLIC, 443)]
    with suppress(FetchLaterError):
        url = f"http://127.0.0.1:{net.port}/"
        download.fetch(url, {}, 1_000, Places(private_urls=True, read_seconds=0.01))
    assert len(net.reached()) == 2


@pytest.mark.parametrize("name", HANDLES)
def test_no_file_of_any_channel_is_fetched_from_inside(net, name):
    handle, secret = HANDLES[name]
    for url in forms(net.port):
        assert not fetched(url, handle, secret), url
        assert net.reached() == [], url


def test_no_event_goes_to_an_endpoint_inside(net):
    sender = EndpointSender(lambda _: {"secrets": [HOOK_SECRET]}, Places())
    for url in forms(net.port):
        assert sender.deliver(url, "hook", "e1", BODY).state is not SendState.ACCEPTED, url
        assert net.reached() == [], url


def test_no_reply_of_the_generic_webhook_goes_inside(net):
    it = next(one for one in SPECIMENS if one.room == "standard")
    outgoing = Outgoing("t", it.handle, "c1", public=False, text="Hello")
    for url in forms(net.port):
        secret = {**it.secret, "url": url, "out_secrets": [HOOK_SECRET]}
        result = room_of(it.handle).send(outgoing, secret, Places())
        assert result.state is not SendState.ACCEPTED, url
        assert net.reached() == [], url


def test_no_redirect_leads_inside(net, monkeypatch):
    """Every step is looked at like the first one."""
    real, onward = transport.exchange, [""]

    def exchange(request):
        if request.url == START:
            return transport.Answer(302, b"", {"location": onward[0]})
        return real(request)

    monkeypatch.setattr(transport, "exchange", exchange)
    for url in forms(net.port):
        onward[0] = url
        with pytest.raises((FetchError, FetchLaterError)):
            download.fetch(START, {"Authorization": "Bearer x"}, 1_000, Places())
        assert net.reached() == [], url


@pytest.mark.parametrize("door", ["file", "endpoint", "reply"])
def test_a_name_that_changes_its_address_between_check_and_connect_gains_nothing(net, door):
    """What was checked is what is called: the name is asked for once."""
    net.rebound["turns.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    url = f"https://turns.example.com:{net.port}/"
    if door == "file":
        with pytest.raises(FetchLaterError):
            download.fetch(url, {}, 1_000, Places())
    elif door == "endpoint":
        EndpointSender(lambda _: {"secrets": [HOOK_SECRET]}, Places()).deliver(url, "h", "e", BODY)
    else:
        it = next(one for one in SPECIMENS if one.room == "standard")
        secret = {**it.secret, "url": url, "out_secrets": [HOOK_SECRET]}
        room_of(it.handle).send(replace(it.outgoing()), secret, Places())
    assert net.asked["turns.example.com"] == 1
    assert net.tried == [(PUBLIC, net.port)]
    assert net.reached() == []


@pytest.mark.parametrize("name", [one.name for one in SPECIMENS])
def test_keys_of_a_channel_go_to_no_host_that_a_message_names(net, name, monkeypatch):
    """A file's address is a customer's word: it is fetched, if at all, without our keys."""
    handle, secret = HANDLES[name]
    sent = []

    def exchange(request):
        sent.append(request)
        return transport.Answer(200, b"GIF89a" + bytes(20), {})

    monkeypatch.setattr(transport, "exchange", exchange)
    names = "cdn.example.com api.x.com.example.com graph.facebook.com.example.com".split()
    names += "lookaside.fbsbx.com.example.com api.twilio.com.example.com".split()
    names += ["example.com#.fbcdn.net", "example.com?.whatsapp.net", "api.telegram.org.example.com"]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 443))]
    monkeypatch.setattr(address.socket, "getaddrinfo", lambda *_, **__: found)
    for host in names:
        fetched(f"https://{host}/2010-04-01/Accounts/a.jpg", handle, secret)
    kept = [one for one in _texts(secret) if len(one) > 7]
    for request in sent:
        if "example.com" in request.url.split("/")[2]:
            told = request.url + repr(dict(request.headers))
            assert "authorization" not in {header.lower() for header in request.headers}
            assert [one for one in kept if one in told] == []


def _texts(value):
    if isinstance(value, dict):
        return [one for held in value.values() for one in _texts(held)]
    if isinstance(value, list | tuple):
        return [one for held in value for one in _texts(held)]
    return [value] if isinstance(value, str) else []
