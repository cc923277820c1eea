"""Media: files are kept as what they are, and handed out for minutes, never to be run."""

import base64
import json
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from chalicelib.gateways.clients import client
from chalicelib.gateways.media import Media, disposition
from tests.unit.gateways.clients import stubbed

BUCKET = "hearback-prod-media"


def test_a_file_is_kept_with_its_type_and_its_name():
    fake, stubber = stubbed("s3")
    wanted = {
        "Bucket": BUCKET,
        "Key": "media/c/m/0",
        "Body": b"x",
        "ContentType": "image/png",
        "ContentDisposition": "inline; filename=\"a.png\"; filename*=UTF-8''a.png",
    }
    stubber.add_response("put_object", {}, wanted)
    Media(fake, BUCKET).put("media/c/m/0", b"x", "image/png", "a.png")
    stubber.assert_no_pending_responses()


def test_a_file_and_its_size_are_read():
    fake, stubber = stubbed("s3")
    body = {"Body": StreamingBody(BytesIO(b"bytes"), 5)}
    stubber.add_response("get_object", body, {"Bucket": BUCKET, "Key": "k"})
    stubber.add_response("head_object", {"ContentLength": 5}, {"Bucket": BUCKET, "Key": "k"})
    media = Media(fake, BUCKET)
    assert media.get("k") == b"bytes"
    assert media.size("k") == 5


@pytest.mark.parametrize(("call", "code"), [("get", "NoSuchKey"), ("size", "404")])
def test_what_is_not_there_is_a_lookup_error(call, code):
    fake, stubber = stubbed("s3")
    stubber.add_client_error("get_object" if call == "get" else "head_object", code)
    with pytest.raises(LookupError):
        getattr(Media(fake, BUCKET), call)("k")


@pytest.mark.parametrize("call", ["get", "size"])
def test_an_outage_is_not_taken_for_a_missing_file(call):
    fake, stubber = stubbed("s3")
    stubber.add_client_error("get_object" if call == "get" else "head_object", "AccessDenied")
    with pytest.raises(ClientError):
        getattr(Media(fake, BUCKET), call)("k")


def signed(url):
    parts = urlsplit(url)
    return parts, {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_a_link_gives_one_file_for_a_while_and_asks_nobody():
    link = Media(client("s3"), BUCKET).link(
        "media/c/m/0", 300, name="a b.png", mime_type="image/png"
    )
    parts, query = signed(link)
    assert parts.scheme == "https"
    assert parts.netloc.startswith(BUCKET)
    assert "media/c/m/0" in parts.path
    assert query["X-Amz-Expires"] == "300"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["response-content-type"] == "image/png"
    assert query["response-content-disposition"].startswith('inline; filename="a b.png"')
    assert query["response-cache-control"] == "private, no-store"


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "text/javascript", "nonsense", ""])
def test_what_a_browser_would_run_is_given_as_bytes_to_save(mime):
    _, query = signed(Media(client("s3"), BUCKET).link("k", 300, name="a.html", mime_type=mime))
    assert query["response-content-type"] == "application/octet-stream"
    assert query["response-content-disposition"].startswith("attachment")


def test_an_upload_is_for_one_key_one_type_and_a_size():
    place = Media(client("s3"), BUCKET).upload("upload/c/r/a.png", "image/png", 1_000, 900)
    assert place.key == place.fields["key"] == "upload/c/r/a.png"
    assert place.fields["Content-Type"] == "image/png"
    assert place.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    policy = json.loads(base64.b64decode(place.fields["policy"]))
    conditions = policy["conditions"]
    assert {"Content-Type": "image/png"} in conditions
    assert ["content-length-range", 1, 1_000] in conditions
    assert {"key": "upload/c/r/a.png"} in conditions
    assert {"bucket": BUCKET} in conditions


@pytest.mark.parametrize(
    ("name", "mime", "written"),
    [
        ("", "image/png", "inline"),
        ("", "application/zip", "attachment"),
        ('Rä"der.zip', "application/zip",
         "attachment; filename=\"R__der.zip\"; filename*=UTF-8''R%C3%A4_der.zip"),
        ("a\r\nX: y.png", "image/png",
         "inline; filename=\"a_X_ y.png\"; filename*=UTF-8''a_X_%20y.png"),
    ],
)  # fmt: skip
def test_a_name_cannot_break_out_of_its_header(name, mime, written):
    assert disposition(name, mime) == written
