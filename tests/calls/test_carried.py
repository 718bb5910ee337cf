"""What rides on channels is there when everything else is gone."""

from telephony.acd.model import Instant
from telephony.calls.carried import ARRIVED, CALL, EPOCH, LEADER, epoch_in_asterisk, up_since
from telephony.calls.takeover import take_lease
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.records import FakeRecords
from telephony.simulation.shell.spool import FakeSpool
from tests.builders import ANA
from tests.calls.centre_site import Site
from tests.calls.leading import later
from tests.calls.test_takeover import follower, of


@virtually
async def test_a_leg_carries_its_call_when_it_arrived_and_who_made_it() -> None:
    site = Site()
    site.phones()
    site.records.leader = 6
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(0.5)
        carried = site.asterisk.world.lines[f"o.{call}.1"].variables
        assert (carried[CALL], carried[EPOCH]) == (call, "7")
        assert float(carried[ARRIVED]) == round(lead.call(call).arrived_at, 3)


@virtually
async def test_d9_the_next_epoch_is_above_what_live_channels_carry() -> None:
    site = Site()
    site.phones()
    site.records.leader = 6
    async with site.led(ready=[ANA]):
        site.arrives()
        await later(0.5)
    assert await epoch_in_asterisk(site.asterisk, ask_channels=True) == 7
    await site.asterisk.set_global_variable(LEADER, "")  # its dialplan was read anew
    site.journal, site.lease, site.records = FakeJournal(), FakeLease(), FakeRecords()
    site.spool = FakeSpool()
    assert (await take_lease(site.asterisk, of(site), "next", follower(site))).epoch == 8


@virtually
async def test_with_a_journal_the_channels_are_not_asked() -> None:
    site = Site()
    async with site.led():
        await later(0.5)
    site.asterisk.requests.clear()
    await take_lease(site.asterisk, of(site), "next", follower(site))
    assert [request[0] for request in site.asterisk.requests] == ["info", "get_global_variable"]


@virtually
async def test_asterisk_grows_no_younger_when_somebody_sets_the_clock_back() -> None:
    ari, started = Site().asterisk, 1000.0
    assert await up_since(ari, started, Instant(2000.0), ahead=0.0) == 1000.0
    assert await up_since(ari, started, Instant(3000.0), ahead=-3600.0) == 1000.0
    ari.restart()
    assert await up_since(ari, 390.0, Instant(4000.0), ahead=-3600.0) == 3990.0
