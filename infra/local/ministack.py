"""MiniStack as a child process: started on loopback, stopped with all that it made."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from infra.errors import InfraError
from infra.local import shim

SERVICES = (
    "apigateway",
    "cloudformation",
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "ses",
    "sns",
    "sqs",
    "states",
    "sts",
)
"""What the template needs; the other services are not loaded."""

ACCOUNT = "000000000000"
REGION = "us-east-1"
HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 5.0
PAUSE_SECONDS = 0.05


class StartError(InfraError):
    """Raised when MiniStack does not come up. The message has the end of its log."""


MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM_BYTES = 4_000_000_000


@dataclass(slots=True)
class MiniStack:
    """A running MiniStack. Use as a context manager, or call `stop`."""

    endpoint: str
    log: Path
    _home: Path
    _process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        """Return itself, running."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it, whatever happened."""
        self.stop()

    @property
    def running(self) -> bool:
        """Return whether the process is alive."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process and its Lambda workers, and delete its files.

        Stopping twice is harmless.
        """
        _end_group(self._process)
        shutil.rmtree(self._home, ignore_errors=True)


def start(port: int = 0, *, settings: dict[str, str] | None = None) -> MiniStack:
    """Start MiniStack on loopback and wait until it answers. Raises StartError.

    Port 0: any free one. `settings` are further environment names of MiniStack's own. Nothing of
    this process's environment goes in but PATH and the like, so that no real AWS credential or
    profile ever reaches it.
    """
    port = port or free_port()
    home = Path(tempfile.mkdtemp(prefix="hearback-aws-", dir=roomy_memory()))
    log = home / "ministack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python(), "-P", str(Path(shim.__file__).resolve())],
            cwd=home,
            env=_environment(home, port, settings or {}),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = MiniStack(f"http://{HOST}:{port}", log, home, process)
    try:
        _wait(running)
    except BaseException:
        running.stop()
        raise
    return running


def roomy_memory() -> Path | None:
    """Return the machine's memory disk if it has room, or None: the usual place.

    Every function's process unpacks the package, thousands of small files that are written and
    removed again; on a slow disk that takes longer than the day itself.
    """
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None


def python() -> str:
    """Return the interpreter that has MiniStack, which also runs the Lambda workers."""
    return os.environ.get("HEARBACK_MINISTACK_PYTHON") or sys.executable


def free_port() -> int:
    """Return a port that is free on loopback now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment(home: Path, port: int, settings: dict[str, str]) -> dict[str, str]:
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
        if name in os.environ
    }
    own = {
        "HOME": str(home),
        "TMPDIR": str(home),
        "STATE_DIR": str(home / "state"),
        "S3_DATA_DIR": str(home / "s3"),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "SERVICES": ",".join(SERVICES),
        "LOG_LEVEL": "INFO",
        "LAMBDA_EXECUTOR": "local",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "DOCKER_HOST": f"unix://{home}/no-docker",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PYTHONUNBUFFERED": "1",
        shim.WATCHED: "1",
    }
    return kept | own | settings


def _wait(running: MiniStack) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not running.running:
            raise StartError(f"MiniStack ended while starting:\n{_tail(running.log)}")
        try:
            urllib3.request(
                "GET", f"{running.endpoint}/_ministack/health", timeout=2, retries=False
            )
        except urllib3.exceptions.HTTPError:
            time.sleep(PAUSE_SECONDS)
        else:
            return
    raise StartError(
        f"MiniStack did not answer within {START_SECONDS:.0f} s:\n{_tail(running.log)}"
    )


def _tail(log: Path, lines: int = 20) -> str:
    return (
        "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) if log.is_file() else ""
    )


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole session to end, then make it. The workers are in it."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, wanted)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    if process.stdin:
        process.stdin.close()
    process.wait(STOP_SECONDS)
