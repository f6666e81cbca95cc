"""ID tokens: whom they name, and whether they count."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from sekisho.oidc.issuer import Issuer
from sekisho.tokens import LEEWAY_SECONDS, TokenError, analyst_name

_KINDS: Final = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
"""The algorithms that count, and the kind of key of each."""
MOST_TOKEN_CHARACTERS: Final = 16_384
_REGISTRY: Final = JWSRegistry(algorithms=list(_KINDS), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class IdToken:
    """What a token that counts says: an analyst's name, and until when, in Unix seconds."""

    name: str
    until: float
    claims: Mapping[str, Any] = field(repr=False)


class IdTokens:
    """Reads the ID tokens that an issuer gives for one client."""

    def __init__(
        self,
        issuer: Issuer,
        client_id: str,
        name_claim: str = "email",
        required_claim: tuple[str, str] | None = None,
    ) -> None:
        """Take for whom the tokens must be, the claim that names an analyst, and a claim with the
        value that it must have, or hold where it is a list."""
        self._issuer = issuer
        self._client_id = client_id
        self._name_claim = name_claim
        self._required = required_claim

    async def read(self, token: str, now: float) -> IdToken:
        """Return what a token says. `now` is Unix seconds.

        Raises TokenError where it does not count, and IssuerUnavailableError where the issuer's
        keys cannot be had.
        """
        kid, kind = _named_key(token)
        key = await self._issuer.key(kid, kind)
        if key is None:
            raise TokenError("no key of the issuer signed it")
        try:
            read = jwt.decode(token, key, registry=_REGISTRY)
            jwt.JWTClaimsRegistry(
                now=int(now),
                leeway=int(LEEWAY_SECONDS),
                iss={"essential": True, "value": self._issuer.url},
                aud={"essential": True, "value": self._client_id},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(read.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise TokenError(f"it does not count: {_why(error)}") from None
        claims = read.claims
        if claims.get("azp", self._client_id) != self._client_id:
            raise TokenError("it was given to another client")
        if "events" in claims:
            raise TokenError("it is no ID token")
        self._require(claims)
        return IdToken(self._name(claims), float(claims["exp"]) + LEEWAY_SECONDS, claims)

    def _require(self, claims: Mapping[str, Any]) -> None:
        if self._required is None:
            return
        name, value = self._required
        found = _found(claims, name)
        if value not in (found if isinstance(found, list) else [found]):
            raise TokenError(f"its claim {name} does not say that this is an analyst")

    def _name(self, claims: Mapping[str, Any]) -> str:
        name = _found(claims, self._name_claim)
        if not isinstance(name, str):
            raise TokenError(f"it has no claim {self._name_claim}")
        if self._name_claim == "email":
            if claims.get("email_verified") is False:
                raise TokenError("its e-mail address is not verified")
            # Issuers change its case, and no two people have addresses that differ by it.
            name = name.lower()
        try:
            return analyst_name(name)
        except ValueError as error:
            raise TokenError(f"its claim {self._name_claim} cannot be used: {error}") from None


def _named_key(token: str) -> tuple[str | None, str]:
    """Return the id and kind of the key that a token claims to be signed with."""
    if len(token) > MOST_TOKEN_CHARACTERS or token.count(".") != 2:
        raise TokenError("it is no signed JWT")
    head = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        algorithm, kid = header["alg"], header.get("kid")
        type_ = str(header.get("typ", "JWT")).upper()
        kind = _KINDS[algorithm]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TokenError("it is signed by no algorithm that counts") from None
    if type_ != "JWT" or not isinstance(kid, str | None):
        raise TokenError("it is no ID token")
    return kid, kind


def _found(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim; `realm_access.roles` is one within another where none is called so."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _why(error: Exception) -> str:
    # A library's text may quote a claim; its code does not.
    code = getattr(error, "error", "") or type(error).__name__
    claim = getattr(error, "claim", "")
    return f"{code} {claim}".strip()
