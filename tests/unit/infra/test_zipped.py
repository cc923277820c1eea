"""The Lambda's zip: compiled, the same bytes for the same content, no path of this machine."""

import marshal
import subprocess
import sys
import zipfile

import pytest

from infra import zipped
from infra.errors import BuildError


@pytest.fixture
def package(tmp_path):
    """A package as Chalice would write it: no compiled files, names in any order."""

    def make(files):
        source = tmp_path / "source.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return source

    return make


def names(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_every_module_is_compiled(package, tmp_path):
    target = tmp_path / "target.zip"
    zipped.compiled(
        package({"b.py": "x = 1", "a/c.py": "", "a/d.json": "{}"}), target, tmp_path / "w"
    )
    tag = sys.implementation.cache_tag
    compiled = {f"__pycache__/b.{tag}.pyc", f"a/__pycache__/c.{tag}.pyc"}
    assert set(names(target)) == {"a/c.py", "a/d.json", "b.py"} | compiled
    assert not (tmp_path / "w").exists()


def test_the_same_content_is_the_same_bytes(package, tmp_path):
    """Whatever the order and the time: so that nothing is deployed that has not changed."""
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    zipped.compiled(package({"a.py": "x = {1, 2}", "b.py": ""}), first, tmp_path / "first")
    zipped.compiled(package({"b.py": "", "a.py": "x = {1, 2}"}), second, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()


def test_no_path_of_the_builder_is_inside(package, tmp_path):
    """Tracebacks name Lambda's directory."""
    target = tmp_path / "target.zip"
    zipped.compiled(package({"a/b.py": "def f(): pass"}), target, tmp_path / "w")
    with zipfile.ZipFile(target) as archive:
        compiled = archive.read(f"a/__pycache__/b.{sys.implementation.cache_tag}.pyc")
    assert marshal.loads(compiled[16:]).co_filename == "/var/task/a/b.py"  # noqa: S302 - our own


def test_the_compiled_files_are_used_unchecked(package, tmp_path):
    """Python takes them without looking at the source: on Lambda it could not write others."""
    target = tmp_path / "target.zip"
    zipped.compiled(package({"module_a.py": "print('compiled')"}), target, tmp_path / "w")
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "task")
    (tmp_path / "task" / "module_a.py").write_text("print('source')", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import module_a"],
        cwd=tmp_path / "task", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "compiled\n"


def test_what_is_compiled_already_stays(package, tmp_path):
    tag = sys.implementation.cache_tag
    target = tmp_path / "target.zip"
    files = {"a.py": "x = 1", f"__pycache__/a.{tag}.pyc": b"as it is"}
    zipped.compiled(package(files), target, tmp_path / "w")
    with zipfile.ZipFile(target) as archive:
        assert archive.read(f"__pycache__/a.{tag}.pyc") == b"as it is"


def test_a_file_that_does_not_compile_stops_the_build(package, tmp_path):
    with pytest.raises(BuildError, match="does not compile"):
        zipped.compiled(package({"a.py": "def"}), tmp_path / "t.zip", tmp_path / "w")
