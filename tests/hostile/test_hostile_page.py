"""A9 from within: whoever is signed in can say anything over their telephone's socket."""

from pathlib import Path
from typing import Final

import aiohttp
import pytest

from agents.web.security import Door
from tests.hostile.mutations import SPOILS
from tests.hostile.page import HostilePage
from tests.hostile.proof import FORMS, Target, calling, faults_in_logs
from tests.real.many_desks import centre_of
from tests.real.page_phone import CHALLENGED, OK, signed_in, through_the_desk

pytestmark = pytest.mark.asterisk

SEED: Final = 5
MESSAGES: Final = 12 * len(SPOILS)
A_SECOND: Final = 60.0
REFUSED: Final = 404
# A colleague, a telephone, the city, emergency and time, abroad; none is reached by dialling.
NUMBERS: Final = ("a02", "a02.web", "0942000100", "110", "119", "117", "0101942000100", "s")


async def test_a9_a_page_that_goes_mad_harms_nobody(tmp_path: Path) -> None:
    async with (
        centre_of(tmp_path, 3) as (c, password),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        pids = await c.instance.until(lambda found: found.keys() >= {*FORMS, "desk"})
        at = Target(c.instance, c.trunk, {name: pids[name] for name in (*FORMS, "desk")})
        door = Door(c.ports.desk)
        mad = HostilePage(await signed_in(http, door, "a01", password), "a01")
        sane = await signed_in(http, door, "a03", password)
        async with through_the_desk(sane, "a03") as phone, calling(at) as good:
            assert await phone.register() == OK
            await mad.attack(SEED, MESSAGES, A_SECOND)
            assert await proven(mad) == dict.fromkeys(NUMBERS, REFUSED)
            assert await phone.register() == OK, "a colleague's telephone is a telephone still"
        assert good.failures == []
        assert good.placed >= 5
        assert await at.alive(), "a part was started again"
        assert mad.statuses[CHALLENGED], "nothing of it came to Asterisk: the attack went elsewhere"
        assert {status for status in mad.statuses if 200 <= status < 300} == set()
        assert c.trunk.incoming.empty(), "a number was dialled"
        assert (await at.metrics())["poisoned"] == 0
        assert list(faults_in_logs(at.instance.home.path)) == []


async def proven(mad: HostilePage) -> dict[str, int]:
    """What its own telephone, with its own secret, is told of calls that it tries to make."""
    told = {}
    for number in NUMBERS:
        async with through_the_desk(mad.page, mad.seat) as phone:
            told[number] = await phone.dial(number)
    return told
