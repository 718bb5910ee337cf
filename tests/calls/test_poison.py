"""A command that makes the core raise is set aside, and its caller gets plain handling.

The faults are real ones, planted in a site's rules: a flow whose next node does not exist, a queue
without rules. No checker would pass them, which is the point.
"""

from dataclasses import replace

from ivr_flows.schema import Flow, Say
from telephony.acd.model import Offer
from telephony.calls.rebuild import rebuild
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, C1, C2, flow, rules
from tests.calls.leading import arrives, everybody_ready, image, later, leading

MENU = {
    "kind": "menu",
    "prompt": "main_menu",
    "choices": {"1": "broken", "2": "booking"},
    "timeout": 5.0,
    "retries": 0,
    "otherwise": "broken",
}


def broken(start: str = "menu") -> CentreRules:
    """Key 1, and silence, lead nowhere."""
    fault = {"kind": "say", "prompt": "max_wait_sorry", "then": "general"}
    sound = flow(start, menu=MENU, broken=fault)
    nodes = {name: node for name, node in sound.nodes.items() if name != "broken"}
    nodes["lost"] = Say.model_construct(kind="say", prompt=("max_wait_sorry",), then="nowhere")
    return rules(of=Flow.model_construct(**dict(sound) | {"nodes": nodes}))


@virtually
async def test_a_key_that_makes_the_core_raise_takes_its_caller_to_a_person() -> None:
    async with leading(Centre(broken())) as lead:
        lead.engine.submit(arrives("c1"))
        lead.engine.submit(arrives("c2"))
        lead.engine.submit(cmd.KeyPressed(C1, "1"))
        await later()
        assert lead.journaled()[2:] == ["poison", "FlowFailed"]
        assert lead.engine.poisoned == 1
        assert lead.engine.centre.visits.calls[C1].stage == "waiting"
        lead.engine.submit(cmd.KeyPressed(C2, "2"))  # nobody else notices
        assert lead.engine.centre.acd.entries[C2].queue == "booking"


@virtually
async def test_nothing_of_the_poisonous_command_is_released() -> None:
    async with leading(Centre(broken())) as lead:
        lead.engine.submit(arrives("c1"))
        await later()
        before = len(lead.effects)
        lead.engine.submit(cmd.KeyPressed(C1, "1"))
        await later()
        of_key, of_handling = lead.released[-2:]
        assert (of_key.poison, of_key.effects) == (True, [])
        assert of_handling.command == cmd.FlowFailed(C1)
        assert fx.Park(C1) in lead.effects[before:]


@virtually
async def test_a_replay_skips_the_poison() -> None:
    async with leading(Centre(broken())) as lead:
        lead.engine.submit(arrives("c1"))
        lead.engine.submit(cmd.KeyPressed(C1, "1"))
        lead.engine.submit(arrives("c2"))
        await later()
        again = await rebuild(lead.journal, broken())
        assert again.complete
        assert image(again.centre) == image(lead.engine.centre)


@virtually
async def test_an_arrival_that_makes_the_core_raise_goes_straight_to_a_person() -> None:
    async with leading(Centre(broken(start="nowhere"))) as lead:
        lead.engine.submit(arrives("c1"))
        await later()
        assert lead.journaled() == ["poison", "CallArrived"]
        assert lead.engine.centre.acd.entries[C1].queue == "general"


@virtually
async def test_a_deadline_that_makes_the_core_raise_is_due_no_more() -> None:
    async with leading(Centre(broken())) as lead:
        for command in [*everybody_ready(ANA), arrives("c1")]:
            lead.engine.submit(command)
        lead.engine.submit(cmd.PlaybackEnded(C1, 1))  # from now on we listen, for five seconds
        await later(5.01)
        assert lead.journaled()[-3:] == ["poison", "DeadlineFailed", "FlowFailed"]
        assert lead.engine.centre.acd.entries[C1].offer == Offer(C1, 1, ANA)
        await later(4.0)  # and the others still are
        assert lead.journaled()[-1] == "Woken"
        again = await rebuild(lead.journal, broken())
        assert again.complete
        assert image(again.centre) == image(lead.engine.centre)


@virtually
async def test_what_is_beyond_plain_handling_is_set_aside_and_the_rest_goes_on() -> None:
    nowhere = flow().model_copy(update={"start": "nowhere", "person": "nowhere"})
    async with leading(Centre(rules(of=nowhere))) as lead:
        lead.engine.submit(arrives("c1"))  # every way leads to a node that is not there
        await later()
        assert lead.journaled() == ["poison", "poison"]
        lead.engine.submit(cmd.Ready(ANA))
        await later()
        assert lead.engine.centre.acd.roster[ANA].state == "ready"


@virtually
async def test_an_entry_that_only_a_replay_cannot_take_costs_the_tail_not_the_centre() -> None:
    async with leading() as lead:
        for command in [*everybody_ready(ANA), arrives("c1")]:
            lead.engine.submit(command)
        await later(2.1)
        lead.engine.submit(arrives("c2"))
        await later()
        assert lead.kept() is not None
        lead.engine.submit(cmd.CallerHungUp(C1))
        await later()
        told = lead.journal.records[-1]
        bent = replace(told, command={"is": "Reconciled", "channels": 1})
        lead.journal.records[-1] = bent
        again = await rebuild(lead.journal, rules())
        assert not again.complete
        assert set(again.centre.visits.calls) == {C1, C2}
        assert again.replayed == []
        assert again.last_at == told.at
