"""What each door imports before its first event: a cold start pays for all of it.

Measured in a process of its own, as Lambda imports the handler's module.
"""

import subprocess
import sys
import textwrap

import pytest

LIGHT = {"chalice", "msgspec"}
"""Of third parties, what a door may import before it is called.

The rest is imported by what needs it.
"""

ALLOWED = {
    "app": LIGHT,
    "chalicelib.entrypoints.webhooks": LIGHT,
    "chalicelib.entrypoints.api": LIGHT,
    "chalicelib.entrypoints.taps": {"chalice"},
    "chalicelib.entrypoints.inbox": LIGHT,
    "chalicelib.entrypoints.outbox": LIGHT,
    "chalicelib.entrypoints.files": {"chalice"},
    "chalicelib.entrypoints.hooks": {"chalice"},
    "chalicelib.entrypoints.notices": {"chalice"},
    "chalicelib.entrypoints.stream": {"chalice"},
    "chalicelib.entrypoints.tasks": {"chalice"},
    "chalicelib.entrypoints.ladder_tasks": {"chalice"},
    "chalicelib.entrypoints.schedules": {"chalice"},
    "chalicelib.bootstrap": set(),
    "chalicelib.config": set(),
}

HEAVY = {
    "boto3",
    "botocore",
    "pynamodb",
    "urllib3",
    "aws_lambda_powertools",
    "holidays",
    "standardwebhooks",
    "cryptography",
    "nh3",
    "phonenumbers",
}

PROGRAM = textwrap.dedent(
    """
    import importlib, sys
    before = set(sys.modules)
    importlib.import_module(sys.argv[1])
    new = {name.split(".")[0] for name in set(sys.modules) - before}
    third = {n for n in new if n not in sys.stdlib_module_names and n not in ("app", "chalicelib")}
    print(" ".join(sorted(n for n in third if not n.startswith("_"))))
    """
)


def imported_by(module):
    """Return the third-party packages that importing a module brings in."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, module],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split()) - {"typing_extensions"}  # msgspec takes it where it is there


@pytest.mark.parametrize("module", ALLOWED)
def test_a_door_imports_only_what_it_may(module):
    assert imported_by(module) <= ALLOWED[module]


def test_the_table_allows_nothing_heavy():
    assert not HEAVY & set().union(*ALLOWED.values())


def test_a_heavy_import_would_be_seen():
    assert "botocore" in imported_by("chalicelib.gateways.executions")
