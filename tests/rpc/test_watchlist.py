"""What reaches the use cases from WatchlistService, and what comes back."""

from dataclasses import replace
from typing import Any

import grpc
import pytest

from sekisho.application.ports.watchlists import WatchlistEntry
from sekisho.domain.errors import AbortedError
from sekisho.rpc.convert.times import from_ms
from sekisho.v1 import sim_change_pb2, watchlist_pb2
from tests.rpc.bad_input import INDIVIDUAL_NUMBER, NUL, UNKNOWN_ENUM, Wrong
from tests.support import requests
from tests.support.clock import NOW
from tests.support.server import Running, digest, refused
from tests.support.use_cases import WATCHLIST

ENTRY = WatchlistEntry(
    watchlist="mules",
    fingerprint=bytes(range(16)),
    kind="msisdn",
    masked="••••5678",
    weak=False,
    reason="reported",
    source="bank",
    starts_at=None,
    expires_at=NOW + 1,
    created_at=NOW,
)

_PASSPORT = sim_change_pb2.IdentityDocument.TYPE_PASSPORT


def creating() -> watchlist_pb2.CreateWatchlistRequest:
    return watchlist_pb2.CreateWatchlistRequest(
        request_id=requests.REQUEST_ID,
        watchlist_id="mules",
        watchlist=watchlist_pb2.Watchlist(display_name="Mules", description="From banks"),
    )


def adding(**identifier: Any) -> watchlist_pb2.CreateWatchlistEntryRequest:
    entry = requests.watchlist_entry()
    if identifier:
        entry.identifier.CopyFrom(watchlist_pb2.Identifier(**identifier))
    return watchlist_pb2.CreateWatchlistEntryRequest(
        request_id=requests.REQUEST_ID, parent="watchlists/mules", watchlist_entry=entry
    )


async def test_a_watchlist_is_created_and_shown_with_its_etag(api: Running) -> None:
    answer = await api.client.watchlist.CreateWatchlist(creating())
    assert answer == watchlist_pb2.Watchlist(
        name="watchlists/mules",
        display_name="Mules",
        description="From banks",
        version=7,
        entry_count=2,
        create_time=from_ms(NOW),
        update_time=from_ms(NOW),
        etag='"7"',
    )
    request = watchlist_pb2.GetWatchlistRequest(name="watchlists/mules")
    assert (await api.client.watchlist.GetWatchlist(request)).etag == answer.etag


@pytest.mark.parametrize(("etag", "version"), [("", None), ('"7"', 7), ("7", 7)])
async def test_a_watchlist_is_deleted_in_the_version_seen(
    api: Running, etag: str, version: int | None
) -> None:
    request = watchlist_pb2.DeleteWatchlistRequest(
        request_id=requests.REQUEST_ID, name="watchlists/mules", etag=etag
    )
    await api.client.watchlist.DeleteWatchlist(request)
    assert api.told.last["version"] == version
    api.told.error = AbortedError("the watchlist has changed")
    answer = await refused(api.client.watchlist.DeleteWatchlist(request))
    assert answer.code is grpc.StatusCode.ABORTED


@pytest.mark.parametrize("etag", ["x", '""', "0", "-1", "7.0", "9" * 30])
async def test_an_etag_that_is_none_is_named(api: Running, etag: str) -> None:
    request = watchlist_pb2.DeleteWatchlistRequest(
        request_id=requests.REQUEST_ID, name="watchlists/mules", etag=etag
    )
    answer = await refused(api.client.watchlist.DeleteWatchlist(request))
    assert set(answer.violations) == {"etag"}


async def test_watchlists_are_listed_page_by_page(api: Running) -> None:
    api.told.watchlists = [replace(WATCHLIST, id=f"l{number}") for number in range(3)]
    request = watchlist_pb2.ListWatchlistsRequest(page_size=2)
    first = await api.client.watchlist.ListWatchlists(request)
    request.page_token = first.next_page_token
    second = await api.client.watchlist.ListWatchlists(request)
    assert [each.name for each in (*first.watchlists, *second.watchlists)] == [
        "watchlists/l0",
        "watchlists/l1",
        "watchlists/l2",
    ]
    assert not second.next_page_token


