"""Whom a SPIFFE id names."""

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.identity import Identity, Role
from sekisho.rpc.errors import UnauthenticatedError
from sekisho.rpc.identity import LOOPBACK, Identities, parse

PREFIX = "spiffe://carrier.example"


class Connection:
    def __init__(self, uris: Iterable[bytes] = (), tls: bytes = b"TLSv1.3") -> None:
        self._properties = {"peer_uri": tuple(uris), "ssl_tls_version": (tls,)}

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        return self._properties

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]]:
        raise AssertionError("nobody asked for it")


@pytest.mark.parametrize(
    ("path", "identity"),
    [
        (
            "/shop/ginza/terminal/t-1",
            Identity("shop/ginza", frozenset({Role.TERMINAL}), "ginza", "t-1"),
        ),
        ("/gateway/bss.1", Identity("gateway/bss.1", frozenset({Role.GATEWAY}))),
        ("/analyst/suzuki", Identity("analyst/suzuki", frozenset({Role.ANALYST}))),
        ("/console/desk-1", Identity("console/desk-1", frozenset())),
    ],
)
def test_an_id_names_a_terminal_a_gateway_an_analyst_or_a_console(
    path: str, identity: Identity
) -> None:
    assert parse(PREFIX + path, PREFIX) == identity


@pytest.mark.parametrize(
    "uri",
    [
        "",
        PREFIX,
        f"{PREFIX}/",
        f"{PREFIX}/shop/ginza",
        f"{PREFIX}/shop/ginza/terminal/",
        f"{PREFIX}/shop/ginza/terminal/t1/x",
        f"{PREFIX}/shop/../terminal/t1",
        f"{PREFIX}/shop/gin za/terminal/t1",
        f"{PREFIX}/shop/ginza/terminal/t1\n",
        f"{PREFIX}/shop/ginza%2F/terminal/t1",
        f"{PREFIX}/gateway/",
        f"{PREFIX}/admin/root",
        f"{PREFIX}/analyst/{'a' * 65}",
        f"{PREFIX}.evil/analyst/suzuki",
        f"{PREFIX}:443/analyst/suzuki",
        "spiffe://carrier/analyst/suzuki",
        "https://carrier.example/analyst/suzuki",
        "SPIFFE://carrier.example/analyst/suzuki",
    ],
)
def test_any_other_id_names_nobody(uri: str) -> None:
    with pytest.raises(UnauthenticatedError):
        parse(uri, PREFIX)


@given(st.text())
def test_no_text_breaks_the_reading_of_an_id(text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        parse(text, PREFIX)


def test_without_tls_the_caller_is_loopback_with_every_role() -> None:
    assert Identities("").connected(Connection()) is LOOPBACK
    assert LOOPBACK.roles == set(Role)


@pytest.mark.parametrize("uris", [(), (b"a", b"b"), (f"{PREFIX}/analyst/suzuki".encode(),) * 2])
def test_a_certificate_without_exactly_one_uri_names_nobody(uris: tuple[bytes, ...]) -> None:
    with pytest.raises(UnauthenticatedError, match="exactly one"):
        Identities("carrier.example").connected(Connection(uris))


@pytest.mark.parametrize("version", [b"TLSv1", b"TLSv1.1", b"SSLv3", b""])
def test_an_older_tls_is_refused(version: bytes) -> None:
    with pytest.raises(UnauthenticatedError, match=r"TLS 1\.2 or 1\.3"):
        Identities("carrier.example").connected(
            Connection([f"{PREFIX}/analyst/a".encode()], version)
        )


@pytest.mark.parametrize("version", [b"TLSv1.2", b"TLSv1.3"])
def test_a_known_id_is_told_again(version: bytes) -> None:
    identities = Identities("carrier.example")
    connection = Connection([f"{PREFIX}/analyst/suzuki".encode()], version)
    assert identities.connected(connection) is identities.connected(connection)


def test_an_id_that_is_not_ascii_names_nobody() -> None:
    with pytest.raises(UnauthenticatedError):
        Identities("carrier.example").connected(Connection([f"{PREFIX}/analyst/鈴木".encode()]))


@pytest.mark.parametrize("path", ["/shop/ginza/terminal/t1", "/gateway/bss.1"])
async def test_the_metadata_of_terminals_and_gateways_is_not_looked_at(path: str) -> None:
    connection = Connection([f"{PREFIX}{path}".encode()])
    identity = await Identities("carrier.example").of(connection)
    assert identity == parse(PREFIX + path, PREFIX)
