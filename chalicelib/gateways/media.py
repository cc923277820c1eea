"""Media: the bucket where the files of messages are kept (S3), and short-lived ways into it."""

from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from chalicelib.domain import file
from chalicelib.gateways.clients import error_code
from chalicelib.workflows.ports import Upload

_MISSING = ("NoSuchKey", "404", "NotFound")


class Media:
    """One bucket. Satisfies `ports.Media`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes, mime_type: str, name: str = "") -> None:
        """Keep a file. Doing it again writes the same file over itself."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=body,
            ContentType=mime_type,
            ContentDisposition=disposition(name, mime_type),
        )

    def get(self, key: str) -> bytes:
        """Return a file. Raises LookupError when there is none."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in _MISSING:
                raise LookupError(key) from error
            raise
        return bytes(found["Body"].read())

    def size(self, key: str) -> int:
        """Return the size in bytes. Raises LookupError when there is none."""
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in _MISSING:
                raise LookupError(key) from error
            raise
        return int(found["ContentLength"])

    def link(self, key: str, seconds: int, *, name: str = "", mime_type: str = "") -> str:
        """Return an address that gives the file to whoever has it, for so long.

        What a browser would run is given as bytes to save, under whatever type it was stored. Signs
        only: nothing is asked of S3. It dies with the credentials that signed it.
        """
        given = {"Bucket": self._bucket, "Key": key}
        served = file.served_as(mime_type)
        given["ResponseContentType"] = served
        given["ResponseContentDisposition"] = disposition(name, served)
        given["ResponseCacheControl"] = "private, no-store"
        return str(
            self._client.generate_presigned_url("get_object", Params=given, ExpiresIn=seconds)
        )

    def upload(self, key: str, mime_type: str, most_bytes: int, seconds: int) -> Upload:
        """Return the form by which a browser may put one file of that kind, that size at most."""
        fields = {"Content-Type": mime_type}
        made = self._client.generate_presigned_post(
            Bucket=self._bucket,
            Key=key,
            Fields=fields,
            Conditions=[fields, ["content-length-range", 1, most_bytes]],
            ExpiresIn=seconds,
        )
        return Upload(key, str(made["url"]), dict(made["fields"]))


def disposition(name: str, mime_type: str) -> str:
    """Return whether a browser is to show a file or only to save it, and its name (RFC 6266)."""
    how = "inline" if file.shown_inline(mime_type) else "attachment"
    safe = file.safe_name(name)
    plain = "".join(one if one.isascii() and one not in '"\\' else "_" for one in safe)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}" if safe else how
