"""The console's pages, as its rail lists them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the rail: where it is, its text's key, and the key that leads to it after g."""

    path: str
    text: str
    key: str

    def holds(self, path: str) -> bool:
        """Return whether the page at `path` belongs to this one."""
        if self.path == "/":
            return path == "/" or path.startswith("/cases/")
        return path == self.path or path.startswith(f"{self.path}/")


PLACES: Final = (
    Place("/", "queue", "q"),
    Place("/search", "search", "s"),
    Place("/groups", "groups", "r"),
    Place("/watchlists", "watchlists", "w"),
    Place("/rules", "rules", "u"),
    Place("/figures", "figures", "f"),
    Place("/shops", "shops", "h"),
    Place("/reports", "reports", "p"),
    Place("/try", "try", "t"),
    Place("/trail", "trail", "l"),
)
