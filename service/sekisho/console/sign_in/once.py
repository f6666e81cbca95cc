"""What counts once only."""


class Once:
    """Remembers what was used, for as long as it could be used again."""

    def __init__(self) -> None:
        self._used: dict[str, float] = {}

    def use(self, id_: str, until: float, now: float) -> bool:
        """Return whether this is the first use. `until` is when it ends anyway, Unix seconds."""
        self._used = {used: end for used, end in self._used.items() if end > now}
        if id_ in self._used:
            return False
        self._used[id_] = until
        return True

    def used(self, id_: str) -> bool:
        """Return whether it was used."""
        return id_ in self._used
