"""The port that workers share: its number is fixed before the first of them listens."""

import asyncio
import errno
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sekisho.starting import StartError

_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


async def free(host: str, port: int, seconds: float) -> None:
    """Wait until nobody else listens at the address. Raises StartError after so many seconds.

    Sockets that share a port would take turns with a stranger's, and nobody would be told.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with ExitStack() as held:
                _bind_all(held, host, port, socket.SO_REUSEADDR)
                return
        except OSError as error:
            # Workers whose parent was killed may still be ending.
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise _cannot_listen(host, port, error) from None
        await asyncio.sleep(0.1)


@contextmanager
def held(host: str, port: int) -> Iterator[int]:
    """Hold the port without listening, and yield its number: a free one for 0.

    Raises StartError.
    """
    with ExitStack() as sockets:
        try:
            number = _bind_all(sockets, host, port, socket.SO_REUSEPORT)
        except OSError as error:
            raise _cannot_listen(host, port, error) from None
        yield number


def _bind_all(sockets: ExitStack, host: str, port: int, option: int) -> int:
    """Bind every address of the host that this machine has; return the port's number."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    refused: OSError | None = None
    bound = False
    for family, kind, protocol, _, address in found:
        try:
            listener = sockets.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, option, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address[0], port, *address[2:]))
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            refused = error
        else:
            port = listener.getsockname()[1]
            bound = True
    if refused is not None and not bound:
        raise refused
    return port


def _cannot_listen(host: str, port: int, error: OSError) -> StartError:
    return StartError((f"cannot listen at {host}:{port}: {error.strerror}",))
