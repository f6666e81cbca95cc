"""`sekisho shop`: keeps the carrier's shops."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import grpc
from cyclopts import App, Parameter

from sekisho.cli import output, shop_files
from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.requests import new_request_id
from sekisho.v1.shop_pb2 import ImportShopsRequest, ListShopsRequest, Shop
from sekisho.v1.shop_pb2_grpc import ShopServiceStub

app = App(name="shop", help="Keep the carrier's shops.")


@app.command(name="import")
def import_(
    file: Annotated[Path, Parameter(name="FILE")], /, *, connection: Connection = LOCAL
) -> None:
    """Replace the known shops by those of a file: all or nothing.

    Parameters
    ----------
    file
        The shops: .toml, .csv or .json. deploy/shops.example.toml shows how.
    connection
        How to reach the server.

    """
    request = ImportShopsRequest(request_id=new_request_id(), shops=shop_files.read(file))
    with channel(connection) as opened:
        answer = ShopServiceStub(opened).ImportShops(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
    output.out().print(
        output.pairs(
            [
                ("shops", f"{len(request.shops):,}"),
                ("added", f"{answer.added_count:,}"),
                ("removed", f"{answer.removed_count:,}"),
                ("kept", f"{answer.kept_count:,}"),
            ]
        )
    )


@app.command(name="list")
def list_(*, connection: Connection = LOCAL) -> None:
    """List the shops."""
    with channel(connection) as opened:
        rows = [
            (
                shop.name.removeprefix("shops/"),
                shop.display_name,
                shop.prefecture,
                str(len(shop.terminals)),
                "known" if shop.opening_hours else "not known",
                str(len(shop.clerk_shifts)),
            )
            for shop in _all(opened, connection)
        ]
    header = ("id", "name", "prefecture", "terminals", "hours", "clerks with shifts")
    output.out().print(output.table(header, rows) if rows else "no shops")


def _all(opened: grpc.Channel, connection: Connection) -> Iterator[Shop]:
    request = ListShopsRequest(page_size=1_000)
    while True:
        page = ShopServiceStub(opened).ListShops(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
        yield from page.shops
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token
