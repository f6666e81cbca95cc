"""Where the API may listen."""

import ipaddress
import re

_TCP = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})")
_LOCAL_SOCKET = ("unix:", "unix-abstract:")


def check(address: str, *, tls: bool) -> None:
    """Raise ValueError unless the API may listen at `address`.

    `host:port`, `[ipv6]:port`, or `unix:path` without TLS. Beyond loopback it needs TLS: whoever
    can connect without a certificate may do everything.
    """
    if address.startswith(_LOCAL_SOCKET):
        if tls:
            raise ValueError(f"{address}: a local socket has no use for TLS")
        return
    found = _TCP.fullmatch(address)
    if not found or int(found["port"]) > 65535:
        raise ValueError(f"{address}: expected HOST:PORT, [IPV6]:PORT or unix:PATH")
    if not tls and not _is_loopback(found["six"] or found["host"]):
        raise ValueError(f"{address}: can be reached from other machines, which needs TLS")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
