"""Every page in a real browser: for everybody, in both languages and colours, and with malice."""

import itertools
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.console.browser.conftest import SignIn
from tests.support.console import Console
from tests.support.scene import SCRIPT, scene
from tests.support.server import Client

_SERIOUS = {"serious", "critical"}


async def _opened(page: Page, desk: Console, path: str) -> None:
    answer = await page.goto(desk.url + path)
    assert answer
    assert answer.status in {200, 404}, f"{path}: {answer.status}"
    await page.wait_for_load_state("domcontentloaded")


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("language", "theme"), list(itertools.product(("ja", "en"), ("light", "dark")))
)
async def test_axe_finds_nothing_serious_on_any_page(
    api: Client, desk: Console, sign_in: SignIn, language: str, theme: str
) -> None:
    made = await scene(api)
    page = await sign_in("sato", language=language, theme=theme)
    found: list[str] = []
    for name, path in made.pages.items():
        await _opened(page, desk, path)
        if name == "case":
            await expect(page.locator("[hx-get$='/around'] .place").first).to_be_visible()
        # Everything that can be unfolded is looked at too.
        await page.evaluate("document.querySelectorAll('main details').forEach(e => e.open = true)")
        answer: dict[str, Any] = (await Axe().run(page)).response
        found += [
            f"{name}: {each['id']}: {node['html'][:160]}"
            for each in answer["violations"]
            if each["impact"] in _SERIOUS
            for node in each["nodes"]
        ]
        assert await page.get_attribute("html", "lang") == language
    assert not found, "\n".join(found)


async def test_a_stored_script_is_text_on_every_page(
    api: Client, desk: Console, sign_in: SignIn
) -> None:
    made = await scene(api, SCRIPT)
    page = await sign_in("sato")
    seen = 0
    for path in made.pages.values():
        await _opened(page, desk, path)
        await page.wait_for_timeout(100)
        assert await page.evaluate("window.hacked") is None, path
        assert await page.locator("img[src='x']").count() == 0, path
        seen += SCRIPT in await page.inner_text("body")
    assert seen >= 4, "it was shown as what it is"


async def test_no_page_is_wider_than_a_small_window(
    api: Client, desk: Console, sign_in: SignIn
) -> None:
    made = await scene(api)
    page = await sign_in("sato", language="ja")
    await page.set_viewport_size({"width": 400, "height": 800})
    for path in made.pages.values():
        await _opened(page, desk, path)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 400, f"{path}: {wide}"


async def test_every_page_is_reached_from_the_keyboard(
    api: Client, desk: Console, sign_in: SignIn
) -> None:
    page = await sign_in("sato")
    places = await page.locator(".rail a[data-key]").evaluate_all(
        "all => all.map(each => [each.dataset.key, each.getAttribute('href')])"
    )
    assert len(places) == 10
    for key, path in places:
        await page.keyboard.press("g")
        await page.keyboard.press(key)
        await page.wait_for_url(desk.url + path)
        await expect(page.locator(".rail [aria-current=page]")).to_have_attribute("href", path)
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()


async def test_times_are_in_the_analysts_zone_with_their_age(
    api: Client, desk: Console, sign_in: SignIn
) -> None:
    made = await scene(api)
    page = await sign_in("sato", zone="America/New_York")
    await _opened(page, desk, made.pages["case"])
    age = page.locator(".case-head time[data-as=ago]")
    await expect(age).to_contain_text("ago")
    told = await age.get_attribute("title")
    here = await age.evaluate(
        "e => new Date(e.dateTime).toLocaleString('sv-SE', {timeZone: 'America/New_York'})"
    )
    assert told == here


async def test_a_file_is_previewed_and_then_imported(
    api: Client, desk: Console, sign_in: SignIn
) -> None:
    made = await scene(api)
    page = await sign_in("sato")
    await _opened(page, desk, made.pages["import"])
    lines = ["contact,reason", "taro@example.jp,kept", "hanako@example.jp,new", "x@example.jp,new"]
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    await page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
    await page.click("#upload button.primary")
    await expect(page.locator(".cards .plus dd")).to_have_text("+2")
    await expect(page.locator(".cards .minus dd")).to_have_text("−0")
    unchanged = await api.watchlist.GetWatchlist(_get(made.watchlist))
    assert unchanged.entry_count == 1
    await page.click("#import button.primary")
    await expect(page.locator("#import .said")).to_be_visible()
    assert (await api.watchlist.GetWatchlist(_get(made.watchlist))).entry_count == 3


def _get(name: str) -> Any:
    from sekisho.v1.watchlist_pb2 import GetWatchlistRequest

    return GetWatchlistRequest(name=name)
