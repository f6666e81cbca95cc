"""The operator's policy file, read again when it changes."""

import hashlib
from pathlib import Path
from typing import Final

from sekisho.adapters.policy.problems import PolicyError, Problem
from sekisho.adapters.policy.toml import parse_policy
from sekisho.application.ports.policy import PolicyRefusedError
from sekisho.domain.policy import Policy

_Stamp = tuple[int, int, int]
_ABSENT: Final = (0, 0, 0)


class PolicyFile:
    """Implements PolicySource.

    A change counts once two looks in a row found the same bytes: of a file that is half written,
    even what can be read as a policy lacks rules.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: _Stamp | None = None
        self._seen = b""
        self._told = b""

    def first(self) -> Policy:
        """Load the policy to begin with. Raises PolicyError and OSError."""
        self._stamp = self._stamp_now()
        content = self._path.read_bytes()
        policy = parse_policy(content, str(self._path))
        self._seen = self._told = _digest(content)
        return policy

    def changed(self) -> Policy | None:
        """Return the policy where the file's content rests at another than the one told last."""
        stamp = self._stamp_now()
        if stamp == self._stamp and self._seen == self._told:
            return None
        content = self._read()
        digest = b"" if content is None else _digest(content)
        rests = stamp == self._stamp and digest == self._seen
        self._stamp, self._seen = stamp, digest
        if not rests or digest == self._told:
            return None
        self._told = digest
        if content is None:
            raise PolicyRefusedError([{"message": f"{self._path} cannot be read"}])
        try:
            return parse_policy(content, str(self._path))
        except PolicyError as error:
            raise PolicyRefusedError([_told(problem) for problem in error.problems]) from None

    def _stamp_now(self) -> _Stamp:
        try:
            found = self._path.stat()
        except OSError:
            return _ABSENT
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except OSError:
            return None


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _told(problem: Problem) -> dict[str, str | int]:
    return {
        "rule": problem.rule,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
