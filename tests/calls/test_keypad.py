"""Digits that nobody may see: twelve of them are never in the journal, wherever they are typed."""

import json

import pytest

from telephony.acd.model import CallId
from telephony.calls.keypad import MOST, SEEN, Keypad
from telephony.centre import commands as cmd
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, C1, flow, rules
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later

INDIVIDUAL = "123456789018"  # twelve digits, as an individual number has
MENU = {
    "kind": "menu",
    "prompt": "main_menu",
    "choices": {"7": "number", "8": "menu", "9": "booking"},
    "timeout": 5.0,
    "retries": 5,
    "otherwise": "general",
}
EVERY_KEY = {**MENU, "choices": dict.fromkeys("123456789", "menu")}
NUMBER = {
    "kind": "collect",
    "prompt": "enter_number",
    "field": "callback",
    "accept": "phone_number",
    "min_digits": 10,
    "max_digits": 11,
    "then": "thanks",
    "otherwise": "general",
}
THANKS = {"kind": "say", "prompt": "thanks", "then": "number"}


def site(menu: dict[str, object] = MENU) -> Site:
    made = Site(rules(of=flow("menu", menu=menu, number=NUMBER, thanks=THANKS)))
    made.phones(RINGS, ANA)
    return made


async def type_in(at: Site, call: str, keys: str) -> None:
    for key in keys:
        at.asterisk.world.press(call, key)
        await later(0.3)


def digits_seen(at: Site, call: str) -> str:
    """Every digit of this caller that the journal has, in order."""
    commands = [record.command or {} for record in at.journal.records]
    pressed = [each for each in commands if each.get("is") == "KeyPressed"]
    keys = [each["key"] for each in pressed if each["call"] == call]
    return "".join(key for key in keys if key.isdigit())


@pytest.mark.parametrize("menu", [MENU, EVERY_KEY], ids=["few choices", "every key a choice"])
@pytest.mark.parametrize(
    "where", ["menu", "collect", "say", "waiting", "ringing", "talking", "hold"]
)
def test_an_individual_number_typed_anywhere_is_not_in_the_journal(
    where: str, menu: dict[str, object]
) -> None:
    @virtually
    async def types() -> None:
        at = site(menu if where == "menu" else MENU)
        async with at.led() as lead:
            call = at.arrives()
            await later(1.0)
            await type_in(
                at, call, {"menu": "", "collect": "7", "say": "70942000123#"}.get(where, "9")
            )
            if where in {"ringing", "talking", "hold"}:
                await lead.controller.request(cmd.Ready(ANA))
            if where in {"talking", "hold"}:
                at.answer(f"o.{call}.1")
                await later(0.2)
            if where == "hold":
                await lead.controller.request(cmd.Hold(ANA))
            before = digits_seen(at, call)
            await type_in(at, call, INDIVIDUAL)
            await later(10.0)
            seen = digits_seen(at, call)
            assert len(seen) <= SEEN + 1  # a last 0 may be among them
            assert where == "menu" or seen == before
            everything = json.dumps([record.fields() for record in at.journal.records])
            assert INDIVIDUAL not in everything
            assert call in lead.calls()  # and they are still being served

    types()


@virtually
async def test_a_number_that_was_asked_for_is_in_the_records_and_only_there() -> None:
    at = site()
    async with at.led():
        call = at.arrives()
        await later(1.0)
        await type_in(at, call, "7")
        await type_in(at, call, "0942000123#")
        await later(1.0)
        assert at.records.inputs == {(call, "callback"): "+81942000123"}
        assert digits_seen(at, call) == "7"
        commands = [record.command for record in at.journal.records]
        assert {"is": "KeysChecked", "call": call, "valid": True} in commands


@virtually
async def test_a_number_nobody_can_have_is_asked_for_again() -> None:
    at = site()
    async with at.led():
        call = at.arrives()
        await later(1.0)
        await type_in(at, call, "7" + "99999999999")
        await later(1.0)
        assert at.records.inputs == {}
        assert {"is": "KeysChecked", "call": call, "valid": False} in [
            record.command for record in at.journal.records
        ]


def test_the_last_digits_typed_are_the_number() -> None:
    keypad = Keypad()
    for key in "99" + "0942000123":
        assert keypad.keep(C1, key) == cmd.MASKED
    assert keypad.keep(C1, "#") == "#"
    assert keypad.take(C1, 10) == "0942000123"
    assert keypad.take(C1, 10) == ""  # forgotten once taken


def test_a_flood_of_digits_is_bounded() -> None:
    keypad = Keypad()
    for _ in range(1000):
        keypad.keep(C1, "1")
    assert keypad.take(C1, 1000) == "1" * MOST


@virtually
async def test_whoever_has_pressed_many_keys_still_reaches_a_person_by_0() -> None:
    at = site(EVERY_KEY)
    async with at.led() as lead:
        call = at.arrives()
        await later(1.0)
        await type_in(at, call, "12345678" + "9")
        assert lead.calls() == {call: "menu"}
        await type_in(at, call, "0")
        assert lead.calls() == {call: "waiting"}


def test_menus_see_eight_digits_of_a_caller_and_every_other_key() -> None:
    keypad = Keypad()
    shown = "".join(keypad.show(C1, key) for key in "12*345678#9*")
    assert shown == f"12*345678#{cmd.MASKED}*"
    assert keypad.show(CallId("c2"), "9") == "9"


def test_after_them_menus_see_one_0_more_and_no_second() -> None:
    keypad = Keypad()
    shown = "".join(keypad.show(C1, key) for key in "12345678" + "9010")
    assert shown == f"12345678{cmd.MASKED}0{cmd.MASKED * 2}"
    keypad.forget(C1)
    assert keypad.show(C1, "9") == "9"
