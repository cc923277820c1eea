"""From the table's rows to facts."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.conversation import Conversation
from infra.local.day import collect
from infra.local.day.desk import Answered, Desk
from infra.local.simulator.taker import Told
from tests.unit.channels.serving import serving

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)


def head(name, **changes):
    one = Conversation(name, Channel.X, "h", "1", True, "contact", "7", NOW)
    body = msgspec.json.encode(replace(one, **changes)).decode()
    return {"pk": {"S": f"CONV#{name}"}, "sk": {"S": "HEAD"}, "body": {"S": body}}


def row(pk, **values):
    return {"pk": {"S": pk}, "sk": {"S": "x"}, **values}


def test_a_private_talk_that_belongs_to_a_public_one_is_part_of_it():
    found = collect.talks_of([head("public"), head("private", joined="public")])
    assert [talk.conversation.id for talk in found["7"]] == ["public"]


def test_what_was_spent_is_summed_up_by_handle():
    rows = [
        row("BUDGET#acme-x#2026-03", amount={"N": "40"}),
        row("BUDGET#acme-x#2026-04", amount={"N": "2"}),
        row("BUDGET#acme-sms#2026-03", amount={"N": "1"}),
        row("CONV#1"),
    ]
    assert collect.spent(rows) == {"acme-x": 42, "acme-sms": 1}


def test_how_connections_are_is_read_from_the_marks():
    well = {"state": "well", "problem": "", "probed_at": NOW.isoformat()}
    broken = well | {"state": "broken", "problem": "no token"}
    never = {"state": "unknown", "problem": ""}
    rows = [
        row("MARK#watch%23acme-x", body={"S": json.dumps(broken)}),
        row("MARK#watch#acme-sms", body={"S": json.dumps(well)}),
        row("MARK#watch#acme-forum", body={"S": json.dumps(never)}),
        row("MARK#poll#acme-youtube", body={"S": "{}"}),
    ]
    assert collect.health(rows) == {"acme-x": "broken no token", "acme-sms": "well"}


def test_why_the_api_refused_is_its_own_word():
    assert Answered(409, {"error": {"code": "stale"}}).code == "stale"
    assert Answered(200, {"ok": True}).code == ""
    assert Answered(502, {"error": "gateway"}).code == ""


@pytest.mark.parametrize(("status", "there"), [(204, True), (403, False)])
def test_a_file_is_put_as_a_browsers_form_does_it(status, there):
    came = []

    def take(asked):
        came.append(asked)
        return Told(status, b"")

    with serving(take) as url:
        place = {"url": url, "fields": {"key": "upload/k", "policy": "signed"}}
        assert Desk(url).put(place, "a.pdf", b"%PDF") is there
    (asked,) = came
    assert asked.headers["content-type"].startswith("multipart/form-data")
    key, _, file = (asked.body.index(one) for one in (b'"key"', b'"policy"', b'"file"'))
    assert key < file
    assert b'filename="a.pdf"' in asked.body


def test_a_file_that_nobody_takes_is_not_there():
    assert not Desk("http://127.0.0.1:1").put({"url": "http://127.0.0.1:1"}, "a.pdf", b"x")
