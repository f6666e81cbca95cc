"""The policy file as it changes."""

import os
from pathlib import Path

import pytest

from sekisho.adapters.policy.file import PolicyFile
from sekisho.adapters.policy.problems import PolicyError
from sekisho.adapters.policy.toml import default_policy_text
from sekisho.application.ports.policy import PolicyRefusedError

TEXT = default_policy_text()


def renamed(name: str) -> bytes:
    """Return the default policy under another name."""
    return TEXT.replace(b'name = "default"', f'name = "{name}"'.encode(), 1)


def followed(folder: Path) -> tuple[PolicyFile, Path]:
    path = folder / "policy.toml"
    path.write_bytes(TEXT)
    file = PolicyFile(path)
    assert file.first().version.startswith("default@")
    return file, path


def test_an_unchanged_file_is_not_told_again(tmp_path: Path) -> None:
    file, path = followed(tmp_path)
    assert file.changed() is None
    os.utime(path)
    assert file.changed() is None
    assert file.changed() is None


def test_a_changed_file_is_told_once_when_it_rests(tmp_path: Path) -> None:
    file, path = followed(tmp_path)
    path.write_bytes(renamed("stricter"))
    assert file.changed() is None
    found = file.changed()
    assert found is not None
    assert found.version.startswith("stricter@")
    assert file.changed() is None
    path.write_bytes(TEXT)
    assert file.changed() is None
    back = file.changed()
    assert back is not None
    assert back.version.startswith("default@")


def test_a_file_is_not_read_as_a_policy_while_it_grows(tmp_path: Path) -> None:
    file, path = followed(tmp_path)
    content = renamed("stricter")
    # Cut between two rules, the first part is a policy too, with most of its rules missing.
    cut = content.index(b"[[rule]]", content.index(b"[[rule]]") + 8)
    path.write_bytes(content[:cut])
    assert file.changed() is None
    path.write_bytes(content)
    assert file.changed() is None
    found = file.changed()
    assert found is not None
    assert len(found.rules) == len(file.first().rules)


def test_a_bad_file_is_refused_once_with_every_place(tmp_path: Path) -> None:
    file, path = followed(tmp_path)
    path.write_bytes(TEXT.replace(b"velocity.", b"velosity."))
    assert file.changed() is None
    with pytest.raises(PolicyRefusedError) as refused:
        file.changed()
    assert len(refused.value.problems) > 1
    for problem in refused.value.problems:
        assert {"rule", "line", "column", "message"} == set(problem)
    assert file.changed() is None
    path.write_bytes(TEXT)
    file.changed()
    assert file.changed() is not None


def test_a_file_that_is_gone_is_refused_once_and_may_come_back(tmp_path: Path) -> None:
    file, path = followed(tmp_path)
    path.unlink()
    assert file.changed() is None
    with pytest.raises(PolicyRefusedError) as refused:
        file.changed()
    assert refused.value.problems == ({"message": f"{path} cannot be read"},)
    assert file.changed() is None
    path.write_bytes(renamed("back"))
    file.changed()
    assert file.changed() is not None


def test_a_file_replaced_by_a_rename_is_seen(tmp_path: Path) -> None:
    file, path = followed(tmp_path)
    aside = tmp_path / "aside"
    aside.write_bytes(renamed("changed"))
    times = path.stat().st_mtime_ns
    os.utime(aside, ns=(times, times))
    aside.rename(path)
    file.changed()
    assert file.changed() is not None


def test_a_file_that_is_bad_at_the_start_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"name = 1")
    with pytest.raises(PolicyError):
        PolicyFile(path).first()
    with pytest.raises(OSError, match="No such file"):
        PolicyFile(tmp_path / "absent").first()
