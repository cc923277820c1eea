"""The Lambda's zip: with `.pyc` files, and the same bytes for the same content.

Chalice's zip carries no `.pyc`, so that every cold start would compile everything. Unchecked hash
files are used without looking at the source, so a fixed time stamp does not make Python doubt them.
"""

import py_compile
import shutil
import sys
import zipfile
from pathlib import Path
from py_compile import PycInvalidationMode, PyCompileError

from infra.errors import BuildError

LAMBDA_ROOT = "/var/task"
"""Where Lambda unpacks it: tracebacks name this, not the machine that built it."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def compiled(source: Path, target: Path, workspace: Path) -> None:
    """Write `target`: what is in the zip `source`, with the compiled files that it lacks.

    Raises BuildError when a file does not compile.
    """
    shutil.rmtree(workspace, ignore_errors=True)
    with zipfile.ZipFile(source) as archive:
        archive.extractall(workspace)
    compile_missing(workspace)
    pack(workspace, target)
    shutil.rmtree(workspace)


def compile_missing(directory: Path) -> None:
    """Give every Python file below `directory` its compiled one. Raises BuildError."""
    for path in sorted(directory.rglob("*.py")):
        made = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        if made.is_file():
            continue
        try:
            py_compile.compile(
                str(path),
                cfile=str(made),
                dfile=f"{LAMBDA_ROOT}/{path.relative_to(directory).as_posix()}",
                doraise=True,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            )
        except PyCompileError as error:
            raise BuildError(f"a Python file of the package does not compile: {error}") from error


def pack(directory: Path, target: Path) -> None:
    """Zip a directory: sorted names, one time stamp, one mode."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(directory).as_posix(), _EPOCH)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
