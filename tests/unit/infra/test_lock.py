"""A lock file that is not what `make lock` would write is found without a network."""

import pytest

from infra import lock

PIN = "six==1.17.0 \\\n    --hash=sha256:aa\n"


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """Return a folder with sound locks of one package."""
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    for name in lock.NAMES:
        (tmp_path / f"{name}.in").write_text("six\n")
    for name in lock.NAMES:
        (tmp_path / f"{name}.txt").write_text(lock.header() + PIN)
    return tmp_path


def test_sound_locks_have_no_faults(locked):
    assert list(lock.faults()) == []


def test_a_changed_wish_makes_every_lock_stale(locked):
    (locked / "requirements.in").write_text("six\nurllib3\n")
    assert len([fault for fault in lock.faults() if "present .in files" in fault]) == len(
        lock.NAMES
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("six==1.16.0 \\\n    --hash=sha256:aa\n", "six is not what is tested"),
        (PIN + "urllib3==2.8.0\n", "no hash for urllib3==2.8.0"),
        ("--index-url https://example.com/simple\n" + PIN, "names an address"),
    ],
)
def test_what_ships_is_hashed_is_what_is_tested_and_names_no_host(locked, text, words):
    (locked / "requirements.txt").write_text(lock.header() + text)
    assert words in "\n".join(lock.faults())


def test_a_missing_lock_is_named(locked):
    (locked / "requirements.txt").unlink()
    assert list(lock.faults()) == ["requirements.txt is missing: run `make lock`"]


def test_the_locks_of_this_repository_are_up_to_date():
    assert list(lock.faults()) == []
