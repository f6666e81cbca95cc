"""The keys that make fingerprints."""

import json
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from sekisho import keys

SECRET = "0123456789abcdef" * 4


def test_a_file_holds_the_keys_in_the_order_of_their_rotation(tmp_path: Path) -> None:
    content = [{"id": "k1", "secret": SECRET}, {"id": "k0", "secret": SECRET[::-1]}]
    toml, as_json = tmp_path / "keys.toml", tmp_path / "keys.json"
    toml.write_text("".join(f'[[keys]]\nid="{k["id"]}"\nsecret="{k["secret"]}"\n' for k in content))
    as_json.write_text(json.dumps({"keys": content}))
    assert keys.read(toml) == keys.read(as_json)
    assert [key.id for key in keys.read(toml)] == ["k1", "k0"]
    assert keys.read(toml)[0].secret == bytes.fromhex(SECRET)


def test_a_folder_holds_one_key_a_file_ordered_by_name(tmp_path: Path) -> None:
    for name in ("2027-k2", "2026-k1"):
        (tmp_path / f"{name}.key").write_text(f"{SECRET}\n")
    # As a mounted secret has them.
    (tmp_path / "..data").mkdir()
    (tmp_path / ".hidden.key").write_text("x")
    assert [key.id for key in keys.read(tmp_path)] == ["2026-k1", "2027-k2"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "keys = []",
        "keys = 1",
        "[[keys]]\nid = 'k1'",
        "[[keys]]\nid = 'k1'\nsecret = 'deadbeefdeadbeef'",
        "[[keys]]\nid = 'K 1'\nsecret = '" + SECRET + "'",
        "secret-looking rubbish deadbeefdeadbeef",
        "\n".join(f"[[keys]]\nid = 'k1'\nsecret = '{SECRET}'" for _ in range(2)),
    ],
)
def test_unusable_keys_are_refused_without_repeating_them(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(content)
    with pytest.raises(keys.KeysError) as caught:
        keys.read(file)
    assert str(file) in str(caught.value)
    assert "deadbeef" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(keys.KeysError):
            keys.read(path)


def test_the_first_start_makes_a_key_that_only_its_user_can_read(tmp_path: Path) -> None:
    made = keys.read_or_make(tmp_path)
    assert stat.S_IMODE((tmp_path / keys.FILE_NAME).stat().st_mode) == 0o600
    assert len(made[0].secret) == 32
    assert keys.read_or_make(tmp_path) == made
    assert made[0].secret.hex() not in repr(made)
    assert [path.name for path in tmp_path.iterdir()] == [keys.FILE_NAME]


def test_processes_that_start_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(8, get_context("spawn")) as pool:
        made = set(pool.map(keys.read_or_make, [tmp_path] * 16))
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == [keys.FILE_NAME]
