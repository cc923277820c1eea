"""Files: nobody gets another conversation's, by no spelling of a key, and nobody chooses one."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.event import Attachment
from chalicelib.workflows.intake.ingest import ingest
from tests.fakes.house import ADMIN, AGENT, LEAD, STRANGER, message_event

SECRET = b"%PDF-canary-contents-of-a-file"
UPLOAD = {"name": "plan.pdf", "mime_type": "application/pdf", "size": 1_000}


@pytest.fixture
def talks(house):
    """Two conversations of one team, each with an upload that lies in the bucket."""
    able = Capabilities(2_000, files=10, file_kinds=("document", "image"), file_bytes=10_000_000)
    house.parts.sender.able[Channel.MESSENGER, False] = able
    found = []
    for number in (1, 2):
        ingest(house.parts, message_event(house.parts, number, f"text {number}", f"c{number}"))
    for head in house.store.heads.values():
        path = f"/api/conversations/{head.id}/uploads"
        key = house.gateway.change("POST", path, UPLOAD, AGENT).json["key"]
        house.parts.media.kept[key] = (SECRET, "application/pdf", "plan.pdf")
        found.append((head, key))
    return found


def reply(house, head, *files, person=AGENT, key=None):
    body = {"version": house.conversation(head.id).version, "text": "Here", "files": files}
    path = f"/api/conversations/{head.id}/replies"
    return house.gateway.change("POST", path, body, person, key=key)


def test_an_upload_leaves_with_a_reply_of_its_own_conversation(house, talks):
    """Otherwise the refusals below would prove nothing."""
    (head, key), _ = talks
    assert reply(house, head, key).status == 202


def reaching(own, other, head, foreign):
    """Return keys that reach for what is not an upload of this conversation."""
    mine, theirs = f"upload/{head.id}/", f"upload/{foreign.id}/"
    rest = other.removeprefix(theirs)
    return [
        other,
        f"{mine}../{foreign.id}/{rest}",
        f"{mine}..%2f{foreign.id}%2f{rest}",
        f"{mine}%2e%2e/{foreign.id}/{rest}",
        f"{mine}..\\{foreign.id}\\{rest}",
        f"{mine}./../{foreign.id}/{rest}",
        f"{mine}/{other}",
        f"{mine}{other}",
        f"{mine}\0{rest}",
        f"{own}\0",
        f"{own}/",
        f"{own}/../{rest}",
        f"{own}%00",
        f"{own}?x",
        f"{own}#x",
        f"/{own}",
        f"./{own}",
        f" {own}",
        f"{own} ",
        f"{own}\n",
        own.upper(),
        own.replace("/", "//"),
        own.replace("/", "\\"),
        own.replace("/", "\uff0f"),
        own.replace("/", "%2f"),
        f"s3://bucket/{own}",
        f"https://media.example.com/{own}",
        mine,
        mine.rstrip("/"),
        "upload/",
        f"media/{foreign.id}/m1/0",
        f"media/{head.id}/m1/0",
        f"body/meta/2026/11/02/{'a' * 26}",
        "mail/ses-1",
        "hooks/crm/2026-11-02/e1",
        "large/x.json",
        "../../etc/passwd",
        "file:///etc/passwd",
        "\u202e" + own,
        f"upload/{head.id.upper()}/{own.removeprefix(mine)}",
        f"UPLOAD/{own.removeprefix('upload/')}",
    ]


def test_no_reply_takes_a_file_that_was_not_uploaded_for_it(house, talks):
    """Whatever else lies in the bucket under such a key, and however it is spelled."""
    (head, own), (foreign, other) = talks
    house.parts.media.kept |= {
        f"media/{foreign.id}/m1/0": (SECRET, "application/pdf", "x.pdf"),
        f"media/{head.id}/m1/0": (SECRET, "application/pdf", "x.pdf"),
        "mail/ses-1": (SECRET, "message/rfc822", ""),
    }
    before = dict(house.store.messages)
    for key in reaching(own, other, head, foreign):
        answer = reply(house, head, key)
        assert answer.status in (400, 404, 409, 422), (key, answer.body)
        assert "canary" not in answer.body
        both = reply(house, head, own, key)
        assert both.status in (400, 404, 409, 422), key
    assert house.store.messages == before
    assert house.parts.outbox.sent == []


def test_a_check_tells_nothing_of_files_of_others(house, talks):
    """Being asked before it is sent must not say whether a file is there."""
    (head, own), (foreign, other) = talks
    path = f"/api/conversations/{head.id}/check"
    for key in reaching(own, other, head, foreign):
        answers = [
            house.gateway.change("POST", path, {"text": "x", "files": [one]}, AGENT)
            for one in (key, key.replace("plan", "none"))
        ]
        assert len({one.status for one in answers}) == 1, key
        assert foreign.id not in answers[0].body.replace(key, "")


@pytest.mark.parametrize(
    "name",
    [
        "../../media/x",
        "..\\..\\x.pdf",
        "/etc/passwd",
        "a/b/c.pdf",
        "%2e%2e%2fx.pdf",
        "a\0b.pdf",
        "a\r\nX-Header: y.pdf",
        "\u202efdp.exe.pdf",
        "a" * 250 + ".pdf",
        "..",
        ".",
        " ",
        "a#b?c.pdf",
        "${filename}",
        "\ufeff",
        "\u2044\u2215.pdf",
    ],
)
def test_nobody_chooses_where_an_upload_goes(house, talks, name):
    """Only the last part is a name, made harmless; the rest is ours."""
    (head, own), _ = talks
    path = f"/api/conversations/{head.id}/uploads"
    answer = house.gateway.change("POST", path, UPLOAD | {"name": name}, AGENT)
    if answer.status != 200:
        assert (answer.status, answer.code) == (422, "file_name")
        return
    key = answer.json["key"]
    parts = key.split("/")
    assert parts[:2] == ["upload", head.id]
    assert len(parts) == 4
    assert len(parts[2]) == 26
    assert parts[3] not in ("", ".", "..")
    assert not set(key) & set("\0\r\n\\%#?$\u202e")
    assert len(key) < 400
    assert key not in (own, "")


@pytest.mark.parametrize("field", ["key", "path", "prefix", "bucket", "url", "conversation_id"])
def test_a_key_cannot_be_asked_for(house, talks, field):
    (head, own), _ = talks
    path = f"/api/conversations/{head.id}/uploads"
    answer = house.gateway.change("POST", path, UPLOAD | {field: own}, AGENT)
    assert (answer.status, answer.code) == (400, "bad_body")


def test_two_people_never_get_one_place(house, talks):
    """The same name, the same key of the request, another person or conversation: another place."""
    (head, _), (other, _) = talks
    keys = {
        house.gateway.change(
            "POST", f"/api/conversations/{one.id}/uploads", UPLOAD, person, key="the-same-key"
        ).json["key"]
        for one in (head, other)
        for person in (AGENT, LEAD, ADMIN)
    }
    assert len(keys) == 6


@pytest.fixture
def kept(house):
    """A file of a customer that was fetched, in a conversation of team care."""
    event = message_event(house.parts, 9, "Look", "c9")
    ingest(house.parts, replace(event, attachments=(Attachment("image", url="https://x/1"),)))
    (message,) = [one for one in house.store.messages.values() if one.attachments]
    key = f"media/{message.conversation_id}/{message.id}/0"
    attachment = replace(message.attachments[0], key=key, mime_type="image/png", size=9)
    house.store.messages[message.conversation_id, message.id] = replace(
        message, attachments=(attachment,)
    )
    return message


def test_no_link_to_a_file_of_another_conversation_or_team(house, kept):
    here = f"/api/conversations/{kept.conversation_id}/messages/{kept.id}/files"
    assert house.gateway.get(f"{here}/0", AGENT).status == 200
    assert house.gateway.get(f"{here}/0", STRANGER).status == 404
    assert house.gateway.get(f"{here}/0").status == 401
    other = house.customer_writes("something else")
    if other.id == kept.conversation_id:
        raise AssertionError("the fixture's customer is another one")
    foreign = f"/api/conversations/{other.id}/messages/{kept.id}/files/0"
    assert house.gateway.get(foreign, ADMIN).status == 404
    for index in ("1", "-1", "0.0", "1e0", "\u0660", "\uff10", "0x0", "9" * 30, "0\0", "+0"):
        answer = house.gateway.get(f"{here}/{index}", AGENT)
        assert answer.status == 404, index
        assert "media.example.com" not in answer.body


def test_a_file_of_a_deleted_message_is_gone(house, kept):
    message = house.store.messages[kept.conversation_id, kept.id]
    house.store.messages[kept.conversation_id, kept.id] = replace(
        message, deleted_at=house.parts.now()
    )
    path = f"/api/conversations/{kept.conversation_id}/messages/{kept.id}/files/0"
    assert house.gateway.get(path, ADMIN).status == 404


def test_a_key_of_the_bucket_holds_ids_and_no_words(house, talks, kept):
    """Keys are in logs of AWS and in answers: what they hold is known to whoever sees them."""
    for head, key in talks:
        assert key == f"upload/{head.id}/{key.split('/')[2]}/plan.pdf"
    (attachment,) = house.store.messages[kept.conversation_id, kept.id].attachments
    assert attachment.key == f"media/{kept.conversation_id}/{kept.id}/0"
    body = house.gateway.get(f"/api/conversations/{kept.conversation_id}", AGENT).body
    assert "canary" not in body
