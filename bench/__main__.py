"""Measure everything: `make bench`. Prints a table and writes build/bench.json.

Takes some four minutes, and more on a busy machine; `--only imports cpu` measures some of it. Ends
with 0 also when an aim is missed: the table says so, and docs/performance.md says why.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from bench import case, channels, claims, cpu, growth, history, imports, ladder, machine
from bench.company import ROOT
from bench.engine import NoEngineError, engine
from bench.figures import Figure, line, write

OUT = ROOT / "build" / "bench.json"
NEEDS_TABLE = (
    "write_units_per_message",
    "transitions_ordinary_case",
    "dollars_per_1000_cases",
)


def claiming() -> list[Figure]:
    """Measure how agents are claimed when many cases look for one at once."""
    try:
        with engine() as found:
            return claims.figures(found)
    except NoEngineError as error:
        return [Figure("claims_per_second", None, "", "", _not_here(error))]


def climbing() -> list[Figure]:
    """Measure what a page asks for on its way up the ladder."""
    try:
        with engine() as found:
            return ladder.figures(found)
    except NoEngineError as error:
        return [Figure("dollars_per_1000_pages", None, "", "", _not_here(error))]


def _not_here(error: NoEngineError) -> str:
    return f"not measured: DynamoDB Local does not run here ({error})"


def tables() -> list[Figure]:
    """Measure what needs a table: a message, a case, growth."""
    try:
        with engine() as found:
            return [
                *case.message_figures(found),
                *case.case_figures(found, receipts=True),
                *case.case_figures(found, receipts=False),
                *growth.figures(found),
            ]
    except NoEngineError as error:
        why = _not_here(error)
        return [*(Figure(name, None, "", "", why) for name in NEEDS_TABLE), *growth.figures(None)]


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "imports": imports.figures,
    "cpu": cpu.figures,
    "channels": channels.figures,
    "tables": tables,
    "claims": claiming,
    "history": history.figures,
    "ladder": climbing,
    "machine": machine.figures,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts that are asked for; all of them unless told otherwise."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args(arguments)
    print(f"On {described()}")
    figures: list[Figure] = []
    for name in chosen.only:
        began = monotonic()
        print(f"\n{name}", flush=True)
        found = PARTS[name]()
        figures += found
        for figure in found:
            print(line(figure), flush=True)
        print(f"    measured in {monotonic() - began:.0f} s", flush=True)
    write(figures, chosen.out)
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"\n{len(figures)} figures in {chosen.out}")
    print(f"Aims missed: {', '.join(missed)}" if missed else "Every aim is reached.")
    return 0


def described() -> str:
    """Return the machine, and how busy it is: ratios within a run are firm, milliseconds not."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return f"{system}, Python {platform.python_version()}, load {load:.1f}"


if __name__ == "__main__":
    sys.exit(main())
