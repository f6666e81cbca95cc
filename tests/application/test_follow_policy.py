"""The policy in force, and how another takes its place."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from sekisho.adapters.policy.file import PolicyFile
from sekisho.adapters.policy.toml import default_policy_text, load_default_policy
from sekisho.application.follow_policy import FollowPolicy
from sekisho.application.ports.telemetry import NoTelemetry, PolicyReload
from sekisho.domain.errors import LedgerUnavailableError

TEXT = default_policy_text()


class Shelf:
    """Keeps texts unless it is away."""

    def __init__(self) -> None:
        self.away = False
        self.kept: dict[str, Mapping[str, Mapping[str, str]]] = {}

    async def keep(self, policy_version: str, texts: Mapping[str, Mapping[str, str]]) -> None:
        if self.away:
            raise LedgerUnavailableError("away")
        self.kept[policy_version] = texts

    async def rule_texts(self, policy_version: str) -> Mapping[str, Mapping[str, str]]:
        return self.kept[policy_version]


class Counts(NoTelemetry):
    """Counts reloads."""

    def __init__(self) -> None:
        self.reloads: list[PolicyReload] = []

    def policy_reloaded(self, outcome: PolicyReload) -> None:
        self.reloads.append(outcome)


class Followed:
    """A policy that follows a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "policy.toml"
        self.path.write_bytes(TEXT)
        file = PolicyFile(self.path)
        self.shelf = Shelf()
        self.counts = Counts()
        self.policy = FollowPolicy(file, self.shelf, file.first(), self.counts)

    @property
    def name(self) -> str:
        """The name of the policy in force."""
        return self.policy.current().version.partition("@")[0]

    async def write(self, content: bytes) -> None:
        """Change the file, and look until it rests."""
        self.path.write_bytes(content)
        await self.policy()
        await self.policy()


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    return Followed(tmp_path)


def named(name: str) -> bytes:
    return TEXT.replace(b'name = "default"', f'name = "{name}"'.encode(), 1)


async def test_a_changed_policy_is_kept_and_put_in_force(followed: Followed) -> None:
    await followed.policy()
    await followed.write(named("stricter"))
    version = followed.policy.current().version
    assert followed.name == "stricter"
    assert list(followed.shelf.kept)[-1] == version
    assert followed.counts.reloads == [PolicyReload.IN_FORCE]


async def test_a_bad_policy_is_told_with_its_places_and_the_last_good_one_stays(
    followed: Followed,
) -> None:
    await followed.policy()
    before = followed.policy.current()
    with capture_logs() as logged:
        await followed.write(TEXT.replace(b"velocity.", b"velosity.", 1))
    (told,) = (each for each in logged if each["event"] == "policy.refused")
    (problem,) = told["problems"]
    assert problem["rule"]
    assert problem["line"] > 1
    assert problem["column"] > 0
    assert "velosity" in problem["message"]
    assert told["in_force"] == before.version
    assert followed.policy.current() is before
    assert followed.counts.reloads == [PolicyReload.REFUSED]


async def test_a_policy_that_the_ledger_cannot_keep_waits_for_it(followed: Followed) -> None:
    await followed.policy()
    followed.shelf.away = True
    followed.path.write_bytes(named("stricter"))
    await followed.policy()
    for _ in range(2):
        with pytest.raises(LedgerUnavailableError):
            await followed.policy()
        assert followed.name == "default"
    followed.shelf.away = False
    await followed.policy()
    assert followed.name == "stricter"


async def test_a_policy_that_waits_gives_way_to_what_the_file_says_later(
    followed: Followed,
) -> None:
    await followed.policy()
    followed.shelf.away = True
    followed.path.write_bytes(named("hasty"))
    await followed.policy()
    with pytest.raises(LedgerUnavailableError):
        await followed.policy()
    followed.path.write_bytes(b"nothing good")
    with pytest.raises(LedgerUnavailableError):
        await followed.policy()
    await followed.policy()
    followed.shelf.away = False
    await followed.policy()
    assert followed.name == "default"
    await followed.write(named("considered"))
    assert followed.name == "considered"


async def test_the_first_policy_is_in_force_before_the_ledger_can_keep_it(
    followed: Followed,
) -> None:
    followed.shelf.away = True
    with pytest.raises(LedgerUnavailableError):
        await followed.policy()
    assert followed.name == "default"
    followed.path.write_bytes(b"nothing good")
    for _ in range(2):
        with pytest.raises(LedgerUnavailableError):
            await followed.policy()
    followed.shelf.away = False
    await followed.policy()
    assert list(followed.shelf.kept) == [followed.policy.current().version]


async def test_a_policy_without_a_file_is_kept_and_stays() -> None:
    shelf = Shelf()
    first = load_default_policy()
    policy = FollowPolicy(None, shelf, first, NoTelemetry())
    await policy()
    await policy()
    assert policy.current() is first
    assert list(shelf.kept) == [first.version]
