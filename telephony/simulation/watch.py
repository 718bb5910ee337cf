"""What must be true of any run, seen from outside: from effects alone, whoever performs them.

I1: every call that is opened is closed, once. I2: an agent has one offer or talk at a time.
I3: a call is offered to one agent at a time, and talks to one. I4: nobody is overtaken except by a
declared head start or skill. I9: nobody is stuck in a passing state.
"""

from collections.abc import Callable
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import AgentId, AgentState, CallId, Instant, Offer, OfferEnd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import LineState

STUCK_AFTER: Final = 2.0  # seconds beyond the time that a queue lets a telephone ring
PASSING: Final = frozenset(
    {AgentState.OFFERED, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP}
)
HEARS: Final[tuple[type[fx.Effect], ...]] = (
    fx.CallOpened, fx.CallClosed, fx.CallNoted, acd_fx.Ring, acd_fx.OfferEnded, acd_fx.Connect,
    acd_fx.AgentMoved,
)  # fmt: skip
Wish = tuple[str, str, float]  # queue, skill, head start
Rank = tuple[float, str]


class InvariantBroken(AssertionError):
    """The engine did what it must never do."""


def _insist(holds: bool, what: str, now: float) -> None:
    if not holds:
        raise InvariantBroken(f"{what}, at {now:.3f}")


class Watch:
    """Hears every effect in order; `wish_of` tells what a call that waits has asked for."""

    def __init__(self, ring_for: float, wish_of: Callable[[CallId], Wish]) -> None:
        self._passing_for = ring_for + STUCK_AFTER
        self._wish_of = wish_of
        self.opened = 0
        self._open: set[CallId] = set()
        self._closed: set[CallId] = set()
        self._joined: dict[CallId, Instant] = {}
        self._waiting: dict[CallId, tuple[str, str, Rank]] = {}
        self._offers: dict[CallId, Offer] = {}
        self._talks: dict[CallId, Offer] = {}
        self._hands: dict[AgentId, CallId] = {}  # whom an agent is offered, or talks to
        self._states: dict[AgentId, tuple[AgentState, Instant]] = {}

    def hear(self, effect: fx.Effect, now: Instant) -> None:  # noqa: C901 -- one arm each
        """Check what was decided; raises InvariantBroken."""
        match effect:
            case fx.CallOpened(call):
                self._open_call(call, now)
            case fx.CallClosed(call):
                self._close_call(call, now)
            case fx.CallNoted(call, "queued" | "returned" | "transfer"):
                self._wait(call, now)
            case fx.CallNoted(call, "left_queue"):
                self._waiting.pop(call, None)
            case acd_fx.Ring(offer):
                self._ring(offer, now)
            case acd_fx.OfferEnded(offer, end):
                self._offer_ended(offer, end, now)
            case acd_fx.Connect(offer):
                self._connect(offer, now)
            case acd_fx.AgentMoved(agent, state):
                self._move(agent, state, now)
            case _:
                pass

    def settled(self, centre: Centre, now: Instant) -> None:
        """At the end of a day: everything that was begun has ended, and nothing is left over."""
        _insist(not self._open, f"I1: {len(self._open)} calls have no terminal record", now)
        _insist(
            not self._offers and not self._talks, "I3: an offer or a talk outlives its call", now
        )
        stuck = [agent for agent, (state, _) in self._states.items() if state in PASSING]
        _insist(not stuck, f"I9: {', '.join(stuck)} in a passing state", now)
        left = [*centre.visits.calls, *centre.acd.entries, *(key for key, _ in centre.deadlines)]
        _insist(not left, f"I7: {left[:3]} left in the core", now)
        taken = [line.number for line in centre.lines.all() if line.state is not LineState.IDLE]
        _insist(not taken, f"I7: line {taken} is taken by nobody", now)
        self._closed.clear()
        self._joined.clear()

    # -- I1 ------------------------------------------------------------------------------

    def _open_call(self, call: CallId, now: float) -> None:
        fresh = call not in self._open and call not in self._closed
        _insist(fresh, f"I1: {call} is opened twice", now)
        self._open.add(call)
        self.opened += 1

    def _close_call(self, call: CallId, now: float) -> None:
        _insist(call in self._open, f"I1: {call} is closed and was not open", now)
        self._open.discard(call)
        self._closed.add(call)
        self._waiting.pop(call, None)
        talk = self._talks.pop(call, None)
        if talk is not None:
            self._hands.pop(talk.agent, None)

    # -- I2, I3, I4 ----------------------------------------------------------------------

    def _wait(self, call: CallId, now: Instant) -> None:
        talk = self._talks.pop(call, None)
        if talk is not None:
            self._hands.pop(talk.agent, None)
        joined = self._joined.setdefault(call, now)
        queue, skill, head_start = self._wish_of(call)
        self._waiting[call] = (queue, skill, (joined - head_start, call))

    def _ring(self, offer: Offer, now: float) -> None:
        call, agent = offer.call, offer.agent
        held = self._hands.get(agent)
        _insist(held is None, f"I2: {agent} is offered {call} and has {held}", now)
        _insist(call not in self._offers, f"I3: {call} is offered twice at a time", now)
        _insist(call not in self._talks, f"I3: {call} is offered while it talks", now)
        self._not_overtaking(call, now)
        self._offers[call] = offer
        self._hands[agent] = call

    def _not_overtaking(self, call: CallId, now: float) -> None:
        queue, skill, rank = self._waiting[call]
        earlier = [
            other
            for other, (its_queue, its_skill, its_rank) in self._waiting.items()
            if (its_queue, its_skill) == (queue, skill)
            and its_rank < rank
            and other not in self._offers
        ]
        _insist(not earlier, f"I4: {call} overtakes {earlier[:3]}", now)

    def _offer_ended(self, offer: Offer, end: OfferEnd, now: float) -> None:
        _insist(self._offers.pop(offer.call, None) == offer, f"I3: {offer} ends, is not live", now)
        if end is not OfferEnd.ANSWERED:
            self._hands.pop(offer.agent, None)

    def _connect(self, offer: Offer, now: float) -> None:
        known = self._talks.setdefault(offer.call, offer)
        _insist(known == offer, f"I3: {offer.call} talks to two agents", now)
        _insist(self._hands.get(offer.agent) == offer.call, f"I2: {offer.agent} has another", now)
        self._waiting.pop(offer.call, None)

    # -- I9 ------------------------------------------------------------------------------

    def _move(self, agent: AgentId, state: AgentState, now: Instant) -> None:
        before, since = self._states.get(agent, (AgentState.SIGNED_OUT, now))
        rang = now - since if before is AgentState.OFFERED else 0.0
        _insist(rang <= self._passing_for, f"I9: {agent} was offered a call for {rang:.0f} s", now)
        self._states[agent] = (state, now)
