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


@lru_cache(maxsize=1)
def _session() -> "Session":
    import botocore.session  # noqa: PLC0415  (most of a cold start: for doors that call AWS)

    return botocore.session.get_session()


@cache
def client(service: str) -> Any:
    """Return the process's client of `service`: 2 s to connect, 5 s to read, 3 attempts in all."""
    from botocore.config import Config  # noqa: PLC0415

    return _session().create_client(
        service,
        config=Config(
            user_agent=USER_AGENT,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=10,
        ),
    )


def error_code(error: Exception) -> str:
    """Return the service's own word for an error of its client; empty for any other error."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return str(code).rpartition("#")[2]
