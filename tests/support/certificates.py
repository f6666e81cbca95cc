"""Certificates, made for one test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sekisho.rpc.credentials import TlsFiles

TRUST_DOMAIN = "carrier.example"
TERMINAL = f"spiffe://{TRUST_DOMAIN}/shop/ginza/terminal/t1"
GATEWAY = f"spiffe://{TRUST_DOMAIN}/gateway/bss-1"
ANALYST = f"spiffe://{TRUST_DOMAIN}/analyst/suzuki"


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A CA."""

    def __init__(self, name: str = "test CA", days: int = 1) -> None:
        """`days` is how long what it signs is valid, itself included."""
        self._days = days
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self.certificate = _pem(self._sign(self._name, self._key, [], authority=True))

    def server(self) -> Pair:
        """Issue a server's certificate for localhost."""
        return self._issue("server", [x509.DNSName("localhost")])

    def client(self, *uris: str, dns: str = "") -> Pair:
        """Issue a client's certificate with these URIs."""
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in uris]
        if dns:
            names.append(x509.DNSName(dns))
        return self._issue("client", names)

    def _issue(self, name: str, alternatives: Sequence[x509.GeneralName]) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        return Pair(
            _pem(self._sign(_named(name), key, alternatives)),
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        alternatives: Sequence[x509.GeneralName],
        authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=self._days))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
        )
        if alternatives:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


def write(folder: Path, server: Pair, client_ca: bytes) -> TlsFiles:
    """Write the server's files."""
    files = TlsFiles(folder / "server.pem", folder / "server.key", folder / "clients.pem")
    files.certificate.write_bytes(server.certificate)
    files.key.write_bytes(server.key)
    files.client_ca.write_bytes(client_ca)
    return files


def channel(port: int, authority: bytes, client: Pair | None) -> grpc.aio.Channel:
    """Return a channel to localhost that trusts `authority` and shows `client`."""
    credentials = grpc.ssl_channel_credentials(
        authority, client.key if client else None, client.certificate if client else None
    )
    # A channel of its own each time: a shared one would keep its first connection.
    options = [("grpc.use_local_subchannel_pool", 1)]
    return grpc.aio.secure_channel(f"localhost:{port}", credentials, options=options)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
