"""Who hears whom, whatever Asterisk refuses, does without a word, or a leader dies over.

Every request that moves somebody between rooms fails once, in each way and at each operation; a
leader dies just after every step. Half a minute later those who should hear each other do, nobody
else is with them, and no leg of nobody is left.
"""

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from telephony.acd.model import AgentId
from telephony.ari.errors import AriError
from telephony.centre import commands as cmd
from telephony.centre.effects import external_leg
from telephony.centre.model import Call, Meeting, OwnStage, Stage
from telephony.centre.own import own_legs
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import run, virtually
from tests.builders import ANA, BO, rules
from tests.calls.centre_site import Leader, Site
from tests.calls.leading import later

TOWN: Final = "town"
PICKS_UP: Final = Phone("answers", after=1.0)
STEP: Final = 3.0  # seconds from one deed to the next
LONG: Final = 30.0  # until everything must be in order again
OPERATIONS: Final = (
    "originate", "add_channel", "remove_channel", "hang_up", "create_bridge", "stop_ring", "ring",
)  # fmt: skip
REFUSALS: Final = (500, 409)
DIES_AFTER: Final = (0.0, 0.0005, 0.0015, 0.5, 1.2)  # seconds from the last deed

Deed = cmd.Request | Callable[[Site, Leader], None]
Trouble = Callable[[Site], None] | float | None  # seconds: the leader dies


def _hangs_up(site: Site, lead: Leader) -> None:
    offer = lead.agent(ANA).offer
    assert offer is not None
    site.hang_up(offer.leg)


def _colleague_hangs_up(site: Site, lead: Leader) -> None:
    offer = lead.agent(BO).offer
    assert offer is not None
    site.hang_up(offer.leg)


def _caller_hangs_up(site: Site, lead: Leader) -> None:
    site.hang_up("fake-1")


def _phone_is_lost(site: Site, lead: Leader) -> None:
    offer = lead.agent(ANA).offer
    assert offer is not None
    lead.controller.engine.submit(cmd.PhoneLost(offer))


def _consultations() -> Iterator[tuple[str, list[Deed]]]:
    swap, confer = cmd.Swap(ANA), cmd.Confer(ANA)
    end, hand_over = cmd.EndConsult(ANA), cmd.HandOver(ANA)
    for target in (BO, TOWN):
        asks = cmd.AskAside(ANA, target)
        told: dict[str, list[Deed]] = {
            "asks": [asks],
            "swaps": [asks, swap],
            "confers": [asks, confer],
            "swaps back": [asks, swap, swap],
            "confers, swaps": [asks, confer, swap],
            "swaps, confers": [asks, swap, confer],
        }
        for before in ("asks", "swaps", "confers"):
            told[f"{before}, ends it"] = [*told[before], end]
            told[f"{before}, hands over"] = [*told[before], hand_over]
            told[f"{before}, hangs up"] = [*told[before], _hangs_up]
            told[f"{before}, caller hangs up"] = [*told[before], _caller_hangs_up]
            told[f"{before}, loses the phone"] = [*told[before], _phone_is_lost]
        yield from ((f"{target}: {story}", deeds) for story, deeds in told.items())
    for first in ([cmd.AskAside(ANA, BO)], [cmd.AskAside(ANA, BO), confer]):
        yield f"{len(first)}: colleague hangs up", [*first, _colleague_hangs_up]


TALKS: Final[dict[str, list[Deed]]] = {
    "holds": [cmd.Hold(ANA)],
    "resumes": [cmd.Hold(ANA), cmd.Resume(ANA)],
    "ends it": [cmd.EndCall(ANA)],
    "loses the phone": [_phone_is_lost],
    "loses the phone on hold": [cmd.Hold(ANA), _phone_is_lost],
    "transfers to the town": [cmd.Transfer(ANA, AgentId(TOWN))],
    **dict(_consultations()),
}
OWN: Final[dict[str, list[Deed]]] = {
    "calls a colleague": [cmd.CallUp(ANA, BO)],
    "calls the town": [cmd.CallUp(ANA, TOWN)],
    "calls a colleague, ends it": [cmd.CallUp(ANA, BO), cmd.EndCall(ANA)],
    "calls the town, ends it": [cmd.CallUp(ANA, TOWN), cmd.EndCall(ANA)],
    "calls a colleague, hangs up": [cmd.CallUp(ANA, BO), _hangs_up],
    "calls the town, hangs up": [cmd.CallUp(ANA, TOWN), _hangs_up],
    "calls the town, loses the phone": [cmd.CallUp(ANA, TOWN), _phone_is_lost],
    "calls the town, loses the phone twice": [
        cmd.CallUp(ANA, TOWN),
        _phone_is_lost,
        _phone_is_lost,
    ],
}


