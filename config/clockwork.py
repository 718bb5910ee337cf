"""What recurs without being about any call: one second's tick, and how late it comes."""

import asyncio
from collections.abc import AsyncGenerator


async def every(seconds: float) -> AsyncGenerator[float, None]:
    """Tick for ever, yielding how many seconds late each tick comes: the event loop's lag."""
    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))  # noqa: TID251 -- the shell's one rhythm
        late = loop.time() - due
        yield max(0.0, late)
        due = max(due + seconds, loop.time())
