"""The pages of the console, against a real service: what they show, and what they refuse."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from sekisho import settings
from sekisho.cli.console_options import Api, options_of
from sekisho.console import process
from sekisho.console.app import create
from sekisho.console.sign_in import new_link
from tests.support.serving import ROOT, serving

EXAMPLES = ROOT / "service" / "sekisho" / "cli" / "examples"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("served")
    with serving(folder) as server:
        yield server.address, folder / "data"


@pytest.fixture(scope="module")
def number(served: tuple[str, Path]) -> str:
    """The number of a case that stepped up."""
    address, _ = served
    file = EXAMPLES / "2-forged-licence.json"
    command = [sys.executable, "-m", "sekisho.cli", "assess", str(file), "--json"]
    said = subprocess.run(
        [*command, "--server", address],
        env=settings.environment_without_settings(),
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    found: str = json.loads(said.stdout)["caseNumber"]
    return found


@pytest.fixture
async def browser(served: tuple[str, Path]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which sato is signed in."""
    address, data = served
    with socket.create_server(("127.0.0.1", 0)) as listener:
        effective = settings.load(environ={"SEKISHO_DATA_DIR": str(data)})
        options = options_of(effective, Api(address), listener.getsockname()[1])
        stop, ready = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(process.serve(create(options), listener, stop, ready.set))
        await ready.wait()
        headers = {
            "sec-fetch-site": "same-origin",
            "origin": options.public_url,
            "accept": "text/html",
            "accept-language": "en",
        }
        async with httpx.AsyncClient(base_url=options.public_url, headers=headers) as client:
            code = new_link(options, time.time()).partition("code=")[2]
            entered = await client.post("/sign-in", data={"code": code, "name": "sato"})
            assert entered.status_code == 303
            yield client
        stop.set()
        await running


async def opened(browser: httpx.AsyncClient, number: str) -> httpx.Response:
    """The page of a case, found by its number."""
    page = await browser.get("/jump", params={"number": number}, follow_redirects=True)
    assert page.status_code == 200, page.text
    return page


def csrf(page: httpx.Response) -> str:
    """What the page's forms send against forgery."""
    found = _CSRF.search(page.text)
    assert found
    return found[1]


async def test_a_case_is_found_by_its_number_and_says_why(
    browser: httpx.AsyncClient, number: str
) -> None:
    page = await opened(browser, number)
    assert page.url.path.startswith("/cases/")
    assert f"Case {number}" in page.text
    assert "number_machine_read_invalid" in page.text
    assert "STEP-UP" in page.text
    assert "3153600000" not in page.text, "what never happened is no number"


async def test_the_browsers_language_counts_until_one_is_chosen(
    browser: httpx.AsyncClient, number: str
) -> None:
    page = await opened(browser, number)
    assert '<html lang="en"' in page.text
    back = page.url.path
    sent = {"csrf": csrf(page), "language": "ja", "theme": "dark", "back": back}
    switched = await browser.post("/preferences", data=sent)
    assert (switched.status_code, switched.headers["location"]) == (303, back)
    page = await browser.get(back)
    assert '<html lang="ja" data-theme="dark"' in page.text
    assert "判定の理由" in page.text


async def test_times_are_shown_in_the_zone_that_the_browser_told(
    browser: httpx.AsyncClient, number: str
) -> None:
    browser.cookies.set("sekisho-zone", "America/New_York")
    assert 'data-zone="America/New_York"' in (await opened(browser, number)).text
    browser.cookies.set("sekisho-zone", "../../etc/passwd")
    assert 'data-zone="Asia/Tokyo"' in (await opened(browser, number)).text


async def test_only_what_the_console_marked_runs_and_nothing_leaves_it(
    browser: httpx.AsyncClient, number: str
) -> None:
    one, two = await opened(browser, number), await opened(browser, number)
    policies = [page.headers["content-security-policy"] for page in (one, two)]
    assert policies[0] != policies[1], "a nonce is used once"
    nonce = re.search(r"'nonce-([^']+)'", policies[0])
    assert nonce
    scripts = re.findall(r"<script(?![^>]*application/json)[^>]*>", one.text)
    styles = re.findall(r'<link rel="stylesheet"[^>]*>', one.text)
    assert scripts
    assert styles
    assert all(f'nonce="{nonce[1]}"' in each for each in [*scripts, *styles])
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:|https?://", one.text)
    assert "unsafe" not in policies[0]
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', one.text):
        file = await browser.get(path)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]


@pytest.mark.parametrize(
    "act", ["claim", "release", "reassign", "approve", "decline", "demand", "note", "block"]
)
async def test_an_act_without_the_sessions_secret_is_refused(
    browser: httpx.AsyncClient, number: str, act: str
) -> None:
    at = (await opened(browser, number)).url.path
    for secret in ({}, {"csrf": "x"}):
        sent = {"request_id": str(uuid.uuid4()), "note": "n", **secret}
        refused = await browser.post(f"{at}/{act}", data=sent)
        assert refused.status_code == 403


async def test_rubbish_in_a_form_is_told_and_breaks_nothing(
    browser: httpx.AsyncClient, number: str
) -> None:
    page = await opened(browser, number)
    at, secret = page.url.path, csrf(page)
    good = {"csrf": secret, "request_id": str(uuid.uuid4())}
    for act, more in (
        ("claim", {"request_id": "rubbish"}),
        ("demand", {"challenge": "<script>"}),
        ("dispose", {"disposition": "9" * 5000}),
        ("block", {"days": "-1"}),
        ("block", {"days": "１２"}),
    ):
        answer = await browser.post(f"{at}/{act}", data={**good, **more})
        assert answer.status_code == 400, act
        assert "<script>" not in answer.text
    for query in ("queues=x", "min_risk=much", "overdue=perhaps", "order=1", "kinds=%00"):
        assert (await browser.get(f"/?{query}")).status_code == 400, query
    assert (await browser.post(f"{at}/steal", data=good)).status_code == 404
    assert (await browser.get(f"{at}/approve")).status_code == 405
    assert (await browser.get("/no/such")).status_code == 404
    assert (await browser.get("/static/../app.py")).status_code == 404
    assert (await browser.get("/static/%2e%2e/app.py")).status_code == 404


@pytest.mark.parametrize("wanted", ["<script>alert(1)</script>", "'\"><img src=x>", "�", "0" * 99])
async def test_a_number_that_is_none_is_told(browser: httpx.AsyncClient, wanted: str) -> None:
    page = await browser.get("/jump", params={"number": wanted})
    assert page.status_code == 400
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    # The address stands in the form that switches the language, and nowhere as markup.
    assert page.text.count("<script") == 6
