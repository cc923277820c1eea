"""Clients: one botocore client of each service a process, made when it is first asked for.

botocore and not boto3: a client is all we use, and boto3 adds its own import time. Parameter
validation stays on.
"""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.session import Session

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
USER_AGENT = "hearback"
"""What AWS's logs call us.

Left to itself, botocore puts a longer name together anew for each request: a tenth of its CPU.
"""
ATTEMPTS = 3
"""Together at most some 21 seconds: less than the 29 that API Gateway waits for an answer."""


SETTINGS: dict[str, dict[str, Any]] = {
    "s3": {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
}
"""What a service needs besides.

S3's short-lived addresses would be signed the old way, which buckets made since 2020 do not take,
and lead over the global name, which redirects browsers to the bucket's region for its first hours.
"""


@lru_cache(maxsize=1)
def _session() -> "Session":
    import botocore.session  # noqa: PLC0415  (most of a cold start: for doors that call AWS)

    return botocore.session.get_session()


@cache
def client(
    service: str, *, attempts: int = ATTEMPTS, url: str = "", read_seconds: float = READ_SECONDS
) -> Any:
    """Return the process's client of `service`: 2 s to connect, 5 s to read, 3 attempts in all.

    `attempts` is 1 where the service recognises no repeat (a message would go out twice). `url`
    is where to call it instead of at AWS: for local runs. `read_seconds` is longer where much is
    handed over before there is an answer.
    """
    from botocore.config import Config  # noqa: PLC0415

    return _session().create_client(
        service,
        endpoint_url=url or None,
        config=Config(
            user_agent=USER_AGENT,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            max_pool_connections=10,
            **SETTINGS.get(service, {}),
        ),
    )


def error_code(error: Exception) -> str:
    """Return the service's own word for an error of its client; empty for any other error."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return str(code).rpartition("#")[2]
