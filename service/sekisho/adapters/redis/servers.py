"""What the cache's adapters ask of the servers, however many there are."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.node import Node
from sekisho.adapters.redis.wire import Reply, Words
from sekisho.domain.errors import CacheUnavailableError

Ask = tuple[int, Callable[[int], Call]]
"""A tag, and what makes a call about it from the moment (Unix ms) to which the ledger must have
been followed."""
Answer = tuple[Node | None, Reply | CacheUnavailableError]
"""Who answered, and what; who did not answer raised the error."""


class Servers(Protocol):
    """One server, or those of a cluster. Each serves some of the tags 0 to 255."""

    @property
    def clustered(self) -> bool:
        """Whether a call may touch one tag only."""

    @property
    def nodes(self) -> Collection[Node]:
        """The servers that serve some tag."""

    @property
    def since(self) -> int:
        """Unix ms: a tag that has followed the ledger to there is behind on no server."""

    def tags(self, node: Node) -> Collection[int]:
        """Return the tags that a server serves."""

    async def ask(self, asks: Sequence[Ask], timeout: float) -> list[Answer]:
        """Call scripts for an assessment, in one parallel trip. Never raises."""

    def missed(self, tag: int) -> None:
        """A try of ours in this tag may be missing."""

    async def calls(self, stages: Sequence[Sequence[Call]], timeout: float) -> list[Reply]:
        """Call scripts in stages; return the last stage's answers, in any order.

        A tag's call of a stage begins when its calls of the stage before have succeeded, and
        goes over the same connection. `timeout` seconds are for each stage. Raises
        CacheUnavailableError where a call of the last stage failed or was not made.
        """

    async def read(self, names: Sequence[bytes], timeout: float) -> Mapping[int, Reply]:
        """Return the value of each tag's key; what cannot be read is absent.

        Raises CacheUnavailableError where that is all.
        """

    async def command(self, words: Words, tag: int, timeout: float) -> Reply:
        """Send one command to the server of a tag. Raises CacheUnavailableError."""

    async def look(self) -> None:
        """See whether these are still the servers to ask. Raises CacheUnavailableError."""

    async def close(self) -> None:
        """Close for good."""
