"""The server's certificate, and the CA that its clients' certificates must come from."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog

from sekisho import logs

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


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Return credentials that demand a client certificate and follow the files as they change.

    Files are looked at with each new connection. New ones that do not fit together (half of
    them written, say) are left alone until they do. Raises OSError and ssl.SSLError for files
    that cannot be used at the start.
    """
    seen = files.changed_at()
    first = _configuration(files)

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal seen
        try:
            now = files.changed_at()
            if now == seen:
                return None
            configuration = _configuration(files)
        except (OSError, ssl.SSLError) as error:
            _log.error("tls_files_unusable", **logs.describe(error))
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


def _configuration(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    # The standard library refuses what gRPC would only find out in the middle of a handshake.
    check = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    check.load_cert_chain(files.certificate, files.key)
    check.load_verify_locations(files.client_ca)
    return grpc.ssl_server_certificate_configuration(
        [(files.key.read_bytes(), files.certificate.read_bytes())],
        root_certificates=files.client_ca.read_bytes(),
    )
