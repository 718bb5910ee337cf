"""A1, A7, A9 and F14 on the real thing; `python -m benchmarks.hostile_sip` sends ten times more."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from tests.hostile.attack import Attacker
from tests.hostile.mutations import SPOILS
from tests.hostile.proof import calling, faults_in_logs, settled, target
from tests.hostile.strangers import floods

pytestmark = pytest.mark.asterisk

SEED: Final = 9
MUTANTS: Final = 12 * len(SPOILS)
A_SECOND: Final = 60
FLOODED_FOR: Final = 3.0  # seconds
MAY_GROW: Final = 50.0  # MB


async def test_a1_a7_a9_hostile_sip_harms_nobody(tmp_path: Path) -> None:
    async with target(tmp_path) as at:
        before = at.resident()
        async with calling(at) as good:
            attacker = await Attacker.open(at.ports.trunk)
            await attacker.attack(SEED, MUTANTS, A_SECOND)
            strangers = await asyncio.gather(
                *(
                    flood.last(FLOODED_FOR, SEED)
                    for flood in floods(at.ports.trunk, at.ports.phones)
                )
            )
            await settled(attacker)
            attacker.close()
        assert good.failures == []
        assert good.placed >= 10
        assert await at.alive(), "a part was started again"
        await at.records(good.placed + len(attacker.accepted), over=False)
        assert attacker.accepted, "no mutant was taken: the attack went elsewhere"
        assert [sorted(each.accepted) for each in strangers] == [[], [], []]
        grown = {name: size - before[name] for name, size in at.resident().items()}
        assert {name: size for name, size in grown.items() if size >= MAY_GROW} == {}
        assert (await at.metrics())["poisoned"] == 0
        assert list(faults_in_logs(at.instance.home.path)) == []
