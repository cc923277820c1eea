"""The API's files: a short-lived address of what a customer sent, and a place for what one sends.

The bytes never pass the API: browsers fetch them from the bucket and put them there.
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from chalicelib.entrypoints.access import EVERYONE
from chalicelib.entrypoints.answers import Answer
from chalicelib.entrypoints.bodies import Strict
from chalicelib.entrypoints.routes import Asked, route

ONE = "/api/conversations/{conversation_id}"


class UploadBody(Strict):
    """The file that shall be uploaded. `size` in bytes."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    mime_type: Annotated[str, Meta(min_length=3, max_length=100)]
    size: Annotated[int, Meta(ge=1, le=2**53)]


class FileAnswer(Answer):
    """Where a file can be had until `expires_at`. `size` in bytes."""

    url: str
    expires_at: datetime
    name: str
    mime_type: str
    size: int


class UploadAnswer(Answer):
    """Where to put the file until `expires_at`: an HTML form's address and its fields.

    The fields come first, then `file`. `key` names the file in the reply.
    """

    key: str
    url: str
    fields: dict[str, str]
    expires_at: datetime


@route("GET", ONE + "/messages/{message_id}/files/{index}", roles=EVERYONE, answer=FileAnswer)
def get_file(asked: Asked, conversation_id: str, message_id: str, index: str) -> FileAnswer:
    """Read where a message's file can be had for five minutes; `index` counts from 0."""
    from chalicelib.workflows.files import link

    found = link(asked.parts, asked.actor, conversation_id, message_id, int(index))
    return FileAnswer(
        url=found.url,
        expires_at=found.expires_at,
        name=found.name,
        mime_type=found.mime_type,
        size=found.size,
    )


@route("POST", ONE + "/uploads", roles=EVERYONE, body=UploadBody, answer=UploadAnswer)
def post_upload(asked: Asked, conversation_id: str) -> UploadAnswer:
    """Ask where to put a file that shall leave with a reply; the place lasts 15 minutes."""
    from chalicelib.workflows.files import Offered, upload

    body: UploadBody = asked.body
    offered = Offered(body.name, body.mime_type, body.size, asked.key)
    place = upload(asked.parts, asked.actor, conversation_id, offered)
    return UploadAnswer(
        key=place.upload.key,
        url=place.upload.url,
        fields=dict(place.upload.fields),
        expires_at=place.expires_at,
    )
