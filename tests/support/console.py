"""A console of a real service, in this process, and who is signed in at it."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from sekisho import settings
from sekisho.cli.console_options import Api, options_of
from sekisho.console import process
from sekisho.console.app import create
from sekisho.console.options import ConsoleOptions
from sekisho.console.sign_in import new_link

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Console:
    """A running console."""

    options: ConsoleOptions

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return self.options.public_url

    def link(self) -> str:
        """Return a new one-time link."""
        return new_link(self.options, time.time())

    @asynccontextmanager
    async def client(self, name: str = "sato") -> AsyncIterator[httpx.AsyncClient]:
        """Yield what sends requests as the browser of a signed-in analyst does."""
        headers = {
            "sec-fetch-site": "same-origin",
            "origin": self.url,
            "accept": "text/html",
            "accept-language": "en",
        }
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30) as client:
            code = self.link().partition("code=")[2]
            entered = await client.post("/sign-in", data={"code": code, "name": name})
            assert entered.status_code == 303, entered.text
            yield client


@asynccontextmanager
async def console(address: str, data: Path) -> AsyncIterator[Console]:
    """Run a console of the service at `address` whose data is in a folder."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        effective = settings.load(environ={"SEKISHO_DATA_DIR": str(data)})
        options = options_of(effective, Api(address), listener.getsockname()[1])
        stop, ready = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(process.serve(create(options), listener, stop, ready.set))
        try:
            async with asyncio.timeout(20):
                await ready.wait()
            yield Console(options)
        finally:
            stop.set()
            await running


def csrf_of(page: httpx.Response) -> str:
    """Return what a page's forms send against forgery."""
    found = _CSRF.search(page.text)
    assert found, page.text
    return found[1]
