"""Simulated agents: they sign in, pick up or do not, press buttons, write up, eat, and rest.

A button is pressed until the centre says yes or no. What it said yes to is remembered: the judge
asks whether it still holds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, AgentState
from telephony.centre import commands as cmd
from telephony.simulation.shell.agenda import Agenda
from telephony.simulation.shell.asterisk_world import Line, Phone
from telephony.simulation.shell.script import Script, Worker

LOOKS_EVERY: Final = 60.0  # seconds between an agent's looks at their own state
TRIES: Final = 60
TRY_AGAIN: Final = 1.0
LONGEST_RINGING: Final = 12.0
AT_LEAST: Final = 0.5
HELD_AFTER: Final = 4.0  # seconds of talk
HELD_FOR: Final = 5.0
BREAK: Final = 5.0
IDLE: Final = (AgentState.SIGNED_OUT, AgentState.PAUSED)

Ask = Callable[[cmd.Request], Awaitable[None]]  # raises Rejected, and TimeoutError
StateOf = Callable[[str], AgentState | None]


@dataclass(slots=True, eq=False)
class Desk:
    """One agent, and what they are about."""

    worker: Worker
    mood: random.Random
    away: bool = False  # eats, or rests
    needs: float = 0.0  # seconds of writing up after the present call
    writes_up: bool = False
    presses: int = 0  # what was wanted last, counted: an older wish is not insisted on
    paused: bool = False  # as the centre has granted, and nothing else was asked since
    paused_at: float = 0.0
    granted_at: float = 0.0  # when the centre last said yes to what decides their state
    free_since: float = 0.0  # since when they are not busy

    @property
    def agent(self) -> AgentId:
        """Whose it is."""
        return AgentId(self.worker.seat)

    @property
    def busy(self) -> bool:
        """They will say themselves when they are ready."""
        return self.away or self.writes_up or self.needs > 0


class Desks:
    """Everybody who works."""

    def __init__(
        self, script: Script, agenda: Agenda, ask: Ask, state_of: StateOf, granted: float
    ) -> None:
        self.all = {
            worker.seat: Desk(worker, random.Random(f"{script.seed}/{worker.seat}"))
            for worker in script.workers
        }
        self._agenda = agenda
        self._ask = ask
        self._state_of = state_of
        self._granted = granted  # seconds of wrap-up that need no button

    def begin(self) -> None:
        """Let everybody come."""
        for desk in self.all.values():
            self._agenda.after(desk.worker.ready_at, self._come, desk)
            for at, lasts in desk.worker.away:
                self._agenda.after(at, self._go, desk, lasts)

    def habit(self, endpoint: str) -> Phone:
        """What they do as their telephone rings."""
        desk = self.all[endpoint.removeprefix("PJSIP/")]
        worker, mood = desk.worker, desk.mood
        chance = mood.random()
        after = round(AT_LEAST + min(mood.expovariate(1 / worker.picks_up), LONGEST_RINGING), 3)
        if worker.reliable:
            return Phone("answers", 2.0)
        if chance < 0.9:  # noqa: PLR2004
            return Phone("answers", after)
        if chance < 0.96:  # noqa: PLR2004
            return Phone("rings")
        return Phone("is_busy" if chance < 0.98 else "declines", 0.5)  # noqa: PLR2004

    # -- a call --------------------------------------------------------------------------

    def talks(self, seat: str, wrap_up: float) -> None:
        """They know by now how much there is to do afterwards; to stay away a pause is asked."""
        desk = self.all[seat]
        if wrap_up > self._granted and not desk.needs:
            desk.needs = wrap_up
            self._press(desk, cmd.Pause(desk.agent, "wrap_up"))

    def may_ask(self, seat: str, *, held: bool) -> bool:
        """Hold, hand on or pause now and then; whether that may move the caller."""
        desk = self.all[seat]
        chance = desk.mood.random()
        if held:
            self._hold(desk, HELD_AFTER, HELD_FOR)
        if not desk.worker.asks:
            return held
        if chance < 0.08:  # noqa: PLR2004
            self._hold(desk, 5.0, 10.0)
        elif chance < 0.12:  # noqa: PLR2004
            others = [AgentId(each) for each in self.all if each != seat]
            to = desk.mood.choice(others or [desk.agent])
            self._agenda.after(8.0, self._press, desk, cmd.Transfer(desk.agent, to))
        elif chance < 0.16:  # noqa: PLR2004
            self._agenda.after(6.0, self._press, desk, cmd.Pause(desk.agent, "lunch"))
            return held
        return held or chance < 0.12  # noqa: PLR2004

    def _hold(self, desk: Desk, after: float, lasts: float) -> None:
        self._agenda.after(after, self._press, desk, cmd.Hold(desk.agent))
        self._agenda.after(after + lasts, self._press, desk, cmd.Resume(desk.agent))

    def leg_over(self, line: Line) -> None:
        """Their channel is gone: time to write up, if they talked."""
        desk = self.all.get(seat_of(line))
        if desk is not None and desk.needs:
            desk.writes_up = True
            self._agenda.after(desk.needs, self._written_up, desk)
            desk.needs = 0.0

    def _written_up(self, desk: Desk) -> None:
        desk.writes_up = False
        desk.free_since = asyncio.get_running_loop().time()
        self._ready(desk)

    # -- coming and going ----------------------------------------------------------------

    def _come(self, desk: Desk) -> None:
        self._ready(desk)
        for at in desk.worker.returns:
            self._agenda.after(at - BREAK - desk.worker.ready_at, self._sign_out, desk)
        if not desk.worker.returns:
            self._agenda.after(LOOKS_EVERY, self._look, desk)

    def _sign_out(self, desk: Desk) -> None:
        self._press(desk, cmd.SignOut(desk.agent))
        self._agenda.after(BREAK, self._ready, desk)

    def _look(self, desk: Desk) -> None:
        """An agent who was paused, or forgotten, presses the button again."""
        if self._state_of(desk.worker.seat) in IDLE:
            self._ready(desk)
        self._agenda.after(LOOKS_EVERY, self._look, desk)

    def _go(self, desk: Desk, lasts: float) -> None:
        desk.away = True
        self._press(desk, cmd.Pause(desk.agent, "lunch"))
        self._agenda.after(lasts, self._come_back, desk)

    def _come_back(self, desk: Desk) -> None:
        desk.away = False
        desk.free_since = asyncio.get_running_loop().time()
        self._ready(desk)

    def _ready(self, desk: Desk) -> None:
        if not desk.busy:
            self._press(desk, cmd.Ready(desk.agent))

    # -- buttons -------------------------------------------------------------------------

    def _press(self, desk: Desk, request: cmd.Request) -> None:
        if isinstance(request, cmd.Ready | cmd.Pause | cmd.SignOut):
            desk.presses += 1
            desk.paused = False
        self._agenda.start(self._insist(desk, request, desk.presses))

    async def _insist(self, desk: Desk, request: cmd.Request, press: int) -> None:
        """Press the button until it does something, is refused, or another was pressed."""
        for _ in range(TRIES):
            try:
                await self._ask(request)
            except TimeoutError:
                await asyncio.sleep(TRY_AGAIN)
            except Rejected:
                return
            else:
                desk.paused = isinstance(request, cmd.Pause) and press == desk.presses
                desk.paused_at = now = asyncio.get_running_loop().time()
                if isinstance(request, cmd.Ready | cmd.Pause):
                    desk.granted_at = now
                return
            if press != desk.presses:
                return


def seat_of(line: Line) -> str:
    """Whose telephone this channel is on."""
    return line.name.removeprefix("PJSIP/").rpartition("-")[0]
