"""What the fake and a real Asterisk must do alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tests.asterisk.bare import APP
from tests.asterisk.stages import Stage, settle

Scenario = Callable[[Stage], Awaitable[None]]


async def _dial(stage: Stage, name: str, caller: str = "", *, within: int = 10) -> None:
    request = stage.ari.originate(
        f"o.{name}",
        stage.phone(name),
        app=APP,
        timeout=within,
        originator=caller,
        args=("agent", name),
    )
    await stage.tried(f"dial {name}", request)
    await settle()


async def _talk(stage: Stage) -> str:
    """A caller and an agent in a bridge."""
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await _dial(stage, "answers_at_once", caller)
    await stage.hears("o.answers_at_once", "StasisStart")
    await stage.ari.create_bridge("b.c1", "mixing")
    await stage.ari.add_channel("b.c1", [caller, "o.answers_at_once"])
    await settle()
    return caller


async def a_caller_arrives_and_is_answered(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.tried("ring", stage.ari.ring(caller))
    await stage.tried("answer", stage.ari.answer(caller))
    await stage.tried("answer again", stage.ari.answer(caller))


async def a_caller_gives_up_before_the_answer(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.leave(caller)


async def a_caller_is_refused_as_busy(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.tried("busy", stage.ari.hang_up(caller, "busy"))
    await settle()
    await stage.tried("again", stage.ari.hang_up(caller, 34))


async def sounds_are_played_to_the_end(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    short, missing = stage.sound("short"), stage.sound("missing")
    for name, media in {
        "p.two": [short, short],
        "p.missing": [missing],
        "p.first_missing": [missing, short],
        "p.last_missing": [short, missing],
    }.items():
        await stage.tried(name, stage.ari.play(caller, name, media))
        await settle(0.7)


async def a_playback_is_stopped(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await stage.ari.play(caller, "p.1", [stage.sound("long")])
    await stage.ari.play(caller, "p.2", [stage.sound("long")])
    await stage.ari.play(caller, "p.3", [stage.sound("short")])
    await settle()
    for playback in ("p.2", "p.1", "p.1", "p.nobody"):
        await stage.tried(f"stop {playback}", stage.ari.stop_playback(playback))
        await settle()


async def answering_waits_for_the_end_of_an_early_announcement(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.play(caller, "p.1", [stage.sound("short"), stage.sound("short")])
    await settle(0.1)
    await stage.tried("answer", stage.ari.answer(caller))
    await settle(0.7)


async def a_caller_hangs_up_during_an_announcement(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await stage.ari.play(caller, "p.1", [stage.sound("long")])
    await settle()
    await stage.leave(caller)


async def a_key_is_heard_during_an_announcement(stage: Stage) -> None:
    caller = await stage.arrive("presses_5")
    await stage.ari.answer(caller)
    await stage.ari.play(caller, "p.1", [stage.sound("long")])
    await stage.hears(caller, "ChannelDtmfReceived")


async def a_caller_waits_and_is_announced_to(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await stage.tried("make", stage.ari.create_bridge("waiting", "holding", "waiting"))
    await stage.tried("make again", stage.ari.create_bridge("waiting", "holding", "waiting"))
    await stage.tried("add", stage.ari.add_channel("waiting", [caller]))
    await stage.tried("add again", stage.ari.add_channel("waiting", [caller]))
    await stage.ari.play(caller, "p.1", [stage.sound("long")])
    await settle()
    waiting = await stage.ari.bridge("waiting")  # where they are is told during it as ever
    stage.told["answers"].append(f"announced to {waiting.channels == (caller,)}")
    await stage.ari.stop_playback("p.1")
    await stage.ari.play(caller, "p.2", [stage.sound("short")])
    await settle(0.5)
    await stage.leave(caller)


async def a_waiting_caller_is_moved_after_the_playback_was_cut(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await stage.ari.create_bridge("waiting", "holding")
    await stage.ari.create_bridge("b.c1", "mixing")
    await stage.ari.add_channel("waiting", [caller])
    await stage.ari.play(caller, "p.1", [stage.sound("long")])
    await settle()
    await stage.ari.stop_playback("p.1")
    async with asyncio.timeout(5):  # it would be ten seconds
        await stage.tried("move", stage.ari.add_channel("b.c1", [caller]))


async def moving_a_caller_waits_for_the_end_of_the_playback(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await stage.ari.create_bridge("b.c1", "mixing")
    await stage.ari.play(caller, "p.1", [stage.sound("short")] * 3)
    await stage.tried("move", stage.ari.add_channel("b.c1", [caller]))


async def an_agent_answers(stage: Stage) -> None:
    caller = await stage.arrive()
    await _dial(stage, "answers", caller)
    await stage.hears("o.answers", "StasisStart")
    await stage.ari.hang_up("o.answers")


async def an_agent_lets_it_ring_out(stage: Stage) -> None:
    await _dial(stage, "rings", within=1)
    await stage.hears("o.rings", "ChannelDestroyed")


async def an_agent_is_busy(stage: Stage) -> None:
    await _dial(stage, "busy")


async def an_agent_declines(stage: Stage) -> None:
    await _dial(stage, "declines")


async def an_offer_is_withdrawn(stage: Stage) -> None:
    await _dial(stage, "rings")
    await stage.tried("withdraw", stage.ari.hang_up("o.rings"))
    await settle()
    await stage.tried("withdraw again", stage.ari.hang_up("o.rings"))


async def phones_that_cannot_be_dialled(stage: Stage) -> None:
    await _dial(stage, "unregistered")
    await _dial(stage, "nobody")
    await _dial(stage, "rings", "a caller who is gone")


async def dialling_again_under_the_same_id(stage: Stage) -> None:
    await _dial(stage, "rings")
    await _dial(stage, "rings")
    like = stage.ari.originate("o.rin", stage.phone("rings"), app=APP, timeout=5)
    await stage.tried("an id that begins a living one", like)


async def acting_on_a_leg_before_its_answer(stage: Stage) -> None:
    await _dial(stage, "rings")
    await stage.ari.create_bridge("b.c1", "mixing")
    await stage.tried("add", stage.ari.add_channel("b.c1", ["o.rings"]))
    await stage.tried("answer", stage.ari.answer("o.rings"))


async def the_caller_ends_the_talk(stage: Stage) -> None:
    caller = await _talk(stage)
    await stage.leave(caller)
    await settle()
    await stage.tried("destroy", stage.ari.destroy_bridge("b.c1"))
    await stage.tried("destroy again", stage.ari.destroy_bridge("b.c1"))


async def the_agent_is_hung_up_by_us(stage: Stage) -> None:
    await _talk(stage)
    await stage.tried("hang up", stage.ari.hang_up("o.answers_at_once"))


async def the_bridge_goes_first(stage: Stage) -> None:
    caller = await _talk(stage)
    await stage.tried("destroy", stage.ari.destroy_bridge("b.c1"))
    await settle()
    await stage.tried("add", stage.ari.add_channel("b.c1", [caller]))
    await stage.tried("see", stage.ari.bridge("b.c1"))


async def taking_a_caller_out_of_a_bridge(stage: Stage) -> None:
    caller = await _talk(stage)
    await stage.tried("remove", stage.ari.remove_channel("b.c1", caller))
    await settle()
    await stage.tried("remove again", stage.ari.remove_channel("b.c1", caller))


async def everything_asked_of_a_channel_that_is_gone(stage: Stage) -> None:
    ari, caller = stage.ari, await stage.arrive()
    await ari.create_bridge("waiting", "holding")
    await stage.leave(caller)
    await settle()
    await stage.tried("answer", ari.answer(caller))
    await stage.tried("play", ari.play(caller, "p.1", [stage.sound("short")]))
    await stage.tried("add", ari.add_channel("waiting", [caller]))
    await stage.tried("remove", ari.remove_channel("waiting", caller))
    await stage.tried("start music", ari.start_moh(caller))
    await stage.tried("stop music", ari.stop_moh(caller))
    await stage.tried("see", ari.channel(caller))
    await stage.tried("get variable", ari.get_channel_variable(caller, "X"))
    await stage.tried("set variable", ari.set_channel_variable(caller, "X", "1"))
    await stage.tried("hang up", ari.hang_up(caller))
    await stage.tried(
        "continue", ari.continue_in_dialplan(caller, context="phones", extension="hears")
    )


async def everything_asked_of_a_channel_that_is_not_ours_any_more(stage: Stage) -> None:
    ari, caller = stage.ari, await stage.arrive()
    await ari.answer(caller)
    await ari.create_bridge("waiting", "holding")
    await ari.continue_in_dialplan(caller, context="phones", extension="hears")
    await settle()
    await stage.tried("answer", ari.answer(caller))
    await stage.tried("play", ari.play(caller, "p.1", [stage.sound("short")]))
    await stage.tried("add", ari.add_channel("waiting", [caller]))
    await stage.tried("remove", ari.remove_channel("waiting", caller))
    await stage.tried("start music", ari.start_moh(caller))
    await stage.tried("see", ari.channel(caller))


async def variables_and_our_own_event(stage: Stage) -> None:
    ari, caller = stage.ari, await stage.arrive()
    await ari.set_channel_variable(caller, "X", "1")
    await ari.set_global_variable("BEAT", "7")
    values = [
        await ari.get_channel_variable(caller, "X"),
        await ari.get_channel_variable(caller, "UNSET"),
        await ari.get_global_variable("BEAT"),
        await ari.get_global_variable("UNSET"),
    ]
    stage.told["answers"].append(repr(values))
    await stage.tried("beat", ari.user_event("heartbeat", app=APP, variables={"beat": "7"}))
    await stage.tried("elsewhere", ari.user_event("heartbeat", app="nobody", variables={}))


async def what_can_be_listed(stage: Stage) -> None:
    ari, caller = stage.ari, await stage.arrive()
    await stage.ari.answer(caller)
    await ari.create_bridge("waiting", "holding")
    await ari.add_channel("waiting", [caller])
    application, bridge = await ari.application(APP), await ari.bridge("waiting")
    answers = stage.told["answers"]
    answers.append(f"bridge {bridge.bridge_type} holds the caller {bridge.channels == (caller,)}")
    answers.append(f"application {application.channel_ids == (caller,)} {application.bridge_ids}")
    answers.append(f"channel {(await ari.channel(caller)).state}")
    answers.append(f"phone {(await ari.endpoint('unregistered')).state}")
    await stage.tried("no phone", ari.endpoint("nobody"))
    await stage.tried("no application", ari.application("nobody"))
    await stage.tried("no source", ari.subscribe(APP, ["nonsense:x"]))
    await settle(1.0)  # until all is told of the caller's own leg, which is not the application's
    await stage.tried("sources", ari.subscribe(APP, ["endpoint:PJSIP", "deviceState:PJSIP/a01"]))


async def a_caller_who_leaves_while_nobody_listens_is_never_told_of(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await settle()
    await stage.deaf()
    await stage.leave(caller)
    await settle()
    await stage.hear()
    await settle()
    await stage.tried("see", stage.ari.channel(caller))


async def what_goes_on_over_a_gap_is_told_of_again_after_it(stage: Stage) -> None:
    caller = await stage.arrive()
    await stage.ari.answer(caller)
    await settle()
    await stage.deaf()
    await stage.hear()
    application = await stage.ari.application(APP)
    stage.told["answers"].append(f"holds the caller {application.channel_ids == (caller,)}")
    await stage.tried("play", stage.ari.play(caller, "p.1", [stage.sound("short")]))
    await settle(0.7)
    await stage.leave(caller)


async def a_leg_rings_on_over_a_gap(stage: Stage) -> None:
    caller = await stage.arrive()
    await _dial(stage, "rings", caller)
    await stage.deaf()
    await stage.hear()
    answers = stage.told["answers"]
    answers.append(f"the leg is {(await stage.ari.channel('o.rings')).state}")
    await stage.tried("withdraw", stage.ari.hang_up("o.rings"))
    await settle()
    await stage.leave(caller)


async def a_talk_goes_on_over_a_gap(stage: Stage) -> None:
    caller = await _talk(stage)
    await stage.deaf()
    await stage.hear()
    members = (await stage.ari.bridge("b.c1")).channels
    stage.told["answers"].append(f"together {set(members) == {caller, 'o.answers_at_once'}}")
    await stage.tried("hang up", stage.ari.hang_up("o.answers_at_once"))
    await settle()
    await stage.leave(caller)


async def a_second_listener_takes_the_application(stage: Stage) -> None:
    caller = await _talk(stage)
    await stage.another_listens()
    await stage.tried("hang up", stage.ari.hang_up("o.answers_at_once"))
    await settle()
    await stage.leave(caller)


SCENARIOS: Final[tuple[Scenario, ...]] = (
    a_caller_arrives_and_is_answered,
    a_caller_gives_up_before_the_answer,
    a_caller_is_refused_as_busy,
    sounds_are_played_to_the_end,
    a_playback_is_stopped,
    answering_waits_for_the_end_of_an_early_announcement,
    a_caller_hangs_up_during_an_announcement,
    a_key_is_heard_during_an_announcement,
    a_caller_waits_and_is_announced_to,
    a_waiting_caller_is_moved_after_the_playback_was_cut,
    moving_a_caller_waits_for_the_end_of_the_playback,
    an_agent_answers,
    an_agent_lets_it_ring_out,
    an_agent_is_busy,
    an_agent_declines,
    an_offer_is_withdrawn,
    phones_that_cannot_be_dialled,
    dialling_again_under_the_same_id,
    acting_on_a_leg_before_its_answer,
    the_caller_ends_the_talk,
    the_agent_is_hung_up_by_us,
    the_bridge_goes_first,
    taking_a_caller_out_of_a_bridge,
    everything_asked_of_a_channel_that_is_gone,
    everything_asked_of_a_channel_that_is_not_ours_any_more,
    variables_and_our_own_event,
    a_caller_who_leaves_while_nobody_listens_is_never_told_of,
    what_goes_on_over_a_gap_is_told_of_again_after_it,
    a_leg_rings_on_over_a_gap,
    a_talk_goes_on_over_a_gap,
    a_second_listener_takes_the_application,
    what_can_be_listed,  # the last: what it subscribes to stays, and tells everything once more
)
