"""What parent and worker say to each other, over a socket that only they hold.

The parent sends its orders, one line of JSON, and nothing more. The worker answers one line: that
it serves, or why it cannot. The end of the socket tells each that the other is gone.
"""

import json
import os
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker takes from its parent, whatever its settings say.

    `redis_url` is that of the parent's own Valkey; empty where it has none.
    """

    host: str
    port: int
    workers: int
    redis_url: str = ""

    def line(self) -> bytes:
        """Return them as they are sent."""
        return _line(asdict(self))


class Seat:
    """The worker's end."""

    def __init__(self, descriptor: int) -> None:
        """Take the descriptor that the parent passed on, and read the orders.

        Raises ValueError where nobody orders anything.
        """
        self._socket = socket.socket(fileno=descriptor)
        self.descriptor = descriptor
        os.set_inheritable(descriptor, False)
        with self._socket.makefile("rb") as sent:
            given = sent.readline()
        self.orders = Orders(**json.loads(given))

    def serves(self) -> None:
        """Tell the parent that calls are answered from now on."""
        self._say({"problems": []})

    def cannot_start(self, problems: Sequence[str]) -> None:
        """Tell the parent why this process ends."""
        self._say({"problems": list(problems)})

    def _say(self, message: dict[str, list[str]]) -> None:
        try:
            self._socket.sendall(_line(message))
        except OSError:
            # It is gone, and its end of the socket tells us to end too.
            return


def problems_in(line: bytes) -> tuple[str, ...]:
    """Return why a worker cannot start, by what it said; nothing where it serves."""
    return tuple(json.loads(line)["problems"])


def _line(message: object) -> bytes:
    return json.dumps(message).encode() + b"\n"
