"""Blobs: the bucket where whole bodies are kept (S3)."""

from collections.abc import Mapping, Sequence
from typing import Any


class Blobs:
    """One bucket. Satisfies `ports.Blobs`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        """Keep the body.

        Metadata becomes S3 user metadata: lower-case names, ASCII values, 2 KB in all.
        """
        plain = {
            name: value.encode("ascii", "replace").decode("ascii")
            for name, value in metadata.items()
        }
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, Metadata=plain)

    def get(self, key: str) -> tuple[bytes, Mapping[str, str]]:
        """Return body and metadata. Raises botocore's NoSuchKey when there is none."""
        found = self._client.get_object(Bucket=self._bucket, Key=key)
        return found["Body"].read(), found.get("Metadata", {})

    def keys(self, prefix: str, limit: int = 1000) -> Sequence[str]:
        """Return at most `limit` keys that begin with `prefix`, in order."""
        keys: list[str] = []
        for page in self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        ):
            keys += [row["Key"] for row in page.get("Contents", [])]
            if len(keys) >= limit:
                break
        return keys[:limit]

    def delete(self, key: str) -> None:
        """Forget the body.

        The bucket is versioned: an older version stays until its lifecycle rule ends it.
        """
        self._client.delete_object(Bucket=self._bucket, Key=key)
