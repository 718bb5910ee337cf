"""A1, A7, A9 and F14 on the real thing; `python -m benchmarks.hostile_sip` sends ten times more."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from tests.hostile.attack import Attacker
from tests.hostile.mutations import SPOILS
from tests.hostile.proof import calling, faults_in_logs, settled, target
from tests.hostile.rfc4475 import Taken, cases
from tests.hostile.strangers import floods
from tests.real.waiting import pause, until_true

pytestmark = pytest.mark.asterisk

SEED: Final = 9
MUTANTS: Final = 12 * len(SPOILS)
A_SECOND: Final = 60
FLOODED_FOR: Final = 3.0  # seconds
# MB. SIP keeps what it answered for 32 s, longer than this takes, so nothing is given back yet;
# that memory becomes flat, thousands of mutants show: `python -m benchmarks.hostile_sip`.
MAY_GROW: Final = 80.0


async def test_a1_a7_a9_hostile_sip_harms_nobody(tmp_path: Path) -> None:
    async with target(tmp_path) as at:
        async with calling(at) as good:
            tortured = await torture(at.ports.trunk)
            attacker = await Attacker.open(at.ports.trunk)
            await attacker.attack(SEED + 1, MUTANTS, A_SECOND)
            before = at.resident()  # what the first calls and attacks make is made once
            await attacker.attack(SEED, MUTANTS, A_SECOND)
            strangers = await asyncio.gather(
                *(
                    flood.last(FLOODED_FOR, SEED)
                    for flood in floods(at.ports.trunk, at.ports.phones)
                )
            )
            await until_true(at.alarms, lambda raised: "strangers" in raised, "the alarm")
            await settled(attacker)
            attacker.close()
        assert wrongly(tortured) == {}
        assert good.failures == []
        assert good.placed >= 10
        assert await at.alive(), "a part was started again"
        await at.records(good.placed + len(tortured.accepted | attacker.accepted), over=False)
        assert attacker.accepted, "no mutant was taken: the attack went elsewhere"
        assert [sorted(each.accepted) for each in strangers] == [[], [], []]
        grown = {name: size - before[name] for name, size in at.resident().items()}
        assert {name: size for name, size in grown.items() if size >= MAY_GROW} == {}
        assert (await at.metrics())["poisoned"] == 0
        assert list(faults_in_logs(at.instance.home.path)) == []


async def torture(trunk: int) -> Attacker:
    """One after the other, and everything answered was ended."""
    attacker = await Attacker.open(trunk)
    for case in cases(attacker.at, trunk):
        attacker.send(case.datagram)
        await pause(1 / A_SECOND)
    await settled(attacker)
    attacker.close()
    return attacker


def wrongly(tortured: Attacker) -> dict[str, tuple[str, list[int]]]:
    """The sections whose message became a call and may not, or did not and must."""
    faults = {}
    for case in cases(tortured.at, tortured.theirs):
        told = tortured.answers.get(case.call_id, [])
        call = case.is_call(told)
        if (call and case.taken is Taken.REFUSED) or (not call and case.taken is Taken.SERVED):
            faults[case.section] = (case.name, told)
    return faults
