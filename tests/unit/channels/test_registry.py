"""Which room serves what, and what a webhook has to import."""

import json
import subprocess
import sys

import pytest

from chalicelib.channels.contract import UnknownChannelError
from chalicelib.channels.meta.room import MetaRoom
from chalicelib.channels.registry import ROOMS, room, room_name, room_of
from chalicelib.channels.standard.room import StandardRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle

PROBE = """
import json, sys
from datetime import datetime, UTC
from chalicelib.channels.registry import room
from chalicelib.channels.contract import SignatureError
it = room(sys.argv[1])
try:
    it.verify(b"{}", {}, {"app_secrets": ["x"], "secrets": []}, datetime.now(UTC))
except SignatureError:
    pass
body = b'{"object":"page","entry":[],"type":"x","timestamp":"2026-11-21T10:00:00Z"}'
it.parse(body, datetime.now(UTC))
print(json.dumps(sorted(sys.modules)))
"""


def handle(channel, **settings):
    return Handle("acme", channel, "1", "Acme", "care", settings=settings)


def test_each_channel_has_its_room():
    assert isinstance(room_of(handle(Channel.WHATSAPP)), MetaRoom)
    assert isinstance(room_of(handle(Channel.WEBHOOK)), StandardRoom)
    assert room("meta") is room_of(handle(Channel.INSTAGRAM))
    assert {room_name(handle(channel)) for channel in Channel} <= set(ROOMS)
    with pytest.raises(UnknownChannelError):
        room("moon")


def test_a_handle_may_be_served_by_another_provider_and_by_no_unknown_one():
    assert room_name(handle(Channel.WHATSAPP, provider="twilio")) == "twilio"
    with pytest.raises(UnknownChannelError):
        room_of(handle(Channel.TELEGRAM, provider="twilio"))


@pytest.mark.parametrize("name", ["meta", "standard"])
def test_receiving_imports_nothing_that_sends(name):
    command = [sys.executable, "-c", PROBE, name]
    found = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    loaded = set(json.loads(found))
    heavy = {"urllib3", "botocore", "boto3", "msgspec", "pynamodb", "chalice", "ssl", "requests"}
    assert not loaded & heavy
    other = {"meta": "standard", "standard": "meta"}[name]
    assert not any(module.startswith(f"chalicelib.channels.{other}") for module in loaded)
    assert "chalicelib.channels.transport" not in loaded
