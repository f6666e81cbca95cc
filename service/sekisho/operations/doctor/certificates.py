"""Certificates: their dates, whether the key fits, and whether the CA is one."""

import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from sekisho.operations.doctor.finding import Area, Finding
from sekisho.settings import Settings

_SOON = timedelta(days=14)
_AREA = Area("certificates")


def certificates(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look at every PEM file of the settings."""
    chain, key, ca = (
        settings.tls_certificate_file,
        settings.tls_key_file,
        settings.tls_client_ca_file,
    )
    if chain is None or key is None or ca is None:
        yield _AREA.ok("no TLS: the API listens on this machine only")
    else:
        yield from _dates("SEKISHO_TLS_CERTIFICATE_FILE", chain, now)
        yield _fits(chain, key)
        yield from _dates("SEKISHO_TLS_CLIENT_CA_FILE", ca, now, authority=True)
    if settings.redis_ca_file is not None:
        yield from _dates("SEKISHO_REDIS_CA_FILE", settings.redis_ca_file, now, authority=True)


def _dates(name: str, file: Path, now: datetime, *, authority: bool = False) -> Iterator[Finding]:
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        yield _AREA.problem(
            f"{name}: {file} holds no certificate that can be read", "put PEM there"
        )
        return
    first = min(found, key=lambda certificate: certificate.not_valid_after_utc)
    begins = max(certificate.not_valid_before_utc for certificate in found)
    ends = first.not_valid_after_utc
    renew = "renew it and put it in the same place: a running service takes it by itself"
    if begins > now:
        yield _AREA.problem(
            f"{name}: not valid before {begins:%Y-%m-%d %H:%M} UTC", "wait, or set the clock right"
        )
    elif ends <= now:
        yield _AREA.problem(f"{name}: expired on {ends:%Y-%m-%d %H:%M} UTC", renew)
    elif ends - now < _SOON:
        yield _AREA.warning(f"{name}: expires in {(ends - now).days} d, {ends:%Y-%m-%d}", renew)
    else:
        yield _AREA.ok(f"{name}: valid until {ends:%Y-%m-%d}")
    if authority and not all(map(_signs, found)):
        yield _AREA.problem(f"{name}: {file} has a certificate that is no CA", "put the CA's there")


def _signs(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        # Roots from before version 3 have none.
        return certificate.version is x509.Version.v1


def _fits(chain: Path, key: Path) -> Finding:
    try:
        # A password would be asked for on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password="")
    except (OSError, ValueError):
        return _AREA.problem(
            "SEKISHO_TLS_KEY_FILE: the key does not fit the certificate, or cannot be read",
            "put the certificate's own key there, without a password",
        )
    return _AREA.ok("SEKISHO_TLS_KEY_FILE: the key fits the certificate")
