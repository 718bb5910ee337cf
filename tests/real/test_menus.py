"""Every prompt of the main flow: what is heard, and what each key does while it is heard."""

import asyncio
import time
from dataclasses import dataclass

import pytest

from tests.real.centre import Centre
from tests.real.tones import heard, hears, seconds
from tests.real.waiting import pause
from tests.sip import OutgoingCall

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]


@dataclass(frozen=True)
class Node:
    """A place in the flow: the keys that lead there, what is heard, what `*` says again."""

    name: str
    keys: str
    stem: str
    again: str = ""

    def __str__(self) -> str:
        return self.name


SAYS = [
    Node("greeting", "", "greeting"),
    Node("bring_self", "21", "bring_self"),
    Node("bring_child", "22", "bring_child"),
    Node("bring_proxy", "23", "bring_proxy"),
    Node("renewal", "3", "renewal_info"),
    Node("lost", "4", "lost_intro"),
    Node("places", "5", "hours_intro"),
]
MENUS = [
    Node("main", "", "main_menu"),
    Node("booking", "1", "booking_menu"),
    Node("bring", "2", "bring_menu"),
]
AFTER = [
    Node("after_bring_self", "21", "info_menu", again="bring_self"),
    Node("after_bring_child", "22", "info_menu", again="bring_child"),
    Node("after_bring_proxy", "23", "info_menu", again="bring_proxy"),
    Node("after_renewal", "3", "info_menu", again="renewal_info"),
    Node("after_lost", "4", "info_menu", again="lost_intro"),
    Node("after_places", "5", "info_menu", again="hours_intro"),
]
CHOICES = [
    ("main", "", "main_menu", "1", "booking_menu"),
    ("main", "", "main_menu", "2", "bring_menu"),
    ("main", "", "main_menu", "3", "renewal_info"),
    ("main", "", "main_menu", "4", "lost_intro"),
    ("main", "", "main_menu", "5", "hours_intro"),
    ("bring", "2", "bring_menu", "1", "bring_self"),
    ("bring", "2", "bring_menu", "2", "bring_child"),
    ("bring", "2", "bring_menu", "3", "bring_proxy"),
    ("after_places", "5", "info_menu", "9", "goodbye"),
]
every_prompt = pytest.mark.parametrize("node", [*SAYS, *MENUS, *AFTER], ids=str)
every_menu = pytest.mark.parametrize("node", [*MENUS, *AFTER[:1]], ids=str)


async def at(c: Centre, node: Node) -> OutgoingCall:
    """A caller who hears this node's prompt."""
    call = await c.call(node.keys)
    await hears(call, node.stem)
    return call


@every_prompt
async def test_zero_during_the_prompt_reaches_a_person(c: Centre, node: Node) -> None:
    call = await at(c, node)
    await call.send_key("0", held_for=0.06)
    await c.waiting(1)
    await call.hang_up()
    record = await c.record(call)
    assert (record["outcome"], record["menu_path"][-1]) == ("abandoned", "0")


@every_prompt
async def test_star_during_the_prompt_says_it_again(c: Centre, node: Node) -> None:
    call = await at(c, node)
    # At the latest; what sounds then is the second.
    said_once = time.monotonic() + seconds(node.stem)
    await pause(seconds(node.stem) / 4)  # or the second would be over as well, nearly
    await call.send_key("*", held_for=0.06)
    await hears(call, node.again or node.stem, since=said_once)
    assert not heard(call, "wrong_key", call.invited_at)
    assert not heard(call, "no_input", call.invited_at)


@every_menu
async def test_a_wrong_key_during_the_prompt_is_told_and_the_menu_said_again(
    c: Centre, node: Node
) -> None:
    call = await at(c, node)
    await call.send_key("8", held_for=0.06)
    told = await hears(call, "wrong_key")
    await hears(call, node.stem, since=told)


@pytest.mark.parametrize(("name", "keys", "stem", "key", "then"), CHOICES)
async def test_a_choice_during_the_prompt_is_heard(
    c: Centre, name: str, keys: str, stem: str, key: str, then: str
) -> None:
    call = await at(c, Node(name, keys, stem))
    pressed = time.monotonic()
    await call.send_key(key, held_for=0.06)
    await hears(call, then, since=pressed)


@pytest.mark.parametrize("key", ["1", "2", "3"])
async def test_each_booking_key_leads_to_the_booking_desk(c: Centre, key: str) -> None:
    call = await at(c, Node("booking", "1", "booking_menu"))
    await call.send_key(key, held_for=0.06)
    await c.waiting(1, "booking")
    await call.hang_up()
    record = await c.record(call)
    assert (record["menu_path"], record["queue"]) == (f"1/{key}", "booking")


async def test_e2_whoever_presses_nothing_is_told_and_asked_again(c: Centre) -> None:
    async with asyncio.TaskGroup() as group:
        for node in MENUS:
            group.create_task(_silent(c, await c.call(node.keys), node))
        for node in AFTER[:1]:
            group.create_task(_leaves(await c.call(node.keys)))


async def _silent(c: Centre, call: OutgoingCall, node: Node) -> None:
    told = await hears(call, "no_input", since=call.invited_at)
    await hears(call, node.stem, since=told)


async def _leaves(call: OutgoingCall) -> None:
    await hears(call, "goodbye", since=call.invited_at)
    await call.ended


async def test_whoever_hears_the_lost_card_number_and_leaves_was_informed(c: Centre) -> None:
    call = await c.call("4")
    since = call.invited_at
    for stem in ("lost_intro", "digit-0", "digit-1", "digit-2", "digit-9", "lost_again"):
        await hears(call, stem, since=since)
    for stem in ("lost_outro", "info_menu"):
        await hears(call, stem, since=since)
    await call.hang_up()
    record = await c.record(call)
    assert (record["outcome"], record["menu_path"]) == ("informed", "4")
    assert record["queue"] is None


async def test_whoever_leaves_before_the_number_was_said_was_not_informed(c: Centre) -> None:
    call = await at(c, Node("lost", "4", "lost_intro"))
    await call.hang_up()
    assert (await c.record(call))["outcome"] == "abandoned"


async def test_nine_says_goodbye_and_ends_the_call(c: Centre) -> None:
    call = await at(c, AFTER[3])
    await call.send_key("9")
    await hears(call, "goodbye")
    await call.ended
    record = await c.record(call)
    assert (record["outcome"], record["timeline"][-1]["hung_up_by"]) == ("informed", "system")


async def test_keys_pressed_ahead_of_every_prompt_are_all_heard(c: Centre) -> None:
    call = await c.call()
    await call.answered
    await call.send_keys("213", held_for=0.04)  # bring, self, then a key that is wrong there
    await hears(call, "wrong_key")
    assert not heard(call, "main_menu", call.invited_at)


async def test_a_waiting_caller_hears_their_place_and_again_by_star(c: Centre) -> None:
    first, second = await c.call("0"), await c.call("0")
    await hears(second, "position-2")
    await hears(first, "position-1")
    await hears(first, "position_outro")
    pressed = time.monotonic()
    await first.send_key("*", held_for=0.06)
    await hears(first, "position_intro", since=pressed)


async def test_closed_hours_are_told_and_recorded(c: Centre) -> None:
    call = await c.call("75")
    await hears(call, "closed", since=call.invited_at)
    await hears(call, "closed_lost", since=call.invited_at)
    await call.ended
    record = await c.record(call)
    assert (record["outcome"], record["timeline"][-1]["hung_up_by"]) == ("closed", "system")
