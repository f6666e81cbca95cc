"""What ships for operators agrees with the code."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sekisho import keys, settings

DEPLOY = Path(__file__).parents[2] / "deploy"
SEKISHO = Path(sys.executable).parent / "sekisho"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(
        ["bash", DEPLOY / "make-secrets", folder],
        check=True,
        env=os.environ | {"SEKISHO_COMMAND": str(SEKISHO)},
    )
    return folder


def test_the_operators_page_lists_every_setting_as_it_is() -> None:
    page = (DEPLOY / "README.md").read_text()
    listed = re.findall(r"^\| `(SEKISHO_\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert listed == [
        (setting.variable, setting.meaning, setting.default) for setting in settings.SETTINGS
    ]
    for variable in settings.CLIENT_VARIABLES:
        assert f"`{variable}`" in page


def test_the_operators_page_names_every_file() -> None:
    page = (DEPLOY / "README.md").read_text()
    for path in DEPLOY.iterdir():
        if path.is_file() and path.name != "README.md":
            assert f"`{path.name}`" in page


def test_compose_sets_what_sekisho_knows(
    compose: dict[str, Any], secrets: Path, tmp_path: Path
) -> None:
    environment: dict[str, str] = compose["services"]["sekisho"]["environment"]
    # In place of the mounts of the container.
    mounts = {name: secrets / "certs" / name for name in ("ca.pem", "server.pem", "server.key")}
    mounts |= {"sekisho.toml": secrets / "sekisho.toml", "keys": secrets / "keys"}
    local = {
        name: str(mounts[value.removeprefix("/run/secrets/")])
        if value.startswith("/run/secrets/")
        else value
        for name, value in environment.items()
    }
    found = settings.load(local | {"SEKISHO_DATA_DIR": str(tmp_path)})
    assert found.tls
    assert found.redis_url.endswith("@valkey:6379/0")
    assert found.database_url.endswith("@postgres:5432/sekisho")
    assert found.keys_file
    assert len(keys.read(found.keys_file)) == 1


def test_every_secret_of_compose_is_made(compose: dict[str, Any], secrets: Path) -> None:
    for secret in compose["secrets"].values():
        assert (secrets / Path(secret["file"]).relative_to("secrets")).is_file()
    for volume in compose["services"]["sekisho"]["volumes"]:
        source = volume.split(":")[0]
        if source.startswith("./secrets/"):
            assert (secrets / source.removeprefix("./secrets/")).is_dir()
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])


def test_only_their_owner_reaches_the_secrets(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o077 == 0
    again = subprocess.run(
        ["bash", DEPLOY / "make-secrets", secrets], check=False, capture_output=True, text=True
    )
    assert again.returncode == 1
    assert "never written over" in again.stderr


def test_valkey_gets_the_password_that_sekisho_has_and_keeps_what_it_is_given(
    secrets: Path,
) -> None:
    conf = dict(
        line.split(" ", 1)
        for line in (secrets / "valkey.conf").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert f":{conf['requirepass']}@" in (secrets / "sekisho.toml").read_text()
    assert (conf["appendonly"], conf["maxmemory-policy"]) == ("yes", "noeviction")


def test_every_image_is_pinned(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values()]
    images.remove("sekisho")
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    images += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert images
    assert all(re.search(r":\d+\.\d+\.?\d*", image) for image in images)


def test_the_image_runs_without_root_and_without_a_shell() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    final = dockerfile.rsplit("FROM ", 1)[1]
    assert re.search(r"^USER \d+:\d+$", final, re.MULTILINE)
    for instruction in ("ENTRYPOINT", "CMD"):
        commands = re.findall(rf"^\s*{instruction} (.+)$", final, re.MULTILINE)
        assert commands
        assert all(command.startswith("[") for command in commands)


def test_the_operators_page_has_the_capacity_that_the_measured_figures_give() -> None:
    command = [sys.executable, str(DEPLOY / "capacity.py")]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert told in (DEPLOY / "README.md").read_text()


@pytest.mark.parametrize("script", ["try", "make-secrets"])
def test_the_scripts_parse(script: str) -> None:
    subprocess.run(["bash", "-n", DEPLOY / script], check=True)
    if shellcheck := shutil.which("shellcheck"):
        subprocess.run([shellcheck, DEPLOY / script], check=True)
