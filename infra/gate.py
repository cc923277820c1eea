"""The gate: all that a change has to pass. `make test` runs all of it, `make check` the quick part.

Every step runs, also after one has failed. Each prints its name, how long it took and how it ended;
the output of a step is shown when it fails, that of the tests always. Exits 0 only if none failed.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from infra import gate_tests

ROOT = Path(__file__).resolve().parent.parent
HEARTBEAT_SECONDS = 20
TESTS_OF_CODE = (
    "tests/unit",
    "tests/contract",
    "tests/hostile",
    "tests/fuzz",
    "tests/simulation",
)
TESTS_OF_STACK = ("tests/integration", "tests/e2e")
STAGES = (
    "local",
    "prod",
)  # the templates that are linted: what runs here, and what is kept for years


class Verdict(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "FAILED"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Result:
    """How a step ended and what it printed."""

    verdict: Verdict
    output: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the gate."""

    name: str
    run: Callable[[], Result]
    quick: bool = True


def command(*arguments: str, live: bool = False) -> Result:
    """Run a program of the virtual environment; it passed if it exited 0."""
    line = [str(Path(sys.executable).parent / arguments[0]), *arguments[1:]]
    done = subprocess.run(
        line,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=None if live else subprocess.PIPE,
        stderr=None if live else subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    note = f"exit code {done.returncode}" if done.returncode else ""
    return Result(Verdict.FAILED if done.returncode else Verdict.PASSED, done.stdout or "", note)


def environment() -> dict[str, str]:
    """Return the environment of a step: our programs on PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}


def floors() -> Result:
    """Check by import-linter that a floor imports only floors below it."""
    return command("lint-imports", "--no-logo")


def audit() -> Result:
    """Ask for known vulnerabilities of every locked package. Those in what ships fail the gate."""
    line = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    line += ["--progress-spinner", "off", "--timeout", "15", "--format", "json"]
    done = subprocess.run(
        [*line, "--requirement", "requirements-dev.txt"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1][:160]
        return Result(Verdict.NOT_RUN, note=f"the vulnerability service was not reached: {reason}")
    return judged(packages, (ROOT / "requirements.txt").read_text())


def judged(packages: Sequence[dict[str, object]], shipped: str) -> Result:
    """Return the audit's result from pip-audit's report and the lock of what ships."""
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        note = "none of the packages was audited: the index here does not tell of vulnerabilities"
        return Result(Verdict.NOT_RUN, note=note)
    lines, ships = [], 0
    for package in audited:
        vulnerabilities = package["vulns"]
        for found in vulnerabilities if isinstance(vulnerabilities, list) else ():
            inside = f"\n{package['name']}==" in shipped
            ships += inside
            place = "ships" if inside else "only builds or tests"
            lines.append(f"{package['name']} {package['version']} ({place}): {found['id']}")
    note = f"{len(audited)} of {len(packages)} packages audited, {len(lines)} findings"
    return Result(Verdict.FAILED if ships else Verdict.PASSED, "\n".join(lines), note)


def templates() -> Result:
    """Package the stages and lint the very templates that would be deployed."""
    for stage in STAGES:
        made = command("python", "-m", "infra.package", "--stage", stage)
        if made.verdict is Verdict.FAILED:
            return made
    paths = [f"build/{stage}/sam.json" for stage in STAGES]
    return command("cfn-lint", "--regions", "eu-central-1", "us-east-1", "--", *paths)


def tests_of_code() -> Result:
    """Run the unit and contract tests: they alone cover every branch of domain and workflows."""
    code = gate_tests.run(ROOT, TESTS_OF_CODE, environment())
    note = f"exit code {code}" if code else ""
    return Result(Verdict.FAILED if code else Verdict.PASSED, note=note)


def simulation() -> Result:
    """Play the histories of the gate, always the same ones; without coverage, which is slow."""
    return command("python", "-m", "tests.simulation", "--gate", live=True)


def tests_of_stack() -> Result:
    """Run the tests on the local AWS."""
    return command("pytest", *TESTS_OF_STACK, "--durations=5", live=True)


STEPS = (
    Step("format", lambda: command("ruff", "format", "--check", ".")),
    Step("lint", lambda: command("ruff", "check", ".")),
    Step("types", lambda: command("mypy")),
    Step("floors", floors),
    Step("locks", lambda: command("python", "-m", "infra.lock", "--check")),
    Step("audit", audit),
    Step("machines", lambda: command("python", "-m", "infra.machines")),
    Step("templates", templates),
    Step("tests of the code", tests_of_code),
    Step("simulation", simulation),
    Step("tests of the stack", tests_of_stack, quick=False),
)


class Heartbeat:
    """Says every now and then that a silent step still runs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        seconds = HEARTBEAT_SECONDS
        while not self._done.wait(HEARTBEAT_SECONDS):
            print(f"    {self._name}: {seconds} s so far", flush=True)
            seconds += HEARTBEAT_SECONDS


def perform(step: Step) -> Result:
    """Run one step and print how it went."""
    print(f"--> {step.name}", flush=True)
    began = time.monotonic()
    with Heartbeat(step.name):
        try:
            result = step.run()
        except OSError as error:
            result = Result(Verdict.FAILED, f"could not be started: {error}")
    if result.output and (result.verdict is Verdict.FAILED or result.note):
        print(result.output.rstrip())
    note = f" ({result.note})" if result.note else ""
    print(f"    {result.verdict} in {time.monotonic() - began:.1f} s{note}", flush=True)
    return result


def main(arguments: Sequence[str]) -> int:
    """Run the steps that are asked for; all of them unless told otherwise."""
    parser = argparse.ArgumentParser(prog="make test ARGS=", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the tests of the stack")
    parser.add_argument("--only", nargs="+", metavar="STEP", help="run only these steps, by name")
    chosen = parser.parse_args(arguments)
    steps = [step for step in STEPS if step.quick or not chosen.quick]
    steps = [step for step in steps if not chosen.only or step.name in chosen.only]
    began = time.monotonic()
    results = {step.name: perform(step) for step in steps}
    print("\nThe gate:")
    for name, result in results.items():
        print(f"  {result.verdict:<8} {name}{f'  ({result.note})' if result.note else ''}")
    failed = [name for name, result in results.items() if result.verdict is Verdict.FAILED]
    ended = f"FAILED: {', '.join(failed)}" if failed else "passed"
    print(f"The gate {ended}, {len(results)} steps in {time.monotonic() - began:.0f} s")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
