"""Blobs: what is kept comes back as it was."""

import io

from botocore.response import StreamingBody

from chalicelib.gateways.blobs import Blobs
from tests.unit.gateways.clients import stubbed

BUCKET = "hearback-test-quarantine"


def test_a_body_is_kept_with_facts_that_s3_can_hold():
    client, stubber = stubbed("s3")
    facts = {"reason": "no_object", "account": "caf?"}
    wanted = {"Bucket": BUCKET, "Key": "body/1", "Body": b"\x00\xff", "Metadata": facts}
    stubber.add_response("put_object", {}, wanted)
    Blobs(client, BUCKET).put("body/1", b"\x00\xff", {"reason": "no_object", "account": "café"})
    stubber.assert_no_pending_responses()


def test_a_body_comes_back_with_its_facts():
    client, stubber = stubbed("s3")
    body = StreamingBody(io.BytesIO(b"whole"), 5)
    stubber.add_response("get_object", {"Body": body, "Metadata": {"reason": "x"}})
    assert Blobs(client, BUCKET).get("body/1") == (b"whole", {"reason": "x"})


def test_keys_are_listed_over_pages_up_to_the_limit():
    client, stubber = stubbed("s3")
    page = {
        "Contents": [{"Key": "a"}, {"Key": "b"}],
        "IsTruncated": True,
        "NextContinuationToken": "t",
    }
    stubber.add_response("list_objects_v2", page)
    stubber.add_response("list_objects_v2", {"Contents": [{"Key": "c"}, {"Key": "d"}]})
    assert Blobs(client, BUCKET).keys("body/", limit=3) == ["a", "b", "c"]
    stubber.add_response("list_objects_v2", {})
    assert Blobs(client, BUCKET).keys("none/") == []


def test_a_body_is_forgotten():
    client, stubber = stubbed("s3")
    stubber.add_response("delete_object", {}, {"Bucket": BUCKET, "Key": "body/1"})
    Blobs(client, BUCKET).delete("body/1")
    stubber.assert_no_pending_responses()
