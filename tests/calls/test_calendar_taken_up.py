"""A calendar is taken up while the centre works: leader, standby and replay go by the same one."""

import pytest

from ivr_flows.opening.model import Calendar, Hours, Rule
from telephony.acd.errors import Rejected
from telephony.calls.rebuild import Rebuilt
from telephony.calls.standby import FRESH_FOR, Follower
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import virtually
from tests.builders import C1, C2, flow, rules
from tests.calls.centre_site import Site
from tests.calls.leading import Leading, arrives, image, later, leading

NIGHT = (Hours(0, 1),)  # closed at whatever time tests run, but for a minute
GATE = flow(
    "gate",
    gate={"kind": "hours", "open": "menu", "closed": "sorry"},
    menu={
        "kind": "menu", "prompt": "main_menu", "choices": {"1": "general"}, "timeout": 60,
        "otherwise": "general",
    },
    sorry={"kind": "say", "prompt": "closed", "then": "bye"},
    bye={"kind": "hang_up"},
)  # fmt: skip


def under(digest: str, hours: tuple[Hours, ...] = (Hours(0, 1440),)) -> CentreRules:
    calendar = Calendar(base=(Rule("毎日", hours),) * 7, holidays_matter=False)
    return rules(digest=digest, of=GATE, calendar=calendar)


OPEN, SHUT = under("open"), under("shut", NIGHT)


def taken(wanted: CentreRules) -> cmd.TakeUpCalendar:
    return cmd.TakeUpCalendar(wanted.calendar, wanted.digest)


async def happen(lead: Leading, *commands: cmd.Command) -> None:
    for command in commands:
        lead.engine.submit(command)
    await later(0.05)


def same(found: Rebuilt, lead: Leading) -> bool:
    return found.complete and image(found.centre) == image(lead.engine.centre)


@virtually
async def test_a_standby_follows_from_one_calendar_to_the_next() -> None:
    journal = FakeJournal()
    async with leading(Centre(OPEN), journal) as lead:
        follower = Follower(journal, OPEN)
        await happen(lead, arrives(C1))
        await follower.look()
        await happen(lead, taken(SHUT), arrives(C2))
        await follower.look()
        found = await follower.rebuilt()
        assert found.centre.rules == lead.engine.centre.rules == SHUT
        assert same(found, lead)
        await later(FRESH_FOR + 1)  # it begins again from a snapshot under the later calendar
        await happen(lead, cmd.CallerHungUp(C2))
        await follower.look()
        assert same(await follower.rebuilt(), lead)
        assert follower.in_step


@pytest.mark.parametrize("began", [OPEN, SHUT], ids=["before", "after"])
@virtually
async def test_whoever_begins_later_has_it_whatever_they_were_started_with(
    began: CentreRules,
) -> None:
    journal = FakeJournal()
    async with leading(Centre(OPEN), journal) as lead:
        await happen(lead, arrives(C1), taken(under("between")), taken(SHUT))
        await happen(lead, arrives(C2))
        found = await Follower(journal, began).rebuilt()
        assert found.centre.rules == SHUT
        assert same(found, lead)


@virtually
async def test_back_to_the_first_one_is_a_change_like_any_other() -> None:
    journal = FakeJournal()
    async with leading(Centre(OPEN), journal) as lead:
        await happen(lead, taken(SHUT), taken(OPEN), arrives(C1))
        for began in (OPEN, SHUT):
            assert same(await Follower(journal, began).rebuilt(), lead)
        assert lead.engine.centre.rules == OPEN


@virtually
async def test_another_site_is_not_taken_for_another_calendar() -> None:
    journal = FakeJournal()
    async with leading(Centre(OPEN), journal) as lead:
        await happen(lead, taken(SHUT))
        found = await Follower(journal, under("elsewhere")).rebuilt()
        assert found.centre.rules == under("elsewhere")


@virtually
async def test_a_fault_of_the_core_does_not_bring_the_former_one_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = FakeJournal()
    async with leading(Centre(OPEN), journal) as lead:
        await happen(lead, arrives(C1))
        lead.engine.submit(taken(SHUT))
        monkeypatch.setattr("telephony.centre.core.Centre._note_of_call", _raises)
        lead.engine.submit(cmd.CallerHungUp(C1))  # before a snapshot could be taken
        monkeypatch.undo()
        assert lead.engine.poisoned == 1
        assert lead.engine.centre.rules == SHUT
        await happen(lead, arrives(C2))
        assert same(await Follower(journal, OPEN).rebuilt(), lead)


def _raises(*_: object) -> None:
    raise AssertionError("a bug")


class Written:
    """A site directory of one calendar."""

    def __init__(self, written: CentreRules) -> None:
        self.written = written
        self.fault = ""
        self.reads = 0
        self.holds: list[str] = []

    def is_news(self, digest: str) -> bool:
        """Whether it is another one."""
        return digest != self.written.digest

    async def read(self) -> cmd.TakeUpCalendar:
        """As it is written."""
        self.reads += 1
        if self.fault:
            raise Rejected(self.fault)
        return taken(self.written)

    async def taken_up(self) -> None:
        """Note which."""
        self.holds.append(self.written.digest)


def heard(site: Site, channel: str) -> list[str]:
    plays = [each for each in site.asterisk.requests if each[:2] == ("play", channel)]
    return [str(uri).removeprefix("sound:") for each in plays for uri in each[3]]  # type: ignore[attr-defined]


@virtually
async def test_who_is_here_is_served_and_the_next_caller_meets_the_new_one() -> None:
    written = Written(OPEN)
    site = Site(rules=OPEN, written=written)
    async with site.led() as lead:
        before = site.arrives()
        await later(0.5)
        written.written = SHUT
        await lead.controller.take_up_calendar()
        after = site.arrives("0942000102")
        await later(0.5)
        assert heard(site, before) == ["main_menu"]
        assert heard(site, after) == ["closed"]
        assert lead.controller.status()["controller"]["config"] == "shut"
        assert written.holds == ["shut"]
        assert written.reads == 1  # nothing was to be read when it began to lead
        await later(3)
    async with site.led() as lead:  # killed; its successor began with the former calendar
        assert lead.controller.engine.centre.rules == SHUT
        assert lead.calls()[before] == "menu"
        site.asterisk.world.press(before, "1")
        await later(0.5)
        assert lead.calls()[before] == "waiting"


@virtually
async def test_what_was_written_while_nobody_led_is_taken_up_by_the_next() -> None:
    site = Site(rules=OPEN, written=Written(SHUT))
    async with site.led() as lead:
        assert lead.controller.engine.centre.rules == SHUT


@virtually
async def test_a_faulty_site_changes_nothing() -> None:
    written = Written(OPEN)
    site = Site(rules=OPEN, written=written)
    async with site.led() as lead:
        written.written, written.fault = SHUT, "calendar.yaml:3: two entries hold on monday"
        with pytest.raises(Rejected, match="two entries"):
            await lead.controller.take_up_calendar()
        assert lead.controller.engine.centre.rules == OPEN
        written.fault = ""
        await lead.controller.take_up_calendar()
        entries = len(site.journal.records)
        await lead.controller.take_up_calendar()  # asked again: nothing more is journaled
        kinds = [str((each.command or {}).get("is")) for each in site.journal.records[entries:]]
        assert "TakeUpCalendar" not in kinds
