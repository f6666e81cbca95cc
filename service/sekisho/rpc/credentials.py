"""The server's certificate, and the CA that its clients' certificates must come from."""

import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import structlog

from sekisho import logs

_SETTLED_NS: Final = 1_000_000_000
_log = structlog.get_logger("sekisho.rpc")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the server's chain and key, and the CA of the clients' certificates."""

    certificate: Path
    key: Path
    client_ca: Path

    def changed_at(self) -> tuple[int, ...]:
        """Return when each file last changed, in nanoseconds."""
        return tuple(
            path.stat().st_mtime_ns for path in (self.certificate, self.key, self.client_ca)
        )

    def read(self) -> tuple[bytes, bytes, bytes]:
        """Return what each file holds."""
        return self.certificate.read_bytes(), self.key.read_bytes(), self.client_ca.read_bytes()


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Return credentials that demand a client certificate and follow the files as they change.

    Files are looked at with each new connection. New ones count all together or not at all, and
    once nobody has written them for a second: of a chain or of several CAs, half looks whole.
    Until then, and where they do not fit together, the last good ones stay. Raises OSError and
    ssl.SSLError for files that cannot be used at the start.
    """
    seen = files.changed_at()
    first = _configuration(files)
    refused: tuple[int, ...] = ()

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal seen, refused
        now: tuple[int, ...] = ()
        try:
            now = files.changed_at()
            if now == seen or _being_written(now):
                return None
            configuration = _configuration(files)
        except (OSError, ssl.SSLError) as error:
            if now != refused:
                _log.error("tls_files_unusable", **logs.describe(error))
            refused = now
            return None
        seen = now
        _log.info("tls_files_renewed")
        return configuration

    return grpc.dynamic_ssl_server_credentials(
        first,
        # None, for unchanged, is what gRPC documents; its stubs forget it.
        renewed,  # type: ignore[arg-type]
        require_client_authentication=True,
    )


def _being_written(changed_at: tuple[int, ...]) -> bool:
    return 0 <= time.time_ns() - max(changed_at) < _SETTLED_NS


def _configuration(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    read = files.read()
    # The standard library refuses what gRPC would only find out in the middle of a handshake.
    check = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    check.load_cert_chain(files.certificate, files.key)
    check.load_verify_locations(files.client_ca)
    if files.read() != read:
        raise BlockingIOError("the files are being written")
    certificate, key, client_ca = read
    for pem in (certificate, client_ca):
        # A block that ends too early may pass for the end of the file.
        if pem.count(b"-----BEGIN ") != pem.count(b"-----END "):
            raise ssl.SSLError("a block of PEM has no end")
    return grpc.ssl_server_certificate_configuration(
        [(key, certificate)], root_certificates=client_ca
    )
