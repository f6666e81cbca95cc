"""The desk's pages without any script: what an analyst does on each, against a real service."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from google.protobuf import json_format

from sekisho.v1.decision_pb2 import Decision
from tests.support.console import Console, csrf_of
from tests.support.server import Client
from tests.support.service import forged, ordinary


@pytest.fixture
async def browser(desk: Console) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.client() as client:
        client.follow_redirects = True
        yield client


async def indexed(browser: httpx.AsyncClient, decision: Decision) -> str:
    """Wait until the desk has a decision, and return the path of its case."""
    async with asyncio.timeout(20):
        while True:
            page = await browser.get("/search", params={"case_number": decision.case_number})
            assert page.status_code == 200, page.text
            if f'data-case="{decision.name}"' in page.text:
                return f"/cases/{decision.name.removeprefix('decisions/')}"
            await asyncio.sleep(0.1)


async def stepped_up(api: Client, browser: httpx.AsyncClient, line: int) -> tuple[Decision, str]:
    decision = await api.risk_check.AssessSimChange(forged(line), timeout=10)
    return decision, await indexed(browser, decision)


def etag_of(page: httpx.Response) -> str:
    """The etag that a page's first form sends."""
    found = re.search(r'name="etag" value="([^"]+)"', page.text)
    assert found
    return unescape(found[1])


async def post(browser: httpx.AsyncClient, page: str, to: str, **fields: object) -> httpx.Response:
    """Send a form of a page."""
    secret = csrf_of(await browser.get(page))
    sent = {"csrf": secret, "request_id": str(uuid.uuid4()), **fields}
    return await browser.post(to, data=sent)


async def test_an_identifier_leads_to_all_its_decisions(
    api: Client, browser: httpx.AsyncClient
) -> None:
    one, at = await stepped_up(api, browser, 1)
    other, _ = await stepped_up(api, browser, 2)
    links = await browser.get(f"{at}/links")
    found = re.findall(r'href="(/search\?fingerprint=[0-9a-f]+)"', links.text)
    assert found
    page = await browser.get(found[0])
    assert one.case_number in page.text
    assert other.case_number in page.text


async def test_what_was_found_is_a_file_and_the_trail_tells_who_took_it(
    api: Client, browser: httpx.AsyncClient
) -> None:
    decision, _ = await stepped_up(api, browser, 3)
    search = f"/search?case_number={decision.case_number}"
    file = await post(browser, search, "/export", case_number=decision.case_number, format="csv")
    assert file.headers["content-type"].startswith("text/csv")
    assert "attachment" in file.headers["content-disposition"]
    assert decision.case_number in file.text
    assert len(file.text.splitlines()) == 2
    lines = await post(browser, search, "/export", case_number=decision.case_number, format="json")
    assert json.loads(lines.text)["case_number"] == decision.case_number
    trail = await browser.get("/trail?act=exported&actor=me")
    assert trail.text.count("exported") >= 2
    assert "sato" in trail.text


async def test_an_entry_is_added_shown_masked_and_removed(browser: httpx.AsyncClient) -> None:
    made = await post(
        browser, "/watchlists", "/watchlists", watchlist_id="mules", display_name="Mules"
    )
    assert made.url.path == "/watchlists/mules"
    entry = {"kind": "msisdn", "value": "09012345678", "reason": "bank", "expires": "2099-01-01"}
    added = await post(browser, "/watchlists/mules", "/watchlists/mules/entries", **entry)
    assert added.status_code == 200
    assert "Added. It counts at once." in added.text
    assert "09012345678" not in added.text
    assert "12345678" not in added.text
    found = await post(
        browser, "/watchlists", "/watchlists/look-up", kind="msisdn", value="09012345678"
    )
    assert "Found 1 times." in found.text
    assert "09012345678" not in str(found.url)
    name = re.search(r'name="entry" value="([0-9a-f]+)"', added.text)
    assert name
    removed = await post(browser, "/watchlists/mules", "/watchlists/mules/remove", entry=name[1])
    assert "There is no entry." in removed.text
    kept = await post(browser, "/watchlists/mules", "/watchlists/mules/delete", confirm="wrong")
    assert kept.status_code == 400
    gone = await post(browser, "/watchlists/mules", "/watchlists/mules/delete", confirm="mules")
    assert "The watchlist is deleted." in gone.text


