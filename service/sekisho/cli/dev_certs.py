"""`sekisho dev-certs`: a CA and certificates to try TLS with; not for production."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cyclopts import Parameter

from sekisho.cli import output
from sekisho.cli.failures import CommandError

_LIFE = timedelta(days=30)


def dev_certs(
    folder: Annotated[Path, Parameter(name="FOLDER")],
    /,
    *,
    trust_domain: Annotated[str, Parameter(show_default=True)] = "sekisho.example",
    host: Sequence[str] = ("localhost", "127.0.0.1", "::1", "sekisho"),
    terminal: Annotated[str, Parameter(show_default=True)] = "nagoya-sakae/t1",
) -> None:
    """Make a CA and certificates to try TLS with; not for production.

    They hold 30 days: the server's, and those of a terminal, a gateway, an analyst and a
    console.

    Parameters
    ----------
    folder
        Where to put them. It must be empty or not there yet.
    trust_domain
        Trust domain of the clients' SPIFFE ids.
    host
        Names and addresses of the server; localhost and sekisho without.
    terminal
        The terminal's SHOP/TERMINAL.

    """
    shop, slash, name = terminal.partition("/")
    if not (shop and slash and name):
        raise CommandError("--terminal: expected SHOP/TERMINAL")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise CommandError(f"{folder}: is not empty; certificates are never written over")

    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("sekisho development CA", ca_key, None, ca_key, [])
    _write(folder / "ca.pem", ca)
    clients = {
        "terminal": f"spiffe://{trust_domain}/shop/{shop}/terminal/{name}",
        "gateway": f"spiffe://{trust_domain}/gateway/dev",
        "analyst": f"spiffe://{trust_domain}/analyst/dev",
        "console": f"spiffe://{trust_domain}/console/dev",
    }
    subjects: dict[str, list[x509.GeneralName]] = {"server": [_host(name) for name in host]}
    subjects |= {role: [x509.UniformResourceIdentifier(uri)] for role, uri in clients.items()}
    for role, names in subjects.items():
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder / f"{role}.pem", _certificate(role, key, ca, ca_key, names))
        _write_key(folder / f"{role}.key", key)

    output.out().print(
        output.pairs(
            [
                ("server", f"{folder}/server.pem, server.key"),
                *(
                    (role, f"{folder}/{role}.pem, {role}.key: {uri}")
                    for role, uri in clients.items()
                ),
                ("CA", f"{folder}/ca.pem; its key is not kept"),
            ]
        )
    )


def _certificate(
    common_name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    names: Sequence[x509.GeneralName],
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A clock that is a little behind still takes it.
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if names:
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
