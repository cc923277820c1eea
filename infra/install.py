"""Makes `.venv` from a lock file, with hashes: `python -m infra.install local`, `dev` or `fuzz`.

Run by the machine's own Python, before anything is installed, so it uses the standard library only.
Progress is one line that counts packages, or one line per twenty where there is no terminal.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SETS = {"local": ("local",), "dev": ("local", "dev"), "fuzz": ("local", "dev", "fuzz")}
"""What each lock file satisfies."""
EVERY = 20  # packages between two progress lines without a terminal


def lock(name: str) -> Path:
    """Return the lock file of a set."""
    return ROOT / f"requirements-{name}.txt"


def stamp(name: str) -> Path:
    """Return the file whose presence says that this very lock has been installed."""
    digest = hashlib.sha256(lock(name).read_bytes()).hexdigest()[:16]
    return VENV / f"installed-{name}-{digest}"


def usable() -> bool:
    """Tell whether `.venv` has a Python that runs and is the version that we run."""
    if not PYTHON.exists():
        return False
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    return found.stdout.strip() == "{}.{}".format(*sys.version_info[:2])


def show(done: int, total: int) -> None:
    """Show how many packages have been collected."""
    if sys.stdout.isatty():
        print(f"\r  {done} of {total} packages", end="", flush=True)
    elif done % EVERY == 0 or done == total:
        print(f"  {done} of {total} packages", flush=True)


def install(name: str) -> int:
    """Install a lock file into `.venv`; return pip's exit code, after its words if it failed."""
    total = len(re.findall(r"^\S+==", lock(name).read_text(), re.MULTILINE))
    # Compiled at first import instead: most of what the tools bring is never imported.
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--no-compile", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input", "-r", lock(name)]
    lines, done = [], 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                done = min(done + 1, total)
                show(done, total)
            elif line.startswith("Installing collected packages"):
                print("\n  unpacking" if sys.stdout.isatty() else "  unpacking", flush=True)
    if pip.returncode:
        print("\n" + "".join(lines[-25:]), file=sys.stderr)
    return pip.returncode


def main(arguments: list[str]) -> int:
    """Make what is asked for; nothing if it is there already."""
    name = arguments[0] if arguments and arguments[0] in SETS else "dev"
    began = time.monotonic()
    if not usable():
        version = sys.version.split()[0]
        print(f"Making .venv with Python {version} ({sys.executable})", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=True, symlinks=True)
    if stamp(name).exists():
        return 0
    print(f"Installing {lock(name).name} (about a minute, once)", flush=True)
    if install(name):
        print(f"{lock(name).name} could not be installed: see above.", file=sys.stderr)
        print("This step needs a package index (PyPI or a mirror of it).", file=sys.stderr)
        return 1
    for satisfied in SETS[name]:
        stamp(satisfied).touch()
    print(f"Installed in {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
