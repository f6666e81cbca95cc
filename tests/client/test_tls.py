"""A terminal's certificate, read when it connects."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from sekisho.client import Decided, Terminal, Tls, Why
from sekisho.domain.sim_change import Counter
from sekisho.rpc.server import ServerOptions
from tests.support import certificates, requests
from tests.support.certificates import ANALYST, TERMINAL, Authority, Pair
from tests.support.server import running

CHANGE = requests.sim_change()


def files(folder: Path, authority: Authority, pair: Pair) -> Tls:
    tls = Tls(folder / "ca.pem", folder / "terminal.pem", str(folder / "terminal.key"))
    Path(tls.ca).write_bytes(authority.certificate)
    Path(tls.certificate).write_bytes(pair.certificate)
    Path(tls.key).write_bytes(pair.key)
    return tls


async def test_shop_and_terminal_are_those_of_the_certificate(tmp_path: Path) -> None:
    authority = Authority()
    options = ServerOptions(
        address="localhost:0",
        tls=certificates.write(tmp_path, authority.server(), authority.certificate),
        trust_domain=certificates.TRUST_DOMAIN,
        grace_seconds=0.1,
    )
    async with running(options) as api:
        address = f"localhost:{api.port}"
        tls = files(tmp_path, authority, authority.client(TERMINAL))
        async with Terminal.connect(address, tls=tls) as asking:
            assert isinstance(await asking.assess(CHANGE), Decided)
        assert api.told.last["counter"] == Counter("ginza", "t1")

        tls = files(tmp_path, authority, authority.client(ANALYST))
        async with Terminal.connect(address, tls=tls) as asking:
            answer = await asking.assess(CHANGE)
        assert not isinstance(answer, Decided)
        assert (answer.why, answer.reason) == (Why.REFUSED, "PERMISSION_DENIED")

        stranger = Authority("stranger")
        tls = files(tmp_path, authority, stranger.client(TERMINAL))
        async with Terminal.connect(address, tls=tls, timeout=1) as asking:
            assert (await asking.assess(CHANGE)).step_up
        assert len(api.told.calls) == 1


@pytest.mark.parametrize("name", ["ca.pem", "terminal.pem", "terminal.key"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN"])
def test_a_file_that_cannot_be_used_is_an_error_before_any_call(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    authority = Authority()
    tls = files(tmp_path, authority, authority.client(TERMINAL))
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(OSError, match=r".+"):
        Terminal.connect("localhost:1", tls=tls)


def test_a_key_of_another_certificate_is_an_error(tmp_path: Path) -> None:
    authority = Authority()
    other = authority.client(TERMINAL)
    tls = files(tmp_path, authority, Pair(authority.client(TERMINAL).certificate, other.key))
    with pytest.raises(OSError, match="KEY_VALUES_MISMATCH"):
        Terminal.connect("localhost:1", tls=tls)


def test_a_key_under_a_password_is_an_error_and_no_question(tmp_path: Path) -> None:
    authority = Authority()
    pair = authority.client(TERMINAL)
    key = serialization.load_pem_private_key(pair.key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    with pytest.raises(OSError, match=r".+"):
        Terminal.connect("localhost:1", tls=files(tmp_path, authority, Pair(pair.certificate, key)))
