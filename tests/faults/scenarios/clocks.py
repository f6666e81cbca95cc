"""Clocks that are wrong."""

from tests.faults.world import Tally, World, world

_WRONG_MS = (-3_600_000, -10_000, 10_000, 3_600_000)


async def clock_stepped(seed: str, rounds: int) -> Tally:
    """The service's clock is wrong for a while, then right again; then Redis dies."""

    def prepare(here: World) -> None:
        _set_clock(here, 0)
        here.service.child.environment["CLOCK"] = str(here.folder / "clock")

    async with world(seed, planted="clock", prepare=prepare) as here:
        here.clock_ahead_ms = max(_WRONG_MS)
        assert here.valkey is not None
        for _ in range(rounds):
            await here.answers(20)
            here.broke("clock")
            _set_clock(here, here.chance.choice(_WRONG_MS))
            await here.answers(30)
            _set_clock(here, 0)
            await here.answers(10)
            await here.kill(here.valkey)
            await here.valkey.start()
        await here.answers(20)
        return await here.verdict()


def _set_clock(here: World, milliseconds: int) -> None:
    aside = here.folder / "clock.new"
    aside.write_text(str(milliseconds))
    aside.replace(here.folder / "clock")
