"""Which legs are lost: those whose packets stand still for longer than one is patient."""

from dataclasses import dataclass, field

import pytest

from telephony.acd.model import AgentId, Device, Instant, Offer, Phone
from telephony.ari.errors import AriGoneError
from telephony.calls.lost_sound import FIRST_WITHIN, LostSound, Patience
from telephony.centre import commands as cmd
from telephony.centre.tolls import TollRules
from tests.builders import ANA, BO, C1, MONDAY, agent, rules
from tests.script import Script

HERS, HIS = Offer(C1, 1, ANA), Offer(C1, 2, BO)
PAGE, DESK = Phone.BROWSER, Phone.DESK


@dataclass
class Counted:
    """Asterisk, as far as it counts packets."""

    packets: dict[str, int] = field(default_factory=dict)
    variables: dict[tuple[str, str], str] = field(default_factory=dict)

    async def packets_received(self, channel: str) -> int:
        if channel not in self.packets:
            raise AriGoneError(404, "")
        return self.packets[channel]

    async def get_channel_variable(self, channel: str, variable: str) -> str:
        return self.variables.get((channel, variable), "")

    async def set_channel_variable(self, channel: str, variable: str, value: str) -> None:
        self.variables[channel, variable] = value


def talking(phone: Phone) -> Script:
    script = Script(rules(agents=(agent(ANA), agent(BO))), phones=False)
    script.tell(cmd.DeviceChanged(ANA, Device.FREE, phone), cmd.Ready(ANA))
    script.tell(cmd.DeviceChanged(BO, Device.FREE, phone), cmd.Pause(BO, "lunch"))
    return script.tell(cmd.CallArrived(C1, "0942000100", None), cmd.AgentAnswered(HERS))


def watcher(asterisk: Counted, patience: Patience = Patience()) -> LostSound:  # noqa: B008 -- frozen
    return LostSound(asterisk, patience)  # type: ignore[arg-type]  # the one question it asks


def at(seconds: float) -> Instant:
    return Instant(MONDAY + seconds)


async def test_a_page_whose_packets_stand_still_is_lost_and_one_that_sends_is_not() -> None:
    asterisk, script = Counted({HERS.leg: 10}), talking(PAGE)
    listening = watcher(asterisk)
    for tick in range(10):
        asterisk.packets[HERS.leg] += 25
        assert await listening.look(script.centre, at(tick / 2)) == []
    assert await listening.look(script.centre, at(5.9)) == []
    assert await listening.look(script.centre, at(6.0)) == [HERS]


async def test_who_leads_next_goes_on_with_a_silence_that_has_begun() -> None:
    asterisk, script = Counted({HERS.leg: 10}), talking(PAGE)
    first, second = watcher(asterisk), watcher(asterisk)
    for tick in range(3):
        assert await first.look(script.centre, at(tick / 2)) == []
    assert await second.look(script.centre, at(1.4)) == []
    assert await second.look(script.centre, at(1.5)) == [HERS]
    assert await watcher(asterisk).look(script.centre, at(1.6)) == [HERS]


async def test_who_leads_next_asks_nothing_of_a_silence_that_is_over() -> None:
    asterisk, script = Counted({HERS.leg: 10}), talking(PAGE)
    first, second = watcher(asterisk), watcher(asterisk)
    for tick in range(3):
        await first.look(script.centre, at(tick / 2))
    asterisk.packets[HERS.leg] += 1
    assert await second.look(script.centre, at(1.5)) == []
    assert await second.look(script.centre, at(2.9)) == []
    assert await second.look(script.centre, at(3.0)) == [HERS]


async def test_a_desk_phone_that_was_still_before_it_was_on_hold_has_its_time_anew() -> None:
    asterisk, script = Counted({HERS.leg: 9}), talking(DESK)
    first, second = (watcher(asterisk, Patience(phone=3.0)) for _ in range(2))
    for tick in range(3):
        await first.look(script.centre, at(tick / 2))
    script.tell(cmd.Hold(ANA))
    await first.look(script.centre, at(60))
    script.tell(cmd.Resume(ANA))
    assert await first.look(script.centre, at(61)) == []
    assert await second.look(script.centre, at(61.5)) == []