def _troubles() -> Iterator[tuple[str, Trouble]]:
    yield "none", None
    for operation in OPERATIONS:
        for status in REFUSALS:
            yield f"{operation} {status}", _refusing(operation, status)
        yield f"{operation} without a reply", _losing(operation)
    for seconds in DIES_AFTER:
        yield f"dies after {seconds} s", seconds


def _refusing(operation: str, status: int) -> Callable[[Site], None]:
    return lambda site: site.asterisk.refuse(operation, AriError(status, "not now"))


def _losing(operation: str) -> Callable[[Site], None]:
    return lambda site: site.asterisk.lose_reply(operation)


@pytest.mark.parametrize("story", TALKS)
def test_whoever_talks_to_a_citizen_hears_whom_the_screens_say(story: str) -> None:
    stays = not {_caller_hangs_up, cmd.EndCall(ANA)} & set(TALKS[story])
    for name, trouble in _troubles():
        wrong, citizens = run(_played(TALKS[story], trouble, citizen=True))
        assert (name, wrong) == (name, [])
        assert (name, citizens) == (name, ["fake-1"] if stays else [])


@pytest.mark.parametrize("story", OWN)
def test_calls_that_agents_begin_leave_nobody_behind(story: str) -> None:
    stays = OWN[story][-1] == _phone_is_lost
    for name, trouble in _troubles():
        wrong, outside = run(_played(OWN[story], trouble, citizen=False))
        assert (name, wrong) == (name, [])
        assert outside or not stays, name


@pytest.mark.parametrize("deed", [cmd.Swap(ANA), cmd.Confer(ANA)], ids=["swaps", "confers"])
@virtually
async def test_a_colleague_who_hangs_up_as_the_agent_turns_back_leaves_the_two_together(
    deed: Deed,
) -> None:
    site = _site()
    async with site.led(ready=[ANA, BO]) as lead:
        await _asked(site, lead)
        _colleague_hangs_up(site, lead)
        _do(site, lead, deed)  # nobody has heard of it
        await later(1.0)
        assert {"fake-1", "o.fake-1.1"} in site.together()
        assert lead.calls() == {"fake-1": "talking"}


@virtually
async def test_a_citizen_handed_to_a_colleague_who_hangs_up_just_then_is_served() -> None:
    site = _site()
    async with site.led(ready=[ANA, BO]) as lead:
        await _asked(site, lead)
        _colleague_hangs_up(site, lead)
        _do(site, lead, cmd.HandOver(ANA))
        await later(1.0)
        assert lead.calls() == {"fake-1": "waiting"}
        assert "fake-1" in site.asterisk.world.lines


@virtually
async def test_whoever_was_handed_a_citizen_a_while_ago_ends_the_call_by_hanging_up() -> None:
    site = _site()
    async with site.led(ready=[ANA, BO]) as lead:
        await _asked(site, lead)
        _do(site, lead, cmd.HandOver(ANA))
        await later(5.0)
        _colleague_hangs_up(site, lead)
        await later(1.0)
        assert lead.calls() == {}


async def _asked(site: Site, lead: Leader) -> None:
    """Ana talks to Bo, and the citizen hears music."""
    await lead.controller.request(cmd.Pause(BO, "away"))
    site.arrives()
    await later(STEP)
    _do(site, lead, cmd.AskAside(ANA, BO))
    await later(STEP)
    assert {"o.fake-1.1", "o.fake-1.2"} in site.together()


