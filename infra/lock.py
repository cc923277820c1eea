"""Renews the lock files (`make lock`) and checks that they are up to date (a step of the gate).

One resolution serves all: the largest set is resolved first and the others are held to it, so that
what ships, what runs locally and what is tested are the same versions. The result is for
Python 3.11 to 3.13 on any platform. Each lock begins with a digest of the `.in` files: so a changed
`.in` file without a renewed lock is found without a network.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("requirements-fuzz", "requirements-dev", "requirements-local", "requirements")
"""Each holds the next."""
OLDEST = "3.11"
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>\S+)(?P<marker> ; [^\\]+)?", re.MULTILINE)


def header() -> str:
    """Return the lines that begin every lock file."""
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update((ROOT / f"{name}.in").read_bytes())
    return (
        f"# Made by `make lock`; do not edit.\n# From .in files with sha256 {digest.hexdigest()}\n"
    )


def index() -> list[str]:
    """Return the arguments that make uv use the package index that pip is set up for."""
    ask = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    found = subprocess.run(ask, capture_output=True, text=True, check=False)
    return ["--default-index", found.stdout.strip()] if found.returncode == 0 else []


def resolve(name: str, *, held_to: Path | None) -> None:
    """Write one lock file, at the versions of `held_to` if given. Raises CalledProcessError."""
    output = ROOT / f"{name}.txt"
    command = ["uv", "pip", "compile", "--universal", "--python-version", OLDEST, "--upgrade"]
    command += ["--generate-hashes", "--no-annotate", "--no-header", "--quiet", *index()]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    command += ["--constraint", str(held_to)] if held_to else []
    found = subprocess.run(
        [*command, f"{name}.in"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    output.write_text(header() + found.stdout)
    print(f"{output.name}: {len(pins(output))} packages")


def pins(path: Path) -> set[tuple[str, ...]]:
    """Return (name, version, marker) of every pinned package of a lock file."""
    return {tuple(part or "" for part in found) for found in PIN.findall(path.read_text())}


def faults() -> Iterator[str]:
    """Yield what is wrong with the lock files, in words."""
    larger: set[tuple[str, ...]] | None = None
    for name in NAMES:
        path = ROOT / f"{name}.txt"
        if not path.exists():
            yield f"{path.name} is missing: run `make lock`"
            continue
        text = path.read_text()
        if not text.startswith(header()):
            yield f"{path.name} is not from the present .in files: run `make lock`"
        if "://" in text:
            yield f"{path.name} names an address: locks must work with any package index"
        blocks = re.split(r"\n(?=\S)", text.strip())[2:]
        yield from (f"{path.name}: no hash for {b.split()[0]}" for b in blocks if "sha256" not in b)
        if larger is not None:
            odd = sorted(pin[0] for pin in pins(path) - larger)
            yield from (f"{path.name}: {package} is not what is tested" for package in odd)
        larger = pins(path)


def main(arguments: list[str]) -> int:
    """Renew the locks, or with `--check` say what is wrong with them."""
    if "--check" in arguments:
        found = list(faults())
        print("\n".join(found) or "lock files are up to date")
        return 1 if found else 0
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    largest = ROOT / f"{NAMES[0]}.txt"
    resolve(NAMES[0], held_to=None)
    for name in NAMES[1:]:
        resolve(name, held_to=largest)
    print("Now run `make test`, and commit the .in and the .txt files together.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
