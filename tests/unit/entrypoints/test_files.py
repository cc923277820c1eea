"""The doors of files: the queue's, and the API's two routes."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.event import Attachment
from chalicelib.entrypoints.files import files
from chalicelib.workflows.files import MOST_BYTES
from chalicelib.workflows.intake.ingest import ingest
from chalicelib.workflows.networks import Fetched, FetchLaterError
from tests.fakes.gateway import FakeContext
from tests.fakes.house import AGENT, LEAD, STRANGER, message_event

URL = "https://cdn.example.com/1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
def message(house):
    """A stored message with a picture that its platform still has."""
    house.parts.network.files[URL] = Fetched(PNG, "image/png")
    event = message_event(house.parts, 1, "Look")
    ingest(house.parts, replace(event, attachments=(Attachment("image", url=URL, name="a.png"),)))
    (found,) = house.store.messages.values()
    return found


def record(message, tries=1, number=1):
    body = {"conversation_id": message.conversation_id, "message_id": message.id, "index": -1}
    return {
        "messageId": f"id-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(tries)},
    }


def tell(*records):
    answer = files({"Records": list(records)}, FakeContext())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def path(message, index=0, message_id=""):
    talk = f"/api/conversations/{message.conversation_id}"
    return f"{talk}/messages/{message_id or message.id}/files/{index}"


def test_an_order_of_the_queue_is_carried_out(house, message):
    assert tell(record(message)) == []
    assert len(house.parts.media.kept) == 1


def test_what_cannot_be_had_now_is_put_off_by_how_often_it_was_tried(house, message):
    house.parts.network.files[URL] = FetchLaterError("busy")
    assert tell(record(message)) == tell(record(message, 4)) == ["id-1"]
    assert house.parts.files.postponed == [("receipt-1", 5), ("receipt-1", 600)]
    assert tell(record(message, 11)) == []
    (found,) = house.store.messages.values()
    assert found.attachments[0].refused == "not_fetched"


def test_an_order_that_cannot_be_read_is_left_to_the_queue(house, message):
    odd = record(message) | {"body": "not json"}
    assert tell(odd, record(message, number=2)) == ["id-1"]
    assert len(house.parts.media.kept) == 1
    assert house.parts.meter.total("MessageFailed", door="files") == 1


def test_an_agent_reads_where_the_file_is(house, message):
    tell(record(message))
    answer = house.gateway.get(path(message), AGENT)
    assert answer.status == 200
    assert answer.json["url"].startswith("https://media.example.com/media/")
    assert (answer.json["name"], answer.json["mime_type"], answer.json["size"]) == (
        "a.png", "image/png", len(PNG),
    )  # fmt: skip
    assert answer.json["expires_at"] == "2026-11-02T09:05:00Z"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("index", ["1", "-1", "x", "1000", "0x0"])
def test_a_file_that_is_not_there_is_404(house, message, index):
    tell(record(message))
    assert house.gateway.get(path(message, index), AGENT).status == 404


def test_a_file_of_another_team_is_404_and_without_a_token_401(house, message):
    tell(record(message))
    assert house.gateway.get(path(message), STRANGER).status == 404
    assert house.gateway.get(path(message)).status == 401


def test_a_file_that_is_not_fetched_yet_is_409(house, message):
    answer = house.gateway.get(path(message), LEAD)
    assert (answer.status, answer.code) == (409, "file_not_kept")


UPLOAD = {"name": "plan.pdf", "mime_type": "application/pdf", "size": 1_000}


def post(house, message, body, person=AGENT, key=None):
    talk = f"/api/conversations/{message.conversation_id}/uploads"
    return house.gateway.change("POST", talk, body, person, key=key)


def test_an_agent_gets_a_place_to_upload_to(house, message):
    answer = post(house, message, UPLOAD)
    assert answer.status == 200
    key = answer.json["key"]
    assert key.startswith(f"upload/{message.conversation_id}/")
    assert key.endswith("/plan.pdf")
    assert answer.json["fields"] == {
        "key": key, "Content-Type": "application/pdf", "most": str(MOST_BYTES),
    }  # fmt: skip
    assert answer.json["expires_at"] == "2026-11-02T09:15:00Z"


def test_the_same_request_again_is_the_same_place(house, message):
    first, again = (post(house, message, UPLOAD, key="key-12345678") for _ in range(2))
    assert first.json == again.json


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"size": 0}, 400, "bad_body"),
        ({"size": 10**9}, 422, "file_too_large"),
        ({"name": ""}, 400, "bad_body"),
        ({"name": "x.exe"}, 422, "file_type"),
        ({"mime_type": "text/html"}, 422, "file_type"),
        ({"url": "https://example.com"}, 400, "bad_body"),
    ],
)
def test_an_upload_that_no_reply_may_carry_is_refused(house, message, change, status, code):
    answer = post(house, message, UPLOAD | change)
    assert (answer.status, answer.code) == (status, code)


def test_nobody_uploads_for_another_team(house, message):
    assert post(house, message, UPLOAD, STRANGER).status == 404
    assert post(house, message, UPLOAD, None).status == 401
