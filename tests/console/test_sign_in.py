"""Signing in by a one-time link, staying signed in, and signing out: over a real port."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from sekisho.console.options import ConsoleOptions
from sekisho.console.sign_in import new_link
from sekisho.tokens import Tokens
from tests.support.desk import KEY, Desk, desk, who


@pytest.fixture
async def here() -> AsyncIterator[Desk]:
    async with desk() as here:
        yield here


@pytest.fixture
async def browser(here: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with here.browser() as browser:
        yield browser


def cookie_of(browser: httpx.AsyncClient) -> tuple[str, str]:
    ((name, value),) = browser.cookies.items()
    return name, value


async def test_a_link_asks_for_the_name_and_signs_in_once(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    link = here.link()
    page = await browser.get(link, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert 'value="tanaka"' in page.text
    assert page.headers["cache-control"] == "no-store"
    code = link.partition("code=")[2]
    again = await browser.get(link)
    assert again.status_code == 200, "opening it does not use it up"

    form = {"code": code, "name": "sato", "next": "/cases/1?a=b"}
    entered = await browser.post("/sign-in", data=form)
    assert entered.status_code == 303
    assert entered.headers["location"] == "/cases/1?a=b"
    seen = await who(browser)
    assert seen["analyst"] == "analyst/sato"
    assert here.token_name(seen["token"]) == "sato"

    async with here.browser() as other:
        assert (await other.post("/sign-in", data=form)).status_code == 400
        assert (await other.get(link)).status_code == 400
        assert not other.cookies


async def test_two_analysts_work_at_one_default_installation(here: Desk) -> None:
    async with here.browser() as one, here.browser() as two:
        assert (await here.sign_in(one, "sato"))["analyst"] == "analyst/sato"
        assert (await here.sign_in(two, "suzuki@example.jp"))["analyst"] == (
            "analyst/suzuki@example.jp"
        )
        assert (await who(one))["csrf"] != (await who(two))["csrf"]


async def test_a_link_ends_after_ten_minutes(here: Desk, browser: httpx.AsyncClient) -> None:
    link = here.link()
    here.clock.ahead = 601
    assert (await browser.get(link)).status_code == 400


async def test_a_link_that_is_older_than_the_console_does_not_count(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    """It may have been used at the one before."""
    link = new_link(here.options, here.clock() - 60)
    assert (await browser.get(link)).status_code == 400


async def test_a_forged_code_signs_nobody_in(here: Desk, browser: httpx.AsyncClient) -> None:
    now = here.clock()
    for code in (
        "",
        "x",
        here.code()[:-2] + "AA",
        Tokens([b"x" * 32]).issue("link", "sato", now, 60),
        Tokens([KEY]).issue("analyst", "sato", now, 60),
    ):
        answer = await browser.post("/sign-in", data={"code": code, "name": "sato"})
        assert answer.status_code == 400
    assert not browser.cookies


@pytest.mark.parametrize(
    "name", ["", "佐藤", "a/b", "<script>alert(1)</script>", "a" * 101, "a\nb"]
)
async def test_a_name_that_cannot_be_used_is_asked_again_and_leaves_the_link(
    here: Desk, browser: httpx.AsyncClient, name: str
) -> None:
    code = here.code()
    answer = await browser.post("/sign-in", data={"code": code, "name": name})
    assert answer.status_code == 400
    assert "<script>" not in answer.text
    answer = await browser.post("/sign-in", data={"code": code, "name": "sato"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "next_",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/sign-out"],
)
async def test_signing_in_leads_to_no_other_host(
    here: Desk, browser: httpx.AsyncClient, next_: str
) -> None:
    form = {"code": here.code(), "name": "sato", "next": next_}
    assert (await browser.post("/sign-in", data=form)).headers["location"] == "/"


async def test_a_page_without_a_session_leads_to_signing_in_and_back(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/cases/1?order=age&x=%2F", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fcases%2F1%3Forder%3Dage%26x%3D%252F"
    script = await browser.get("/cases/1", headers={"sec-fetch-mode": "cors"})
    stream = await browser.get("/cases/1", headers={"accept": "text/event-stream"})
    post = await browser.post("/echo", data={"csrf": "x"})
    assert (script.status_code, stream.status_code, post.status_code) == (401, 401, 401)
    assert (await browser.get("/health")).status_code == 200


async def test_the_cookie_is_for_this_origin_and_no_script(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    answer = await browser.post("/sign-in", data={"code": here.code(), "name": "sato"})
    cookie = answer.headers["set-cookie"]
    port = here.options.public_url.rpartition(":")[2]
    assert cookie.startswith(f"sekisho-{port}=")
    for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"):
        assert attribute in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie


async def test_behind_https_the_cookie_is_bound_to_the_host() -> None:
    def behind_https(options: ConsoleOptions) -> ConsoleOptions:
        return replace(options, public_url="https://desk.example")

    async with desk(behind_https) as here:
        headers = {"host": "desk.example", "origin": "https://desk.example"}
        async with httpx.AsyncClient(base_url=here.address, headers=headers) as browser:
            form = {"code": here.code(), "name": "sato"}
            cookie = (await browser.post("/sign-in", data=form)).headers["set-cookie"]
            assert cookie.startswith("__Host-sekisho=")
            assert "Secure" in cookie


async def test_a_cookie_with_anything_changed_is_no_session(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    await here.sign_in(browser)
    name, value = cookie_of(browser)
    assert "sato" not in value
    middle = len(value) // 2
    other = "A" if value[middle] != "A" else "B"
    for tampered in (
        value[:middle] + other + value[middle + 1 :],
        value[:-4],
        value + "AAAA",
        "A" * 5000,
        "%%%",
        value.swapcase(),
    ):
        async with here.browser(cookies={name: tampered}) as thief:
            assert (await thief.get("/")).status_code == 303


async def test_a_session_outlives_the_process_and_ends_by_age() -> None:
    async with desk() as before, before.browser() as browser:
        await before.sign_in(browser)
        _, value = cookie_of(browser)
    async with desk() as after:
        port = after.options.public_url.rpartition(":")[2]
        async with after.browser(cookies={f"sekisho-{port}": value}) as browser:
            assert (await who(browser))["analyst"] == "analyst/sato"
            after.clock.ahead = 12 * 3600 - 60
            token = (await who(browser))["token"]
            after.clock.ahead = 12 * 3600 + 1
            assert (await browser.get("/")).status_code == 303
            with pytest.raises(Exception, match="expired"):
                after.token_name(token)


async def test_signing_out_ends_every_copy_of_the_cookie(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    seen = await here.sign_in(browser)
    name, value = cookie_of(browser)
    assert (await browser.post("/sign-out")).status_code == 403
    answer = await browser.post("/sign-out", data={"csrf": seen["csrf"]})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?signed_out"
    assert not browser.cookies
    page = await browser.get(answer.headers["location"], headers={"accept-language": "en"})
    assert "You are signed out" in page.text
    async with here.browser(cookies={name: value}) as thief:
        assert (await thief.get("/")).status_code == 303


async def test_a_post_needs_the_sessions_csrf(here: Desk, browser: httpx.AsyncClient) -> None:
    csrf = (await here.sign_in(browser))["csrf"]
    async with here.browser() as other:
        others = (await here.sign_in(other, "suzuki"))["csrf"]
    for wrong in ("", "x", others, csrf + "x", csrf[:-1], "é"):
        assert (await browser.post("/echo", data={"csrf": wrong, "a": "b"})).status_code == 403
    assert (await browser.post("/echo", json={"csrf": csrf})).status_code == 403
    assert (await browser.post("/echo", headers={"x-csrf-token": others})).status_code == 403
    assert (await browser.delete("/echo")).status_code == 403

    form = await browser.post("/echo", data={"a": "b c", "csrf": csrf})
    assert form.text == f"a=b+c&csrf={csrf}", "the body is read again"
    script = await browser.put("/echo", json={"a": 1}, headers={"x-csrf-token": csrf})
    assert script.text == '{"a":1}'


async def test_a_file_is_checked_by_the_first_field_and_not_held(
    here: Desk, browser: httpx.AsyncClient
) -> None:
    csrf = (await here.sign_in(browser))["csrf"]
    file = ("file", ("list.csv", b"x" * 3_000_000, "text/csv"))
    good = await browser.post("/echo", files=[("csrf", (None, csrf)), file])
    assert (good.status_code, good.text) == (200, "3000000")
    assert (await browser.post("/echo", files=[file])).status_code == 403
    assert (await browser.post("/echo", files=[file, ("csrf", (None, csrf))])).status_code == 403
    wrong = await browser.post("/echo", files=[("csrf", (None, csrf + "x")), file])
    assert wrong.status_code == 403


async def test_a_form_that_is_too_long_is_refused(here: Desk, browser: httpx.AsyncClient) -> None:
    nobodys = await browser.post("/sign-in", data={"code": here.code(), "name": "x" * 20_000})
    assert nobodys.status_code == 413
    csrf = (await here.sign_in(browser))["csrf"]
    long = await browser.post("/echo", data={"csrf": csrf, "a": "x" * 300_000})
    assert long.status_code == 413
    many = await browser.post("/echo", data={"csrf": csrf, "a": ["x"] * 2000})
    assert many.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
async def test_a_post_of_another_site_is_refused_even_with_the_right_csrf(
    here: Desk, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    csrf = (await here.sign_in(browser))["csrf"]
    name, value = cookie_of(browser)
    async with httpx.AsyncClient(
        base_url=here.options.public_url, cookies={name: value}, headers=headers
    ) as other:
        assert (await other.get("/")).status_code == 200
        for path in ("/echo", "/sign-out", "/sign-in"):
            answer = await other.post(path, data={"csrf": csrf, "code": "x"})
            assert answer.status_code == 403
    assert (await who(browser))["csrf"] == csrf


async def test_another_host_is_told_nothing(here: Desk, browser: httpx.AsyncClient) -> None:
    await here.sign_in(browser)
    for host in ("evil.example", "localhost", "127.0.0.1"):
        for path in ("/", "/sign-in"):
            answer = await browser.get(path, headers={"host": host})
            assert answer.status_code == 421


async def test_strange_methods_are_refused(here: Desk, browser: httpx.AsyncClient) -> None:
    await here.sign_in(browser)
    for method in ("TRACE", "OPTIONS", "CONNECT", "PROPFIND"):
        assert (await browser.request(method, "/")).status_code in {400, 405}
    assert (await browser.get("/sign-out")).status_code == 405


async def test_the_page_speaks_both_languages(browser: httpx.AsyncClient) -> None:
    japanese = await browser.get("/sign-in", headers={"accept-language": "ja,en;q=0.8"})
    english = await browser.get("/sign-in", headers={"accept-language": "en-GB,ja;q=0.5"})
    assert 'lang="ja"' in japanese.text
    assert 'lang="en"' in english.text
    assert "sekisho console link" in english.text
