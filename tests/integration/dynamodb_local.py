"""AWS's own DynamoDB Local, fetched once from Maven Central and run on loopback."""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).with_suffix("")
CACHE = Path(__file__).resolve().parents[2] / "build" / "dynamodb-local"
POM = HERE / "pom.xml"
HOST = "127.0.0.1"
START_SECONDS = 120.0
FETCH_SECONDS = 600.0


class MissingError(Exception):
    """Raised when DynamoDB Local cannot run here. The message says what is missing."""


@dataclass(slots=True)
class DynamoDBLocal:
    """A running DynamoDB Local."""

    endpoint: str
    _process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait(10)


def start() -> DynamoDBLocal:
    """Start it in memory on a free port and wait until it listens. Raises MissingError."""
    for program in ("java", "javac", "mvn"):
        if shutil.which(program) is None:
            raise MissingError(f"{program} is not installed")
    jars = _fetched()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    log = (CACHE / "server.log").open("wb")
    command = [
        "java",
        f"-Djava.library.path={jars}",
        "-cp",
        f"{jars}/*",
        str(HERE / "Loopback.java"),
    ]
    options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    process = subprocess.Popen(
        [*command, *options],
        cwd=CACHE,
        env=os.environ | {"DDB_LOCAL_TELEMETRY": "0"},
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    log.close()
    running = DynamoDBLocal(f"http://{HOST}:{port}", process)
    try:
        _wait(port, process)
    except BaseException:
        running.stop()
        raise
    return running


def _fetched() -> Path:
    """Return the directory of the jars, fetched again whenever the pom has changed."""
    target = CACHE / "jars"
    noted = target / "pom.xml"
    if noted.is_file() and noted.read_bytes() == POM.read_bytes():
        return target
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    options = [f"-DoutputDirectory={target}", "-DincludeScope=runtime", f"-f={POM}"]
    try:
        done = subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies", *options],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MissingError("Maven Central did not answer in time") from error
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ["no output"])[0]
        raise MissingError(f"Maven could not fetch DynamoDB Local: {last[:200]}")
    shutil.copy(POM, noted)
    return target


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MissingError(f"DynamoDB Local ended at once: see {CACHE.name}/server.log")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise MissingError(f"DynamoDB Local did not listen within {START_SECONDS:.0f} s")
