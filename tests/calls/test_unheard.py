"""Asterisk says that it could not play a sound: told of, and the caller goes on."""

import pytest

from telephony.centre.model import Stage
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA
from tests.calls.leading import later
from tests.calls.test_controller import with_menu


@virtually
async def test_a_sound_that_asterisk_cannot_play_is_counted_and_the_caller_goes_on() -> None:
    site = with_menu()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        site.asterisk.world.missing = {"sound:main_menu"}
        call = site.arrives()
        await later(0.5)
        assert lead.call(call).stage == Stage.MENU
        assert lead.controller.inside().sounds_missing == 1
        await later(30.0)  # nobody presses a key: nothing was heard
        assert lead.controller.inside().sounds_missing > 1
        assert lead.agent(ANA).state == "offered"


@virtually
@pytest.mark.parametrize("by_us", [False, True])
async def test_a_sound_cut_by_a_hang_up_is_no_fault_of_the_sound(by_us: bool) -> None:
    site = with_menu()
    async with site.led() as lead:
        site.asterisk.world.durations = {"sound:main_menu": 10.0}
        call = site.arrives()
        await later(1.0)
        if by_us:
            await site.asterisk.hang_up(call)
        else:
            site.hang_up(call)
        await later(1.0)
        assert lead.calls() == {}
        assert lead.controller.inside().sounds_missing == 0