async def test_the_first_packet_may_take_longer() -> None:
    asterisk, script = Counted({HERS.leg: 0}), talking(PAGE)
    listening = watcher(asterisk)
    assert await listening.look(script.centre, at(0)) == []
    assert await listening.look(script.centre, at(FIRST_WITHIN - 0.1)) == []
    assert await listening.look(script.centre, at(FIRST_WITHIN)) == [HERS]


async def test_a_page_is_watched_on_hold_too() -> None:
    asterisk, script = Counted({HERS.leg: 9}), talking(PAGE).tell(cmd.Hold(ANA))
    listening = watcher(asterisk)
    await listening.look(script.centre, at(0))
    assert await listening.look(script.centre, at(2)) == [HERS]


async def test_a_leg_that_is_gone_is_told_of_otherwise() -> None:
    listening, script = watcher(Counted()), talking(PAGE)
    await listening.look(script.centre, at(0))
    assert await listening.look(script.centre, at(60)) == []


async def test_what_is_lost_is_not_asked_about_again() -> None:
    asterisk, script = Counted({HERS.leg: 9}), talking(PAGE)
    listening = watcher(asterisk)
    await listening.look(script.centre, at(0))
    script.tell(cmd.PhoneLost(HERS))
    assert await listening.look(script.centre, at(60)) == []


@pytest.mark.parametrize(("patience", "lost"), [(None, []), (3.0, [HERS])])
async def test_desk_phones_are_watched_only_where_the_site_says_so(
    patience: float | None, lost: list[Offer]
) -> None:
    asterisk, script = Counted({HERS.leg: 9}), talking(DESK)
    listening = watcher(asterisk, Patience(phone=patience))
    await listening.look(script.centre, at(0))
    assert await listening.look(script.centre, at(2.9)) == []
    assert await listening.look(script.centre, at(3.0)) == lost
    script.tell(cmd.Hold(ANA))
    assert await listening.look(script.centre, at(60)) == []


async def test_whoever_is_consulted_is_watched_once_they_have_answered() -> None:
    asterisk, script = Counted({HERS.leg: 9, HIS.leg: 9}), talking(PAGE)
    script.tell(cmd.AskAside(ANA, BO))
    listening = watcher(asterisk)
    await listening.look(script.centre, at(0))
    assert await listening.look(script.centre, at(2)) == [HERS]
    script.tell(cmd.AgentAnswered(HIS))
    await listening.look(script.centre, at(3))
    assert set(await listening.look(script.centre, at(6))) == {HERS, HIS}
    assert script.centre.acd.roster[AgentId("bo")].phone is PAGE


async def test_whoever_calls_a_citizen_back_at_a_page_is_watched() -> None:
    of = rules(agents=(agent(ANA),), always_open=True, tolls=TollRules(("0942",), 5))
    script = Script(of, phones=False)
    script.tell(cmd.DeviceChanged(ANA, Device.FREE, PAGE), cmd.Pause(ANA, "cards"))
    script.tell(cmd.CallBack(ANA, "ob-1", None, "key"))
    (own,) = script.centre.own.calls.values()
    asterisk = Counted({own.offer.leg: 10})
    listening = watcher(asterisk)
    script.tell(cmd.AgentAnswered(own.offer))
    assert await listening.look(script.centre, at(0)) == []
    assert await listening.look(script.centre, at(9)) == []  # nobody is there to hear nothing
    script.tell(cmd.ExternalAnswered(own.id, 2))
    listening = watcher(asterisk)
    assert await listening.look(script.centre, at(10)) == []
    assert await listening.look(script.centre, at(11.5)) == [own.offer]
