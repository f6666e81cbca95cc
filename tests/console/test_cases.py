"""Looking a case up at the desk: a real console before a real service."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from sekisho import settings
from sekisho.console import process
from sekisho.console.app import create
from sekisho.console.sign_in import new_link
from sekisho.console.texts import TEXTS
from sekisho.starting import derived, read_keys
from sekisho.tokens import KEY_PURPOSE
from tests.support.desk import OPTIONS
from tests.support.service import Whole, forged, whole

EN, JA = {"accept-language": "en"}, {"accept-language": "ja"}


@asynccontextmanager
async def signed_in(folder: Path, server: str) -> AsyncIterator[httpx.AsyncClient]:
    """A console of the service whose data is in `folder`, and an analyst's browser at it."""
    keys = derived(read_keys(settings.load({"SEKISHO_DATA_DIR": str(folder)})), KEY_PURPOSE)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        options = replace(OPTIONS, public_url=url, token_keys=keys, server=server)
        stop, ready = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(process.serve(create(options), listener, stop, ready.set))
        try:
            async with asyncio.timeout(20):
                await ready.wait()
            headers = {"sec-fetch-site": "same-origin", "origin": url, "accept": "text/html"}
            async with httpx.AsyncClient(
                base_url=url, headers=headers, follow_redirects=True, timeout=20
            ) as browser:
                code = new_link(options, time.time()).partition("code=")[2]
                entered = await browser.post("/sign-in", data={"code": code, "name": "sato"})
                assert entered.status_code == 200
                yield browser
        finally:
            stop.set()
            await running


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole(tmp_path) as service:
        yield service


@pytest.fixture
async def browser(service: Whole, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    server = f"127.0.0.1:{service.service.port}"
    async with signed_in(tmp_path, server) as browser:
        yield browser


async def test_a_case_is_found_by_the_number_that_is_read_over_the_telephone(
    service: Whole, browser: httpx.AsyncClient
) -> None:
    decision = await service.assess(forged(1))
    case = await service.case(decision)
    assert case.reasons
    page = await browser.get("/", params={"number": decision.case_number.lower()}, headers=EN)
    assert page.status_code == 200
    for shown in (decision.case_number, "STEP UP", "analyst/sato", case.shop):
        assert shown in page.text
    for reason in case.reasons:
        assert reason.code in page.text
    for identifier in case.identifiers:
        assert escape(identifier.masked) in page.text


async def test_the_page_is_japanese_where_the_browser_is(
    service: Whole, browser: httpx.AsyncClient
) -> None:
    decision = await service.assess(forged(1))
    page = await browser.get(f"/cases/{decision.name}", headers=JA)
    assert '<html lang="ja">' in page.text
    assert TEXTS["ja"]["reasons"] in page.text
    assert TEXTS["en"]["reasons"] not in page.text
    assert TEXTS["en"].keys() == TEXTS["ja"].keys()


@pytest.mark.parametrize(
    ("number", "status", "problem"),
    [
        ("decisions/00000000-0000-0000-0000-000000000000", 404, "not_found"),
        ("nonsense", 400, "malformed"),
        ('"><script>alert(1)</script>', 400, "malformed"),
        ("../../sign-out", 400, "malformed"),
        ("x" * 5_000, 400, "malformed"),
        ("\0\x7f", 400, "malformed"),
    ],
)
async def test_what_is_no_case_number_is_said_and_comes_back_harmless(
    browser: httpx.AsyncClient, number: str, status: int, problem: str
) -> None:
    page = await browser.get(f"/cases/{quote(number, safe='')}", headers=EN)
    assert page.status_code == status
    assert TEXTS["en"][problem] in page.text
    assert "<script" not in page.text


async def test_a_service_that_is_away_is_said(tmp_path: Path) -> None:
    async with whole(tmp_path):
        pass
    async with signed_in(tmp_path, "127.0.0.1:1") as browser:
        page = await browser.get("/cases/ABCD2345", headers=EN)
        assert page.status_code == 503
        assert TEXTS["en"]["away"] in page.text


async def test_every_answer_forbids_scripts_and_other_origins(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/sign-in", "/cases/nonsense", "/static/console.css", "/health"):
        policy = (await browser.get(path)).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")


async def test_a_case_is_shown_to_nobody_who_is_not_signed_in(
    service: Whole, browser: httpx.AsyncClient
) -> None:
    decision = await service.assess(forged(1))
    browser.cookies.clear()
    page = await browser.get(f"/cases/{decision.name}", follow_redirects=False)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in?next=")
