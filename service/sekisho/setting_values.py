"""How the text of a setting is read. Each raises ValueError with what was expected."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_LISTEN = "127.0.0.1:50551"
EMBEDDED = "embedded"
_HOSTS = r"[^,@/\s]+(?:,[^,@/\s]+)*"
_SEVERAL = re.compile(
    rf"rediss?\+(?:sentinel://(?:[^@/]*@)?{_HOSTS}/[^/]+(?:/\d+)?|cluster://(?:[^@/]*@)?{_HOSTS}/?)"
)
"""The address of a cache whose servers change."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API listens. Port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def address(text: str) -> Address:
    """Read HOST:PORT or [IPV6]:PORT."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})", text)
    if not found or int(found[3]) > 65535:
        raise ValueError(f"HOST:PORT, for example {DEFAULT_LISTEN}")
    return Address(found[1] or found[2], int(found[3]))


def path(text: str) -> Path:
    """Read a path; `~` is the home folder."""
    if not text.strip():
        raise ValueError("a path")
    return Path(text).expanduser().absolute()


def redis_url(text: str) -> str:
    """Check the address of a Redis or Valkey."""
    if text == EMBEDDED or _url_has_host(text, {"redis", "rediss"}) or _SEVERAL.fullmatch(text):
        return text
    raise ValueError(
        "embedded, redis://HOST:PORT, redis+sentinel://HOST:PORT,HOST:PORT/SERVICE or "
        "redis+cluster://HOST:PORT,HOST:PORT, each with rediss for TLS"
    )


def database_url(text: str) -> str:
    """Check the address of a ledger."""
    if re.match(r"sqlite:///.", text) or _url_has_host(text, {"postgresql"}):
        return text
    raise ValueError("sqlite:///PATH or postgresql://USER@HOST/DATABASE")


def _url_has_host(text: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(text)
        # Reading the port raises where it is not a number.
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def trust_domain(text: str) -> str:
    """Check a SPIFFE trust domain."""
    if not re.fullmatch(r"[a-z0-9._-]{1,255}", text):
        raise ValueError("a SPIFFE trust domain: lower-case letters, digits, dots and hyphens")
    return text


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def seconds(low: float, high: float) -> Callable[[str], float]:
    """Return a reader of seconds within bounds."""

    def parse(text: str) -> float:
        if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) or not low <= float(text) <= high:
            raise ValueError(f"seconds from {low:g} to {high:g}")
        return float(text)

    return parse


def log_level(text: str) -> str:
    """Check the name of a log level."""
    if text not in {"debug", "info", "warning", "error"}:
        raise ValueError("debug, info, warning or error")
    return text


def yes_or_no(text: str) -> bool:
    """Read true or false."""
    if text not in {"true", "false"}:
        raise ValueError("true or false")
    return text == "true"


def origin(text: str) -> str:
    """Read what browsers call a server; http is for loopback only."""
    if not _is_origin(text):
        raise ValueError("https://HOST or https://HOST:PORT, or http of this machine")
    return text


def issuer(text: str) -> str:
    """Check the URL of an OpenID Connect issuer; http is for loopback only."""
    parts = urlsplit(text)
    if not _is_origin(f"{parts.scheme}://{parts.netloc}") or parts.query or parts.fragment:
        raise ValueError("https://HOST/PATH, as the issuer's tokens name it")
    return text


def _is_origin(text: str) -> bool:
    found = re.fullmatch(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?", text)
    if not found or int(found[3] or 1) > 65535:
        return False
    return found[1] == "https" or Address(found[2].strip("[]"), 0).loopback


def word(text: str) -> str:
    """Check a word: printable ASCII without spaces."""
    if not re.fullmatch(r"[!-~]{1,255}", text):
        raise ValueError("1 to 255 printable characters without a space")
    return text


def claim(text: str) -> str:
    """Check CLAIM=VALUE. `claim_and_value` takes it apart."""
    if not all(claim_and_value(text)):
        raise ValueError("CLAIM=VALUE")
    return text


def claim_and_value(text: str) -> tuple[str, str]:
    """Return the name of a claim and its value; a name has no = in it."""
    name, _, value = text.partition("=")
    return name.strip(), value.strip()
