"""What the console refuses: rubbish in every field, forged etags, wrong methods, forgery."""

import html.parser
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest

from sekisho.console import app
from sekisho.v1.review_pb2 import GetCaseRequest
from tests.support.console import Console, csrf_of
from tests.support.scene import SCRIPT, Scene, scene
from tests.support.server import Client

RUBBISH = (
    "",
    " ",
    SCRIPT,
    "\0\x01\x1f",
    "\ud7ff\ufffe\u202e",
    "9" * 400,
    "-1",
    "NaN",
    "1e999",
    "../../etc/passwd",
    "decisions/x' OR 1=1--",
    "9999-99-99",
    "0001-01-01",
    "あ" * 5_000,
)
_REFUSED = {200, 303, 400, 401, 403, 404, 405, 409, 413}
_MULTIPART = "multipart/form-data"


@dataclass
class Sent:
    """A form of a page: where it goes, how, and its fields."""

    action: str
    method: str
    kind: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Forms(html.parser.HTMLParser):
    """Finds the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Sent] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = True
            kind = given.get("enctype", "")
            self.forms.append(Sent(given.get("action", ""), given.get("method", "get"), kind))
        elif self._open and given.get("name") and tag in {"input", "select", "textarea", "button"}:
            if given.get("type") != "file":
                self.forms[-1].fields.append((given["name"], given.get("value", "")))
            if given.get("formaction"):
                form = self.forms[-1]
                self.forms.append(Sent(given["formaction"], form.method, form.kind, form.fields))
        elif self._open and tag == "button" and given.get("formaction"):
            form = self.forms[-1]
            self.forms.append(Sent(given["formaction"], form.method, form.kind, form.fields))

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


def forms_of(page: httpx.Response) -> Sequence[Sent]:
    parser = _Forms()
    parser.feed(page.text)
    for form in parser.forms:
        form.action = form.action or page.url.path
    return parser.forms


@pytest.fixture
async def browser(desk: Console) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.client() as client:
        yield client


@pytest.fixture
async def made(api: Client) -> Scene:
    return await scene(api)


async def test_rubbish_in_every_field_of_every_form_is_refused_or_harmless(
    made: Scene, browser: httpx.AsyncClient
) -> None:
    tried = 0
    for path in made.pages.values():
        page = await browser.get(path)
        secret = csrf_of(page)
        for form in forms_of(page):
            if form.action in {"/sign-out", "/preferences"} and path != "/":
                continue
            for name in {name for name, _ in form.fields} - {"csrf"}:
                # One kind of rubbish a field and page: over all of them, each comes often.
                wrong = RUBBISH[tried % len(RUBBISH)]
                tried += 1
                answer = await _send(browser, form, secret, {name: wrong})
                where = f"{form.action} {name}={wrong[:40]!r}: {answer.status_code}"
                assert answer.status_code in _REFUSED, where
                assert "<script>window.hacked" not in answer.text, where
                if form.action == "/sign-out":
                    pytest.fail("signing out is no form with fields")
    assert tried > 100


async def _send(
    browser: httpx.AsyncClient, form: Sent, secret: str, wrong: dict[str, str]
) -> httpx.Response:
    fields = {name: value for name, value in form.fields if name != "csrf"}
    # A field's own value may act: nobody declines by trying.
    fields |= {"request_id": str(uuid.uuid4())} | wrong
    if form.method == "get":
        return await browser.get(form.action, params=fields)
    if form.kind == _MULTIPART:
        file = {"file": ("x.csv", SCRIPT.encode() + b"\n\xff\xfe,,,")}
        return await browser.post(form.action, data={"csrf": secret, **fields}, files=file)
    return await browser.post(form.action, data={"csrf": secret, **fields})


async def test_an_act_on_what_was_not_seen_is_refused_and_changes_nothing(
    api: Client, made: Scene, browser: httpx.AsyncClient
) -> None:
    at = made.pages["case"]
    secret = csrf_of(await browser.get(at))
    before = await api.review.GetCase(GetCaseRequest(name=made.decision.name))
    for act in ("reassign", "approve", "decline", "demand", "escalate", "dispose", "confirm"):
        for etag in ("", "forged", "1.1", before.summary.etag + "0", "0" * 65):
            sent = {
                "csrf": secret,
                "request_id": str(uuid.uuid4()),
                "etag": etag,
                "note": "n",
                "assignee": "analyst/tanaka",
                "challenge": "CHALLENGE_KIND_READ_CHIP",
                "disposition": "DISPOSITION_LEGITIMATE",
                "lock_line": "1",
            }
            answer = await browser.post(f"{at}/{act}", data=sent)
            assert answer.status_code in {400, 409}, f"{act} {etag!r}: {answer.status_code}"
    after = await api.review.GetCase(GetCaseRequest(name=made.decision.name))
    assert after.summary.etag == before.summary.etag


def _posts() -> list[str]:
    return sorted(
        {
            route.path
            for page in app.PAGES
            for route in page.ROUTES
            if route.methods and "POST" in route.methods
        }
    )


@pytest.mark.parametrize("path", _posts())
async def test_every_change_needs_the_sessions_secret_and_this_origin(
    browser: httpx.AsyncClient, path: str
) -> None:
    secret = csrf_of(await browser.get("/try"))
    at = path.format(id="x", act="claim", upload="x")
    good = {"csrf": secret, "request_id": str(uuid.uuid4())}
    assert (await browser.post(at, data={**good, "csrf": ""})).status_code == 403
    assert (await browser.post(at, data={**good, "csrf": "x" * 43})).status_code == 403
    assert (await browser.post(at, content=b"")).status_code == 403
    assert (await browser.post(at, json=good)).status_code == 403
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ):
        assert (await browser.post(at, data=good, headers=headers)).status_code == 403, headers


@pytest.mark.parametrize("path", sorted({r.path for p in app.PAGES for r in p.ROUTES}))
async def test_a_wrong_method_is_refused(
    api: Client, browser: httpx.AsyncClient, path: str
) -> None:
    secret = csrf_of(await browser.get("/try"))
    at = path.format(id="x", act="claim", upload="x")
    known = {
        method for page in app.PAGES for r in page.ROUTES if r.path == path for method in r.methods
    }
    headers = {"x-csrf-token": secret}
    for method in {"POST", "PUT", "PATCH", "DELETE"} - known:
        answer = await browser.request(method, at, headers=headers)
        assert answer.status_code in {404, 405}, method
    if "GET" not in known:
        # A group may be called `add`, which is not there.
        assert (await browser.get(at)).status_code in {400, 404, 405}
    assert (await browser.request("TRACE", at)).status_code == 405


async def test_nothing_is_shown_to_who_is_not_signed_in(desk: Console) -> None:
    async with httpx.AsyncClient(base_url=desk.url, headers={"accept": "text/html"}) as nobody:
        for page in app.PAGES:
            for route in page.ROUTES:
                at = route.path.format(id="x", act="claim", upload="x")
                answer = await nobody.get(at)
                assert answer.status_code == 303, at
                assert answer.headers["location"].startswith("/sign-in")
