"""Fuzz the parsers for as long as you like: `make fuzz ARGS="--seconds 600 --only parse-x-posts"`.

Each target runs in a process of its own under Atheris, which watches what code a body reaches and
keeps the bodies that reach more. Finds are in build/fuzz/<target>/; the exit code is 1 then.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

OUT = Path(__file__).resolve().parents[2] / "build" / "fuzz"
LARGEST = 65_536
STARTING_SECONDS = 60


def main() -> int:
    """Run the targets one after the other; return how many found something, 1 at most."""
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="for each target")
    parser.add_argument("--only", nargs="+", default=[], help="names of targets")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        return fuzz(chosen.child, chosen.seconds)
    known = _targets()
    unknown = sorted(set(chosen.only) - set(known))
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}; there are {', '.join(known)}")
    failed = [name for name in chosen.only or known if not _well(name, chosen.seconds)]
    print(f"{len(failed)} of {len(chosen.only or known)} targets found something: {failed or '-'}")
    return 1 if failed else 0


def fuzz(name: str, seconds: int) -> int:
    """Run one target in this process. Atheris ends the process itself."""
    import atheris  # only `make fuzz` installs it

    with atheris.instrument_imports(include=["chalicelib"]):
        target = _targets()[name]
    corpus = OUT / target.name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    flags = [
        f"-max_total_time={seconds}",
        f"-max_len={LARGEST}",
        f"-artifact_prefix={corpus.parent}/",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], target.check)
    atheris.Fuzz()
    return 0


def _targets() -> "dict[str, Target]":
    from tests.fuzz.targets import targets  # imported late, so that Atheris can watch the code

    return {target.name: target for target in targets()}


def _well(name: str, seconds: int) -> bool:
    command = [sys.executable, "-m", "tests.fuzz", "--child", name, "--seconds", str(seconds)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds * 2 + STARTING_SECONDS
    )
    runs = next((line for line in done.stderr.splitlines() if "number_of_executed" in line), "")
    well = done.returncode == 0
    print(f"{name:<28} {'well' if well else 'FOUND'}  {runs.partition(':')[2].strip()} bodies")
    if not well:
        print(done.stdout[-3000:], done.stderr[-3000:], sep="\n", file=sys.stderr)
    return well


if __name__ == "__main__":
    sys.exit(main())
