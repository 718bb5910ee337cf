"""The race matrix: what happens at the very moment at which the centre asks Asterisk for something.

Every cell is a stage that is being entered, the request to Asterisk that enters it, something that
happens just before or just after Asterisk has that request, and Asterisk's answer. A cell is played
on the fakes to its end, and its outcome is a row of `race-matrix.csv`.

`python -m tests.simulation.shell.race` writes that file anew; the difference is then to be judged.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import astuple, dataclass, field, fields, replace
from itertools import product
from pathlib import Path
from typing import Final, Literal, TypeVar

import structlog

from telephony.acd.errors import Rejected
from telephony.acd.model import CallId, Instant
from telephony.ari.errors import AriError, AriUnreachable
from telephony.centre import commands as cmd
from telephony.centre.effects import OverflowReason
from telephony.centre.model import CentreRules
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk_world import Line
from telephony.simulation.shell.loop import run
from tests.builders import ANA, BO, BOOKING, GENERAL, flow, queue, rules
from tests.calls.centre_site import RINGS, Leader, Site
from tests.calls.leading import later

T = TypeVar("T")
FILE: Final = Path(__file__).with_name("race-matrix.csv")
OUTSIDE: Final = "0942000110@trunk"
AFTER_THE_RACE: Final = 8.0
AT_LAST: Final = 60  # seconds at most; who has come right sooner is not waited for
LATE: Final = 2.0  # seconds
Order = Literal["before", "after"]
Answer = Literal["ok", "late", "gone", "409", "500", "reply lost"]
ORDERS: Final[tuple[Order, ...]] = ("before", "after")
ANSWERS: Final[tuple[Answer, ...]] = ("ok", "late", "gone", "409", "500", "reply lost")


@dataclass(slots=True)
class Race:
    """One cell while it is played; it stands between the controller and Asterisk."""

    site: Site
    order: Order = "before"
    answer: Answer = "ok"
    lead: Leader | None = None
    call: str = ""
    calls: list[str] = field(default_factory=list)
    armed: str = ""  # the operation that is waited for
    target: Callable[[Race], str] | None = None  # what it is about
    event: Callable[[Race], str | None] | None = None
    said: str | None = None  # what became of the event
    died: Leader | None = None
    raced: bool = False

    async def carry(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        """The one request that races is met on its way; all others pass."""
        await later(0.001)
        if name != self.armed:
            return await serve()
        self.armed, self.raced = "", True
        return await self._meet(name, serve)

    async def _meet(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        if self.order == "before":
            self._happen()
            await later(0.001)
        try:
            return await self._answered(name, serve)
        finally:
            if self.order == "after":
                self._happen()
            await later(LATE if self.answer == "late" else 0.001)

    async def _answered(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        if self.answer in {"409", "500"}:
            raise AriError(int(self.answer), "not now")
        if self.answer == "gone":
            self._vanish()
        result = await serve()
        if self.answer == "reply lost":
            raise AriUnreachable(f"{name}: carried out, reply lost")
        return result

    def _happen(self) -> None:
        assert self.event is not None
        self.said = self.event(self)

    def _vanish(self) -> None:
        """What the request is about ends by itself, just before."""
        assert self.target is not None
        world, name = self.site.asterisk.world, self.target(self)
        if name in world.lines:
            world.hang_up(name)
        elif name in world.rooms:
            world.destroy(world.rooms[name])

    # -- what happens --------------------------------------------------------------------

    @property
    def leader(self) -> Leader:
        """The controller."""
        assert self.lead is not None
        return self.lead

    def leg(self, *, up: bool) -> Line | None:
        """The newest leg to an agent, that was answered or was not."""
        legs = [
            line
            for line in self.site.asterisk.world.lines.values()
            if line.id.startswith("o.") and (line.state == "Up") is up
        ]
        return legs[-1] if legs else None

    def kill_leader(self) -> None:
        """It is dead in the middle of this request: it neither asks for anything nor hears more."""
        self.died = self.leader
        self.died.work.cancel()

    async def ask(self, request: cmd.Request) -> None:
        """An agent presses a button."""
        await self.leader.controller.request(request)

    def submit(self, request: cmd.Request) -> str | None:
        """An agent presses a button in the middle of it all."""
        try:
            self.leader.controller.engine.submit(request)
        except Rejected:
            return "refused"
        return None

    def expire(self, kind: str) -> str | None:
        """A deadline is due at this very moment."""
        engine = self.leader.controller.engine
        if (kind, self.call) not in {key for key, _ in engine.centre.deadlines}:
            return "not due"
        engine.centre.deadlines.set((kind, self.call), Instant(engine.now()))
        engine.submit(cmd.Woken())
        return None


# -- stages ------------------------------------------------------------------------------------

Step = Callable[[Race], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """How it is entered: what comes before, the last step, and the request that follows."""

    name: str
    before: tuple[Step, ...]
    last: Step
    request: str
    about: Callable[[Race], str]
    centre: CentreRules


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


def _bridge(race: Race) -> str:
    return f"b.{race.call}"


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


async def _ready_bo(race: Race) -> None:
    await race.ask(cmd.Ready(BO))


TWO: Final = (*TALK, _ready_bo)
STAGES: Final = (
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


def _leg_ends(*, up: bool, cause: int) -> Callable[[Race], str | None]:
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


EVENTS: Final[dict[str, Callable[[Race], str | None]]] = {
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


# -- cells -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A cell's place in the matrix and its written outcome."""

    stage: str
    request: str
    event: str
    order: str
    answer: str
    event_was: str  # "" when it could happen
    then: str  # the caller's stage soon after
    ana: str
    bo: str
    outcome: str
    hung_up_by: str
    offers: str  # how each ended, in order
    wrong: str  # what must never be: something left over, somebody stuck, not one record


