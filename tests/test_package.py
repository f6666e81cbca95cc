"""What is installed: the version, the stubs of every proto, and the same in a wheel."""

import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROTOS = sorted(path.stem for path in (ROOT / "proto/sekisho/v1").glob("*.proto"))


def test_the_installed_package_tells_the_projects_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert version("sekisho") == project["version"]


def test_the_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="sekisho")
    assert command.value == "sekisho.cli.main:main"


@pytest.mark.parametrize("proto", PROTOS)
def test_the_stubs_of_a_proto_can_be_imported(proto: str) -> None:
    messages = import_module(f"sekisho.v1.{proto}_pb2")
    assert messages.DESCRIPTOR.package == "sekisho.v1"
    import_module(f"sekisho.v1.{proto}_pb2_grpc")


def test_a_wheel_carries_the_stubs(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for proto in PROTOS:
        for kind in ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi"):
            assert f"sekisho/v1/{proto}{kind}" in names
    assert {"buf/validate/validate_pb2.py", "sekisho/py.typed"} <= set(names)
