"""What the console needs to know. Its process makes it from settings and options."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcOptions:
    """The issuer that signs analysts in.

    `name_claim` is the claim that names an analyst. `required_claim` is a claim and the value that
    it must have or hold, or None.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name_claim: str = "email"
    required_claim: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleOptions:
    """How the console reaches the API, where browsers reach the console, and how one signs in.

    Exactly one of `token_keys` and `oidc` is there: analysts sign in by a one-time link, under
    keys that the API knows too, or at an issuer.
    """

    server: str
    """The API's address, HOST:PORT."""
    public_url: str
    """What browsers call, `https://desk.example`, without a path or slash at its end."""
    cookie_key: bytes = field(repr=False)
    """32 bytes that encrypt the session's cookie."""
    server_ca: Path | None = None
    """CA of the API's certificate (PEM); None: no TLS."""
    server_certificate: Path | None = None
    """The console's own certificate for the API (PEM)."""
    server_key: Path | None = None
    """The key of that certificate (PEM)."""
    token_keys: tuple[bytes, ...] = field(default=(), repr=False)
    """Keys of one-time links and local tokens, the one in force first."""
    analyst: str = "analyst"
    """The name that a one-time link proposes."""
    oidc: OidcOptions | None = None
    session_seconds: int = 12 * 3600
    """How long a sign-in lasts."""

    @property
    def secure(self) -> bool:
        """Whether browsers come over https."""
        return self.public_url.startswith("https://")

    @property
    def local_sign_in(self) -> bool:
        """Whether analysts sign in by a one-time link."""
        return self.oidc is None