async def test_a_file_is_imported_without_any_script(browser: httpx.AsyncClient) -> None:
    await post(browser, "/watchlists", "/watchlists", watchlist_id="imported")
    at = "/watchlists/imported/import"
    begin = await browser.get(at)
    fields = {"csrf": csrf_of(begin), "request_id": str(uuid.uuid4())}
    file = {"file": ("list.csv", b"contact\na@example.jp\nb@example.jp\n", "text/csv")}
    page = await browser.post(at, data=fields, files=file)
    async with asyncio.timeout(20):
        while "What this import would change" not in page.text:
            await asyncio.sleep(0.1)
            page = await browser.get(page.url.path)
    assert "+2" in page.text
    assert "There is no entry." in (await browser.get("/watchlists/imported")).text
    page = await browser.post(page.url.path, data={"csrf": csrf_of(page)})
    async with asyncio.timeout(20):
        while "Imported." not in page.text:
            await asyncio.sleep(0.1)
            page = await browser.get(page.url.path)
    assert "There is no entry." not in (await browser.get("/watchlists/imported")).text

    bad = {"file": ("list.csv", b"contact\n\xff\n\x81\x01", "text/csv")}
    page = await browser.post(at, data=fields, files=bad)
    assert "neither UTF-8 nor Shift JIS" in page.text


async def test_a_file_is_nobody_elses(desk: Console, browser: httpx.AsyncClient) -> None:
    await post(browser, "/watchlists", "/watchlists", watchlist_id="private")
    at = "/watchlists/private/import"
    fields = {"csrf": csrf_of(await browser.get(at)), "request_id": str(uuid.uuid4())}
    file = {"file": ("list.csv", b"contact\na@example.jp\n", "text/csv")}
    page = await browser.post(at, data=fields, files=file)
    async with desk.client("tanaka") as other:
        assert (await other.get(page.url.path)).status_code == 404


async def test_fraud_found_later_is_recorded_and_counts_as_missed(
    api: Client, browser: httpx.AsyncClient
) -> None:
    decision = await api.risk_check.AssessSimChange(ordinary(shop="kobe"), timeout=10)
    await indexed(browser, decision)
    form = {"decision": decision.case_number, "source": "bank", "note": "told by the bank"}
    done = await post(browser, "/reports", "/reports", **form)
    assert "Cases now confirmed fraud: 1." in done.text
    if decision.verdict == 1:
        missed = await browser.get("/search?missed=yes")
        assert decision.case_number in missed.text
    nothing = await post(browser, "/reports", "/reports", decision="ABCD2345", source="police")
    assert nothing.status_code in {400, 404}
    assert "ABCD2345" in nothing.text, "what was written is kept"


async def test_a_file_of_reports_tells_what_became_of_each_row(
    api: Client, browser: httpx.AsyncClient
) -> None:
    decision, _ = await stepped_up(api, browser, 5)
    rows = f"decision,source\n{decision.case_number},customer\nABCD2345,bank\n"
    fields = {"csrf": csrf_of(await browser.get("/reports")), "request_id": str(uuid.uuid4())}
    file = {"file": ("reports.csv", rows.encode(), "text/csv")}
    for _ in range(2):
        done = await browser.post("/reports/file", data=fields, files=file)
        assert "Cases now confirmed fraud: 1." in done.text
        assert "Row 3" in done.text
    bad = {"file": ("reports.csv", b"decision,source\nA,rumour\n", "text/csv")}
    refused = await browser.post("/reports/file", data=fields, files=bad)
    assert "source: expected customer, bank, police or carrier" in refused.text


