#!/bin/sh
# Prints the path of the Python that Hearback uses: the newest of 3.13, 3.12, 3.11 that really runs.
# A name on PATH is not enough: a version manager's shim can exist and still answer "not found",
# so every candidate has to run, be what its name says, and be able to make a virtual environment.
set -u

runs() { # runs PYTHON MINOR: is PYTHON a working CPython 3.MINOR (or, without MINOR, 3.11 to 3.13)?
    "$1" -c '
import sys
import ensurepip, ssl, venv
wanted = [int(sys.argv[1])] if len(sys.argv) > 1 else [13, 12, 11]
sys.exit(not (sys.version_info[0] == 3 and sys.version_info[1] in wanted))
' ${2:+"$2"} >/dev/null 2>&1
}

say() {
    "$1" -c 'import os, sys; print(os.path.realpath(sys.executable))'
    exit 0
}

if [ -n "${PYTHON:-}" ]; then
    runs "$PYTHON" && say "$PYTHON"
    echo "PYTHON=$PYTHON is not a working Python 3.11, 3.12 or 3.13." >&2
    exit 1
fi

pyenv_versions=""
if command -v pyenv >/dev/null 2>&1; then
    pyenv_versions="$(pyenv root 2>/dev/null)/versions"
fi

for minor in 13 12 11; do
    for candidate in "python3.$minor" "$pyenv_versions/3.$minor".*/bin/python; do
        runs "$candidate" "$minor" && say "$candidate"
    done
done
runs python3 && say python3

cat >&2 <<'TEXT'
Hearback needs Python 3.13, 3.12 or 3.11 with the venv module, and none was found.
  Debian, Ubuntu: sudo apt-get install python3 python3-venv
  macOS:          brew install python@3.13
  pyenv:          pyenv install 3.13
Or name one yourself: make run PYTHON=/path/to/python3.13
TEXT
exit 1
