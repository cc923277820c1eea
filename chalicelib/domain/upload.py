"""Uploads: the files that an agent puts into a reply, known by their keys alone."""

from chalicelib.domain.event import Attachment, kind_of
from chalicelib.domain.file import UNKNOWN, UPLOAD

MIME_TYPES = {
    "aac": "audio/aac",
    "amr": "audio/amr",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
"""What a file is by the end of its name; its bytes are looked at when it is kept."""


def prefix(conversation_id: str) -> str:
    """Return what the keys of all uploads for one conversation begin with."""
    return f"{UPLOAD}{conversation_id}/"


def attachment(key: str, size: int) -> Attachment:
    """Return an upload as an attachment of the message it leaves with."""
    name = key.rpartition("/")[2]
    mime_type = MIME_TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)
    return Attachment(kind_of(mime_type), mime_type=mime_type, name=name, key=key, size=size)
