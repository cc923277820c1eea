"""Packaging: the final template is refused when something is left open; unchanged means unbuilt."""

import json
import re
import subprocess
import sys

import pytest

from infra import dependencies, package, project
from infra.errors import BuildError


def final(**changes):
    whole = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Stage"}}}
    return {"Resources": {"Inbox": whole | changes}}


def test_a_whole_template_passes():
    package.check(final())


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (final(Properties={"Role": "arn:aws:iam::0:role/placeholder-x"}), "Inbox/Properties/Role"),
        (final(Properties={"Queues": ["arn:PLACEHOLDER"]}), "Inbox/Properties/Queues/0"),
        (final(Properties={"Role": {"Ref": "a", "Fn::Sub": "b"}}), "two-headed"),
        ({"Resources": {"Stream": {"Properties": {}}}}, "does not have: Stream"),
    ],
)
def test_what_is_left_open_is_refused(template, words):
    with pytest.raises(BuildError, match=words):
        package.check(template)


@pytest.fixture
def root(tmp_path):
    """A small project with all that goes into a package."""
    (tmp_path / ".chalice").mkdir()
    config = {
        "stages": {"local": {"lambda_architecture": "?"}, "prod": {"lambda_architecture": "arm64"}}
    }
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config), "utf-8")
    for name in ("app.py", "requirements.txt", "care.yaml", "chalicelib/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["app.py", "requirements.txt", "care.yaml", "chalicelib/a.py", "chalicelib/new.json"]
)
def test_any_change_is_packaged_again(root, name):
    before = package._digest("prod", root, root / "care.yaml")
    (root / name).write_text("changed", "utf-8")
    assert package._digest("prod", root, root / "care.yaml") != before


def test_compiled_files_are_no_change(root):
    """Running the tests must not make the next packaging start anew."""
    before = package._digest("prod", root, root / "care.yaml")
    (root / "chalicelib" / "__pycache__").mkdir()
    (root / "chalicelib" / "__pycache__" / "a.pyc").write_text("x", "utf-8")
    assert package._digest("prod", root, root / "care.yaml") == before


def test_content_cannot_wander_between_files(root):
    (root / "app.py").write_text("ab", "utf-8")
    before = package._digest("prod", root, root / "care.yaml")
    (root / "app.py").write_text("a", "utf-8")
    (root / "requirements.txt").write_text("b", "utf-8")
    assert package._digest("prod", root, root / "care.yaml") != before


def test_another_configuration_has_a_directory_of_its_own(root):
    """The day's care.yaml and the repository's do not undo each other."""
    other = root / "other.yaml"
    assert package._target("local", root, root / "care.yaml") == root / "build" / "local"
    assert package._target("local", root, other).name.startswith("local-")


def test_only_what_ships_is_laid_out(root):
    (root / "chalicelib" / "__pycache__").mkdir()
    (root / "chalicelib" / "__pycache__" / "a.pyc").write_text("x", "utf-8")
    (root / "tests").mkdir()
    project.lay_out("prod", root, root / "laid", None)
    laid = {path.relative_to(root / "laid").as_posix() for path in (root / "laid").rglob("*")}
    assert laid == {
        "app.py", "chalicelib", "chalicelib/a.py", "requirements.txt", ".chalice",
        ".chalice/config.json",
    }  # fmt: skip


def test_an_unknown_stage_is_told(root):
    with pytest.raises(BuildError, match="there is no stage moon"):
        project.config("moon", root)


def test_the_local_stage_runs_on_this_machine(root):
    assert project.architecture("prod", root) == "arm64"
    assert project.architecture("local", root) == dependencies.own_architecture()


@pytest.mark.parametrize(("architecture", "machine"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_wheels_are_those_of_the_functions_machine(architecture, machine):
    """Not of the machine that builds, and not newer than Lambda's C library."""
    words = dependencies._platforms(architecture)
    platforms = [word for word in words if "linux" in word]
    assert all(word.endswith(machine) for word in platforms)
    assert f"manylinux_2_34_{machine}" in platforms
    assert words[-1] == dependencies.python_version()


def test_slimming_leaves_what_is_called(tmp_path):
    """Descriptions of services that nobody calls go, and so does what differs by machine."""
    for name in ("dynamodb", "ec2"):
        (tmp_path / "botocore" / "data" / name).mkdir(parents=True)
    (tmp_path / "botocore" / "data" / "endpoints.json").touch()
    (tmp_path / "a-1.dist-info").mkdir()
    for name in ("RECORD", "METADATA"):
        (tmp_path / "a-1.dist-info" / name).touch()
    dependencies._slim(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"botocore/data/endpoints.json", "a-1.dist-info/METADATA"}
    assert (tmp_path / "botocore" / "data" / "dynamodb").is_dir()
    assert not (tmp_path / "botocore" / "data" / "ec2").exists()


def test_what_never_runs_is_left_out(tmp_path):
    for name in ("cffi/api.py", "pycparser/c_parser.py", "nh3/__init__.pyi", "nh3/nh3.abi3.so"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    dependencies._slim(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"nh3/nh3.abi3.so"}


def test_signatures_are_checked_without_the_packages_that_are_left_out():
    """cryptography needs the compiled part of cffi and nothing of its Python."""
    gone = [name for name in dependencies.UNUSED if name.isidentifier()]
    assert gone == ["cffi", "pycparser"]
    program = f"""
import sys
sys.modules.update(dict.fromkeys({gone!r}))
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
import chalicelib.channels.sms.rsa
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
how = padding.PKCS1v15(), hashes.SHA256()
key.public_key().verify(key.sign(b"x", *how), b"x", *how)
"""
    line = [sys.executable, "-c", program]
    done = subprocess.run(line, cwd=package.ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_the_services_that_are_called_are_kept_and_no_other():
    """What the gateways make clients of, the store's own, and the one that AWS's SDK may need."""
    files = [package.ROOT / "chalicelib" / "bootstrap.py"]
    files += (package.ROOT / "chalicelib" / "gateways").glob("*.py")
    source = "".join(path.read_text("utf-8") for path in files)
    called = set(re.findall(r'\bclient\(\s*"([\w-]+)"', source))
    called |= set(re.findall(r'^SERVICE = "([\w-]+)"', source, re.MULTILINE))
    assert {"sesv2", "pinpoint-sms-voice-v2", "s3"} <= called
    assert called | {"dynamodb", "sts"} == set(dependencies.SERVICES)
