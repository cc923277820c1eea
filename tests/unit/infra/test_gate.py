"""The gate runs every step, and cannot call something passed that was not done."""

import json

import pytest

from infra import gate, gate_tests
from infra.gate import Result, Step, Verdict

SHIPPED = "\nurllib3==2.8.0 \\\n"


def package(name, *vulnerabilities):
    return {"name": name, "version": "1", "vulns": [{"id": known} for known in vulnerabilities]}


def steps(monkeypatch, *verdicts):
    ran = []

    def step(number, verdict):
        def run():
            ran.append(number)
            return Result(verdict)

        return Step(f"step {number}", run)

    monkeypatch.setattr(gate, "STEPS", tuple(step(*pair) for pair in enumerate(verdicts)))
    return ran


def test_a_failed_step_does_not_keep_later_ones_from_running(monkeypatch, capsys):
    ran = steps(monkeypatch, Verdict.FAILED, Verdict.PASSED)
    assert gate.main([]) == 1
    assert ran == [0, 1]
    assert "The gate FAILED: step 0, 2 steps" in capsys.readouterr().out


def test_passes_when_every_step_passed_or_says_why_it_could_not_run(monkeypatch, capsys):
    steps(monkeypatch, Verdict.PASSED, Verdict.NOT_RUN)
    assert gate.main([]) == 0
    assert "not run  step 1" in capsys.readouterr().out


def test_a_name_that_is_no_step_fails(monkeypatch):
    steps(monkeypatch, Verdict.PASSED)
    assert gate.main(["--only", "nothing"]) == 1


def test_a_program_that_is_not_there_is_a_failure(capsys):
    missing = Step("missing", lambda: gate.command("no-such-program"))
    assert gate.perform(missing).verdict is Verdict.FAILED
    assert "could not be started" in capsys.readouterr().out


def test_the_exit_code_decides():
    assert gate.command("python", "-c", "pass").verdict is Verdict.PASSED
    assert gate.command("python", "-c", "raise SystemExit(5)").verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("packages", "verdict"),
    [
        ([package("urllib3"), package("pytest")], Verdict.PASSED),
        ([package("urllib3", "CVE-1")], Verdict.FAILED),
        ([package("urllib3"), package("pytest", "CVE-2")], Verdict.PASSED),
        ([{"name": "urllib3", "skip_reason": "not found"}], Verdict.NOT_RUN),
    ],
)
def test_only_what_ships_fails_the_audit_and_nothing_audited_is_no_pass(packages, verdict):
    report = json.loads(json.dumps(packages))
    assert gate.judged(report, SHIPPED).verdict is verdict


def test_no_folder_of_tests_is_left_out_of_the_gate():
    """A folder that nobody runs is a promise that nobody checks."""
    tests = gate.ROOT / "tests"
    held = {path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")}
    assert {f"tests/{name}" for name in held} == {*gate.TESTS_OF_CODE, *gate.TESTS_OF_STACK}


def test_every_test_of_the_code_is_in_one_group():
    """Groups run side by side; a folder that is in none would never run."""
    held = [path for paths in gate_tests.groups(gate.ROOT, gate.TESTS_OF_CODE) for path in paths]
    assert len(set(held)) == len(held)
    files = [
        path.relative_to(gate.ROOT).as_posix()
        for folder in gate.TESTS_OF_CODE
        for path in (gate.ROOT / folder).rglob("test_*.py")
    ]
    left = [one for one in files if not any(one == h or one.startswith(f"{h}/") for h in held)]
    assert left == []


def test_a_group_that_fails_fails_the_step_and_says_why(tmp_path, capsys):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_good.py").write_text("def test_good(): pass\n")
    (tmp_path / "tests" / "test_bad.py").write_text("def test_bad(): assert 'here' == 'there'\n")
    assert gate_tests.run(tmp_path, ("tests",), gate.environment()) > 0
    told = capsys.readouterr().out
    assert "'here' == 'there'" in told
    assert "1 failed, 1 passed" in told