def _site() -> Site:
    site = Site(rules(extensions={TOWN: "0942-00-0120"}, tolls=TollRules(("0942",), 9)))
    site.phones(PICKS_UP)
    site.asterisk.phone("0942000120@trunk", PICKS_UP)
    return site


async def _played(
    deeds: list[Deed], trouble: Trouble, *, citizen: bool
) -> tuple[list[str], list[str]]:
    """What is wrong in the end, and who is there of those who are not ours."""
    site = _site()
    async with site.led(ready=[ANA, BO]) as lead:
        await lead.controller.request(cmd.Pause(BO, "away"))
        if citizen:
            site.arrives()
            await later(STEP)
        else:
            await lead.controller.request(cmd.Pause(ANA, "cards"))
        for deed in deeds[:-1]:
            _do(site, lead, deed)
            await later(STEP)
        if trouble is not None and not isinstance(trouble, float):
            trouble(site)
        _do(site, lead, deeds[-1])
        if not isinstance(trouble, float):
            await later(LONG)
            return _in_the_end(site, lead)
        await later(trouble)
    await later(0.3)
    async with site.led() as lead:
        await later(LONG)
        return _in_the_end(site, lead)


def _in_the_end(site: Site, lead: Leader) -> tuple[list[str], list[str]]:
    outside = [each for each in site.asterisk.world.lines if each.startswith(("fake-", "x.own"))]
    return list(_wrong(site, lead)), outside


def _do(site: Site, lead: Leader, deed: Deed) -> None:
    """Raises Rejected; without waiting for what follows, which the leader may not live to see."""
    if callable(deed):
        deed(site, lead)
    else:
        lead.controller.engine.submit(deed)


def _wrong(site: Site, lead: Leader) -> Iterator[str]:
    centre = lead.controller.engine.centre
    rooms = {name: set(room.members) for name, room in site.asterisk.world.rooms.items()}
    wanted = {agent.offer.leg for agent in centre.acd.roster.all() if agent.offer is not None}
    for call in centre.visits.calls.values():
        hear, aside = _expected(call, lead)
        wanted |= {call.id} | hear | aside
        yield from _wrong_room(call, hear, aside, rooms)
    for own in centre.own.calls.values():
        wanted |= set(own_legs(own))
        lost = own.stage is OwnStage.LOST
        room = "waiting" if lost else f"b.{own.id}"
        if rooms.get(room, set()) != ({own.outside} if lost else set(own_legs(own))):
            yield f"{own.stage.value}: {rooms}"
    yield from (
        f"{each} is left over" for each in sorted(site.asterisk.world.lines.keys() - wanted)
    )
    yield from _held_by_nobody(lead)


def _wrong_room(
    call: Call, hear: set[str], aside: set[str], rooms: dict[str, set[str]]
) -> Iterator[str]:
    room = rooms.get(f"b.{call.id}", set())
    if len(hear) > 1 and room != hear:
        yield f"{call.stage.value}: {sorted(room)} hear each other, not {sorted(hear)}"
    for leg in sorted(aside - rooms.get("waiting", set())):
        yield f"{call.stage.value}: {leg} hears no music"


def _held_by_nobody(lead: Leader) -> Iterator[str]:
    centre = lead.controller.engine.centre
    for line in centre.lines.all():
        if line.call is not None and line.call not in centre.live():
            yield f"line {line.number} is held by {line.call}"
    for agent in centre.acd.roster.all():
        if agent.offer is not None and agent.offer.call not in centre.live():
            yield f"{agent.id} is {agent.state.value} with nobody"


def _expected(call: Call, lead: Leader) -> tuple[set[str], set[str]]:
    """Who hears each other, and who hears music."""
    if call.consult is not None and call.consult.meeting is not Meeting.NOBODY:
        inside, aside = lead.controller.engine.centre.visits.consults.room(call)
        return set(inside), set(aside)
    match call.stage:
        case Stage.TALKING:
            return {call.id, call.connected.leg}, set()
        case Stage.OUTSIDE:
            return {call.id, external_leg(call.id, call.external)}, set()
        case Stage.HOLD | Stage.WAITING | Stage.LOST | Stage.DIALLING:
            return set(), {call.id}
        case _:
            return set(), set()
