"""Processes that are stopped and killed, and requests that outlive whoever sent them."""

import asyncio

import pytest

from telephony.calls.journal import JournalAway
from telephony.simulation.shell.link import Link, Passage
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.process import Process
from telephony.simulation.shell.script import Citizen, Script
from telephony.simulation.shell.shrink import Shrinker
from tests.calls.leading import later


def now() -> float:
    return asyncio.get_running_loop().time()


@virtually
async def test_nothing_of_a_stopped_process_runs_and_all_of_it_runs_late_in_order() -> None:
    ran: list[tuple[str, float]] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(2.0, lambda: ran.append(("timer", now())))
        cancelled = loop.call_later(3.0, lambda: ran.append(("cancelled", now())))
        loop.call_later(2.5, cancelled.cancel)
        await asyncio.sleep(1.0)  # noqa: TID251 -- virtual
        ran.append(("task", now()))

    process = Process("one")
    task = process.start(work())
    await later(0.5)
    process.stop()
    await later(9.5)
    assert ran == []
    process.go_on()
    await task
    await later()
    assert [name for name, _ in ran] == ["timer", "task"]  # a task takes one more turn
    assert [at for _, at in ran] == pytest.approx([10.0, 10.0])


@virtually
async def test_a_killed_process_has_no_last_word() -> None:
    said: list[str] = []
    link = Link(JournalAway, lambda _: Passage(0.1, 0.1), 5.0)

    async def say(word: str) -> None:
        said.append(word)

    async def work() -> None:
        try:
            await asyncio.sleep(60.0)  # noqa: TID251 -- virtual
        finally:
            with pytest.raises(JournalAway):
                await link.carry("last", lambda: say("farewell"))

    process = Process("one")
    task = process.start(work())
    await later(1.0)
    process.kill()
    await asyncio.wait([task])
    assert said == []


@virtually
async def test_what_was_sent_is_carried_out_although_its_sender_is_dead() -> None:
    done: list[float] = []
    link = Link(JournalAway, lambda _: Passage(1.0, 1.0), 5.0)

    async def serve() -> None:
        done.append(now())

    process = Process("one")
    task = process.start(link.carry("append", serve))
    await later(0.5)
    process.kill()
    await asyncio.wait([task])
    await later(2.0)
    assert done == [1.0]


@virtually
async def test_an_answer_can_be_lost_and_a_stalled_server_answers_when_it_goes_on() -> None:
    done: list[float] = []

    async def serve() -> None:
        done.append(now())

    lost = Link(JournalAway, lambda _: Passage(lost=True), 5.0)
    with pytest.raises(JournalAway, match="reply lost"):
        await Process("one").start(lost.carry("append", serve))
    assert len(done) == 1
    stalled = Link(JournalAway, lambda _: Passage(), 5.0, stalled=True)
    asked = Process("one").start(stalled.carry("append", serve))
    await later(3.0)
    assert len(done) == 1
    stalled.stalled = False
    await asked
    assert len(done) == 2
    gone = Link(JournalAway, lambda _: Passage(), 5.0, dead=True)
    with pytest.raises(JournalAway):
        await Process("one").start(gone.carry("append", serve))


def test_a_failure_is_shrunk_to_what_it_needs() -> None:
    citizens = tuple(Citizen(str(number), float(number)) for number in range(40))
    script = Script(1, 3600.0, citizens, ())

    def fails(some: Script) -> bool:
        return {"7", "31"} <= {citizen.name for citizen in some.citizens}

    small = Shrinker(fails).smallest(script)
    assert [citizen.name for citizen in small.citizens] == ["7", "31"]
    assert small.lasts < 100.0
