"""An OpenID Connect issuer whose keys a test holds: what it signs, and what it only claims to."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT_ID = "sekisho-desk"
_ANY = JWSRegistry(algorithms=["RS256", "PS256", "ES256", "EdDSA", "RS384"])


@dataclass
class TestIssuer:
    """A running issuer. `keys` are those that it publishes; `looks` counts who asked for them."""

    __test__ = False

    url: str
    keys: list[Key] = field(default_factory=list)
    looks: int = 0
    tells: dict[str, object] = field(default_factory=dict)
    """What its metadata says otherwise than it should."""
    gives: list[dict[str, object]] = field(default_factory=list)
    """What its token endpoint answers, one after the other; then it refuses."""
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    """What its token endpoint was asked."""

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
        } | self.tells

    def claims(self, **other: object) -> dict[str, Any]:
        """Return the claims of a good token; `other` replace them, None leaves one out."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "email": "Sato@example.jp",
        }
        return {name: value for name, value in (claims | other).items() if value is not None}

    def token(
        self,
        key: Key | None = None,
        algorithm: str = "RS256",
        header: dict[str, object] | None = None,
        **other: object,
    ) -> str:
        """Return a token, by default a good one under the first key."""
        key = key or self.keys[0]
        head = {"alg": algorithm, "kid": key.get("kid"), **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, self.claims(**other), key, registry=_ANY)

    def signed_by_hand(self, header: dict[str, object], secret: bytes) -> str:
        """Return a token that no library would make, under HMAC."""
        text = f"{encoded(header)}.{encoded(self.claims())}"
        mac = hmac.digest(secret, text.encode(), "sha256")
        return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def encoded(part: dict[str, object]) -> str:
    """Return a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def rsa_key(kid: str = "r1") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def ec_key(kid: str = "e1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def ed_key(kid: str = "o1") -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})


@contextmanager
def issuing(*keys: Key) -> Iterator[TestIssuer]:
    """Run an issuer that publishes these keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found: object = None
            if self.path == "/.well-known/openid-configuration":
                found = issuer.metadata()
            elif self.path == "/jwks":
                issuer.looks += 1
                found = {"keys": [key.as_dict(private=False) for key in issuer.keys]}
            self._answer(200 if found else 404, found)

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            issuer.asked.append(parse_qs(self.rfile.read(length).decode()))
            if issuer.gives:
                self._answer(200, issuer.gives.pop(0))
            else:
                self._answer(400, {"error": "invalid_grant"})

        def _answer(self, status: int, found: object) -> None:
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = TestIssuer(f"http://127.0.0.1:{server.server_port}", list(keys))
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield issuer
        finally:
            server.shutdown()
