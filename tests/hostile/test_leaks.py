"""Leaks: whatever a platform answers or a transport does, no secret of any channel gets out.

Secrets may not stand in a result that is stored, an error that is logged, a log line (of the HTTP
library too), a metric, the bucket's facts and keys, or an alert.
"""

import io
import json
import logging
import traceback
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.channels import transport
from chalicelib.channels.contract import SignatureError
from chalicelib.channels.registry import room
from chalicelib.domain.event import Attachment
from chalicelib.entrypoints.observed import logger
from chalicelib.gateways.meter import Meter
from chalicelib.workflows.networks import (
    FetchError,
    FetchLaterError,
    Missed,
    NoAnswerError,
    NotSentError,
    PollError,
)
from tests.contract.channels.platform import platform
from tests.contract.channels.specimen import NOW, Words
from tests.contract.channels.specimens import SPECIMENS
from tests.hostile.deliveries import take_in
from tests.hostile.rooms import PROVING, call, deliver, furnish, named

WORDS = "canary-words-of-a-customer"
NAME = "Canary Casey"
CALLING = tuple(one for one in SPECIMENS if one.room not in ("email", "sms"))
"""Mail and SMS leave by AWS's own client, which holds no secret of ours."""

PUBLIC_NAMES = ("account_sid", "sid", "topics", "certificates", "url", "messaging_service")
"""Fields of a secret that are no secret: names that the platform itself shows."""


def secrets_of(it):
    """Return every text of a specimen's secret that nobody may see."""
    return [
        text
        for name, held in it.secret.items()
        if name not in PUBLIC_NAMES
        for text in _texts(held)
        if len(text) > 7
    ]


def _texts(value):
    if isinstance(value, dict):
        return [one for held in value.values() for one in _texts(held)]
    if isinstance(value, list | tuple):
        return [one for held in value for one in _texts(held)]
    return [value] if isinstance(value, str) else []


@contextmanager
def listening():
    """Gather every line that any library writes, the finest ones too."""
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    names = ("", "urllib3", "urllib3.connectionpool", "chalicelib", "hearback")
    levels = {name: logging.getLogger(name).level for name in names}
    handlers = [root, logger()]
    for one in handlers:
        one.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        for one in handlers:
            one.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def everything(it, places):
    """Do all that a room does with its platform; return what it said, errors with their causes."""
    at, handle = room(it.room), it.handle
    kind = {"secret": it.secret, "places": places}
    missed = Missed(handle, NOW - timedelta(hours=1), NOW)
    calls = [
        lambda: at.send(it.outgoing(), it.secret, places),
        lambda: at.moderate(handle, "1_2", "hide", **kind),
        lambda: at.moderate(handle, "1_2", "delete", **kind),
        lambda: at.fetch(handle, Attachment("image", media_id="AgAD_1"), 1_000, **kind),
        lambda: at.fetch(handle, Attachment("image", url="https://x.example/1"), 1_000, **kind),
        lambda: at.probe(handle, "https://care.example.com/webhooks/x/y", it.secret, places),
        lambda: list(at.fetch_back(missed, it.secret, places)),
    ]
    told = []
    for one in calls:
        try:
            told.append(repr(one()))
        except (FetchError, FetchLaterError, PollError) as error:
            told.append("".join(traceback.format_exception(error)) + repr(error.args))
    return told


def quoting(request):
    """Return all that a request holds, as a platform quotes it that finds it malformed."""
    body = request.body.decode("utf-8", "replace")
    return " ".join([request.url, *map(str, request.headers.values()), body])


def refuse(status):
    def exchange(request):
        text = quoting(request)
        error = {
            "error": {"message": text, "code": 190, "error_data": {"details": text}},
            "ok": False,
            "error_code": status,
            "description": text,
            "detail": text,
            "title": text,
            "message": text,
            "code": 20003,
            "errors": [{"message": text, "detail": text}],
            "details": [{"message": text, "property": "to"}],
        }
        return transport.Answer(status, json.dumps(error).encode(), {})

    return exchange


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("it", CALLING, ids=named)
def test_a_platform_that_quotes_our_secrets_finds_them_withheld(it, status, monkeypatch):
    monkeypatch.setattr(transport, "exchange", refuse(status))
    with platform() as played, listening() as written:
        told = everything(it, played.places(it.place()))
    said = "".join(told) + written.getvalue()
    assert [one for one in secrets_of(it) if one in said] == []


@pytest.mark.parametrize("error", [NotSentError, NoAnswerError])
@pytest.mark.parametrize("it", CALLING, ids=named)
def test_a_call_that_dies_tells_no_secret(it, error, monkeypatch):
    """The transport's own words name the kind of failure; what caused it may hold the address."""

    def exchange(request):
        raise error("OSError") from OSError("connection lost")

    monkeypatch.setattr(transport, "exchange", exchange)
    with platform() as played, listening() as written:
        told = everything(it, played.places(it.place()))
    said = "".join(told) + written.getvalue()
    assert [one for one in secrets_of(it) if one in said] == []


