"""Places for work in flight: what finds none is refused before any work is done."""

from collections.abc import Sequence
from typing import NamedTuple

from sekisho.domain.errors import OverloadedError
from sekisho.domain.identity import Identity
from sekisho.rpc.convert.counter import FromCounter
from sekisho.rpc.identity import LOOPBACK


class Holder(NamedTuple):
    """Someone of whose calls only so many are in work: one `part`th of all places.

    A terminal is named with its shop; anyone else by `name` alone.
    """

    part: int
    name: str
    terminal: str = ""


def at_counter(shop: str, terminal: str) -> tuple[Holder, ...]:
    """Return who holds the place of a terminal's call: it and, with its neighbours, its shop.

    A shop with many terminals cannot fill the house either.
    """
    return Holder(8, shop, terminal), Holder(4, shop)


def of(identity: Identity) -> tuple[Holder, ...]:
    """Return who holds the place of a call with this certificate.

    A gateway or an analyst leaves the other half to everyone else. Without certificates nobody
    can be told apart.
    """
    if identity.terminal:
        return at_counter(identity.shop, identity.terminal)
    return () if identity is LOOPBACK else (Holder(2, identity.name),)


def named(
    holders: tuple[Holder, ...], identity: Identity, request: FromCounter
) -> tuple[Holder, ...]:
    """Return `holders`, and with them the terminal that a gateway speaks for in `request`.

    One terminal gone wild behind a gateway must not starve the gateway's others.
    """
    if identity.terminal or identity is LOOPBACK:
        return holders
    return (*holders, *at_counter(request.shop, request.terminal))


class Places:
    """A bounded number of calls at a time, of which each holder has its part at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._held: dict[Holder, int] = {}

    @property
    def taken(self) -> int:
        """Calls in flight."""
        return self._taken

    def check(self, holders: Sequence[Holder], *, busy: bool = False) -> None:
        """Raise OverloadedError where `take` would.

        While `busy`, who has a call in flight gets no other: the polite go before the wild.
        """
        if self._taken >= self._most:
            raise OverloadedError("too many calls are in flight")
        if busy and (not holders or holders[0] in self._held):
            raise OverloadedError("calls wait too long")
        for holder in holders:
            if self._held.get(holder, 0) >= max(1, self._most // holder.part):
                raise OverloadedError("this caller has too many calls in flight")

    def take(self, holders: Sequence[Holder]) -> None:
        """Take one place, which counts for each of `holders`. Raises OverloadedError."""
        self.check(holders)
        self._taken += 1
        for holder in holders:
            self._held[holder] = self._held.get(holder, 0) + 1

    def leave(self, holders: Sequence[Holder]) -> None:
        """Give a place back that `take` gave to the same holders."""
        self._taken -= 1
        for holder in holders:
            held = self._held[holder] - 1
            if held:
                self._held[holder] = held
            else:
                del self._held[holder]
