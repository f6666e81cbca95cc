"""Where the nodes of a drawn graph stand: cases by how far away they are, and between them what
ties them. The same answer gives the same drawing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sekisho.v1.review_link_pb2 import ListLinksResponse, Tie
from sekisho.v1.review_queue_pb2 import CaseSummary

WIDTH: Final = 164
HEIGHT: Final = 42
_ACROSS: Final = 236
_DOWN: Final = 56
_EDGE: Final = 16
_SWEEPS: Final = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A box: a case, a tie between cases, or a shop of several. `x` and `y` are its corner."""

    key: str
    x: float
    y: float
    case: CaseSummary | None = None
    step: int = 0
    roles: tuple[str, ...] = ()
    """What ties: several identifiers that the very same cases share are one box."""
    name: str = ""
    fingerprint: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two boxes, and the keys of these. One to a shop ties nothing."""

    path: str
    ends: tuple[str, str]
    loose: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """A drawing of this size."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    width: float
    height: float


def draw(answer: ListLinksResponse) -> Graph:
    """Return the drawing of what ListLinks answered."""
    steps = {each.case.name: each.step for each in answer.cases}
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for name, step in steps.items():
        columns[2 * step].append(name)
    ends: list[tuple[str, str]] = []
    ties: dict[str, list[Tie]] = {}
    for names, same in _alike(answer.ties, steps).items():
        key = f"{same[0].role}:{same[0].fingerprint}"
        ties[key] = same
        columns[2 * min(steps[name] for name in names) + 1].append(key)
        ends += [(name, key) for name in names]
    shops = _shops(answer)
    for key, tied in shops.items():
        columns[2 * max(steps.values()) + 2].append(key)
        ends += [(name, key) for name in tied]
    places, height = _places(columns, ends)
    cases = {each.case.name: each for each in answer.cases}
    nodes: list[Node] = []
    for key, (x, y) in places.items():
        if key in cases:
            nodes.append(Node(key, x, y, case=cases[key].case, step=cases[key].step))
        elif key in ties:
            first = ties[key][0]
            nodes.append(
                Node(
                    key,
                    x,
                    y,
                    roles=tuple(dict.fromkeys(tie.role for tie in ties[key])),
                    name=first.masked,
                    fingerprint=first.fingerprint,
                    count=first.case_count,
                )
            )
        else:
            name = key.partition(":")[2]
            nodes.append(Node(key, x, y, roles=("shop",), name=name, count=len(shops[key])))
    edges = [Edge(_path(places[a], places[b]), (a, b), b in shops) for a, b in ends]
    width = max(x for x, _ in places.values()) + WIDTH + _EDGE if places else 0.0
    return Graph(nodes, edges, width, height)


def _alike(ties: Sequence[Tie], steps: Mapping[str, int]) -> Mapping[tuple[str, ...], list[Tie]]:
    """Return the ties by the cases that they tie: at least two of those that are drawn."""
    found: defaultdict[tuple[str, ...], list[Tie]] = defaultdict(list)
    for tie in ties:
        names = tuple(sorted(name for name in tie.cases if name in steps))
        if len(names) > 1:
            found[names].append(tie)
    return found


def _shops(answer: ListLinksResponse) -> Mapping[str, list[str]]:
    """Return the cases of each shop that has several."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for each in answer.cases:
        if each.case.shop:
            found[f"shop:{each.case.shop}"].append(each.case.name)
    return {key: names for key, names in found.items() if len(names) > 1}


def _places(
    columns: Mapping[int, list[str]], ends: Sequence[tuple[str, str]]
) -> tuple[dict[str, tuple[float, float]], float]:
    """Return where each node's corner is, and how high it all is.

    Each column is put into the order of its neighbours' middle, over and over: few lines cross.
    """
    near: defaultdict[str, list[str]] = defaultdict(list)
    for a, b in ends:
        near[a].append(b)
        near[b].append(a)
    ordered = [columns[at] for at in sorted(columns) if columns[at]]
    rows = max((len(column) for column in ordered), default=0)
    height = float(max(rows, 2) * _DOWN + _EDGE)
    middle: dict[str, float] = {}

    def settle(column: list[str]) -> None:
        gap = (height - _EDGE) / len(column)
        for at, key in enumerate(column):
            middle[key] = _EDGE / 2 + (at + 0.5) * gap

    def pull(key: str) -> float:
        known = [middle[each] for each in near[key]]
        return sum(known) / len(known) if known else middle[key]

    for column in ordered:
        settle(column)
    for _ in range(_SWEEPS):
        for column in (*ordered, *reversed(ordered)):
            column.sort(key=pull)
            settle(column)
    places = {
        key: (float(_EDGE + at * _ACROSS), round(middle[key] - HEIGHT / 2, 1))
        for at, column in enumerate(ordered)
        for key in column
    }
    return places, height


def _path(one: tuple[float, float], two: tuple[float, float]) -> str:
    """Return a curve from the side of one box to the facing side of another."""
    (left, left_y), (right, right_y) = sorted((one, two))
    start, end = left + WIDTH, right
    bend = max((end - start) / 2, 30.0)
    y1, y2 = left_y + HEIGHT / 2, right_y + HEIGHT / 2
    return f"M{start} {y1}C{start + bend} {y1} {end - bend} {y2} {end} {y2}"
