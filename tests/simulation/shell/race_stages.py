"""The stages of the race matrix, and what happens in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from telephony.acd.model import CallId
from telephony.centre import commands as cmd
from telephony.centre.effects import OverflowReason
from telephony.centre.model import Stage as CallStage
from telephony.centre.tolls import TollRules
from tests.builders import ANA, BO, BOOKING, GENERAL, flow, queue, rules
from tests.calls.leading import later
from tests.simulation.shell.racing import Event, Race, Stage, Step

OUTSIDE: Final = "0942000110@trunk"
OWED: Final = "ob-c9"


async def _arrive(race: Race) -> None:
    race.call = race.site.arrives()
    race.calls.append(race.call)


async def _pass(_: Race) -> None:
    await later(1.0)


async def _press_wrong(race: Race) -> None:
    race.site.asterisk.world.press(race.call, "9")


async def _press(race: Race) -> None:
    race.site.asterisk.world.press(race.call, "1")


async def _ready(race: Race) -> None:
    await race.ask(cmd.Ready(ANA))


async def _both_ready(race: Race) -> None:
    await race.ask(cmd.Ready(ANA))
    await race.ask(cmd.Ready(BO))


async def _pick_up(race: Race) -> None:
    line = race.leg(up=False)
    assert line is not None
    race.site.asterisk.world.answer(line)


async def _outside_picks_up(race: Race) -> None:
    race.site.answer(f"x.{race.call}.1")


async def _hang_up(race: Race) -> None:
    race.site.hang_up(race.call)


def _request(request: cmd.Request) -> Step:
    async def press(race: Race) -> None:
        assert race.submit(request) is None

    return press


def _due(kind: str) -> Step:
    async def expire(race: Race) -> None:
        assert race.expire(kind) is None

    return expire


def _caller(race: Race) -> str:
    return race.call


def _leg(number: int) -> Callable[[Race], str]:
    return lambda race: f"o.{race.call}.{number}"


def _outside(race: Race) -> str:
    return f"x.{race.call}.1"


def _dialled(race: Race) -> str:
    return f"x.{race.call}.2"


def _bridge(race: Race) -> str:
    return f"b.{race.call}"


async def _ready_bo(race: Race) -> None:
    await race.ask(cmd.Ready(BO))


async def _phone_dies(race: Race) -> None:
    assert _phone_lost(race) is None


def _call_up(request: cmd.Request) -> Step:
    async def begin(race: Race) -> None:
        assert race.submit(request) is None
        (race.call,) = race.leader.controller.engine.centre.own.calls

    return begin


def _answers(attempt: int) -> Step:
    async def answer(race: Race) -> None:
        line = race.number(attempt)
        assert line is not None
        race.site.asterisk.world.answer(line)

    return answer


# -- events ------------------------------------------------------------------------------------


def _caller_leaves(race: Race) -> str | None:
    if race.call not in race.site.asterisk.world.lines:
        return "nobody there"
    race.site.hang_up(race.call)
    return None


def _agent_answers(race: Race) -> str | None:
    line = race.leg(up=False)
    if line is None:
        return "nothing rings"
    race.site.asterisk.world.answer(line)
    return None


def _leg_ends(*, up: bool, cause: int) -> Event:
    def ends(race: Race) -> str | None:
        line = race.leg(up=up)
        if line is None:
            return "no such leg"
        race.site.asterisk.world.hang_up(line.id, cause)
        return None

    return ends


def _key(race: Race) -> str | None:
    if race.call not in race.site.asterisk.world.lines:
        return "nobody there"
    race.site.asterisk.world.press(race.call, "1")
    return None


def _looked(race: Race) -> str | None:
    race.site.asterisk.disconnect()
    race.site.asterisk.connect()
    return None


def _dies(race: Race) -> str | None:
    race.kill_leader()
    return None


OF_A_CITIZEN: Final[dict[str, Event]] = {
    "caller hangs up": _caller_leaves,
    "agent answers": _agent_answers,
    "agent hangs up": _leg_ends(up=True, cause=16),
    "agent's phone breaks": _leg_ends(up=True, cause=38),
    "agent declines": _leg_ends(up=False, cause=21),
    "key pressed": _key,
    "ring time is over": lambda race: race.expire("ring"),
    "longest wait is over": lambda race: race.expire("max_wait"),
    "agent holds": lambda race: race.submit(cmd.Hold(ANA)),
    "agent resumes": lambda race: race.submit(cmd.Resume(ANA)),
    "agent transfers": lambda race: race.submit(cmd.Transfer(ANA, BO)),
    "agent ends the call": lambda race: race.submit(cmd.EndCall(ANA)),
    "agent pauses": lambda race: race.submit(cmd.Pause(ANA, "lunch")),
    "agent ends wrap-up": lambda race: race.submit(cmd.EndWrapUp(ANA)),
    "the stream reconnects": _looked,
    "the leader dies": _dies,
}


def _phone_lost(race: Race) -> str | None:
    """The leg of whoever talks to the caller sends no sound any more."""
    centre = race.leader.controller.engine.centre
    call = centre.visits.calls.get(CallId(race.call))
    if call is None or call.offer is None or call.stage not in {CallStage.TALKING, CallStage.HOLD}:
        return "nobody talks"
    race.leader.controller.engine.submit(cmd.PhoneLost(call.offer))
    return None


def _answered(attempt: int) -> Event:
    def answer(race: Race) -> str | None:
        line = race.number(attempt)
        if line is None or line.state == "Up":
            return "nothing rings"
        race.site.asterisk.world.answer(line)
        return None

    return answer


def _ends(attempt: int, cause: int = 16) -> Event:
    def ends(race: Race) -> str | None:
        line = race.number(attempt)
        if line is None:
            return "no such leg"
        race.site.asterisk.world.hang_up(line.id, cause)
        return None

    return ends


OF_ANY: Final[dict[str, Event]] = {
    "agent ends the call": lambda race: race.submit(cmd.EndCall(ANA)),
    "the stream reconnects": _looked,
    "the leader dies": _dies,
}
OF_A_CONSULTATION: Final[dict[str, Event]] = {
    "caller hangs up": _caller_leaves,
    "agent hangs up": _ends(1),
    "phone is lost": _phone_lost,
    "colleague answers": _answered(2),
    "colleague hangs up": _ends(2),
    "agent swaps": lambda race: race.submit(cmd.Swap(ANA)),
    "agent confers": lambda race: race.submit(cmd.Confer(ANA)),
    "agent hands over": lambda race: race.submit(cmd.HandOver(ANA)),
    "agent ends the consultation": lambda race: race.submit(cmd.EndConsult(ANA)),
    **OF_ANY,
}
OF_A_LOST_PHONE: Final[dict[str, Event]] = {
    "caller hangs up": _caller_leaves,
    "agent answers": _answered(2),
    "agent declines": _ends(2, cause=21),
    "phone is lost": _phone_lost,
    "the wait for the phone is over": lambda race: race.expire("lost"),
    **OF_ANY,
}
OF_AN_OWN_CALL: Final[dict[str, Event]] = {
    "agent hangs up": _ends(1),
    "the other answers": _answered(2),
    "the other declines or hangs up": _ends(2, cause=21),
    "ring time is over": lambda race: race.expire("own"),
    **OF_ANY,
}


# -- stages --------------------------------------------------------------------------------------


def _met_by(events: Mapping[str, Event], stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    return tuple(replace(stage, events=events) for stage in stages)


MENU: Final = {
    "kind": "menu",
    "prompt": "main_menu",
    "choices": {"1": "general"},
    "timeout": 20.0,
    "retries": 2,
    "otherwise": "general",
}
QUEUES: Final = (
    queue(GENERAL, wrap_up_for=5.0, max_wait=300.0),
    queue(BOOKING, wrap_up_for=5.0),
)
STRAIGHT: Final = rules(queues=QUEUES)
BY_MENU: Final = rules(queues=QUEUES, of=flow("menu", menu=MENU))
SORRY: Final = rules(
    queues=QUEUES,
    of=flow(sorry={"kind": "say", "prompt": "sorry", "then": "bye"}, bye={"kind": "hang_up"}),
    exits={GENERAL: {OverflowReason.MAX_WAIT: "sorry"}},
)
OUT: Final = rules(
    queues=QUEUES,
    of=flow("out", out={"kind": "transfer", "number": "hall", "otherwise": "general"}),
    numbers={"hall": "0942-00-0110"},
    tolls=TollRules(("0942",), 9),
)
WAIT: Final = (_arrive, _pass)
OFFERED: Final = (*WAIT, _ready, _pass)
TALK: Final = (*OFFERED, _pick_up, _pass)
WRITES_UP: Final = (*TALK, _hang_up, _pass, _arrive, _pass)
HELD: Final = (*TALK, _request(cmd.Hold(ANA)), _pass)
TWO: Final = (*TALK, _ready_bo)
CONSULT: Final = _request(cmd.AskAside(ANA, BO))
ASKS: Final = (*TWO, CONSULT, _pass)
ASIDE: Final = (*ASKS, _answers(2), _pass)
LOST: Final = (*TALK, _phone_dies, _pass)
READY: Final = (_both_ready, _pass)
CALL_UP: Final = _call_up(cmd.CallUp(ANA, BO))
CALLS: Final = (*READY, CALL_UP, _pass)
RINGS_BO: Final = (*CALLS, _answers(1), _pass)
BACK: Final = cmd.CallBack(ANA, OWED, caller="key")
CALLS_BACK: Final = (*READY, _call_up(BACK), _pass)
DIALS: Final = (*CALLS_BACK, _answers(1), _pass)
OF_CITIZENS: Final = (
    Stage("arriving", (), _arrive, "answer", _caller, STRAIGHT),
    Stage("greeted", (), _arrive, "play", _caller, BY_MENU),
    Stage("choosing wrongly", WAIT, _press_wrong, "stop_playback", _caller, BY_MENU),
    Stage("chosen", WAIT, _press, "stop_playback", _caller, BY_MENU),
    Stage("joining the queue", WAIT, _press, "add_channel", _caller, BY_MENU),
    Stage("told the place", WAIT, _due("announce"), "play", _caller, STRAIGHT),
    Stage("offered", WAIT, _ready, "originate", _caller, STRAIGHT),
    Stage("room made ready", WAIT, _ready, "create_bridge", _caller, STRAIGHT),
    Stage("offered to either", WAIT, _both_ready, "originate", _caller, STRAIGHT),
    Stage("answered", OFFERED, _pick_up, "add_channel", _leg(1), STRAIGHT),
    Stage("put on hold", TALK, _request(cmd.Hold(ANA)), "add_channel", _caller, STRAIGHT),
    Stage("resumed", HELD, _request(cmd.Resume(ANA)), "add_channel", _leg(1), STRAIGHT),
    Stage("transferred", TWO, _request(cmd.Transfer(ANA, BO)), "originate", _caller, STRAIGHT),
    Stage("handed over", TWO, _request(cmd.Transfer(ANA, BO)), "hang_up", _leg(1), STRAIGHT),
    Stage("withdrawn", OFFERED, _request(cmd.Pause(ANA, "lunch")), "hang_up", _leg(1), STRAIGHT),
    Stage("rung out", OFFERED, _due("ring"), "hang_up", _leg(1), STRAIGHT),
    Stage("waited too long", WAIT, _due("max_wait"), "remove_channel", _caller, SORRY),
    Stage("dialled outside", (), _arrive, "originate", _caller, OUT),
    Stage("put through", WAIT, _outside_picks_up, "add_channel", _outside, OUT),
    Stage("ended by the agent", TALK, _request(cmd.EndCall(ANA)), "hang_up", _caller, STRAIGHT),
    Stage("over", TALK, _hang_up, "destroy_bridge", _bridge, STRAIGHT),
    Stage("wrapping up", TALK, _hang_up, "hang_up", _leg(1), STRAIGHT),
    Stage("wrapped up", WRITES_UP, _request(cmd.EndWrapUp(ANA)), "originate", _caller, STRAIGHT),
)  # fmt: skip
CONSULTATIONS: Final = (
    Stage("colleague consulted", TWO, CONSULT, "originate", _caller, STRAIGHT),
    Stage("colleague reached", ASKS, _answers(2), "add_channel", _leg(2), STRAIGHT),
    Stage("back at the caller", ASIDE, _request(cmd.Swap(ANA)), "add_channel", _leg(2), STRAIGHT),
    Stage("conference", ASIDE, _request(cmd.Confer(ANA)), "add_channel", _caller, STRAIGHT),
    Stage("left to colleague", ASIDE, _request(cmd.HandOver(ANA)), "hang_up", _leg(1), STRAIGHT),
    Stage("colleague let go", ASIDE, _request(cmd.EndConsult(ANA)), "hang_up", _leg(2), STRAIGHT),
)  # fmt: skip
LOST_PHONES: Final = (
    Stage("phone lost", TALK, _phone_dies, "add_channel", _caller, STRAIGHT),
    Stage("rung again", TALK, _phone_dies, "originate", _caller, STRAIGHT),
    Stage("phone back", LOST, _answers(2), "add_channel", _leg(2), STRAIGHT),
)  # fmt: skip
OWN_CALLS: Final = (
    Stage("calling a colleague", READY, CALL_UP, "originate", _leg(1), STRAIGHT),
    Stage("colleague rung", CALLS, _answers(1), "originate", _leg(1), STRAIGHT),
    Stage("colleague answers", RINGS_BO, _answers(2), "add_channel", _leg(2), STRAIGHT),
    Stage("calling a citizen back", READY, _call_up(BACK), "originate", _leg(1), OUT),
    Stage("citizen dialled", CALLS_BACK, _answers(1), "originate", _leg(1), OUT),
    Stage("citizen answers", DIALS, _answers(2), "add_channel", _dialled, OUT),
)  # fmt: skip
STAGES: Final = (
    *_met_by(OF_A_CITIZEN, OF_CITIZENS),
    *_met_by(OF_A_CONSULTATION, CONSULTATIONS),
    *_met_by(OF_A_LOST_PHONE, LOST_PHONES),
    *_met_by(OF_AN_OWN_CALL, OWN_CALLS),
)
