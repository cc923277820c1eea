"""What holds for every test: loopback only, no AWS account, no leftovers, no silent skips."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

DYNAMODB_LOCAL = "dynamodb_local"
GRACE_SECONDS = 5.0  # for threads and processes that are just ending

# Deadlines are off: on a busy machine they fail a rule that holds. In CI the examples are the same
# every time, so that a change is judged by its own faults; at the desk they are new ones every
# time, so that faults are found.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


class OutsideError(Exception):
    """Raised when a test reaches for an address that is not on this machine."""


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """Refuse every connection and every look-up that leaves this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    getaddrinfo = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address):
        _refuse_outside(self.family, address)
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address):
        _refuse_outside(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host, *args, **kwargs):
        if host is not None and not _loopback(host):
            raise OutsideError(f"a test looked up {host!r}: only loopback is allowed")
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_account() -> Iterator[None]:
    """Hide the AWS account, proxy and settings of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "HEARBACK_"))]:
            patch.delenv(name)
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


def _refuse_outside(family: int, address) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not _loopback(address[0]):
        raise OutsideError(f"a test connected to {address[0]!r}: only loopback is allowed")


def _loopback(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skipped test into a failed one, unless it may be skipped: it would prove nothing."""
    outcome = yield
    report = outcome.get_result()
    allowed = item.get_closest_marker(DYNAMODB_LOCAL) is not None or hasattr(report, "wasxfail")
    if report.skipped and not allowed:
        reason = report.longrepr[2]
        report.outcome = "failed"
        report.longrepr = f"skipped, and only tests marked {DYNAMODB_LOCAL} may be: {reason}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether the store was also tested on AWS's own DynamoDB Local."""
    marked = [
        (kind, report)
        for kind in ("passed", "failed", "skipped", "error")
        for report in terminalreporter.stats.get(kind, ())
        if DYNAMODB_LOCAL in getattr(report, "keywords", ())
        and (report.when == "call" or kind != "passed")
    ]
    skipped = [report for kind, report in marked if kind == "skipped"]
    ran = len(marked) - len(skipped)
    if skipped:
        reason = skipped[0].longrepr[2]
        terminalreporter.line(f"DynamoDB Local: {len(skipped)} tests did not run: {reason}")
    if ran:
        terminalreporter.line(f"DynamoDB Local: {ran} tests ran on it")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if it left a thread or a process behind."""
    left = _left_behind()
    deadline = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = _left_behind()
    if left:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.line("")
        reporter.line(f"left running after the tests: {', '.join(left)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _left_behind() -> list[str]:
    """Return the threads that keep the process alive, and child processes (where /proc tells)."""
    threads = [
        f"thread {thread.name}"
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon
    ]
    listed = Path("/proc/self/task").glob("*/children")
    children = [pid for path in listed for pid in path.read_text().split()]
    return threads + [f"process {pid} ({_command(pid)})" for pid in children]


def _command(pid: str) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return b" ".join(words).decode(errors="replace").strip()
    except OSError:
        return "just ended"
