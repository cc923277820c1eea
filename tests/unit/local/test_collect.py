"""From the table's rows to facts."""

import json
from datetime import UTC, datetime

import msgspec

from chalicelib.domain.channel import Channel
from chalicelib.domain.conversation import Conversation
from infra.local.day import collect
from infra.local.day.desk import Answered, Desk
from tests.unit.channels.serving import serving

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)


def head(name, **changes):
    one = Conversation(name, Channel.X, "h", "1", True, "contact", "7", NOW)
    body = msgspec.json.encode(msgspec.structs.replace(one, **changes)) if False else None
    made = msgspec.to_builtins(one) | changes
    body = json.dumps(made, default=str)
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
    broken = {"state": "broken", "problem": "no token"}
    rows = [
        row("MARK#watch%23acme-x", body={"S": json.dumps(broken)}),
        row("MARK#watch#acme-sms", body={"S": json.dumps({"state": "well", "problem": ""})}),
        row("MARK#poll#acme-youtube", body={"S": "{}"}),
    ]
    assert collect.health(rows) == {"acme-x": "broken no token", "acme-sms": "well"}


def test_why_the_api_refused_is_its_own_word():
    assert Answered(409, {"error": {"code": "stale"}}).code == "stale"
    assert Answered(200, {"ok": True}).code == ""
    assert Answered(502, {"error": "gateway"}).code == ""
