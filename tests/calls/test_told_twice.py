"""D1: an event that comes twice, or without the one that says why, changes nothing."""

from collections.abc import Iterable

from telephony.acd.model import CallId
from telephony.ari import events as ev
from telephony.ari.events import AriEvent
from telephony.calls.keypad import Keypad
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, BO, C1, flow, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later

MENU = {
    "kind": "menu",
    "prompt": "main_menu",
    "choices": {"1": "second"},
    "timeout": 60.0,
    "otherwise": "general",
}
SECOND = {**MENU, "choices": {"1": "booking", "2": "booking"}}


def twice(kind: type[AriEvent], after: float) -> object:
    """Each event of this kind is told again so much later."""

    def told(event: AriEvent) -> Iterable[tuple[float, AriEvent]]:
        yield 0.0, event
        if isinstance(event, kind):
            yield after, event

    return told


@virtually
async def test_d1_a_key_that_is_told_twice_was_pressed_once() -> None:
    site = Site(rules(of=flow("menu", menu=MENU, second=SECOND)))
    async with site.led() as lead:
        site.asterisk.lie = twice(ev.ChannelDtmfReceived, 0.5)  # type: ignore[assignment]
        call = site.arrives()
        await later(1.0)
        site.asterisk.world.press(call, "1")
        await later(1.0)
        assert lead.calls() == {call: "menu"}
        site.asterisk.world.press(call, "1")  # the same key, pressed again
        await later(1.0)
        assert lead.calls() == {call: "waiting"}


def test_the_same_key_at_another_moment_is_another_press() -> None:
    keypad = Keypad()
    assert not keypad.told_twice(C1, "1", "12:00:00.000")
    assert keypad.told_twice(C1, "1", "12:00:00.000")
    assert not keypad.told_twice(C1, "1", "12:00:00.100")
    assert not keypad.told_twice(CallId("another"), "1", "12:00:00.100")
    assert not keypad.told_twice(C1, "2", "12:00:00.100")
    keypad.forget(C1)
    assert not keypad.told_twice(C1, "2", "12:00:00.100")
    assert not keypad.told_twice(C1, "", "")
    assert not keypad.told_twice(C1, "", "")


@virtually
async def test_d1_an_arrival_that_is_told_again_after_the_end_is_nobody() -> None:
    site = Site()
    async with site.led() as lead:
        site.asterisk.lie = twice(ev.StasisStart, 0.5)  # type: ignore[assignment]
        call = site.arrives()
        await later(0.2)
        site.hang_up(call)
        await later(3.0)
        assert lead.calls() == {}
        assert [end.call for end in site.records.closed()] == [call]


@virtually
async def test_d1_an_agents_goodbye_is_one_although_only_its_end_is_told() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0), ANA, BO)
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(2.0)
        assert lead.agent(ANA).state == "talking"
        site.asterisk.lose_events("ChannelHangupRequest")
        site.hang_up(f"o.{call}.1")
        await later(0.5)
        (end,) = site.records.closed()
        assert (end.outcome, end.hung_up_by) == ("answered", "agent")
