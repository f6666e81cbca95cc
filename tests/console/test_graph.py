"""The drawing of links."""

import itertools

from sekisho.console.graph import HEIGHT, WIDTH, draw
from sekisho.v1.review_link_pb2 import LinkedCase, ListLinksResponse, Tie
from sekisho.v1.review_queue_pb2 import CaseSummary


def answer(steps: dict[str, int], ties: dict[str, str], shops: str = "") -> ListLinksResponse:
    cases = [
        LinkedCase(case=CaseSummary(name=name, shop=shops[at : at + 1]), step=step)
        for at, (name, step) in enumerate(steps.items())
    ]
    return ListLinksResponse(
        cases=cases,
        ties=[
            Tie(role="device", fingerprint=key, cases=list(names), case_count=len(names))
            for key, names in ties.items()
        ],
    )


def test_a_tie_stands_between_the_cases_that_it_ties() -> None:
    graph = draw(answer({"a": 0, "b": 1, "c": 1, "d": 2}, {"1": "abc", "2": "cd"}))
    at = {node.key: node.x for node in graph.nodes}
    assert at["a"] < at["device:1"] < at["b"] == at["c"] < at["device:2"] < at["d"]
    assert {edge.ends for edge in graph.edges} == {
        ("a", "device:1"),
        ("b", "device:1"),
        ("c", "device:1"),
        ("c", "device:2"),
        ("d", "device:2"),
    }
    assert not any(edge.loose for edge in graph.edges)


def test_nothing_overlaps_and_all_is_within_the_drawing() -> None:
    names = [f"case-{number}" for number in range(40)]
    steps = {name: min(number, 3) for number, name in enumerate(names)}
    ties = {str(n): "" for n in range(30)}
    given = answer(steps, ties)
    for number, tie in enumerate(given.ties):
        tie.cases.extend(names[number : number + 4])
    graph = draw(given)
    assert len(graph.nodes) == 70
    for one, two in itertools.combinations(graph.nodes, 2):
        assert abs(one.x - two.x) >= WIDTH or abs(one.y - two.y) >= HEIGHT, (one.key, two.key)
    for node in graph.nodes:
        assert 0 <= node.x <= graph.width - WIDTH
        assert 0 <= node.y <= graph.height - HEIGHT


def test_the_same_answer_gives_the_same_drawing() -> None:
    given = answer({"a": 0, "b": 1, "c": 1}, {"1": "ab", "2": "ac", "3": "bc"})
    assert draw(given) == draw(given)


def test_a_shop_of_several_cases_is_drawn_and_ties_nothing() -> None:
    graph = draw(answer({"a": 0, "b": 1, "c": 1}, {"1": "abc"}, "xxy"))
    shops = [node for node in graph.nodes if node.roles == ("shop",)]
    assert [(node.name, node.count) for node in shops] == [("x", 2)]
    assert {edge.ends for edge in graph.edges if edge.loose} == {("a", "shop:x"), ("b", "shop:x")}


def test_what_only_one_case_has_is_not_drawn() -> None:
    graph = draw(answer({"a": 0}, {"1": "a"}))
    assert [node.key for node in graph.nodes] == ["a"]
    assert not graph.edges


def test_nothing_is_no_drawing() -> None:
    graph = draw(ListLinksResponse())
    assert not graph.nodes
    assert graph.width == 0


def test_identifiers_that_the_very_same_cases_share_are_one_box() -> None:
    given = answer({"a": 0, "b": 1}, {"1": "ab"})
    given.ties.append(Tie(role="contact", fingerprint="2", cases=["b", "a"], case_count=2))
    graph = draw(given)
    assert [node.roles for node in graph.nodes if node.roles] == [("device", "contact")]
    assert len(graph.edges) == 2
