"""What is counted, against a plain model of it."""

from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.adapters.redis.records import ATTRIBUTES, RETENTION
from sekisho.application.ports.cache import (
    Marking,
    Projection,
)
from sekisho.domain.velocity import (
    DAY_MS,
    Dimension,
    Mark,
)
from tests.adapters.redis.observing import WINDOW_MS, attempt
from tests.support.valkey import Cached, now_ms

WATCHING = [Dimension.LINE, Dimension.DOCUMENT, Dimension.SHOP, Dimension.TERMINAL]
ages = st.one_of(
    st.integers(0, 100 * DAY_MS),
    st.sampled_from([window + by for window in WINDOW_MS for by in (-60_000, 60_000)]),
)
made_tries = st.tuples(
    ages, st.integers(0, 7), st.none() | st.integers(0, 9), st.sets(st.sampled_from(WATCHING))
)
marked = st.tuples(st.integers(0, 19), st.sampled_from(Mark), ages)


def _row(ats: list[int], now: int) -> tuple[int, ...]:
    return tuple(sum(at > now - window for at in ats) for window in WINDOW_MS)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    history=st.lists(made_tries, max_size=20),
    became=st.lists(marked, max_size=20),
    shuffled=st.randoms(use_true_random=False),
    own_mark=st.none() | st.sampled_from(Mark),
)
async def test_counts_agree_with_a_plain_model(
    redis: Cached,
    history: list[tuple[int, int, int | None, set[Dimension]]],
    became: list[tuple[int, Mark, int]],
    shuffled: Random,
    own_mark: Mark | None,
) -> None:
    await redis.flush()
    await redis.cover()
    await redis.load()
    now = now_ms()
    made = [
        attempt(now - age, line, dimensions=tuple(sorted(along)), reissue=reissue)
        for age, line, reissue, along in history
    ]
    own = attempt(now, 0, dimensions=tuple(WATCHING))
    markings = [
        Marking(made[n].try_id, now - age, mark, made[n].keys)
        for n, mark, age in became
        if n < len(made)
    ]
    if own_mark is not None:
        markings.append(Marking(own.try_id, now - 1, own_mark, own.keys))
    # Whatever ends a step-up closes it too, along every key (domain/step_up.py).
    markings += [replace(m, mark=Mark.CLOSED) for m in markings if m.mark is not Mark.STEP_UP]
    for _ in range(2):
        shuffled.shuffle(made)
        shuffled.shuffle(markings)
        half = len(made) // 2
        await redis.store.apply(Projection(tuple(made[:half]), tuple(markings)), {})
        await redis.store.apply(Projection(tries=tuple(made[half:])), {})

    for counted in (await redis.observe(own, now=now)).counts:
        dimension = counted.dimension
        oldest = now - RETENTION[dimension]
        kept = [t for t in made if dimension in dict(t.keys) and t.at > oldest]
        assert counted.tries == tuple(n + 1 for n in _row([t.at for t in kept], now))
        digits = [t.reissue for t in kept if t.reissue is not None and t.at > now - WINDOW_MS[-1]]
        if ATTRIBUTES[dimension]:
            assert counted.highest_reissue == max(digits, default=None)
        for attribute, row in counted.distinct.items():
            for index, window in enumerate(WINDOW_MS):
                inside = [t for t in (*kept, own) if t.at > now - window]
                values = {t.attributes[attribute] for t in inside if attribute in t.attributes}
                assert row[index] == len(values)
        latest: dict[tuple[Mark, bytes], int] = {}
        for marking in markings:
            if dimension in dict(marking.keys) and marking.at > oldest:
                name = (marking.mark, marking.try_id)
                latest[name] = max(latest.get(name, 0), marking.at)
        for mark, row in counted.marks.items():
            ats = [at for (m, id_), at in latest.items() if m is mark and id_ != own.try_id]
            assert row == _row(ats, now)
        for mark, at in (
            (Mark.FAILURE, counted.last_failure_at),
            (Mark.COMPLETED, counted.last_completed_at),
        ):
            if mark in counted.marks:
                assert at == max((at for (m, _), at in latest.items() if m is mark), default=None)
        ended = {id_ for (m, id_) in latest if m is not Mark.STEP_UP}
        assert counted.open_step_ups == sum(
            m is Mark.STEP_UP and at > now - 1_800_000 and id_ not in ended and id_ != own.try_id
            for (m, id_), at in latest.items()
        )
