"""The fake is as the real thing: the same scenarios, the same transcripts."""

from __future__ import annotations

import asyncio

import pytest

from telephony.simulation.shell.loop import run
from tests.asterisk.bare import Bare
from tests.asterisk.scenarios import SCENARIOS, Scenario
from tests.asterisk.stages import Transcript, fake_stage, real_stage

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)


async def _on_the_fake(scenario: Scenario) -> Transcript:
    async with fake_stage() as stage:
        await scenario(stage)
        return await stage.finish()


async def _on_asterisk(scenario: Scenario, bare: Bare) -> Transcript:
    async with real_stage(bare) as stage:
        await scenario(stage)
        return await stage.finish()


@each_scenario
def test_the_fake_tells_the_same_story_twice(scenario: Scenario) -> None:
    told = run(_on_the_fake(scenario))
    assert len(told) > 1 or told["answers"]
    assert told == run(_on_the_fake(scenario))


@pytest.mark.asterisk
@each_scenario
def test_the_fake_and_asterisk_tell_the_same_story(scenario: Scenario, bare: Bare) -> None:
    real = asyncio.run(_on_asterisk(scenario, bare))
    assert run(_on_the_fake(scenario)) == real
