"""The gate's tests of the code, in groups: as many at once as there are processors.

Each group is a process of its own; their coverage is judged together.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

LONGEST_FIRST = ("tests/unit/workflows", "tests/hostile", "tests/contract", "tests/unit/domain")
"""The groups that begin, so that none of them is left alone at the end."""

SHARED = "tests/unit"
"""The folder whose own folders are groups."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a group's tests ended: exit code, what they printed, and how long they took."""

    name: str
    code: int
    output: str
    seconds: float

    @property
    def summary(self) -> str:
        """Return the last line that pytest printed: how many passed and failed."""
        lines = [line for line in self.output.splitlines() if " in " in line and "=" in line]
        return lines[-1].strip("= ") if lines else f"exit code {self.code}"


def groups(root: Path, folders: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the paths of each group, the longest groups first; nothing is left out."""
    found: list[tuple[str, ...]] = []
    for folder in folders:
        if folder != SHARED:
            found.append((folder,))
            continue
        inside = sorted((root / folder).iterdir())
        found += [(f"{folder}/{one.name}",) for one in inside if _holds_tests(one)]
        loose = tuple(f"{folder}/{one.name}" for one in inside if one.match("test_*.py"))
        found += [loose] if loose else []
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    return sorted(found, key=lambda paths: order.get(paths[0], len(order)))


def run(root: Path, folders: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run every group and judge their coverage together; return 0 when all is well."""
    data = root / "build" / "coverage-data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    codes = [_shown(ran) for ran in _ran(root, groups(root, folders), environment, data)]
    pieces = sorted(str(path) for path in data.iterdir())
    whole = {**environment, "COVERAGE_FILE": str(root / ".coverage")}
    for line in (("combine", "--quiet", *pieces), ("report",)):
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *line], cwd=root, env=whole, check=False
        )
        codes.append(done.returncode)
    return max(codes)


def _holds_tests(path: Path) -> bool:
    return path.is_dir() and any(path.rglob("test_*.py"))


def _ran(
    root: Path, found: Sequence[tuple[str, ...]], environment: Mapping[str, str], data: Path
) -> Iterator[Ran]:
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = [
            pool.submit(
                _run, root, paths, {**environment, "COVERAGE_FILE": str(data / str(number))}
            )
            for number, paths in enumerate(found)
        ]
        for one in as_completed(waiting):
            yield one.result()


def _run(root: Path, paths: tuple[str, ...], environment: Mapping[str, str]) -> Ran:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *paths, "--cov", "--cov-report=", "--cov-fail-under=0"],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Ran(paths[0], done.returncode, done.stdout, time.monotonic() - began)


def _shown(ran: Ran) -> int:
    """Print how a group ended, and all it said if it did not end well; return its exit code."""
    if ran.code:
        print(ran.output, flush=True)
    print(f"    {ran.name}: {ran.summary}", flush=True)
    return ran.code
