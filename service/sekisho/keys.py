"""The keys that make fingerprints: read from where the operator keeps them, or made once.

A file (TOML or JSON) has them in the order of their rotation, the oldest first:

    [[keys]]
    id = "k1"
    secret = "…64 hexadecimal digits…"

A folder has one file a key, `<id>.key` with the 64 digits, ordered by name. Both suit a mounted
secret. Errors never repeat a secret.
"""

import json
import os
import re
import secrets
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

FILE_NAME = "keys.toml"
_SECRET = re.compile(r"[0-9a-fA-F]{64}")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_EXPECTED = "expected 64 hexadecimal digits (32 bytes)"


class KeysError(Exception):
    """The keys cannot be used. `problems` has all that is wrong, each in one line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `id` is stored beside every fingerprint; `secret` is 32 bytes."""

    id: str
    secret: bytes = field(repr=False)


def read(path: Path) -> tuple[Key, ...]:
    """Read the keys of a file or folder, oldest first. Raises KeysError."""
    try:
        written = _of_folder(path) if path.is_dir() else _of_file(path)
    except OSError as error:
        raise KeysError([f"{path}: cannot be read: {error.strerror}"]) from None
    if not written:
        raise KeysError([f"{path}: holds no key"])

    problems = []
    if len({id_ for id_, _ in written}) < len(written):
        problems.append(f"{path}: two keys have the same id")
    for id_, secret in written:
        if not _ID.fullmatch(id_):
            problems.append(f"{path}: a key's id is 1 to 32 lower-case letters, digits or hyphens")
        elif not _SECRET.fullmatch(secret):
            problems.append(f"{path}: key {id_}: {_EXPECTED}")
    if problems:
        raise KeysError(problems)
    return tuple(Key(id_, bytes.fromhex(secret)) for id_, secret in written)


def read_or_make(data_dir: Path) -> tuple[Key, ...]:
    """Read the keys kept in the data folder; make them where there are none yet.

    Of several processes that start at once, one makes them and all read the same.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        _make(path)
    return read(path)


def _make(path: Path) -> None:
    # Written aside and linked: never seen half written, and never written over.
    aside = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f'[[keys]]\nid = "k1"\nsecret = "{secrets.token_hex(32)}"\n')
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            return
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        aside.unlink()


def _of_folder(folder: Path) -> list[tuple[str, str]]:
    return [(file.stem, file.read_text().strip()) for file in sorted(folder.glob("[!.]*.key"))]


def _of_file(path: Path) -> list[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return [(str(key["id"]), str(key["secret"])) for key in content["keys"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        # What the parser says may quote the file.
        raise KeysError(
            [f"{path}: expected TOML or JSON with keys, each with id and secret"]
        ) from None
