"""The story from end to end: a shop asks, an analyst looks, declines and blocks; it counts."""

import asyncio
import re

from playwright.async_api import Page, expect

from sekisho.v1 import decision_pb2, review_pb2, risk_check_pb2
from sekisho.v1.review_queue_pb2 import Queue
from tests.console.browser.conftest import SignIn
from tests.support.server import Client
from tests.support.service import STEP_UP, forged

_LIVE_MS = 5_000


async def _followed(
    api: Client, name: str, states: list[decision_pb2.Decision.State.ValueType]
) -> None:
    """Wait at the counter until the decision is final."""
    request = risk_check_pb2.WatchDecisionRequest(name=name)
    async for decision in api.risk_check.WatchDecision(request, timeout=60):
        states.append(decision.state)


async def _case(api: Client, decision: decision_pb2.Decision) -> review_pb2.Case:
    return await api.review.GetCase(review_pb2.GetCaseRequest(name=decision.name), timeout=10)


async def _tab(api: Client, decision: decision_pb2.Decision) -> str:
    """Return the name of the queue that a decision waits in, once it does."""
    async with asyncio.timeout(20):
        while not (queue := (await _case(api, decision)).summary.queue):
            await asyncio.sleep(0.1)
    return Queue.Name(queue)


async def _send(page: Page, key: str, note: str) -> None:
    """Choose an act by its key, write the note and send it: no pointer is touched."""
    await page.keyboard.press(key)
    await expect(page.locator("#note")).to_be_focused()
    await page.keyboard.type(note)
    await page.keyboard.press("Control+Enter")


async def test_a_step_up_appears_live_is_declined_and_its_document_is_known_ever_after(
    api: Client, sign_in: SignIn
) -> None:
    # The same card was shown at another shop before.
    before = await api.risk_check.AssessSimChange(forged(1, shop="umeda"), timeout=10)
    assert before.verdict == STEP_UP
    await _tab(api, before)
    # One card at two shops is for the fraud team, whose queue is the first page.
    page = await sign_in("sato")
    await expect(page.locator("#pulse")).to_have_attribute("data-state", "on")
    await page.evaluate("window.unloaded = false")

    decision = await api.risk_check.AssessSimChange(forged(2), timeout=10)
    assert decision.verdict == STEP_UP
    row = page.locator(f'tr[data-case="{decision.name}"]')
    await expect(row).to_be_visible(timeout=_LIVE_MS)
    assert await page.evaluate("window.unloaded") is False, "the page was not loaded anew"

    states: list[decision_pb2.Decision.State.ValueType] = []
    waiting = asyncio.create_task(_followed(api, decision.name, states))

    # From the keyboard alone: into the row, open it, claim it, look at its links.
    await row.locator("a").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/cases/"))
    await expect(page.locator("h1")).to_have_text(decision.case_number)
    await page.keyboard.press("c")
    await expect(page.locator(".said")).to_be_visible()
    case_url = page.url.partition("?")[0]
    await page.keyboard.press("l")
    await page.wait_for_url(re.compile("/links"))
    drawn = page.locator(f'.graph [data-node="{before.name}"]')
    await expect(drawn).to_be_visible()
    await expect(page.locator(f'tr[data-case="{before.name}"]')).to_be_visible()
    await drawn.click()
    await page.wait_for_url(re.compile(before.name.removeprefix("decisions/")))

    # Declined: whoever waits at the counter is told within a second.
    await page.goto(case_url)
    await _send(page, "d", "the same card at two shops")
    await expect(page.locator(".said")).to_be_visible()
    async with asyncio.timeout(3):
        await waiting
    assert states[-1] == decision_pb2.Decision.STATE_STEP_UP_FAILED

    # Confirmed: blocked in one step, which leads to what else there is.
    await page.click("#block > summary")
    await page.fill("#block-note", "confirmed with the customer")
    await page.click("#block button.bad")
    await page.wait_for_url(re.compile("/links.*said=confirmed"))
    await expect(page.locator(f'tr[data-case="{before.name}"]')).to_be_visible()
    await page.goto(f"{page.url.partition('/cases')[0]}/watchlists/confirmed-fraud")
    await expect(page.locator("tbody tr").first).to_be_visible()

    # The next one with this card, on another line, in another shop, hits.
    async with asyncio.timeout(20):
        while True:
            later = await api.risk_check.AssessSimChange(forged(3, shop="sapporo"), timeout=10)
            hits = (await _case(api, later)).watchlist_hits
            if any(hit.watchlist == "watchlists/confirmed-fraud" for hit in hits):
                break
            await asyncio.sleep(0.5)
    assert later.verdict == STEP_UP


async def test_a_case_that_another_took_disappears_and_a_change_is_told(
    api: Client, sign_in: SignIn
) -> None:
    decision = await api.risk_check.AssessSimChange(forged(11), timeout=10)
    queue = await _tab(api, decision)
    sato, tanaka = await sign_in("sato"), await sign_in("tanaka", language="ja")
    path = f"cases/{decision.name.removeprefix('decisions/')}"
    base = sato.url
    await sato.goto(base + path)
    await tanaka.goto(base + path)
    await expect(tanaka.locator("#pulse")).to_have_attribute("data-state", "on")
    await sato.keyboard.press("c")
    await expect(sato.locator(".said")).to_be_visible()
    await expect(tanaka.locator("#changed")).to_be_visible(timeout=_LIVE_MS)

    # What tanaka saw is not what is: nothing is overwritten, and what was written is kept.
    await _send(tanaka, "d", "tanaka's note")
    await expect(tanaka.locator(".problem")).to_be_visible()
    await expect(tanaka.locator("#note")).to_have_value("tanaka's note")
    assert (await _case(api, decision)).summary.assignee == "analyst/sato"

    await tanaka.goto(f"{base}?queues={queue}&assignee=none")
    await expect(tanaka.locator("#tabs")).to_be_visible()
    await expect(tanaka.locator(f'tr[data-case="{decision.name}"]')).to_have_count(0)


async def test_two_who_ask_for_the_next_case_at_once_get_two(api: Client, sign_in: SignIn) -> None:
    queue = ""
    for line in range(21, 27):
        made = await api.risk_check.AssessSimChange(forged(line), timeout=10)
        queue = await _tab(api, made)
    pages = [await sign_in(name) for name in ("sato", "tanaka", "suzuki")]
    base = pages[0].url

    async def take(page: Page) -> str:
        await page.goto(f"{base}?queues={queue}")
        await page.keyboard.press("n")
        await page.wait_for_url(re.compile("/cases/"))
        return page.url.partition("?")[0]

    taken = await asyncio.gather(*map(take, pages))
    assert len(set(taken)) == len(pages)
