"""The names and attributes of the console's cookies."""

from urllib.parse import urlsplit

from starlette.responses import Response

from sekisho.console.options import ConsoleOptions


class Cookies:
    """Sets cookies that only this console's origin gets back.

    Over https their names say so, and browsers see to it. On loopback the port is in the name:
    cookies know no ports, and two consoles of one machine would take each other's.
    """

    def __init__(self, options: ConsoleOptions) -> None:
        port = urlsplit(options.public_url).port or 80
        self._secure = options.secure
        self._prefix = "__Host-sekisho" if options.secure else f"sekisho-{port}"

    @property
    def session(self) -> str:
        """The name of the session's cookie."""
        return self._prefix

    def flow(self, state: str) -> str:
        """Return the name of the cookie of one sign-in under way: tabs may have one each."""
        return f"{self._prefix}-flow-{state[:8]}"

    def put(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Let the browser keep a cookie. Lax: it comes along where the issuer sends one back."""
        response.set_cookie(
            name, value, seconds, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def drop(self, response: Response, name: str) -> None:
        """Let the browser forget a cookie."""
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")
