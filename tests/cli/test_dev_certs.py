"""Development certificates."""

import stat
from pathlib import Path

import pytest
from cryptography import x509

from sekisho.cli.failures import Exit
from sekisho.cli.main import run


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_each_role_gets_a_certificate_of_the_ca_that_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "certs"
    arguments = ["--trust-domain", "carrier.example", "--terminal", "umeda/t9"]
    assert run(["dev-certs", str(folder), *arguments]) == Exit.OK
    ca = load(folder / "ca.pem")
    names = {}
    for role in ("server", "terminal", "gateway", "analyst", "console"):
        certificate = load(folder / f"{role}.pem")
        certificate.verify_directly_issued_by(ca)
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names[role] = [str(name.value) for name in alternative.value]
        assert stat.S_IMODE((folder / f"{role}.key").stat().st_mode) == 0o600
    assert names == {
        "server": ["localhost", "127.0.0.1", "::1", "sekisho"],
        "terminal": ["spiffe://carrier.example/shop/umeda/terminal/t9"],
        "gateway": ["spiffe://carrier.example/gateway/dev"],
        "analyst": ["spiffe://carrier.example/analyst/dev"],
        "console": ["spiffe://carrier.example/console/dev"],
    }
    assert not (folder / "ca.key").exists()


def test_certificates_are_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("mine")
    assert run(["dev-certs", str(tmp_path)]) == Exit.BAD_INPUT
    assert (tmp_path / "ca.pem").read_text() == "mine"


@pytest.mark.parametrize("terminal", ["umeda", "/t1", "umeda/"])
def test_a_terminal_is_named_with_its_shop(tmp_path: Path, terminal: str) -> None:
    assert run(["dev-certs", str(tmp_path), "--terminal", terminal]) == Exit.BAD_INPUT
