"""A real service, a console of it, and analysts in a real Chromium."""

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

from tests.support.console import Console

SignIn = Callable[..., Awaitable[Page]]

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """A browser: the system's Chromium, else playwright's own."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    async with async_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            # Only root can install one. CI does, and ends where it cannot (.ci/run).
            pytest.skip("there is no Chromium: apt-get install chromium fonts-noto-cjk")
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def sign_in(desk: Console, chromium: Browser) -> AsyncIterator[SignIn]:
    """Sign an analyst in, in a context of its own: `await sign_in("sato", language="ja")`.

    In the end no page may have had an error, asked another origin, or been refused by the policy.
    """
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda message: problems.extend(_bad(page, message)))
        page.on("request", lambda request: problems.extend(_outside(desk.url, request.url)))

    async def enter(
        name: str, *, language: str = "en", theme: str = "light", zone: str = "Asia/Tokyo"
    ) -> Page:
        context = await chromium.new_context(
            viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id=zone
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        wishes = {"language": language, "theme": theme}
        await context.add_cookies(
            [
                {"name": f"sekisho-{key}", "value": value, "url": desk.url}
                for key, value in wishes.items()
            ]
        )
        page = await context.new_page()
        watch(page)
        await page.goto(desk.link())
        await page.fill("#name", name)
        await page.click("button.primary")
        await page.wait_for_url(f"{desk.url}/")
        return page

    yield enter
    for context in contexts:
        try:
            await context.close()
        except Error:
            continue
    assert not problems


def _bad(page: Page, message: Any) -> list[str]:
    """Return what the browser complains of, but for refusals that a test provoked."""
    if message.type != "error" or re.search(r"status of (400|403|404|409)", message.text):
        return []
    return [f"{page.url}: {message.text}"]


def _outside(own: str, url: str) -> list[str]:
    return [] if url.startswith((own, "data:", "blob:")) else [f"left the console: {url}"]
