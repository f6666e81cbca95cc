"""The console as an issuer's client."""

import asyncio
import secrets
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from authlib.deprecate import AuthlibDeprecationWarning

from sekisho.console.options import OidcOptions
from sekisho.console.sign_in import paths
from sekisho.console.sign_in.forgery import equal
from sekisho.console.sign_in.sessions import IssuerToken
from sekisho.oidc.id_token import IdTokens
from sekisho.oidc.issuer import FETCH_SECONDS, Issuer
from sekisho.tokens import IssuerUnavailableError, TokenError

with warnings.catch_warnings():
    # It would rather have httpx's successor, which is no news for an operator.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.base_client import OAuthError
    from authlib.integrations.httpx_client import AsyncOAuth2Client

_SCOPE: Final = "openid email profile"


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in under way: where the browser goes, and what must come back."""

    url: str
    state: str
    nonce: str
    verifier: str = field(repr=False)


class IssuerClient:
    """Begins and finishes sign-ins at the issuer, and renews its tokens."""

    def __init__(self, options: OidcOptions, public_url: str, clock: Callable[[], float]) -> None:
        """Take the issuer, what browsers call the console, and a clock of Unix seconds."""
        self.issuer: Final = options.issuer
        self._options = options
        self._redirect = f"{public_url}{paths.CALLBACK}"
        self._clock = clock
        self._issuer = Issuer(options.issuer)
        self._id_tokens = IdTokens(
            self._issuer, options.client_id, options.name_claim, options.required_claim
        )

    async def begin(self) -> Flow:
        """Return a new flow. Raises IssuerUnavailableError."""
        metadata = await self._issuer.metadata()
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        async with self._client() as client:
            url, state = client.create_authorization_url(
                metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Flow(url, state, nonce, verifier)

    async def finish(self, code: str, verifier: str, nonce: str) -> IssuerToken:
        """Exchange a code for its token.

        Raises TokenError where the issuer does not take the code or its token names no analyst,
        IssuerUnavailableError where it does not answer.
        """
        given = await self._ask(
            "authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=self._redirect,
        )
        return await self._read(given, nonce=nonce)

    async def renew(self, refresh: str) -> IssuerToken:
        """Exchange a refresh token for a new token. Raises as `finish` does."""
        return await self._read(
            await self._ask("refresh_token", refresh_token=refresh), refresh=refresh
        )

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._options.client_id,
            self._options.client_secret,
            scope=_SCOPE,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=FETCH_SECONDS,
        )

    async def _ask(self, grant: str, **body: str) -> Mapping[str, Any]:
        metadata = await self._issuer.metadata()
        try:
            async with asyncio.timeout(FETCH_SECONDS), self._client() as client:
                given: Mapping[str, Any] = await client.fetch_token(
                    metadata["token_endpoint"], grant_type=grant, **body
                )
                return given
        except OAuthError as error:
            raise TokenError(f"the issuer says {error.error}") from None
        except (TimeoutError, httpx.HTTPError, ValueError) as error:
            raise IssuerUnavailableError(f"no good answer: {type(error).__name__}") from None

    async def _read(
        self, given: Mapping[str, Any], nonce: str | None = None, refresh: str = ""
    ) -> IssuerToken:
        token = given.get("id_token")
        if not isinstance(token, str):
            raise TokenError("the issuer gave no ID token")
        read = await self._id_tokens.read(token, self._clock())
        # A renewed token may leave the nonce out; that of a sign-in may not.
        if nonce is not None and not equal(str(read.claims.get("nonce", "")), nonce):
            raise TokenError("it belongs to another sign-in")
        return IssuerToken(token, read.name, read.until, str(given.get("refresh_token") or refresh))
