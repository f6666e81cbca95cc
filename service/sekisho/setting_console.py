"""What an operator can set of the console, and of how analysts sign in."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho import setting_values
from sekisho.setting_sources import Setting

DEFAULT_LISTEN = "127.0.0.1:50580"


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ConsoleSettings:
    """The console's part of the effective settings. See SETTINGS."""

    console: bool
    console_listen: setting_values.Address
    console_url: str
    """Empty: the address where the console listens."""
    console_tls_certificate_file: Path | None
    console_tls_key_file: Path | None
    console_key_file: Path | None
    """None: a key derived from the newest of the fingerprints' keys."""
    console_session_seconds: int
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret_file: Path | None
    oidc_name_claim: str
    oidc_required_claim: str
    """CLAIM=VALUE, or empty."""


def defaults(*, tls: bool) -> dict[str, Any]:
    """Return the defaults; `tls`: whether the API is served over it."""
    return {
        # Under TLS a console needs a certificate of its own, which nobody may have given it.
        "console": not tls,
        "console_listen": setting_values.address(DEFAULT_LISTEN),
        "console_url": "",
        "console_tls_certificate_file": None,
        "console_tls_key_file": None,
        "console_key_file": None,
        "console_session_seconds": 43_200,
        "oidc_issuer": "",
        "oidc_client_id": "",
        "oidc_client_secret_file": None,
        "oidc_name_claim": "email",
        "oidc_required_claim": "",
    }


def conflicts(
    settings: ConsoleSettings, given: AbstractSet[str], bad: AbstractSet[str]
) -> list[str]:
    """Check the settings against each other. `given` are the names of those that were set, `bad`
    of those that were set to what cannot be read."""
    problems = []
    known = given | bad
    tls = {"console_tls_certificate_file", "console_tls_key_file"}
    if not known.isdisjoint(tls):
        problems += [
            f"{_BY_NAME[name].variable}: expected too, because the console's https is on"
            for name in sorted(tls - known)
        ]
    elif not settings.console_listen.loopback:
        problems.append(
            f"SEKISHO_CONSOLE_LISTEN: {settings.console_listen} can be reached from other "
            "machines, which needs https: set SEKISHO_CONSOLE_TLS_CERTIFICATE_FILE and "
            "SEKISHO_CONSOLE_TLS_KEY_FILE, or keep it on loopback behind what ends https"
        )
    if not settings.console_listen.loopback and "console_url" not in known:
        problems.append(
            "SEKISHO_CONSOLE_URL: expected too, because other machines call the console by a name"
        )
    if settings.console_url.startswith("http:") and "console_tls_certificate_file" in given:
        problems.append("SEKISHO_CONSOLE_URL: expected https, as the console is served")

    oidc = {"oidc_client_id", "oidc_client_secret_file"}
    if "oidc_issuer" in known:
        problems += [
            f"{_BY_NAME[name].variable}: expected too, because analysts sign in by OIDC"
            for name in sorted(oidc - known)
            # The API only reads tokens, and has no use for the secret.
            if name != "oidc_client_secret_file" or settings.console
        ]
    else:
        problems += [
            f"{_BY_NAME[name].variable}: means nothing without SEKISHO_OIDC_ISSUER"
            for name in sorted((oidc | {"oidc_name_claim", "oidc_required_claim"}) & known)
        ]
    return problems


SETTINGS = (
    Setting(
        "console",
        "Whether `serve` starts the fraud team's console too: true or false.",
        "true without TLS",
        setting_values.yes_or_no,
    ),
    Setting(
        "console_listen",
        "Where the console listens; port 0 takes a free one. Beyond loopback it needs https.",
        DEFAULT_LISTEN,
        setting_values.address,
    ),
    Setting(
        "console_url",
        "What browsers call the console, https://HOST, where something in front of it ends https.",
        "where it listens",
        setting_values.origin,
    ),
    Setting(
        "console_tls_certificate_file",
        "The console's certificate chain for browsers (PEM).",
        "none: no https",
        setting_values.path,
    ),
    Setting("console_tls_key_file", "The key of it (PEM).", "none", setting_values.path),
    Setting(
        "console_key_file",
        "64 hexadecimal digits that encrypt the console's cookies, for a console on a machine "
        "without the fingerprints' keys.",
        "derived from the newest of the fingerprints' keys",
        setting_values.path,
    ),
    Setting(
        "console_session_seconds",
        "How long a sign-in to the console lasts, in seconds.",
        "43200",
        setting_values.whole(60, 604_800),
    ),
    Setting(
        "oidc_issuer",
        "The OpenID Connect issuer that analysts sign in at, as its tokens name it. With it no "
        "one-time link counts any more.",
        "none: analysts sign in by a one-time link",
        setting_values.issuer,
    ),
    Setting(
        "oidc_client_id",
        "The console's client id there; tokens of any other client do not count.",
        "none",
        setting_values.word,
    ),
    Setting(
        "oidc_client_secret_file",
        "File with the client's secret. Only the console needs it.",
        "none",
        setting_values.path,
    ),
    Setting(
        "oidc_name_claim",
        "The claim that names an analyst, never the same for two: letters, digits and . _ @ + -.",
        "email",
        setting_values.word,
    ),
    Setting(
        "oidc_required_claim",
        "CLAIM=VALUE: who has not this value, or no list that holds it, is no analyst. A dot leads "
        "into a claim: realm_access.roles=fraud.",
        "none: whom the issuer gives a token",
        setting_values.claim,
    ),
)
"""In the order in which an operator reads them."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}
