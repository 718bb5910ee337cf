"""Calls that another line takes, and numbers that callers type, before a whole Asterisk."""

import pytest

from telephony.centre.commands import MASKED
from telephony.centre.effects import OverflowReason
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk_world import Line, Phone
from telephony.simulation.shell.loop import virtually
from telephony.store import changes as row
from tests.builders import GENERAL, flow, queue, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later

HALL = "0942000110@trunk"


def overflowing() -> Site:
    """Nobody works; the town hall answers, and is told."""
    at = Site(
        rules(
            of=flow(
                hall={
                    "kind": "transfer", "number": "hall", "otherwise": "sorry",
                    "overflow": {"announce": ["please_wait", "caller:number"], "ask": "info_menu"},
                },
                sorry={"kind": "say", "prompt": "max_wait_sorry", "then": "bye"},
                bye={"kind": "hang_up"},
            ),
            queues=(queue(GENERAL, no_agent_after=0.0),),
            exits={GENERAL: {OverflowReason.NO_AGENT: "hall"}},
            numbers={"hall": "0942-00-0110"},
            tolls=TollRules(("0942",), 9),
        )
    )  # fmt: skip
    at.asterisk.phone(HALL, Phone("answers", after=2.0))
    return at


def heard(at: Site) -> dict[str, list[str]]:
    """What sounded on each channel, by name, as it sounds."""
    sounds: dict[str, list[str]] = {}

    def hear(line: Line, media: str, _: float) -> None:
        sounds.setdefault(line.id, []).append(media.removeprefix("sound:"))

    at.asterisk.world.hear = hear
    return sounds


def results(at: Site) -> list[object]:
    noted = [each for each in at.records.changes if isinstance(each, row.CallNoted)]
    return [each.detail["result"] for each in noted if each.event == "overflow_answered"]


@virtually
async def test_whoever_takes_it_hears_the_callers_number_and_says_what_came_of_it() -> None:
    at = overflowing()
    sounds = heard(at)
    async with at.led() as lead:
        call = at.arrives("0942000901")
        await later(3.0)
        hall = f"x.{call}.1"
        assert sounds[hall] == ["please_wait", "number:0942-00-0901"]
        assert at.together() == [{call}]  # music, until they know
        await later(2.0)
        assert {call, hall} in at.together()
        at.hang_up(call)
        await later(1.0)
        assert sounds[hall][-1] == "info_menu"
        assert lead.controller.engine.centre.lines[1].call is None
        at.asterisk.world.press(hall, "7")
        at.asterisk.world.press(hall, "1")
        await later(1.0)
        assert results(at) == ["solved"]
        (record,) = at.records.closed()
        assert (record.outcome, record.overflow_reason) == ("overflowed", "no_agent")
        assert at.left_over() == set()
    assert "942000901" not in repr([each.command for each in at.journal.records])


@virtually
async def test_a_caller_without_a_number_is_announced_without_one() -> None:
    at = overflowing()
    sounds = heard(at)
    async with at.led():
        call = at.arrives("anonymous")
        await later(4.0)
        assert sounds[f"x.{call}.1"] == ["please_wait"]


@pytest.mark.parametrize("after", [1.0, 2.5, 3.5, 6.0])
def test_whoever_dies_meanwhile_nobody_is_dialled_twice_and_the_key_is_heard(after: float) -> None:
    @virtually
    async def dies() -> None:
        at = overflowing()
        dialled: list[str] = []
        at.asterisk.world.see = lambda sight, line: (
            dialled.append(line.id) if sight == "dialled" else None
        )
        async with at.led():
            call = at.arrives("0942000901")
            await later(after)
        async with at.led():
            await later(8.0)
            assert dialled == [f"x.{call}.1"]
            assert {call, f"x.{call}.1"} in at.together()
            at.asterisk.world.press(f"x.{call}.1", "2")
            at.hang_up(call)
            await later(2.0)
            assert results(at) == ["callback"]
            assert at.left_over() == set()

    dies()


# -- a number to call back ----------------------------------------------------------------------


