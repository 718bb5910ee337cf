"""Agents who call citizens back while nobody waits, by the centre's own rules.

Whoever gave up or overflowed is owed a call. When at least `SPARE` agents are ready, nobody waits
and the oldest one owed is due, an agent calls them; the centre decides whether a line may be
taken. Somebody answers at a share of the attempts, `MOST` are made, `SPACED` apart.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from telephony.acd.model import CallId, Instant
from telephony.acd.roster import is_free
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import AttemptEnd, Outcome
from telephony.simulation.citizens import Citizens
from telephony.simulation.dice import Dice
from telephony.simulation.population import Caller
from telephony.simulation.staff import Staff
from telephony.simulation.world import World

SPARE: Final = 2  # agents ready: one is left for callers
NOT_BEFORE: Final = 300.0  # seconds: whoever has just given up may be phoning again
MOST: Final = 3
SPACED: Final = 3600.0
ANSWERS: Final = 0.6  # of the attempts
PICKS_UP: Final = 2.0  # the agent; they have asked for it
RINGS: Final = 10.0  # the citizen
LOOK_EVERY: Final = 30.0
HEARS: Final[tuple[type[fx.Effect], ...]] = (
    fx.CallClosed, fx.RingOwn, fx.DialBack, fx.Join, fx.AttemptEnded,
)  # fmt: skip


@dataclass(slots=True)
class Owed:
    """To one citizen of the day."""

    caller: Caller
    due: float
    attempts: int = 0


class CallsBack:
    """The worklist, and the people at both ends of it."""

    def __init__(self, world: World, citizens: Citizens, staff: Staff, dice: Dice) -> None:
        self._world = world
        self._citizens = citizens
        self._staff = staff
        self._dice = dice
        self._owed: dict[str, Owed] = {}  # by the citizen's key
        self._dials: dict[CallId, Owed] = {}
        self.reached: set[str] = set()

    def begin(self, closes: float) -> None:
        """A day begins: nothing is owed from before."""
        self._owed.clear()
        self._dials.clear()
        self.reached = set()
        self._look(closes)

    def hear(self, effect: fx.Effect, now: Instant) -> None:
        """What the centre does with a citizen or an agent."""
        match effect:
            case fx.CallClosed(call, outcome):
                self._closed(call, outcome, now)
            case fx.RingOwn(offer):
                answered = cmd.AgentAnswered(offer)
                self._world.at(now + PICKS_UP, partial(self._world.tell, answered))
            case fx.DialBack(call, attempt):
                if self._dice.chance(ANSWERS):
                    up = cmd.ExternalAnswered(call, attempt)
                    self._world.at(now + RINGS, partial(self._world.tell, up))
            case fx.Join(call):
                self._talk(call, now)
            case fx.AttemptEnded():
                self._ended(effect, now)
            case _:
                pass

    # -- what is owed --------------------------------------------------------------------

    def _closed(self, call: CallId, outcome: Outcome, now: Instant) -> None:
        key, caller = self._citizens.of(call)
        match outcome:
            case Outcome.ANSWERED | Outcome.INFORMED:
                self._owed.pop(key, None)
            case Outcome.ABANDONED | Outcome.OVERFLOWED if key not in self._owed:
                self._owed[key] = Owed(caller, now + NOT_BEFORE)
            case _:
                pass

    # -- calling -------------------------------------------------------------------------

    def _look(self, closes: float) -> None:
        now = self._world.now
        if now < closes:
            self._world.at(now + LOOK_EVERY, partial(self._look, closes))
            self._call_somebody(now)

    def _call_somebody(self, now: Instant) -> None:
        ready = [agent for agent in self._world.centre.acd.roster.all() if is_free(agent)]
        due = [
            (each.due, key)
            for key, each in self._owed.items()
            if each.due <= now and each.attempts < MOST
        ]
        if not due or len(ready) < SPARE or self._world.centre.acd.entries:
            return
        _, key = min(due)
        agent = min(ready, key=lambda each: each.idle_since).id
        if self._world.tell(cmd.CallBack(agent, f"ob-{key}", None, key)):
            made = next(reversed(self._world.centre.own.calls))
            self._dials[made] = self._owed[key]

    def _talk(self, call: CallId, now: Instant) -> None:
        owed = self._dials.get(call)
        if owed is None:
            return
        agent = self._world.centre.own.calls[call].agent
        self._staff.will_need(agent, owed.caller.wrap_up)
        ended = cmd.ExternalEnded(call, 2, cmd.LegEnd.HUNG_UP)
        self._world.at(now + owed.caller.talk, partial(self._world.tell, ended))

    def _ended(self, ended: fx.AttemptEnded, now: Instant) -> None:
        owed = self._dials.pop(ended.attempt, None)
        if owed is None:
            return
        key = ended.obligation.removeprefix("ob-")
        if ended.answered_at is not None:
            self.reached.add(key)
            self._owed.pop(key, None)
            self._citizens.is_content(key)
        elif ended.result is not AttemptEnd.CANCELLED:
            owed.attempts += 1
            owed.due = now + SPACED
