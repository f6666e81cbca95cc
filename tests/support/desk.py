"""A console of a few pages on a real port: what signing in is tried with."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sekisho.console import process
from sekisho.console.drawing import Drawing
from sekisho.console.files import Files
from sekisho.console.headers import SecurityHeaders
from sekisho.console.options import ConsoleOptions
from sekisho.console.session import session_of
from sekisho.console.sign_in import SignIn, new_link
from sekisho.tokens import Tokens

KEY = b"k" * 32
OPTIONS = ConsoleOptions(
    server="127.0.0.1:1",
    public_url="http://127.0.0.1:1",
    cookie_key=b"c" * 32,
    token_keys=(KEY,),
    analyst="tanaka",
)


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Desk:
    """A running console, its options and its clock."""

    options: ConsoleOptions
    clock: Clock
    address: str

    def link(self) -> str:
        """Return a new one-time link."""
        return new_link(self.options, self.clock())

    def code(self) -> str:
        """Return a new code."""
        return self.link().partition("code=")[2]

    def browser(self, **more: Any) -> httpx.AsyncClient:
        """Return what keeps cookies and says where its requests come from."""
        headers = {
            "sec-fetch-site": "same-origin",
            "origin": self.options.public_url,
            "accept": "text/html",
        }
        return httpx.AsyncClient(base_url=self.options.public_url, headers=headers, **more)

    async def sign_in(self, browser: httpx.AsyncClient, name: str = "sato") -> dict[str, str]:
        """Sign in by a link, and return who is at the desk then."""
        answer = await browser.post("/sign-in", data={"code": self.code(), "name": name})
        assert answer.status_code == 303, answer.text
        return await who(browser)

    def token_name(self, token: str) -> str:
        """Return whom a local token names."""
        return Tokens([KEY]).read("analyst", token, self.clock()).name


async def who(browser: httpx.AsyncClient) -> dict[str, str]:
    """Return the session that the console sees."""
    answer = await browser.get("/")
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


async def _who(request: Request) -> Response:
    session = session_of(request)
    return JSONResponse({"analyst": session.analyst, "token": session.token, "csrf": session.csrf})


async def _echo(request: Request) -> Response:
    if "multipart" in request.headers.get("content-type", ""):
        async with request.form() as form:
            file: Any = form["file"]
            return PlainTextResponse(str(len(await file.read())))
    return PlainTextResponse((await request.body()).decode())


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok")


@asynccontextmanager
async def desk(
    change: Callable[[ConsoleOptions], ConsoleOptions] = lambda options: options,
) -> AsyncIterator[Desk]:
    """Run a console; `change` is given its options once its address is known."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        options = change(replace(OPTIONS, public_url=url))
        clock = Clock()
        sign_in = SignIn(options, Drawing(Files()).sign_in, clock=clock)
        app = Starlette(
            routes=[
                *sign_in.routes,
                Route("/", _who),
                Route("/cases/{id}", _who),
                Route("/echo", _echo, methods=["POST", "PUT", "DELETE"]),
                Route("/health", _health),
            ],
            middleware=[
                Middleware(SecurityHeaders, secure=options.secure),
                *sign_in.middleware,
            ],
        )
        stop, ready = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(process.serve(app, listener, stop, ready.set))
        try:
            async with asyncio.timeout(20):
                await ready.wait()
            yield Desk(options, clock, url)
        finally:
            stop.set()
            await running