def asking() -> Site:
    """A flow that asks for a number, and reads it back."""
    return Site(
        rules(
            of=flow(
                "number",
                number={
                    "kind": "collect", "field": "callback_number", "accept": "phone_number",
                    "prompt": "number_ask", "invalid": "number_bad", "confirm": "info_menu",
                    "min_digits": 10, "max_digits": 11, "then": "noted", "otherwise": "general",
                },
                noted={"kind": "request", "what": "callback", "then": "thanks"},
                thanks={"kind": "say", "prompt": "request_taken", "then": "bye"},
                bye={"kind": "hang_up"},
            )
        )
    )  # fmt: skip


async def press(at: Site, call: str, keys: str) -> None:
    for key in keys:
        at.asterisk.world.press(call, key)
        await later(0.1)
    await later(0.5)


@virtually
async def test_a_number_is_read_back_kept_when_confirmed_and_never_in_the_journal() -> None:
    at = asking()
    sounds = heard(at)
    async with at.led() as lead:
        call = at.arrives("anonymous")
        await later(2.0)
        await press(at, call, "0942000902#")
        await later(1.0)
        assert sounds[call][-2:] == ["number:0942-00-0902", "info_menu"]
        assert at.records.inputs == {}
        await press(at, call, "2")
        assert sounds[call][-1] == "number_ask"
        await press(at, call, "0942000903#")
        await press(at, call, "1")
        assert at.records.inputs == {(call, "callback_number"): "+81942000903"}
        assert sounds[call][-1] == "request_taken"
        assert lead.calls()
    assert "94200090" not in repr([each.command for each in at.journal.records])
    assert "94200090" not in repr(at.journal.kept)
    noted = [each for each in at.records.changes if isinstance(each, row.CallNoted)]
    (asked,) = [each for each in noted if each.event == "requested"]
    assert asked.detail == {"what": "callback"}


@virtually
async def test_who_leaves_before_confirming_has_left_no_number() -> None:
    at = asking()
    async with at.led():
        call = at.arrives("anonymous")
        await later(2.0)
        await press(at, call, "0942000902#")
        at.hang_up(call)
        await later(1.0)
        assert at.records.inputs == {}


@virtually
async def test_the_next_controller_asks_anew_and_knows_no_former_digits() -> None:
    at = asking()
    sounds = heard(at)
    async with at.led():
        call = at.arrives("anonymous")
        await later(2.0)
        await press(at, call, "0942000902#")
    async with at.led():
        await later(1.0)
        assert sounds[call][-1] == "number_ask"
        await press(at, call, "0942000904#")
        await press(at, call, "1")
        assert at.records.inputs == {(call, "callback_number"): "+81942000904"}


# -- while they wait ----------------------------------------------------------------------------


def patient() -> Site:
    """Nobody is there to serve them; 1 is a callback at a number that they type."""
    return Site(
        rules(
            of=flow(
                choose={
                    "kind": "collect", "field": "callback_number", "accept": "phone_number",
                    "prompt": "number_ask", "invalid": "number_bad", "confirm": "info_menu",
                    "min_digits": 10, "max_digits": 11, "then": "noted", "otherwise": "general",
                },
                noted={"kind": "request", "what": "callback", "then": "thanks"},
                thanks={"kind": "say", "prompt": "request_taken", "then": "bye"},
                bye={"kind": "hang_up"},
            ),
            queues=(queue(GENERAL, announce_after=1.0, on_1="choose"),),
        )
    )  # fmt: skip


@virtually
async def test_of_the_keys_of_who_waits_only_1_is_seen_and_a_number_is_kept_and_never_told() -> (
    None
):
    at = patient()
    sounds = heard(at)
    async with at.led() as lead:
        call = at.arrives("0942000901")
        await later(6.0)
        assert sounds[call][-1] == "wait_callback"
        await press(at, call, "0942000905")
        await press(at, call, "1")
        assert sounds[call][-1] == "number_ask"
        await press(at, call, "0942000906#")
        await press(at, call, "1")
        assert at.records.inputs == {(call, "callback_number"): "+81942000906"}
        assert sounds[call][-1] == "request_taken"
        assert lead.controller.engine.centre.acd.entries == {}
        await later(5.0)
        assert at.left_over() == set()
    assert "94200090" not in repr([each.command for each in at.journal.records])
    told = [each.command for each in at.journal.records if each.command is not None]
    keys = "".join(str(each["key"]) for each in told if each["is"] == "KeyPressed")
    assert keys == f"{MASKED * 10}1{MASKED * 10}#1"
