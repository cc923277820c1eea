"""docs/security.md says what is so: its roles are the routes' and its tests exist."""

import ast
import re
from pathlib import Path

import pytest

from chalicelib.domain.agent import Role
from chalicelib.entrypoints.bodies import BODY_LIMIT as BODY
from chalicelib.entrypoints.catalogue import catalogue
from chalicelib.entrypoints.receiving import MOST_KEPT
from chalicelib.entrypoints.webhooks import BODY_LIMIT as DELIVERY
from chalicelib.gateways.secrets import FRESH_SECONDS

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`", PAGE)))
COLUMNS = (Role.AGENT, Role.LEAD, Role.ADMIN)


def section(title):
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_page_names_its_tests():
    assert len(NAMED) >= 50


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda value: value)
def test_a_named_test_exists(path, name):
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_requirement_that_is_claimed_names_a_test():
    claimed = section("OWASP ASVS 5.0.0, level 2").split("**Not met")[0]
    rows = [row for row in claimed.splitlines() if re.match(r"\| V\d", row)]
    assert len(rows) >= 45
    for row in rows:
        assert re.search(r"`[a-z0-9_/]+\.py::test_[a-z0-9_]+`", row.split("|")[3]), row
    numbers = [
        number for row in rows for number in re.findall(r"V\d+\.\d+\.\d+", row.split("|")[1])
    ]
    assert len(numbers) == len(set(numbers))


def test_nothing_is_both_met_and_not_met():
    met, _, rest = section("OWASP ASVS 5.0.0, level 2").partition("**Not met")
    claimed = set(re.findall(r"V\d+\.\d+\.\d+", met.split("Met by AWS")[0]))
    open_ = {one for row in rest.splitlines() for one in re.findall(r"^\| (V[\d., V]+)", row)}
    assert not claimed & set(re.findall(r"V\d+\.\d+\.\d+", " ".join(open_)))


def test_the_table_of_roles_is_that_of_the_routes():
    written = {}
    for row in section("Who may do what").splitlines():
        found = re.match(r"\| `([A-Z]+) (/api\S*)` \|(.*)\|", row)
        if found:
            cells = [cell.strip() for cell in found[3].split("|")]
            roles = {role for role, cell in zip(COLUMNS, cells, strict=True) if cell == "yes"}
            written[found[1], found[2]] = roles
            assert (cells[0] == "anybody") == (not roles)
    assert written == {(route.method, route.path): set(route.roles) for route in catalogue()}


def test_logs_are_kept_as_long_as_the_page_says():
    (days,) = re.findall(r"LogDays: \{Type: Number, Default: (\d+)", yaml_of("logs"))
    assert f"| {days} days (`LogDays`) |" in section("Encryption and how long things are kept")


def yaml_of(subject):
    return (ROOT / "infra" / f"{subject}.yaml").read_text("utf-8")


def test_the_limits_are_those_of_the_code():
    told = section("Threats, and what answers them")
    assert f"{DELIVERY // 1_000_000} MB and {BODY // 1024} KiB limits" in told
    assert f"{MOST_KEPT} objects kept" in told
    assert FRESH_SECONDS == 300  # "again after five minutes"
    assert "IdTokenValidity: 60" in yaml_of("people")
    assert "TokenValidityUnits: {IdToken: minutes" in yaml_of("people")
