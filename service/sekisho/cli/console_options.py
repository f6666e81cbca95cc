"""What the console is told of the settings: only what it needs, and no store's credentials."""

import os
import pwd
import re
from dataclasses import dataclass, replace
from pathlib import Path

from sekisho.console.options import ConsoleOptions, OidcOptions
from sekisho.setting_values import address, claim_and_value
from sekisho.settings import Settings
from sekisho.starting import StartError, derived, read_keys
from sekisho.tokens import COOKIE_PURPOSE, KEY_PURPOSE, analyst_name

_SECRET = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Api:
    """How the console reaches the API: see `sekisho console --help`."""

    server: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def check(self) -> None:
        """Raise StartError with every reason why this is no way to reach the API."""
        problems = []
        try:
            loopback = address(self.server).loopback
        except ValueError as error:
            problems.append(f"--server: expected {error}, got {self.server!r}")
        else:
            if self.ca is None and not loopback:
                problems.append(
                    f"--ca: expected, because {self.server} is another machine, and analysts' "
                    "tokens must not go there in the clear"
                )
        if (self.certificate is None, self.key is None) != (self.ca is None,) * 2:
            problems.append("--ca, --cert and --key go together: the API knows its callers by them")
        for path in (self.ca, self.certificate, self.key):
            if path is not None and not os.access(path, os.R_OK):
                problems.append(f"{path}: cannot be read")
        if problems:
            raise StartError(tuple(problems))


def options_of(settings: Settings, api: Api, port: int) -> ConsoleOptions:
    """Return the console's options; `port` is where it listens. Raises StartError.

    The keys of the fingerprints are read where they are needed: for one-time links, and for the
    cookies where they have no key of their own.
    """
    oidc = _oidc(settings) if settings.oidc_issuer else None
    cookie_key = _own_key(settings.console_key_file) if settings.console_key_file else b""
    read = () if oidc and cookie_key else read_keys(settings)
    scheme = "https" if settings.console_tls_certificate_file else "http"
    return ConsoleOptions(
        server=api.server,
        server_ca=api.ca,
        server_certificate=api.certificate,
        server_key=api.key,
        public_url=settings.console_url
        or f"{scheme}://{replace(settings.console_listen, port=port)}",
        cookie_key=cookie_key or derived(read, COOKIE_PURPOSE)[0],
        token_keys=() if oidc else derived(read, KEY_PURPOSE),
        analyst=_of_this_machine(),
        oidc=oidc,
        session_seconds=settings.console_session_seconds,
    )


def _oidc(settings: Settings) -> OidcOptions:
    file = settings.oidc_client_secret_file
    if file is None:
        raise StartError(("SEKISHO_OIDC_CLIENT_SECRET_FILE: the console needs it",))
    required = settings.oidc_required_claim
    return OidcOptions(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=_read(file),
        name_claim=settings.oidc_name_claim,
        required_claim=claim_and_value(required) if required else None,
    )


def _own_key(file: Path) -> bytes:
    text = _read(file)
    if not _SECRET.fullmatch(text):
        raise StartError((f"{file}: expected 64 hexadecimal digits (32 bytes)",))
    return bytes.fromhex(text)


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StartError((f"{file}: cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError:
        raise StartError((f"{file}: is no text",)) from None
    if not text:
        raise StartError((f"{file}: is empty",))
    return text


def _of_this_machine() -> str:
    """Return the name that a link proposes: that of the user who runs this."""
    try:
        return analyst_name(pwd.getpwuid(os.getuid()).pw_name)
    except (KeyError, ValueError):
        return "analyst"