def cells(stage: Stage) -> Iterator[Row]:
    """Every cell of a stage."""
    for event, order, answer in product(EVENTS, ORDERS, ANSWERS):
        yield play(stage, event, order, answer)


def play(stage: Stage, event: str, order: Order, answer: Answer) -> Row:
    """One cell, to its end."""
    return run(_play(stage, event, order, answer))


async def _play(stage: Stage, event: str, order: Order, answer: Answer) -> Row:
    site = Site(stage.centre)
    race = Race(site, order, answer, target=stage.about, event=EVENTS[event])
    site.asterisk.link = race
    site.asterisk.world.durations["sound:main_menu"] = 30.0
    site.phones(RINGS)
    site.asterisk.phone(OUTSIDE, RINGS)
    async with AsyncExitStack() as leaders:
        race.lead = await leaders.enter_async_context(site.led())
        for step in stage.before:
            await step(race)
        race.armed = stage.request
        with suppress(Rejected):  # of who died before granting it
            await stage.last(race)
        await _pass_on(race, leaders)
        row = _soon(race, Row(stage.name, stage.request, event, order, answer, *[""] * 8))
        if race.call in site.asterisk.world.lines:
            site.hang_up(race.call)
        for _ in range(AT_LAST):
            await later(1.0)
            if not any(_wrong(race)):
                break
        return _at_last(race, row)


async def _pass_on(race: Race, leaders: AsyncExitStack) -> None:
    """Let it come to its end; who died is followed by another at once."""
    for _ in range(int(AFTER_THE_RACE)):
        await later(1.0)
        if race.died is not None and race.died is race.lead:
            await race.site.lease.release("controller")
            race.lead = await leaders.enter_async_context(race.site.led())


def _soon(race: Race, row: Row) -> Row:
    roster = race.leader.controller.engine.centre.acd.roster
    return replace(
        row,
        event_was=race.said or ("" if race.raced else "no race"),
        then=race.leader.calls().get(race.call, "over"),
        ana=roster[ANA].state.value,
        bo=roster[BO].state.value,
    )


def _at_last(race: Race, row: Row) -> Row:
    site = race.site
    offers = [
        str(event.detail["end"])
        for record in site.records.calls()
        for event in record.timeline
        if record.id == race.call
        if event.event == "offer_ended"
    ]
    closed = [record for record in site.records.closed() if record.call == race.call]
    return replace(
        row,
        outcome=closed[0].outcome.value if closed else "",
        hung_up_by=closed[0].hung_up_by.value if closed and closed[0].hung_up_by else "",
        offers=" ".join(offers),
        wrong="; ".join(_wrong(race)),
    )


def _wrong(race: Race) -> Iterator[str]:
    site, controller = race.site, race.leader.controller
    if sorted(record.call for record in site.records.closed()) != sorted(race.calls):
        yield f"{len(site.records.closed())} records"
    if site.left_over():
        yield f"left over: {sorted(site.left_over())}"
    if controller.engine.centre.visits.calls.get(CallId(race.call)) is not None:
        yield "the call is not over"
    if race.leader.work.done() or controller.engine.poisoned:
        yield "the controller failed"
    for agent in controller.engine.centre.acd.roster.all():
        if agent.state.value not in {"ready", "paused", "signed_out"}:
            yield f"{agent.id} is stuck in {agent.state.value}"


def written() -> list[Row]:
    """The matrix as it was written down."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def main() -> None:
    """Write the matrix anew."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with FILE.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(each.name for each in fields(Row))
        for stage in STAGES:
            sys.stderr.write(f"{stage.name}\n")
            table.writerows(astuple(row) for row in cells(stage))


if __name__ == "__main__":
    main()
