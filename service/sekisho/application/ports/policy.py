"""Where the policy comes from, and that it may change while the service runs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sekisho.domain.policy import Policy


class PolicyRefusedError(Exception):
    """What is there is no policy that can be used. `problems` has all that is wrong with it,
    each with its rule, line, column and message, as far as they are known."""

    def __init__(self, problems: Sequence[Mapping[str, str | int]]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


class PolicySource(Protocol):
    """The operator's policy."""

    def changed(self) -> Policy | None:
        """Return the policy where it is another than the one told last, else None.

        It is told once it rests: what is being written is not a policy yet. Blocks for as long
        as it takes to read and check it. Raises PolicyRefusedError, once for each change.
        """
