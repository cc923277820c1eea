"""The project that Chalice sees: a clean copy of what ships, and `chalice package` run on it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra import dependencies
from infra.errors import BuildError

Config = dict[str, dict[str, dict[str, str]]]


def config(stage: str, root: Path) -> Config:
    """Return Chalice's configuration; the local stage has this machine's architecture.

    Raises BuildError when there is no such stage.
    """
    held: Config = json.loads((root / ".chalice" / "config.json").read_text("utf-8"))
    if stage not in held["stages"]:
        known = ", ".join(held["stages"])
        raise BuildError(f"there is no stage {stage} in .chalice/config.json, only {known}")
    if stage == "local":
        held["stages"]["local"]["lambda_architecture"] = dependencies.own_architecture()
    return held


def architecture(stage: str, root: Path) -> str:
    """Return the architecture of the stage's functions: arm64 or x86_64."""
    return config(stage, root)["stages"][stage]["lambda_architecture"]


def lay_out(stage: str, root: Path, target: Path, vendor: Path | None) -> None:
    """Lay out what ships, and nothing else, where Chalice will look.

    The packages in `vendor` go into the zip as they are; so the requirements that Chalice would
    fetch itself are none.
    """
    target.mkdir(parents=True)
    shutil.copy2(root / "app.py", target)
    ours = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(root / "chalicelib", target / "chalicelib", ignore=ours)
    (target / "requirements.txt").write_text("", "utf-8")
    if vendor is not None:
        (target / "vendor").symlink_to(vendor.resolve(), target_is_directory=True)
    (target / ".chalice").mkdir()
    (target / ".chalice" / "config.json").write_text(json.dumps(config(stage, root)), "utf-8")


def run_chalice(project: Path, stage: str, merge: Path, target: Path) -> None:
    """Let Chalice package the project into `target`. Raises BuildError with what it said."""
    arguments = ["package", "--stage", stage, "--template-format", "json"]
    arguments += ["--merge-template", str(merge), str(target)]
    environment = {
        **os.environ,
        # Chalice makes a client for its endpoint names; it calls nothing.
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from chalice.cli import main; main()", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"chalice package failed:\n{done.stdout}{done.stderr}")
