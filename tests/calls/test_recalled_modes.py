"""A mode outlives the journal: a new leader takes it up from its record."""

from telephony.acd.model import Instant
from telephony.centre import commands as cmd
from telephony.centre.model import ModeInForce
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import virtually
from telephony.store import changes as row
from tests.calls.centre_site import Leader, Site
from tests.calls.leading import later

HOUR = 3600.0


def on(lead: Leader) -> dict[str, ModeInForce]:
    return lead.controller.engine.centre.floor.modes


async def set_and_lose_the_journal(site: Site, *commands: cmd.OfSite) -> dict[str, ModeInForce]:
    """Set, and nothing is left but what SQL has."""
    async with site.led() as lead:
        for each in commands:
            await lead.controller.request(each)
        known = dict(on(lead))
        await later(1)
    site.journal = FakeJournal()
    return known


@virtually
async def test_it_is_on_again_as_it_was_set_and_still_ends_at_its_time() -> None:
    site = Site()
    asked = cmd.SetMode("emergency", HOUR, "u9", closes=False, prompt="notice_weather")
    known = await set_and_lose_the_journal(site, asked)
    async with site.led() as lead:
        assert on(lead) == known
        assert known["emergency"].rule.prompts["notice"] == "notice_weather"
        await later(HOUR)
        assert on(lead) == {}
    assert await site.records.modes_on() == []
    began = [each for each in site.records.changes if isinstance(each, row.ModeBegan)]
    assert len(began) == 1  # one mode, one record


@virtually
async def test_one_whose_time_is_over_meanwhile_stays_off_and_its_record_is_closed() -> None:
    site = Site()
    known = await set_and_lose_the_journal(site, cmd.SetMode("outage", 60.0, "u9"))
    await later(120)
    async with site.led() as lead:
        assert on(lead) == {}
    ended = [each for each in site.records.changes if isinstance(each, row.ModeEnded)]
    assert [(each.mode, each.at) for each in ended] == [("outage", known["outage"].until)]


@virtually
async def test_one_that_somebody_ended_stays_off() -> None:
    site = Site()
    set_, end = cmd.SetMode("surge", HOUR, "u9"), cmd.EndMode("surge", "u8")
    await set_and_lose_the_journal(site, set_, end)
    async with site.led() as lead:
        assert on(lead) == {}


@virtually
async def test_with_sql_away_it_is_on_as_soon_as_sql_is_back() -> None:
    site = Site()
    known = await set_and_lose_the_journal(site, cmd.SetMode("emergency", HOUR, "u9"))
    site.records.away = True
    async with site.led() as lead:
        assert on(lead) == {}
        site.records.away = False
        await later(30)
        assert on(lead) == known


@virtually
async def test_what_is_said_since_counts_more_than_what_is_on_record() -> None:
    site = Site()
    await set_and_lose_the_journal(site, cmd.SetMode("emergency", HOUR, "u9"))
    site.records.away = True
    async with site.led() as lead:
        controller = lead.controller
        controller.engine.submit(cmd.SetMode("emergency", 2 * HOUR, "u7"))
        controller.engine.submit(cmd.SetMode("surge", HOUR, "u7"))
        site.records.away = False
        await later(30)
        assert {name: each.by for name, each in on(lead).items()} == {
            "emergency": "u7", "surge": "u7"
        }  # fmt: skip
    still = await site.records.modes_on()
    assert sorted(each.mode for each in still) == ["emergency", "surge"]
    assert {each.by for each in still} == {"u7"}


@virtually
async def test_nothing_is_journaled_where_nothing_was_lost() -> None:
    site = Site()
    async with site.led() as lead:
        await lead.controller.request(cmd.SetMode("emergency", HOUR, "u9"))
        await later(1)
    async with site.led() as lead:
        assert on(lead)["emergency"].until > Instant(0)
    assert "ModesOnRecord" not in {
        str((each.command or {}).get("is")) for each in site.journal.records
    }
