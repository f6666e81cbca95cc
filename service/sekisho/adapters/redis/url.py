"""The URL of a cache: one server, those that Sentinel watches, or a cluster."""

import re
import ssl
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from sekisho.adapters.redis.endpoint import Endpoint
from sekisho.domain.value import value


class Form(Enum):
    """How many servers there are, and who says which."""

    SERVER = ""
    SENTINEL = "+sentinel"
    CLUSTER = "+cluster"


@value
class Place:
    """What a URL names. `first` are the addresses that it lists: of the server itself, of
    sentinels, or of some nodes of a cluster. `service` is the name that sentinels know."""

    form: Form
    first: tuple[Endpoint, ...]
    service: str = ""


_PORT: Final = {Form.SERVER: 6379, Form.SENTINEL: 26379, Form.CLUSTER: 6379}
_URL: Final = re.compile(
    r"redis(?P<tls>s?)(?P<form>|\+sentinel|\+cluster)://"
    r"(?:(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@)?(?P<hosts>[^@/]+)(?P<path>/.*)?"
)
_HOST: Final = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]+))(?::(?P<port>\d+))?"
)
_SERVICE: Final = re.compile(r"/(?P<service>[^/]+)(?:/(?P<database>\d*))?")
_SOCKET: Final = re.compile(
    r"unix://(?:(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@)?(?P<path>/.+)"
)


def parse(url: str, ca_file: Path | None = None) -> Place:
    """Read the URL of a cache.

    - `redis://[[user]:password@]host[:port][/database]`, or `unix://[user:password@]/path`
    - `redis+sentinel://[user:password@]host[:port],…/service[/database]`, the sentinels' hosts
    - `redis+cluster://[user:password@]host[:port],…`, some of the cluster's nodes

    With `rediss` instead of `redis` TLS is spoken with all of them; `ca_file` signed their
    certificates, without it the system's CAs count. Raises ValueError, whose text does not
    repeat the URL, and OSError for the file.
    """
    if found := _SOCKET.fullmatch(url):
        return Place(Form.SERVER, (replace(_user(found), path=unquote(found["path"])),))
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("expected redis://HOST, rediss://HOST or unix:///PATH")
    form = Form(found["form"])
    service, database = _path(form, found["path"] or "")
    tls = ssl.create_default_context(cafile=ca_file) if found["tls"] else None
    here = replace(_user(found), database=database, tls=tls)
    hosts = _hosts(form, found["hosts"])
    return Place(form, tuple(replace(here, host=host, port=port) for host, port in hosts), service)


def _user(found: re.Match[str]) -> Endpoint:
    return Endpoint(user=unquote(found["user"] or ""), password=unquote(found["password"] or ""))


def _hosts(form: Form, text: str) -> list[tuple[str, int]]:
    every = [_HOST.fullmatch(one) for one in text.split(",")]
    if len(every) > 1 and form is Form.SERVER:
        raise ValueError("expected one host, or redis+sentinel:// or redis+cluster://")
    hosts = []
    for found in every:
        port = int(found["port"] or _PORT[form]) if found else 0
        if found is None or not 0 < port <= 65535:
            raise ValueError("expected HOST:PORT, several with commas between")
        hosts.append((found["ipv6"] or found["name"], port))
    return hosts


def _path(form: Form, path: str) -> tuple[str, int]:
    """Return the name of the service and the number of the database."""
    if form is Form.SENTINEL:
        found = _SERVICE.fullmatch(path)
        if found is None:
            raise ValueError("expected redis+sentinel://HOST,HOST/SERVICE")
        return unquote(found["service"]), int(found["database"] or 0)
    number = path.strip("/")
    if form is Form.CLUSTER and number:
        raise ValueError("a cluster has no other database than 0")
    if number and not number.isdecimal():
        raise ValueError("the URL's path is the number of a database")
    return "", int(number or 0)
