"""Asterisk dies with calls up (D6): they are lost, their agents free, and nobody is signed out."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from telephony.store.worklist import Worklist
from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.waiting import until_true
from tests.sip import AnswerAfter, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

UP_WITHIN = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def k(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of its own: its Asterisk dies."""
    folder: Path = tmp_path_factory.mktemp("cold")
    async with centre(folder) as made:
        made.begin()
        yield made


async def test_d6_calls_are_lost_and_agents_go_on_as_they_were(k: Centre) -> None:
    talking, leg = await k.talking("a01")
    await k.ready("a02")
    await k.ask("a02", "pause", reason="昼休み")
    waiting = await k.call("0")
    await k.waiting(1)
    os.kill((await k.instance.pids())["asterisk"], signal.SIGKILL)
    await until_true(k.status, lambda status: not status["ready"], "the event stream is gone")
    await until_true(k.status, lambda status: bool(status["ready"]), "ready again", UP_WITHIN)
    for call in (talking, waiting, leg):
        call.abandon()  # no BYE came: the other end is no more
    await k.quiet()
    outcomes = [(await k.record(call))["outcome"] for call in (talking, waiting)]
    assert outcomes == ["answered", "lost"]  # who has talked to somebody was answered
    number = (await k.record(waiting))["caller"]["number"]
    owed = await until_true(
        lambda: Worklist(k.database).of_number(number), bool, "who waited is owed a callback"
    )
    assert [each.cause for each in owed] == ["lost"]
    await k.agent_is("a01", "state", "ready")
    assert (await k.agent("a02"))["reason"] == "昼休み"
    phone = k.phones["a01"]
    await phone.register()
    await k.agent_is("a01", "phone", "free")
    phone.policy = AnswerAfter()
    again = await k.call("0")
    await talk(again, await phone.rings())
    await k.clear()
    await invariants(k)
