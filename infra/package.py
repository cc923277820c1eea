"""Package one stage: `python -m infra.package --stage dev`.

Makes build/dev/sam.json and build/dev/deployment.zip (and merge.json, which went into the first).
A clean copy of what ships (app.py, chalicelib/, vendor/) goes through `chalice package`; then the
zip gets its `.pyc` files and the final template is checked. Nothing is done again while nothing has
changed.
"""

import argparse
import fcntl
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra import build, configuration, dependencies, project, zipped
from infra.errors import BuildError, InfraError

ROOT = Path(__file__).parent.parent
STAGES = ("local", "dev", "prod")


@dataclass(frozen=True, slots=True)
class Package:
    """A packaged stage. The template's CodeUri is the zip beside it."""

    stage: str
    template: Path
    code: Path
    digest: str


def package(stage: str, root: Path = ROOT, care: Path | None = None) -> Package:
    """Return the stage's package, built if anything that goes into it has changed.

    Another care.yaml than the repository's gets a directory of its own. Raises InfraError.
    """
    care = care or root / "care.yaml"
    target = _target(stage, root, care)
    with _alone(target):
        digest = _digest(stage, root, care)
        made = Package(stage, target / "sam.json", target / "deployment.zip", digest)
        mark = target / "digest"
        if not mark.is_file() or mark.read_text("utf-8") != digest:
            _make(made, root, care, target)
            mark.write_text(digest, "utf-8")
    return made


def template(
    stage: str, workspace: Path, root: Path = ROOT, care: Path | None = None
) -> build.Json:
    """Return the stage's final template, made and checked without the packages that ship."""
    return _template(stage, root, care or root / "care.yaml", workspace, None)


def check(final: build.Json) -> None:
    """Refuse a final template that CloudFormation would refuse late, or that lost a reference.

    Raises BuildError.
    """
    heads = sorted(build.two_headed(final))
    if heads:
        raise BuildError(f"two-headed intrinsics at: {', '.join(heads)}")
    left = sorted(_placeholders(final))
    if left:
        raise BuildError("no part of infra/ replaces the placeholder at: " + ", ".join(left))
    resources = build.mapping(final, "Resources")
    unmade = sorted(name for name, resource in resources.items() if "Type" not in resource)
    if unmade:
        names = ", ".join(unmade)
        raise BuildError(f"infra/ has settings for parts that the app does not have: {names}")


def _make(made: Package, root: Path, care: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    lock, cache = root / "requirements.txt", root / "build" / "dependencies"
    vendor = dependencies.unpacked(lock, project.architecture(made.stage, root), cache)
    final = _template(made.stage, root, care, target, vendor)
    zipped.compiled(target / "chalice" / "deployment.zip", made.code, target / "unpacked")
    build.write(final, made.template)
    shutil.rmtree(target / "project")
    shutil.rmtree(target / "chalice")


def _template(stage: str, root: Path, care: Path, target: Path, vendor: Path | None) -> build.Json:
    merge = target / "merge.json"
    build.write(build.merge_template(stage, configuration.load(care)), merge)
    project.lay_out(stage, root, target / "project", vendor)
    project.run_chalice(target / "project", stage, merge, target / "chalice")
    final: build.Json = json.loads((target / "chalice" / "sam.json").read_text("utf-8"))
    check(final)
    return final


def _placeholders(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, str) and "placeholder" in value.lower():
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _placeholders(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _placeholders(inner, f"{path}/{index}")


def _target(stage: str, root: Path, care: Path) -> Path:
    own = care.resolve() == (root / "care.yaml").resolve()
    mark = "" if own else "-" + hashlib.sha256(str(care.resolve()).encode()).hexdigest()[:8]
    return root / "build" / f"{stage}{mark}"


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keep other processes from building the same directory at the same time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(stage: str, root: Path, care: Path) -> str:
    """Return what changes when anything that goes into the package changes."""
    machine = f"{stage} {dependencies.python_version()} {dependencies.own_architecture()}"
    seen = hashlib.sha256(machine.encode())
    for path in [*_inputs(root), care]:
        name = path.relative_to(root) if path.is_relative_to(root) else path.name
        content = path.read_bytes() if path.is_file() else b""
        seen.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return seen.hexdigest()


def _inputs(root: Path) -> Iterator[Path]:
    yield from (root / "app.py", root / "requirements.txt", root / ".chalice" / "config.json")
    files = (path for path in (root / "chalicelib").rglob("*") if path.is_file())
    yield from sorted(path for path in files if path.suffix != ".pyc")
    yield from sorted([*build.INFRA.glob("*.yaml"), *build.INFRA.glob("*.py")])


def main(arguments: list[str] | None = None) -> int:
    """Package the stage that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.package", description="Package one stage."
    )
    parser.add_argument("--stage", required=True, help=", ".join(STAGES))
    parser.add_argument("--care", type=Path, help="the configuration (default: care.yaml)")
    chosen = parser.parse_args(arguments)
    try:
        made = package(chosen.stage, care=chosen.care)
    except InfraError as error:
        print(error, file=sys.stderr)
        return 1
    size = made.code.stat().st_size / 1_000_000
    print(f"{made.template.relative_to(ROOT)} and {made.code.relative_to(ROOT)} ({size:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
