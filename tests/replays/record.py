"""A minute of a real centre whose controller is killed in the middle, as an exported journal.

`python -m tests.replays.record FILE` records it anew, after a change of the core on purpose.
"""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.real.centre import Centre, centre
from tests.real.waiting import pause


async def record(folder: Path, file: Path) -> None:
    """Run the minute in this folder, and export what the journal says of it."""
    async with centre(folder) as c:
        c.begin()
        await _minute(c)
        home = str(c.instance.home.path)
        export = [sys.executable, "-m", "telephony", "journal", "export", str(file), "--home", home]
        process = await asyncio.create_subprocess_exec(*export, stdout=asyncio.subprocess.DEVNULL)
        assert await process.wait() == 0


async def _minute(c: Centre) -> None:
    """One caller talks, is held, and talks on over the crash; one waits and leaves during it."""
    talking, _ = await c.talking("a01")
    await c.ask("a01", "hold")
    await c.ask("a01", "resume")
    waiting = await c.call("0")
    await c.waiting(1)
    choosing = await c.call("1")
    await pause(0.5)
    waiting.hang_up()
    await _kill_controller(c)
    two = await c.ready("a02")
    await choosing.send_keys("1")
    leg = await two.rings()
    await leg.answer()
    await c.agent_is("a02", "state", "talking")
    await c.ask("a01", "end")
    await talking.ended
    choosing.hang_up()
    await c.quiet()
    await pause(2.5)  # wrap-up ends by itself


async def _kill_controller(c: Centre) -> None:
    former = (await c.instance.pids())["controller"]
    os.kill(former, signal.SIGKILL)
    await c.instance.until(lambda pids: pids.get("controller", former) != former)
    await c.status()
    await c.agent_is("a01", "state", "talking")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(record(Path(scratch), Path(sys.argv[1])))
