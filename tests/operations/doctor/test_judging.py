"""What is said of states that no test can bring a server into, or not quickly."""

import pytest

from sekisho.application.ports.cache import Coverage, IndexMark, Positions
from sekisho.application.ports.journal import JournalState
from sekisho.application.ports.watchlists import Watchlist
from sekisho.domain.velocity import DAY_MS, HOUR_MS
from sekisho.operations.doctor import cache, coverage, journal, postgres
from sekisho.operations.doctor.clocks import clock
from sekisho.operations.doctor.finding import Area, Finding, Level, age, size

NOW = 1_790_000_000_000
AREA = Area("here")
SOUND = {
    "valkey_version": "9.0.1",
    "redis_version": "7.2.4",
    "role": "master",
    "connected_slaves": "1",
    "maxmemory_policy": "noeviction",
    "aof_enabled": "1",
}


def levels(findings: list[Finding]) -> set[Level]:
    return {finding.level for finding in findings}


def wrong(findings: list[Finding]) -> Finding:
    """Return the only finding that is not ok; it must say what to do."""
    (found,) = [finding for finding in findings if finding.level is not Level.OK]
    assert found.todo
    return found


def test_a_sound_server_has_nothing_wrong() -> None:
    assert levels(list(cache.server(AREA, SOUND, embedded=False))) == {Level.OK}


@pytest.mark.parametrize(
    ("differing", "level", "said"),
    [
        ({"valkey_version": "6.2.6"}, Level.PROBLEM, "Valkey 6.2.6 is too old"),
        ({"role": "slave"}, Level.PROBLEM, "a replica"),
        ({"loading": "1"}, Level.WARNING, "still loading"),
        ({"maxmemory_policy": "allkeys-lru"}, Level.PROBLEM, "allkeys-lru"),
        ({"maxmemory": "1000", "used_memory": "900"}, Level.WARNING, "900 bytes of 1000 bytes"),
        ({"maxmemory": "1000", "used_memory": "1001"}, Level.PROBLEM, "1001 bytes of 1000 bytes"),
        ({"evicted_keys": "7"}, Level.WARNING, "7 keys were evicted"),
        ({"aof_enabled": "0"}, Level.WARNING, "append-only file is off"),
        ({"aof_last_write_status": "err"}, Level.PROBLEM, "append-only file failed"),
        (
            {"aof_enabled": "0", "rdb_last_bgsave_status": "err"},
            Level.PROBLEM,
            "last snapshot failed",
        ),
    ],
)
def test_a_sick_server_is_told_with_what_to_do(
    differing: dict[str, str], level: Level, said: str
) -> None:
    found = wrong(list(cache.server(AREA, SOUND | differing, embedded=False)))
    assert found.level is level
    assert said in found.what


@pytest.mark.parametrize(
    ("differing", "level", "said"),
    [
        ({"replica": True}, Level.PROBLEM, "replica"),
        ({"read_only": True}, Level.PROBLEM, "default_transaction_read_only"),
        ({"fsync": "off", "full_page_writes": "off"}, Level.PROBLEM, "fsync and full_page_writes"),
        ({"synchronous_commit": "off"}, Level.WARNING, "synchronous_commit"),
        ({"used": 95}, Level.WARNING, "95 of 100 connections"),
    ],
)
def test_a_postgresql_that_may_lose_a_decision_is_told(
    differing: dict[str, object], level: Level, said: str
) -> None:
    sound = {
        "replica": False,
        "read_only": False,
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "most": 100,
        "used": 5,
        "version": "16.4 (Debian)",
    }
    assert levels(list(postgres.server(AREA, sound))) == {Level.OK}
    found = wrong(list(postgres.server(AREA, sound | differing)))
    assert found.level is level
    assert said in found.what


@pytest.mark.parametrize(
    ("theirs", "level"),
    [
        (NOW + 50, Level.OK),
        (NOW - 400, Level.OK),
        (NOW + 1_000, Level.WARNING),
        (NOW - 2_500, Level.PROBLEM),
        (NOW + 60_000, Level.PROBLEM),
    ],
)
def test_a_clock_is_judged_by_how_far_it_is_off(theirs: int, level: Level) -> None:
    assert clock(AREA, "Redis", theirs, NOW - 5, NOW + 5).level is level


