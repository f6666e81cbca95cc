"""One-time links: how an analyst signs in where there is no issuer.

A link is signed by the keys that the API's local tokens are signed by, so that `sekisho console
link` can make one without asking the console. It works once, for ten minutes, and only at a
console that was there when it was made: one that starts anew does not know which were used.
"""

from collections.abc import Callable
from typing import Final

from sekisho.console.options import ConsoleOptions
from sekisho.console.sign_in.once import Once
from sekisho.tokens import Token, TokenError, Tokens

LINK_SECONDS: Final = 600.0


def new_link(options: ConsoleOptions, now: float) -> str:
    """Return a link that signs one analyst in. `now` is Unix seconds."""
    code = Tokens(options.token_keys).issue("link", options.analyst, now, LINK_SECONDS)
    return f"{options.public_url}/sign-in?code={code}"


class Links:
    """Knows which links were used here."""

    def __init__(self, tokens: Tokens, clock: Callable[[], float]) -> None:
        """Take the tokens of this installation, and a clock of Unix seconds."""
        self._tokens = tokens
        self._clock = clock
        self._started = clock()
        self._once = Once()

    def look(self, code: str) -> Token:
        """Return what a link's code says, and leave it unused. Raises TokenError."""
        token = self._tokens.read("link", code, self._clock())
        if token.issued < self._started:
            raise TokenError("it was made before this console started")
        if self._once.used(token.id):
            raise TokenError("it was used")
        return token

    def use(self, code: str) -> None:
        """Use a code up. Raises TokenError where `look` would."""
        token = self.look(code)
        self._once.use(token.id, token.until, self._clock())