async def test_trying_it_tells_the_verdict_and_records_nothing(
    browser: httpx.AsyncClient,
) -> None:
    request = forged(6, shop="trial")
    request.request_id = ""
    tried = await post(browser, "/try", "/try", json=json_format.MessageToJson(request))
    assert tried.status_code == 200, tried.text
    assert "STEP-UP" in tried.text
    fields = {
        "kind": "KIND_SIM_REISSUE",
        "cause": "CAUSE_LOST",
        "msisdn": "09020000006",
        "sim": "8981100022152967705",
        "type": "TYPE_DRIVING_LICENCE",
        "number": "301612345630",
        "issue_date": "2024-05-20",
        "expiry_date": "2029-06-05",
        "name": "山田 太郎",
        "birth_date": "1990-05-05",
        "relationship": "RELATIONSHIP_SUBSCRIBER",
        "shop": "trial",
        "terminal": "t1",
        "clerk": "c-1",
    }
    tried = await post(browser, "/try", "/try", **fields)
    assert "STEP-UP" in tried.text, tried.text
    assert 'value="山田 太郎"' in tried.text, "the form is kept, to try the next thing"
    wrong = await post(browser, "/try", "/try", **{**fields, "msisdn": "12"})
    assert wrong.status_code == 400
    assert "sim_change.msisdn" in wrong.text
    await asyncio.sleep(1)
    assert "No case matches." in (await browser.get("/search?shop=trial")).text


async def test_a_group_is_made_followed_handed_over_and_changed(
    api: Client, browser: httpx.AsyncClient
) -> None:
    one, _ = await stepped_up(api, browser, 7)
    two, _ = await stepped_up(api, browser, 8)
    made = await post(browser, "/groups", "/groups", display_name="Ring of May", cases=[one.name])
    at = made.url.path
    assert at.startswith("/groups/")
    assert one.case_number in made.text

    async def change(**fields: object) -> httpx.Response:
        etag = etag_of(await browser.get(at))
        return await post(browser, at, at, etag=etag, **fields)

    added = await change(change="add", numbers=f"{two.case_number.lower()}")
    assert two.case_number in added.text
    assert "You follow it." in (await change(change="follow")).text
    assert "Ring of May" in (await browser.get("/groups?followed=yes")).text
    handed = await change(change="assignee", assignee="analyst/tanaka")
    assert "tanaka" in handed.text
    await change(change="texts", display_name="Ring of June", description="since Monday")
    removed = await change(change="remove", cases=[one.name])
    assert "Ring of June" in removed.text
    assert "since Monday" in removed.text
    assert one.case_number not in removed.text
    stale = await post(browser, at, at, etag="forged", change="follow")
    assert stale.status_code in {400, 409}


async def test_figures_rules_and_shops_are_of_the_range_that_is_asked_for(
    api: Client, browser: httpx.AsyncClient
) -> None:
    await stepped_up(api, browser, 9)
    for path in ("/figures", "/rules", "/shops", "/shops/ginza"):
        page = await browser.get(path, params={"days": "7"})
        assert page.status_code == 200, path
        for wrong in (
            {"from": "x"},
            {"from": "2026-02-30"},
            {"from": "2026-03-01", "to": "2026-02-01"},
            {"from": "2020-01-01", "to": "2026-02-01"},
            {"days": "999"},
        ):
            assert (await browser.get(path, params=wrong)).status_code == 400, (path, wrong)
    figures = await browser.get("/figures?days=1")
    plots = re.search(r'id="plots">(.*?)</script>', figures.text)
    assert plots
    assert {each["id"] for each in json.loads(plots[1])} == {
        "rates",
        "decisions",
        "found",
        "done",
    }
    assert "/shops/ginza" in (await browser.get("/shops")).text


async def test_fraud_is_confirmed_in_one_step_and_once(
    api: Client, browser: httpx.AsyncClient
) -> None:
    _, at = await stepped_up(api, browser, 10)
    page = await browser.get(at)
    sent = {
        "csrf": csrf_of(page),
        "request_id": str(uuid.uuid4()),
        "etag": etag_of(page),
        "note": "confirmed",
        "roles": ["card", "contact"],
        "watchlist": "confirmed-fraud",
        "days": "365",
        "lock_line": "1",
    }
    for _ in range(2):
        done = await browser.post(f"{at}/confirm", data=sent)
        assert done.status_code == 200, done.text
        assert done.url.path == f"{at}/links"
        assert "Fraud is confirmed" in done.text
    entries = (await browser.get("/watchlists/confirmed-fraud")).text
    assert entries.count('name="entry"') == 2
    assert "confirmed fraud" in (await browser.get(at)).text
