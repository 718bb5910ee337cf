"""What recurs without being about any call: a tick and how late it comes, another attempt."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from math import inf


async def attempts(pause: float, most: float = inf) -> AsyncGenerator[None, None]:
    """Try at once, and again after each `pause` seconds; `most` times in all."""
    yield
    made = 1
    async with aclosing(every(pause)) as ticks:
        while made < most:
            await anext(ticks)
            made += 1
            yield


async def every(seconds: float) -> AsyncGenerator[float, None]:
    """Tick for ever, yielding how many seconds late each tick comes: the event loop's lag."""
    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))  # noqa: TID251 -- the shell's one rhythm
        late = loop.time() - due
        yield max(0.0, late)
        due = max(due + seconds, loop.time())