async def test_entries_are_listed_masked_and_page_by_page(api: Running) -> None:
    api.told.entries = [replace(ENTRY, fingerprint=bytes([n]) * 16) for n in range(1, 4)]
    request = watchlist_pb2.ListWatchlistEntriesRequest(parent="watchlists/mules", page_size=2)
    first = await api.client.watchlist.ListWatchlistEntries(request)
    shown = first.watchlist_entries[0]
    assert shown.name == f"watchlists/mules/entries/{'01' * 16}"
    assert shown.masked == "••••5678"
    assert shown.kind == watchlist_pb2.IDENTIFIER_KIND_MSISDN
    assert not shown.HasField("identifier")
    assert not shown.HasField("start_time")
    request.page_token = first.next_page_token
    second = await api.client.watchlist.ListWatchlistEntries(request)
    assert [each.name[-2:] for each in second.watchlist_entries] == ["03"]
    request.parent = "watchlists/others"
    answer = await refused(api.client.watchlist.ListWatchlistEntries(request))
    assert set(answer.violations) == {"page_token"}


@pytest.mark.parametrize(
    ("identifier", "kind", "canonical", "weak"),
    [
        ({"msisdn": "090-1234-5678"}, "msisdn", "+819012345678", False),
        ({"imei": "490154203237518"}, "imei", "49015420323751", False),
        ({"iccid": "8981100022152967705"}, "iccid", "8981100022152967705", False),
        ({"eid": "89001012012341234012345678901224"}, "eid", "89001012012341234012345678901224", 0),
        ({"contact": "TARO@example.jp"}, "contact", "taro@example.jp", False),
        (
            {
                "document": watchlist_pb2.DocumentIdentifier(
                    type=_PASSPORT, country="gb", number="TK-1"
                )
            },
            "document",
            "passport|GBR|TK1",
            False,
        ),
        (
            {"document": watchlist_pb2.DocumentIdentifier(number="301612345630")},
            "document",
            "||301612345630",
            True,
        ),
        (
            {
                "person": watchlist_pb2.PersonIdentifier(
                    name="Anna ERIKSSON", birth_date="1974-08-12"
                )
            },
            "person",
            "anna eriksson|1974-08-12",
            False,
        ),
        (
            {"person": watchlist_pb2.PersonIdentifier(name="山田 太郎", birth_date="１９７４")},
            "person",
            "山田太郎|1974",
            True,
        ),
    ],
    ids=str,
)
async def test_an_entry_of_each_kind_reaches_its_list(
    api: Running, identifier: dict[str, Any], kind: str, canonical: str, weak: bool
) -> None:
    answer = await api.client.watchlist.CreateWatchlistEntry(adding(**identifier))
    entry = api.told.last["entry"]
    assert (entry.identifier.kind, entry.identifier.canonical) == (kind, canonical)
    assert entry.identifier.weak == bool(weak) == answer.weak
    assert entry.expires_at == NOW + 86_400_000
    assert entry.starts_at is None
    assert not answer.HasField("identifier")
    assert answer.masked
    asked = watchlist_pb2.LookUpIdentifierRequest(identifier=watchlist_pb2.Identifier(**identifier))
    api.told.entries = [ENTRY]
    found = await api.client.watchlist.LookUpIdentifier(asked)
    assert api.told.last["identifier"] == entry.identifier
    assert [each.masked for each in found.watchlist_entries] == ["••••5678"]


_ENTRY = "watchlist_entry"
_DOCUMENT = f"{_ENTRY}.identifier.document"
_PERSON = f"{_ENTRY}.identifier.person"
_CARD = sim_change_pb2.IdentityDocument.TYPE_MY_NUMBER_CARD


