"""What reaches the use cases from ShopService, and what comes back."""

import pytest

from sekisho.application.ports.shops import Shop, WeeklyHours
from sekisho.v1 import shop_pb2
from tests.rpc.bad_input import NUL, Wrong
from tests.support import requests
from tests.support.server import Running, refused

GINZA = Shop(
    id="ginza",
    display_name="銀座店",
    prefecture="JP-13",
    opening_hours=(WeeklyHours(1, 600, 1170),),
    terminals=frozenset({"t1", "t2"}),
    clerk_shifts={"clerk-7": (WeeklyHours(1, 600, 1170),)},
)


def importing(*shops: shop_pb2.Shop) -> shop_pb2.ImportShopsRequest:
    return shop_pb2.ImportShopsRequest(request_id=requests.REQUEST_ID, shops=shops)


async def test_shops_are_imported_as_they_are_and_shown_as_they_were(api: Running) -> None:
    bare = shop_pb2.Shop(name="shops/ueno", prefecture="JP-13")
    answer = await api.client.shop.ImportShops(importing(requests.shop(), bare))
    assert (answer.added_count, answer.removed_count, answer.kept_count) == (2, 0, 0)
    assert api.told.last["shops"] == [GINZA, Shop("ueno", "", "JP-13")]
    api.told.shops = api.told.last["shops"]
    for sent in (requests.shop(), bare):
        assert await api.client.shop.GetShop(shop_pb2.GetShopRequest(name=sent.name)) == sent


async def test_a_shop_may_be_open_until_midnight(api: Running) -> None:
    shop = requests.shop()
    shop.opening_hours[0].close = "24:00"
    await api.client.shop.ImportShops(importing(shop))
    assert api.told.last["shops"][0].opening_hours[0].closes == 1440
    api.told.shops = api.told.last["shops"]
    shown = await api.client.shop.GetShop(shop_pb2.GetShopRequest(name="shops/ginza"))
    assert shown.opening_hours[0].close == "24:00"


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong("request_id", "x"),
        Wrong("shops", []),
        Wrong("shops[1]", requests.shop(), "shops[1].name"),
        Wrong("shops[0].name", "ginza"),
        Wrong("shops[0].name", "shops/gin za"),
        Wrong("shops[0].display_name", NUL),
        Wrong("shops[0].prefecture", ""),
        Wrong("shops[0].prefecture", "JP-48"),
        Wrong("shops[0].terminals[1]", ""),
        Wrong("shops[0].terminals[1]", "a/b"),
        Wrong("shops[0].opening_hours[0].weekday", 0),
        Wrong("shops[0].opening_hours[0].weekday", 8),
        Wrong("shops[0].opening_hours[0].open", "9:00"),
        Wrong("shops[0].opening_hours[0].open", "24:00"),
        Wrong("shops[0].opening_hours[0].open", "２０:00"),
        Wrong("shops[0].opening_hours[0].close", "10:00"),
        Wrong("shops[0].opening_hours[0].close", "24:01"),
        Wrong("shops[0].clerk_shifts[0].clerk", ""),
        Wrong("shops[0].clerk_shifts[0].shifts", []),
        Wrong("shops[0].clerk_shifts[0].shifts[0].close", "09:00"),
        Wrong(
            "shops[0].clerk_shifts[1]",
            requests.shop().clerk_shifts[0],
            "shops[0].clerk_shifts[1].clerk",
        ),
    ],
    ids=str,
)
async def test_a_wrong_field_is_named_alone(api: Running, wrong: Wrong) -> None:
    request = importing(requests.shop())
    wrong.put_into(request)
    answer = await refused(api.client.shop.ImportShops(request))
    assert list(answer.violations) == [wrong.field]
    assert not api.told.calls


async def test_shops_are_listed_page_by_page(api: Running) -> None:
    api.told.shops = [Shop(f"s{number}", "", "JP-13") for number in range(5)]
    request = shop_pb2.ListShopsRequest(page_size=2)
    names = []
    while True:
        answer = await api.client.shop.ListShops(request)
        names.append([shop.name for shop in answer.shops])
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert names == [["shops/s0", "shops/s1"], ["shops/s2", "shops/s3"], ["shops/s4"]]


async def test_a_list_without_an_end_is_not_asked_for(api: Running) -> None:
    await api.client.shop.ListShops(shop_pb2.ListShopsRequest(page_size=2**31 - 1))
    assert api.told.last["most"] == 1001
    answer = await refused(api.client.shop.ListShops(shop_pb2.ListShopsRequest(page_size=-1)))
    assert set(answer.violations) == {"page_size"}


@pytest.mark.parametrize("token", ["x", "AQ", "あ", "=" * 10, "x" * 501])
async def test_a_token_that_is_none_is_named(api: Running, token: str) -> None:
    request = shop_pb2.ListShopsRequest(page_token=token)
    answer = await refused(api.client.shop.ListShops(request))
    assert set(answer.violations) == {"page_token"}
