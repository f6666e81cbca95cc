"""The figures as pages ask for them."""

from sekisho.console.api import Caller
from sekisho.console.moments import stamp_of
from sekisho.console.ranges import Range
from sekisho.v1.review_figures_pb2 import Figures, GetFiguresRequest

SECONDS = 30.0
"""A year of a whole carrier takes its time."""


async def figures_of(api: Caller, span: Range, shop: str = "") -> Figures:
    """Return the figures of a range. Raises Refused."""
    asked = GetFiguresRequest(
        start_time=stamp_of(span.start), end_time=stamp_of(span.end), shop=shop
    )
    return await api.ask(api.review.GetFigures, asked, Figures, SECONDS)
