"""A channel takes a caller's place past the dialplan (INVITE with Replaces, D1).

A real Asterisk 22.10 then sends StasisStart without arguments and with `replace_channel`, and
StasisEnd of the former channel where that was in no bridge.
"""

import pytest

from telephony.ari.events import StasisStart
from telephony.simulation.shell.loop import virtually
from tests.calls.centre_site import Site
from tests.calls.leading import later

WITHIN = 2.5  # seconds: two sweeps and an answer


@pytest.mark.parametrize("told", [1, 2])
@virtually
async def test_d1_whoever_takes_a_callers_place_is_served_as_a_new_call(told: int) -> None:
    site = Site()
    async with site.led() as lead:
        former = site.arrives()
        await later(0.1)
        world = site.asterisk.world
        then = world.lines[former].seen()
        new = world.arrive("0942000101", args=())
        for _ in range(told):
            place_of = StasisStart(channel=world.lines[new].seen(), replace_channel=then)
            site.asterisk.emit(place_of)
        site.hang_up(former)
        await later(WITHIN)
        assert lead.calls() == {new: "waiting"}
        assert lead.controller.engine.poisoned == 0
        site.hang_up(new)
        await later(0.1)
        assert site.left_over() == set()
    ended = [(each.call, each.outcome) for each in site.records.closed()]
    assert ended == [(former, "abandoned"), (new, "abandoned")]