@pytest.mark.parametrize("it", SPECIMENS, ids=named)
def test_a_guide_shows_the_verify_token_at_most(it):
    """An operator's screen may be shared, and its lines end in a log of the command."""
    steps = room(it.room).guide(it.handle, "https://care.example.com/webhooks/x/y", it.secret)
    hidden = {*secrets_of(it)} - {it.secret.get("verify_token"), it.secret.get("secret_token")}
    assert [one for one in hidden if one in "".join(steps)] == []


@pytest.mark.parametrize("how", ["answers", "refuses", "hangs", "is gone"])
@pytest.mark.parametrize("it", CALLING, ids=named)
def test_no_line_of_the_http_library_holds_a_secret(it, how):
    """Telegram's token stands in the path, and the library notes each path as it calls it."""
    with platform() as played:
        played.status = 500 if how == "refuses" else 200
        played.hang = how == "hangs"
        places = replace(played.places(it.place()), read_seconds=0.05)
        if how == "is gone":
            gone = dict.fromkeys(places.urls, "http://127.0.0.1:1")
            places = replace(places, urls=gone, graph_url="http://127.0.0.1:1")
            places = replace(places, instagram_graph_url="http://127.0.0.1:1")
        with listening() as written:
            result = room(it.room).send(it.outgoing(), {**it.secret, **target(it, played)}, places)
            with suppress(FetchError, FetchLaterError):
                one = Attachment("image", media_id="AgAD_1")
                room(it.room).fetch(it.handle, one, 100, secret=it.secret, places=places)
    said = repr(result) + written.getvalue()
    assert [one for one in secrets_of(it) if one in said] == []


def target(it, played):
    return {"url": played.url, "out_secrets": it.secret["secrets"]} if it.room == "standard" else {}


@pytest.fixture
def rooms(house):
    furnish(house)
    house.parts.meter = Meter("Hearback", "test", house.parts.now)
    return house


@pytest.mark.parametrize("it", SPECIMENS, ids=named)
def test_no_word_of_a_customer_is_in_a_log_a_metric_a_key_or_a_fact(rooms, it, capfd):
    """Good deliveries, odd ones and forged ones, to the end of the queue."""
    words = Words(text=WORDS, name=NAME)
    bodies = [it.message(words), it.echo(words), it.edit(words), it.delete(words)]
    bodies += [it.reaction(words), it.receipt(words, "failed")]
    with listening() as written:
        for body in filter(None, bodies):
            deliver(rooms, it, body)
            take_in(rooms)
        for odd in (it.odd(), f'{{"{WORDS}":"{NAME}"}}'.encode(), WORDS.encode()):
            if odd is not None and it in PROVING:
                signed = it.sign(odd)
                call(rooms, it, signed.body, dict(signed.headers))
                call(rooms, it, odd, {it.signature_header(): WORDS})
        rooms.parts.meter.flush()
    out, err = capfd.readouterr()
    facts = repr([(key, told) for key, (_, told) in rooms.parts.blobs.kept.items()])
    said = written.getvalue() + out + err + facts + repr(rooms.parts.alerts.announced)
    assert said
    assert [one for one in (WORDS, NAME, *secrets_of(it)) if one in said] == []


@pytest.mark.parametrize("it", SPECIMENS, ids=named)
def test_no_secret_of_a_channel_is_stored_or_queued(rooms, it):
    """Whatever a platform puts into a message, what proves it stays out of the rows."""
    deliver(rooms, it, it.message(Words(text=WORDS)))
    queued = b"".join(one.body for one in rooms.parts.inbox.sent)
    take_in(rooms)
    stored = repr(vars(rooms.store)).encode()
    assert [one for one in secrets_of(it) if one.encode() in queued + stored] == []


@pytest.mark.parametrize("it", PROVING, ids=named)
def test_no_refusal_tells_what_would_have_been_right(rooms, it):
    """The answer to a stranger is the same for every reason, and holds nothing of ours."""
    signed = it.sign(it.message(Words(text=WORDS)))
    name = next(n for n in signed.headers if n.lower() == it.signature_header().lower())
    answers = {
        call(rooms, it, signed.body, {**signed.headers, name: wrong}).body
        for wrong in ("", "x", "sha256=" + "0" * 64, "v1," + "A" * 43 + "=", "A" * 43 + "=")
    }
    assert len(answers) == 1
    proof = signed.headers[name]
    (body,) = answers
    assert proof not in body
    assert WORDS not in body
    assert [one for one in secrets_of(it) if one in body] == []
    with pytest.raises(SignatureError) as refused:
        room(it.room).verify(signed.body, {name: "x"}, it.secret, NOW, url=signed.url)
    assert [one for one in (*secrets_of(it), WORDS, proof) if one in str(refused.value)] == []
