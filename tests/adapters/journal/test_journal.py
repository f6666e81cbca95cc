import asyncio
from dataclasses import replace

import pytest

from sekisho.adapters.journal.journal import FileJournal
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.decision import Verdict
from sekisho.domain.errors import JournalUnavailableError, RequestIdReusedError
from tests.adapters.journal.conftest import Open
from tests.adapters.sql import samples


def step_ups(count: int) -> list[NewDecision]:
    return [samples.decision(number, verdict=Verdict.STEP_UP) for number in range(count)]


def ids(decisions: list[NewDecision]) -> list[bytes]:
    return [each.standing.decision_id for each in decisions]


async def test_a_decision_comes_back_as_it_was_appended(journal: FileJournal) -> None:
    new = samples.decision(verdict=Verdict.STEP_UP)
    assert await journal.append(new) == new.standing
    assert await journal.oldest(10) == [new]
    assert journal.find(new.once) == new.standing
    assert journal.standing(new.standing.decision_id) == new.standing


async def test_an_empty_journal_holds_nothing(journal: FileJournal) -> None:
    state = journal.state()
    assert (state.pending, state.oldest_at, state.damaged) == (0, None, 0)
    assert journal.find(samples.once()) is None
    assert journal.standing(b"\x01" * 16) is None
    assert not await journal.oldest(10)


async def test_decisions_appended_at_once_keep_their_order(journal: FileJournal) -> None:
    every = step_ups(50)
    await asyncio.gather(*(journal.append(new) for new in every))
    assert await journal.oldest(20) == every[:20]
    await journal.delivered(ids(every[:20]))
    assert await journal.oldest(100) == every[20:]


async def test_a_repeat_gets_the_decision_that_lies_there(
    journal: FileJournal, open_journal: Open
) -> None:
    first = samples.decision(verdict=Verdict.STEP_UP)
    later = replace(samples.decision("later"), once=first.once)
    await journal.append(first)
    assert await journal.append(later) == first.standing
    assert await open_journal().append(later) == first.standing
    assert journal.state().pending == 1


async def test_repeats_at_the_same_moment_lie_there_once(journal: FileJournal) -> None:
    first = samples.decision(verdict=Verdict.STEP_UP)
    later = replace(samples.decision("later"), once=first.once)
    got = await asyncio.gather(journal.append(first), journal.append(later), journal.append(later))
    assert [*got] == [first.standing] * 3
    assert journal.state().pending == 1


async def test_another_body_is_refused(journal: FileJournal) -> None:
    first = samples.decision(verdict=Verdict.STEP_UP)
    other = replace(first, once=replace(first.once, body_digest=b"another body"))
    got = await asyncio.gather(journal.append(first), journal.append(other), return_exceptions=True)
    assert got[0] == first.standing
    assert isinstance(got[1], RequestIdReusedError)
    with pytest.raises(RequestIdReusedError):
        await journal.append(other)
    with pytest.raises(RequestIdReusedError):
        journal.find(other.once)


async def test_the_same_request_id_of_another_shop_is_another_request(
    journal: FileJournal,
) -> None:
    first, second = step_ups(2)
    second = replace(second, once=replace(first.once, caller="ginza-1"))
    await journal.append(first)
    assert await journal.append(second) == second.standing
    assert journal.state().pending == 2


async def test_other_processes_see_at_once_what_was_appended_and_delivered(
    journal: FileJournal, open_journal: Open
) -> None:
    other = open_journal()
    first, second = step_ups(2)
    await journal.append(first)
    assert other.find(first.once) == first.standing
    await other.append(second)
    assert journal.state().pending == 2
    assert journal.state().oldest_at == first.standing.decided_at
    await other.oldest(1)
    await other.delivered(ids([first]))
    assert journal.find(first.once) is None
    assert journal.standing(second.standing.decision_id) == second.standing
    await other.delivered(ids([second]))
    assert journal.state() == other.state()
    assert journal.state().pending == 0


async def test_a_journal_begun_anew_is_not_taken_for_the_one_before(
    journal: FileJournal, open_journal: Open
) -> None:
    other = open_journal()
    (first,) = step_ups(1)
    second = replace(first, once=samples.once())
    await journal.append(first)
    size = other.state().bytes
    await journal.delivered(ids([first]))
    await journal.append(second)
    # The same length with another content: only the generation tells them apart.
    assert other.state().bytes == size
    assert other.find(first.once) is None
    assert other.find(second.once) == second.standing


async def test_delivering_everything_frees_the_space(journal: FileJournal) -> None:
    empty = journal.state().bytes
    every = step_ups(20)
    await asyncio.gather(*(journal.append(new) for new in every))
    await journal.delivered(ids(every[:10]))
    assert journal.state().bytes > empty
    await journal.delivered(ids(every[10:]))
    assert journal.state().bytes == empty


async def test_one_process_at_a_time_delivers(journal: FileJournal, open_journal: Open) -> None:
    other = open_journal()
    (new,) = step_ups(1)
    await journal.append(new)
    assert await other.oldest(10) == [new]
    assert not await journal.oldest(10)
    await other.release()
    assert await journal.oldest(10) == [new]
    await journal.close()
    assert await other.oldest(10) == [new]


async def test_a_restart_finds_what_lies_there(journal: FileJournal, open_journal: Open) -> None:
    every = step_ups(5)
    await asyncio.gather(*(journal.append(new) for new in every))
    await journal.delivered(ids(every[:2]))
    await journal.close()
    again = open_journal()
    assert await again.oldest(10) == every[2:]
    assert again.find(every[0].once) is None


async def test_beyond_its_size_the_journal_says_that_it_is_full(open_journal: Open) -> None:
    first, second, third = step_ups(3)
    roomy = open_journal()
    await roomy.append(first)
    most = roomy.state().bytes * 2
    journal = open_journal(most)
    await journal.append(second)
    with pytest.raises(JournalUnavailableError) as caught:
        await journal.append(third)
    assert caught.value.reason == "JOURNAL_FULL"
    assert caught.value.retry_after_seconds > 0
    assert await journal.append(second) == second.standing
    await journal.delivered(ids([first, second]))
    assert await journal.append(third) == third.standing


async def test_closing_writes_what_waits_first(journal: FileJournal, open_journal: Open) -> None:
    every = step_ups(30)
    appends = [asyncio.ensure_future(journal.append(new)) for new in every]
    await asyncio.sleep(0)
    await journal.close()
    assert await asyncio.gather(*appends) == [new.standing for new in every]
    assert await open_journal().oldest(100) == every


async def test_a_closed_journal_is_unavailable(journal: FileJournal) -> None:
    await journal.close()
    (new,) = step_ups(1)
    with pytest.raises(JournalUnavailableError):
        await journal.append(new)
    with pytest.raises(JournalUnavailableError):
        journal.find(new.once)
    with pytest.raises(JournalUnavailableError):
        journal.state()


async def test_a_caller_that_gives_up_takes_nothing_from_the_others(journal: FileJournal) -> None:
    every = step_ups(10)
    appends = [asyncio.ensure_future(journal.append(new)) for new in every]
    await asyncio.sleep(0)
    appends[0].cancel()
    got = await asyncio.gather(*appends, return_exceptions=True)
    assert got[1:] == [new.standing for new in every[1:]]


async def test_asking_for_none_forgets_none(journal: FileJournal) -> None:
    (new,) = step_ups(1)
    await journal.append(new)
    assert not await journal.oldest(0)
    assert journal.find(new.once) == new.standing