def test_a_slow_answer_is_no_skew() -> None:
    assert clock(AREA, "Redis", NOW + 1_900, NOW - 2_000, NOW + 2_000).level is Level.OK


@pytest.mark.parametrize(
    ("state", "level", "said"),
    [
        (JournalState(0, 40, 1_000, None), Level.OK, "empty"),
        (JournalState(3, 400, 1_000, NOW - 2_000), Level.WARNING, "3 decisions wait"),
        (JournalState(3, 400, 1_000, NOW - 60_000), Level.PROBLEM, "the oldest for 1 min"),
        (JournalState(9, 900, 1_000, NOW), Level.WARNING, "nearly full"),
        (JournalState(9, 1_000, 1_000, NOW), Level.PROBLEM, "full"),
        (JournalState(0, 40, 1_000, None, damaged=2), Level.PROBLEM, "2 parts"),
    ],
)
def test_a_journal_is_judged_by_what_waits_and_by_its_room(
    state: JournalState, level: Level, said: str
) -> None:
    found = list(journal.findings(state, NOW))
    assert any(finding.level is level and said in finding.what for finding in found)
    assert all(finding.todo for finding in found if finding.level is not Level.OK)


def marks(covered_from: int, applied_to: int, tags: int = 256) -> dict[int, Coverage]:
    mark = Coverage(b"\0" * 8, Positions(), Positions(), covered_from, applied_to)
    return dict.fromkeys(range(tags), mark)


def test_a_cache_that_follows_and_covers_all_is_well() -> None:
    assert levels(list(coverage.counts(marks(0, NOW), NOW))) == {Level.OK}


def test_a_cache_that_is_behind_or_does_not_cover_all_is_told() -> None:
    assert "255 of 256" in wrong(list(coverage.counts(marks(0, NOW, tags=1), NOW))).what
    away = wrong(list(coverage.counts(marks(0, NOW, tags=200), NOW, away=56)))
    assert "56 of 256 parts of the cache are away" in away.what
    assert "1 h behind" in wrong(list(coverage.counts(marks(0, NOW - HOUR_MS), NOW))).what
    found = wrong(list(coverage.counts(marks(NOW - 8 * DAY_MS, NOW), NOW)))
    assert "windows of 30d, 90d are unknown" in found.what


def one(version: int = 4, entries: int = 10, updated_at: int = NOW) -> Watchlist:
    return Watchlist("stolen", 1, "", "", version, entries, NOW, updated_at)


@pytest.mark.parametrize(
    ("lists", "held", "said"),
    [
        ([], 0, "there is none"),
        ([one()], 3, "version 3 of 4"),
        ([one(entries=0)], 4, "empty"),
        ([one(updated_at=NOW - 45 * DAY_MS)], 4, "45 d ago"),
    ],
)
def test_a_watchlist_that_does_not_work_is_told(
    lists: list[Watchlist], held: int, said: str
) -> None:
    loaded = dict.fromkeys(range(256), IndexMark(b"", {"stolen": held}))
    found = wrong(list(coverage.loaded(lists, loaded, NOW)))
    assert found.level is Level.WARNING
    assert said in found.what


def test_a_watchlist_of_which_one_part_of_the_cache_lags_is_told() -> None:
    loaded = dict.fromkeys(range(256), IndexMark(b"", {"stolen": 4}))
    assert levels(list(coverage.loaded([one()], loaded, NOW))) == {Level.OK}
    loaded[7] = IndexMark(b"", {"stolen": 3})
    assert "version 3 of 4" in wrong(list(coverage.loaded([one()], loaded, NOW))).what
    del loaded[7]
    assert "1 of 256" in wrong(list(coverage.loaded([one()], loaded, NOW))).what


def test_lengths_and_sizes_are_said_in_their_largest_unit() -> None:
    assert [age(ms) for ms in (12, 5_000, 90_000, 3 * HOUR_MS, 9 * DAY_MS)] == [
        *("12 ms", "5 s", "1 min", "3 h", "9 d")
    ]
    assert [size(n) for n in (12, 4_096, 5 << 20, 7 << 30)] == [
        *("12 bytes", "4 KiB", "5 MiB", "7 GiB")
    ]
