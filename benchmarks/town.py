"""A town that phones a centre: callers and agents who react to its effects, all from one seed.

It is played once to get a script, `[(command, instant)]`. The centre is deterministic, so the
script can then be given to a fresh centre with nothing but the centre being measured.
"""

import heapq
from collections.abc import Iterable
from itertools import count
from random import Random
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, AgentState, CallId, Device, Instant, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules

Script = list[tuple[cmd.Command, Instant]]

OPENING: Final = 1_700_000_000.0
ARRIVAL_EVERY: Final = 12.0  # seconds on average: six lines are mostly taken, some callers refused
TALKS_FOR: Final = 50.0
PROMPT_LASTS: Final = 6.0
PATIENCE: Final = 240.0
KEYS: Final = ("0", "0", "11", "12", "21", "3", "59", "x0", "*0")  # x is a key that means nothing
ECHO: Final = 0.01  # seconds until Asterisk tells what came of a request


class Town:
    """Everybody outside the centre."""

    def __init__(self, rules: CentreRules, seed: int) -> None:
        self.script: Script = []
        self._centre = Centre(rules)
        self._dialled = rules.numbers_dialled[0]
        self._dice = Random(seed)
        self._calls = count(1)
        self._order = count()
        self._agenda: list[tuple[float, int, cmd.Command]] = []
        self._sounds: set[tuple[CallId, int]] = set()
        for agent in rules.acd.agents.values():
            if agent.queues:
                self._sign_in(agent.agent)
        self._next_caller(OPENING)

    def play(self, commands: int) -> Script:
        """Live until the script has this many commands."""
        while len(self.script) < commands:
            at, _, planned = self._agenda[0]
            due = self._centre.next_deadline()
            if due is not None and due <= at:
                self._tell(cmd.Woken(), due)
                continue
            heapq.heappop(self._agenda)
            if self._comes_true(planned):
                for told in _as_told(planned):
                    self._tell(told, Instant(at))
        return self.script

    def _comes_true(self, planned: cmd.Command) -> bool:
        """A channel that is gone presses no key, and a sound ends once."""
        match planned:
            case cmd.CallerHungUp(call) | cmd.KeyPressed(call):
                return call in self._centre.visits.calls
            case cmd.PlaybackEnded(call, playback):
                was_heard = (call, playback) in self._sounds
                self._sounds.discard((call, playback))
                return was_heard
            case _:
                return True

    def _tell(self, command: cmd.Command, now: Instant) -> None:
        try:
            effects = self._centre.handle(command, now)
        except Rejected:
            return  # as in life: the agent was a moment too late
        self.script.append((command, now))
        for effect in effects:
            self._react(effect, now)

    def _plan(self, at: float, *commands: cmd.Command) -> None:
        for command in commands:
            heapq.heappush(self._agenda, (at, next(self._order), command))

    def _sign_in(self, agent: AgentId) -> None:
        self._plan(OPENING, cmd.DeviceChanged(agent, Device.FREE), cmd.Ready(agent))
        self._plan_pause(agent, OPENING)

    def _next_caller(self, now: float) -> None:
        at = now + self._dice.expovariate(1 / ARRIVAL_EVERY)
        self._plan(at, cmd.CallArrived(CallId(f"n1-{next(self._calls)}"), self._dialled, None))

    # -- what everybody does -------------------------------------------------------------

    def _react(self, effect: fx.Effect, now: float) -> None:  # noqa: C901 -- one arm each
        match effect:
            case fx.CallOpened(call):
                self._next_caller(now)
                self._press_keys(call, now)
            case fx.Play(call, playback):
                self._sounds.add((call, playback))
                self._plan(now + PROMPT_LASTS, cmd.PlaybackEnded(call, playback))
            case fx.StopPlay(call, playback):
                self._plan(now + ECHO, cmd.PlaybackEnded(call, playback))
            case fx.HangUp(call):
                self._plan(now + ECHO, cmd.CallerHungUp(call))
            case acd_fx.Ring(offer):
                self._ring(offer, now)
            case acd_fx.DropLeg(offer):
                self._plan(now + ECHO, cmd.AgentLegEnded(offer, cmd.LegEnd.HUNG_UP))
            case acd_fx.Connect(offer):
                self._talk(offer, now)
            case acd_fx.AgentMoved(agent, AgentState.WRAP_UP):
                self._plan(now + self._dice.uniform(1, 8), cmd.EndWrapUp(agent))
            case acd_fx.AgentMoved(agent, AgentState.PAUSED):
                self._plan(now + self._dice.uniform(20, 90), cmd.Ready(agent))
                self._plan_pause(agent, now + 90)
            case _:
                pass

    def _press_keys(self, call: CallId, now: float) -> None:
        at = now
        for key in self._dice.choice(KEYS):
            at += self._dice.uniform(0.5, 9)
            self._plan(at, cmd.KeyPressed(call, key))
        gone = now + self._dice.expovariate(1 / PATIENCE)
        self._plan(gone, cmd.CallerHungUp(call))

    def _ring(self, offer: Offer, now: float) -> None:
        fate = self._dice.random()
        if fate < 0.04:
            self._plan(now + 0.1, cmd.AgentLegEnded(offer, cmd.LegEnd.BUSY))
            return
        self._plan(now + 0.1, cmd.AgentRinging(offer))
        if fate < 0.08:
            self._plan(now + 3, cmd.AgentLegEnded(offer, cmd.LegEnd.DECLINED))
        elif fate < 0.96:  # the rest lets it ring until it is taken away
            self._plan(now + self._dice.uniform(1, 6), cmd.AgentAnswered(offer))

    def _talk(self, offer: Offer, now: float) -> None:
        if self._dice.random() < 0.2:
            self._plan(now + 5, cmd.Hold(offer.agent))
            self._plan(now + 15, cmd.Resume(offer.agent))
        ends: cmd.Command = cmd.CallerHungUp(offer.call)
        if self._dice.random() < 0.5:
            ends = cmd.AgentLegEnded(offer, cmd.LegEnd.HUNG_UP)
        self._plan(now + self._dice.expovariate(1 / TALKS_FOR), ends)

    def _plan_pause(self, agent: AgentId, now: float) -> None:
        self._plan(now + self._dice.expovariate(1 / 400), cmd.Pause(agent, "break"))


def _as_told(fact: cmd.Command) -> Iterable[cmd.Command]:
    """Asterisk tells the end of a leg twice: the request to hang up, and the end of the channel."""
    ends = isinstance(fact, cmd.CallerHungUp | cmd.AgentLegEnded)
    return (fact, fact) if ends else (fact,)
