"""Script calls on one connection."""

from collections.abc import Sequence

import hiredis

from sekisho.adapters.redis.scripts import Script
from sekisho.adapters.redis.wire import Reply, Wire, Words
from sekisho.domain.errors import CacheUnavailableError

Call = tuple[Script, Sequence[bytes], Sequence[bytes | str | int]]


async def evaluate(
    wire: Wire, calls: Sequence[Call], timeout: float, *, asking: bool = False
) -> list[Reply]:
    """Call scripts together and return their answers, which may be errors.

    A server that does not know a script is given its text. `asking` lets a cluster's node answer
    for a slot that it is just taking over. Raises OSError, and TimeoutError after `timeout`
    seconds.
    """
    answers = await _answers(wire, [_by_sha(call) for call in calls], timeout, asking)
    unknown = [
        place
        for place, answer in enumerate(answers)
        if isinstance(answer, hiredis.ReplyError) and str(answer).startswith("NOSCRIPT")
    ]
    if unknown:
        texts = [_by_text(calls[place]) for place in unknown]
        told = await _answers(wire, texts, timeout, asking)
        for place, answer in zip(unknown, told, strict=True):
            answers[place] = answer
    return answers


def away(error: OSError) -> CacheUnavailableError:
    """Return what an error of the connection is to a caller."""
    return CacheUnavailableError(f"the cache is away: {kind(error)}")


def kind(error: OSError) -> str:
    """Name what happened: Redis' own word for it where it sent one."""
    return str(error) if type(error) is ConnectionError else type(error).__name__


async def _answers(
    wire: Wire, commands: Sequence[Words], timeout: float, asking: bool
) -> list[Reply]:
    if asking:
        both = [words for command in commands for words in ((b"ASKING",), command)]
        return (await wire.calls(both, timeout))[1::2]
    if len(commands) == 1:
        return [await wire.call(commands[0], timeout)]
    return await wire.calls(commands, timeout)


def _by_sha(call: Call) -> Words:
    script, keys, arguments = call
    return (b"EVALSHA", script.sha, len(keys), *keys, *arguments)


def _by_text(call: Call) -> Words:
    script, keys, arguments = call
    return (b"EVAL", script.text, len(keys), *keys, *arguments)