@pytest.mark.parametrize(
    ("identifier", "wrong"),
    [
        ({}, Wrong("request_id", "")),
        ({}, Wrong("parent", "watchlists/A")),
        ({}, Wrong(_ENTRY, None)),
        ({}, Wrong(f"{_ENTRY}.identifier", None)),
        ({}, Wrong(f"{_ENTRY}.identifier.msisdn", "12")),
        ({}, Wrong(f"{_ENTRY}.identifier.imei", "12")),
        ({}, Wrong(f"{_ENTRY}.identifier.contact", "12")),
        ({}, Wrong(f"{_ENTRY}.reason", f"number {INDIVIDUAL_NUMBER}")),
        ({}, Wrong(f"{_ENTRY}.reason", NUL)),
        ({}, Wrong(f"{_ENTRY}.source", INDIVIDUAL_NUMBER)),
        ({}, Wrong(f"{_ENTRY}.start_time", from_ms(0))),
        ({}, Wrong(f"{_ENTRY}.expire_time", from_ms(0))),
        ({}, Wrong(f"{_ENTRY}.start_time", from_ms(NOW + 86_400_000), f"{_ENTRY}.expire_time")),
        ({"document": {"number": "A1"}}, Wrong(f"{_DOCUMENT}.number", "")),
        ({"document": {"number": "A123"}}, Wrong(f"{_DOCUMENT}.number", INDIVIDUAL_NUMBER)),
        ({"document": {"number": "A123"}}, Wrong(f"{_DOCUMENT}.country", "Japan")),
        ({"document": {"number": "A123"}}, Wrong(f"{_DOCUMENT}.type", UNKNOWN_ENUM)),
        (
            {"document": {"number": "A123"}},
            Wrong(f"{_DOCUMENT}.type", _CARD, f"{_DOCUMENT}.number"),
        ),
        ({"person": {"name": "A", "birth_date": "1990"}}, Wrong(f"{_PERSON}.name", "")),
        ({"person": {"name": "A", "birth_date": "1990"}}, Wrong(f"{_PERSON}.name", "...")),
        (
            {"person": {"name": "A", "birth_date": "1990"}},
            Wrong(f"{_PERSON}.name", INDIVIDUAL_NUMBER),
        ),
        ({"person": {"name": "A", "birth_date": "1990"}}, Wrong(f"{_PERSON}.birth_date", "19")),
    ],
    ids=str,
)
async def test_a_wrong_field_is_named_alone(
    api: Running, identifier: dict[str, Any], wrong: Wrong
) -> None:
    request = adding(**identifier)
    wrong.put_into(request)
    answer = await refused(api.client.watchlist.CreateWatchlistEntry(request))
    assert list(answer.violations) == [wrong.field]
    assert not api.told.calls


async def test_an_identifier_of_no_kind_is_named(api: Running) -> None:
    request = watchlist_pb2.LookUpIdentifierRequest(identifier=watchlist_pb2.Identifier())
    answer = await refused(api.client.watchlist.LookUpIdentifier(request))
    assert set(answer.violations) == {"identifier.kind"}


async def test_a_wrong_name_and_a_wrong_birth_date_are_both_named(api: Running) -> None:
    request = adding(person={"name": NUL, "birth_date": "x"})
    answer = await refused(api.client.watchlist.CreateWatchlistEntry(request))
    assert set(answer.violations) == {f"{_PERSON}.name", f"{_PERSON}.birth_date"}


@pytest.mark.parametrize("watchlist_id", ["", "A", "1a", "a_b", "a" * 64, "a\n"])
async def test_an_id_that_is_none_is_named(api: Running, watchlist_id: str) -> None:
    request = creating()
    request.watchlist_id = watchlist_id
    answer = await refused(api.client.watchlist.CreateWatchlist(request))
    assert set(answer.violations) == {"watchlist_id"}


async def test_an_entry_is_removed_by_its_fingerprint(api: Running) -> None:
    request = watchlist_pb2.DeleteWatchlistEntryRequest(
        request_id=requests.REQUEST_ID, name=f"watchlists/mules/entries/{'0a' * 16}"
    )
    await api.client.watchlist.DeleteWatchlistEntry(request)
    assert api.told.last["fingerprint"] == b"\x0a" * 16
    request.name += "00"
    answer = await refused(api.client.watchlist.DeleteWatchlistEntry(request))
    assert set(answer.violations) == {"name"}


def test_the_tests_digest_is_keyed() -> None:
    assert digest(b"a") != digest(b"b")
