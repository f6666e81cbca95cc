"""The figures of a range of days, as numbers and as plots."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.figures import figures_of
from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.ranges import range_of
from sekisho.console.texts import Text
from sekisho.v1.review_figures_pb2 import Counts, Figures

_COUNTED: Final = {
    "decisions": ("decision_count", "step_up_count"),
    "found": ("confirmed_fraud_count", "suspected_count", "legitimate_count", "missed_count"),
    "done": ("approved_count", "declined_count", "failed_count", "override_count"),
}
"""Plots of counts, and what each shows."""


async def _show(request: Request) -> Response:
    page, form = Page(request), Form.of_address(request)
    span, shop = range_of(page, form), form.text("shop")
    figures = await figures_of(page.api, span, shop)
    context = {
        "figures": figures,
        "counts": figures.counts,
        "range": span,
        "shop": shop,
        "plots": _plots(figures, page.text),
    }
    return page.show("figures.html", context)


def _plots(figures: Figures, text: Text) -> list[dict[str, Any]]:
    """Return what the page's script draws: for each plot its title, unit and series by day."""
    days = [each.date for each in figures.days]
    counted = [each.counts for each in figures.days]

    def share(part: str) -> list[float | None]:
        return [
            round(100 * getattr(each, part) / each.decision_count, 2)
            if each.decision_count
            else None
            for each in counted
        ]

    def count(*parts: str) -> list[list[int]]:
        return [[_count(each, part) for each in counted] for part in parts]

    def plot(id_: str, unit: str, parts: tuple[str, ...], values: list[Any]) -> dict[str, Any]:
        series = [
            {"name": text(f"figures.{part}"), "values": each}
            for part, each in zip(parts, values, strict=True)
        ]
        named = {"id": id_, "unit": unit, "day": text("figures.day_short")}
        return {**named, "days": days, "series": series}

    rates = ("step_up_rate", "degraded_rate")
    return [
        plot("rates", "%", rates, [share("step_up_count"), share("degraded_count")]),
        *(plot(id_, "", parts, count(*parts)) for id_, parts in _COUNTED.items()),
    ]


def _count(counts: Counts, part: str) -> int:
    value: int = getattr(counts, part)
    return value


ROUTES = [Route("/figures", _show)]
