"""Signing in at an OpenID Connect issuer, against a real one."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import run_server_in_thread

from sekisho.console.options import ConsoleOptions, OidcOptions
from sekisho.oidc.id_token import IdTokens
from sekisho.oidc.issuer import Issuer
from sekisho.rpc.bearer import Bearers
from tests.support.desk import Desk, desk, who

CLIENT = "sekisho-desk"


@pytest.fixture
def issuer() -> Iterator[str]:
    with run_server_in_thread(require_nonce=True, access_token_max_age=timedelta(minutes=5)) as ran:
        yield f"http://localhost:{ran.server_port}"


def by(issuer: str, **more: Any) -> OidcOptions:
    return OidcOptions(issuer=issuer, client_id=CLIENT, client_secret="a secret", **more)


@pytest.fixture
async def here(issuer: str) -> AsyncIterator[Desk]:
    def change(options: ConsoleOptions) -> ConsoleOptions:
        return replace(options, token_keys=(), oidc=by(issuer))

    async with desk(change) as here:
        yield here


@pytest.fixture
async def browser(here: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with here.browser() as browser:
        yield browser


async def at_issuer(url: str, sub: str = "Sato@example.jp", **form: str) -> str:
    """Sign in at the issuer, and return where it sends the browser."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, data={"sub": sub, **form})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


async def start(browser: httpx.AsyncClient, path: str = "/sign-in/start") -> str:
    answer = await browser.get(path)
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    return answer.headers["location"]


async def test_a_browser_goes_to_the_issuer_and_comes_back_to_the_page_that_it_wanted(
    here: Desk, browser: httpx.AsyncClient, issuer: str
) -> None:
    wanted = await browser.get("/cases/1?a=b")
    url = await start(browser, wanted.headers["location"])
    asked = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{here.options.public_url}/sign-in/callback"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    entered = await browser.get(await at_issuer(url))
    assert (entered.status_code, entered.headers["location"]) == (303, "/cases/1?a=b")
    assert len(browser.cookies) == 1

    seen = await who(browser)
    assert seen["analyst"] == "analyst/sato@example.jp"
    bearers = Bearers(id_tokens=IdTokens(Issuer(issuer), CLIENT))
    assert (await bearers.of(seen["token"])).name == seen["analyst"], "the API knows it too"


async def test_an_answer_counts_once(here: Desk, browser: httpx.AsyncClient) -> None:
    back = await at_issuer(await start(browser))
    cookies = dict(browser.cookies)
    assert (await browser.get(back)).status_code == 303
    async with here.browser(cookies=cookies) as other:
        assert (await other.get(back)).status_code == 400
        assert (await other.get("/")).status_code == 303


async def test_an_answer_for_another_browser_signs_nobody_in(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    back = await at_issuer(await start(browser))
    async with here.browser() as other:
        assert (await other.get(back)).status_code == 400
        await start(other)
        assert (await other.get(back)).status_code == 400
        assert (await other.get("/")).status_code == 303


async def test_a_code_of_another_sign_in_does_not_count(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    """By its nonce, even where the issuer does not mind PKCE."""
    stolen = parse_qs(urlsplit(await at_issuer(await start(browser))).query)["code"][0]
    async with here.browser() as thief:
        own = parse_qs(urlsplit(await start(thief)).query)["state"][0]
        answer = await thief.get("/sign-in/callback", params={"code": stolen, "state": own})
        assert answer.status_code == 403
        assert (await thief.get("/")).status_code == 303


async def test_a_changed_or_late_answer_signs_nobody_in(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    back = await at_issuer(await start(browser))
    for wrong in (
        re.sub("state=[^&]+", "state=", back),
        re.sub("state=([^&]{8})[^&]+", r"state=\1AAAA", back),
        "/sign-in/callback",
        f"{back}&iss=https://evil.example",
    ):
        assert (await browser.get(wrong)).status_code == 400
    here.clock.ahead = 601
    assert (await browser.get(back)).status_code == 400


async def test_who_cancels_is_told_so(browser: httpx.AsyncClient) -> None:
    url = await start(browser)
    async with httpx.AsyncClient() as client:
        denied = await client.post(url, data={"action": "deny", "sub": "x"})
    state = parse_qs(urlsplit(url).query)["state"][0]
    back = denied.headers["location"]
    if "state=" not in back:
        back += f"&state={state}"
    answer = await browser.get(back, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "was cancelled" in answer.text


@pytest.mark.parametrize("sub", ["佐藤", "a b@example.jp"])
async def test_a_name_that_cannot_be_used_signs_nobody_in(
    browser: httpx.AsyncClient, sub: str
) -> None:
    back = await at_issuer(await start(browser), sub)
    assert (await browser.get(back)).status_code == 403
    assert (await browser.get("/")).status_code == 303


async def test_who_lacks_the_required_claim_is_no_analyst(issuer: str) -> None:
    oidc = by(issuer, required_claim=("groups", "fraud"))

    def change(options: ConsoleOptions) -> ConsoleOptions:
        return replace(options, token_keys=(), oidc=oidc)

    async with httpx.AsyncClient() as client:
        for sub, groups in (("in", ["staff", "fraud"]), ("out", ["staff"])):
            claims = {"email": f"{sub}@example.jp", "groups": groups}
            (await client.put(f"{issuer}/users/{sub}", json=claims)).raise_for_status()
    async with desk(change) as here:
        for sub, status in (("in", 303), ("out", 403)):
            async with here.browser() as browser:
                back = await at_issuer(await start(browser), sub)
                assert (await browser.get(back)).status_code == status


async def test_a_session_ends_with_the_issuers_token_and_with_signing_out(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    await browser.get(await at_issuer(await start(browser)))
    name, value = next(iter(browser.cookies.items()))
    here.clock.ahead = 5 * 60 + 61
    assert (await browser.get("/")).status_code == 303
    here.clock.ahead = 0.0

    await browser.get(await at_issuer(await start(browser)))
    csrf = (await who(browser))["csrf"]
    name, value = next(iter(browser.cookies.items()))
    out = await browser.post("/sign-out", headers={"x-csrf-token": csrf})
    assert out.headers["location"] == "/sign-in?signed_out"
    async with here.browser(cookies={name: value}) as thief:
        assert (await thief.get("/")).status_code == 303
    page = await browser.get(out.headers["location"])
    assert page.status_code == 200, "it does not sign in again by itself"
    assert "/sign-in/start" in page.text


async def test_a_link_of_the_local_sign_in_does_not_count(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/sign-in", data={"code": "x", "name": "y"})).status_code == 405


async def test_an_issuer_that_is_away_is_told_so() -> None:
    def change(options: ConsoleOptions) -> ConsoleOptions:
        return replace(options, token_keys=(), oidc=by("http://127.0.0.1:1"))

    async with desk(change) as here, here.browser() as browser:
        assert (await browser.get("/sign-in/start")).status_code == 503
