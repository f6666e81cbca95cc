"""The port that workers share."""

import socket

import pytest

from sekisho.starting import StartError
from sekisho.supervisor import port


def listening(number: int = 0, *, shared: bool = True) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))
    listener.bind(("127.0.0.1", number))
    listener.listen()
    return listener


def test_a_free_port_is_held_and_others_may_listen_there() -> None:
    with port.held("127.0.0.1", 0) as number:
        assert number > 0
        with listening(number), listening(number):
            # Whoever holds it takes no connection.
            socket.create_connection(("127.0.0.1", number), timeout=5).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", number), timeout=5)


def test_a_name_with_several_addresses_is_held_at_each_of_them() -> None:
    with port.held("localhost", 0) as number, port.held("localhost", number) as again:
        assert again == number


def test_a_port_that_another_holds_alone_is_told() -> None:
    with listening(shared=False) as taken:
        number = taken.getsockname()[1]
        with (
            pytest.raises(StartError, match=f"cannot listen at 127.0.0.1:{number}: .*in use"),
            port.held("127.0.0.1", number),
        ):
            pass


async def test_a_port_where_others_listen_is_not_free_even_if_they_would_share_it() -> None:
    with listening() as taken:
        number = taken.getsockname()[1]
        with pytest.raises(StartError, match="in use"):
            await port.free("127.0.0.1", number, 0.2)
    await port.free("127.0.0.1", number, 5)


def test_a_host_that_is_not_there_is_told() -> None:
    with pytest.raises(StartError, match="cannot listen"), port.held("192.0.2.1", 1):
        pass
