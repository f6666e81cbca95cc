"""How long the default policy takes: `python -m tests.policy.measure`."""

import timeit
from collections.abc import Callable
from functools import partial

from sekisho.adapters.policy.toml import load_default_policy
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.missing import cause_of
from tests.policy.case_table import ordinary_facts

CALLS, ROUNDS = 500, 20


def microseconds(call: Callable[[], object]) -> float:
    """Return the best round's time for one call."""
    return min(timeit.repeat(call, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


def main() -> None:
    """Print the time of an evaluation and of a judgement, by what is unknown."""
    policy = load_default_policy()
    for title, signals in (
        ("all facts known", ()),
        ("one fact unknown", ("line.current_sim_on_network",)),
        ("velocity unknown", ("velocity",)),
        ("the cache away", ("velocity", "watchlist", "line", "shop")),
    ):
        missing = [MissingSignal(signal, MissingCause.CACHE_UNAVAILABLE) for signal in signals]
        facts = {name: v for name, v in ordinary_facts().items() if not cause_of(name, missing)}
        evaluate = microseconds(partial(policy.evaluator.evaluate, facts))
        decide = microseconds(partial(policy.decide, facts, missing))
        print(f"{title:18} evaluate {evaluate:6.1f} µs   decide {decide:6.1f} µs")


if __name__ == "__main__":
    main()
