"""The packages that ship, unpacked for the Lambda's own architecture, once for each lock file.

They become Chalice's `vendor/` directory: so the hashes of the lock are checked, a missing wheel is
an error rather than a warning, and a change of our code does not download them again.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from infra import zipped
from infra.errors import BuildError

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
_GLIBC = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
"""What Amazon Linux 2023 can run, newest first."""

SERVICES = (
    *("dynamodb", "sqs", "sns", "stepfunctions", "s3", "secretsmanager", "sts"),
    *("pinpoint-sms-voice-v2", "sesv2"),
)
"""What the gateways and the store call.

botocore's descriptions of the other 400 services stay out of the package.
"""


UNUSED = (
    "cffi",  # cryptography's bindings need its compiled part alone, which lies beside it
    "pycparser",  # cffi's own
    "boto3/examples",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.js",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.css",
    "**/*.pyi",
)
"""What no function of ours ever runs or reads."""


def python_version() -> str:
    """Return the minor version that packages and that Lambda will run, "3.13"."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def own_architecture() -> str:
    """Return this machine's architecture in Lambda's words: x86_64 or arm64."""
    return "arm64" if ARCHITECTURES.get(platform.machine().lower()) == "aarch64" else "x86_64"


def unpacked(lock: Path, architecture: str, cache: Path) -> Path:
    """Return the directory with the locked packages for `architecture`, made if it is not there.

    Raises BuildError.
    """
    native = architecture == own_architecture() and sys.platform != "linux"
    made = f"{python_version()} {architecture} {native} {SERVICES} {UNUSED}"
    wanted = made.encode() + lock.read_bytes()
    target = cache / hashlib.sha256(wanted).hexdigest()[:20]
    if target.is_dir():
        return target
    fresh = target.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    _install(lock, fresh, [] if native else _platforms(architecture))
    _slim(fresh)
    zipped.compile_missing(fresh)
    fresh.rename(target)
    return target


def _platforms(architecture: str) -> list[str]:
    machine = ARCHITECTURES[architecture]
    chosen = [word for libc in _GLIBC for word in ("--platform", f"{libc}_{machine}")]
    return [*chosen, "--implementation", "cp", "--python-version", python_version()]


def _install(lock: Path, target: Path, platforms: list[str]) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "--target",
        str(target),
        *platforms,
        "--requirement",
        str(lock),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"pip could not fetch what {lock.name} locks:\n{done.stderr.strip()}")


def _slim(target: Path) -> None:
    """Leave out what never runs on Lambda, and what differs from machine to machine."""
    shutil.rmtree(target / "bin", ignore_errors=True)
    for directory in target.glob("**/__pycache__"):
        shutil.rmtree(directory)
    for record in [
        *target.glob("*.dist-info/RECORD"),
        *target.glob("*.dist-info/INSTALLER"),
        *target.glob("*.dist-info/REQUESTED"),
        *target.glob("*.dist-info/direct_url.json"),
    ]:
        record.unlink()
    for service in (target / "botocore" / "data").glob("*"):
        if service.is_dir() and service.name not in SERVICES:
            shutil.rmtree(service)
    for unused in [path for pattern in UNUSED for path in target.glob(pattern)]:
        if unused.is_dir():
            shutil.rmtree(unused)
        else:
            unused.unlink()
