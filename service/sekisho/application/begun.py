"""Work that begins before it is awaited, so that other work fits into its first wait."""

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Begun(Generator[Any, Any, T], Generic[T]):
    """A coroutine that has run to its first wait, within the task that will await it.

    A task of its own would have to wait for the event loop twice, to begin and to hand over what
    it returns: 20 µs each time. To be awaited once; one that never is, is closed.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        """Run `work` to its first wait. Raises what it raises until there."""
        self._work = work
        self._first: Any = None
        self._ended: StopIteration | None = None
        self._waited = False
        try:
            self._first = work.send(None)
        except StopIteration as end:
            self._ended = end

    def __await__(self) -> Generator[Any, Any, T]:
        """Wait for the rest of it, and return its result."""
        return self

    def send(self, value: Any) -> Any:
        """Go on: first to the wait that it is in already."""
        if self._ended is not None:
            raise self._ended
        if not self._waited:
            self._waited = True
            return self._first
        return self._work.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an error where it waits."""
        return self._work.throw(*error)
