"""The values of the queue core: ids, states, rules, offers, entries, agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

CallId = NewType("CallId", str)
AgentId = NewType("AgentId", str)
QueueId = NewType("QueueId", str)
Instant = NewType("Instant", float)  # seconds since the epoch, always handed in
NEVER = Instant(0.0)
ONLY = "@"  # how what is asked for begins where it is one agent
MISSED = "missed_"  # how the reason begins of a pause that nobody asked for


class AgentState(StrEnum):
    """What an agent is doing; the words are those of the screens and the records."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    OFFERED = "offered"
    TALKING = "talking"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class OfferEnd(StrEnum):
    """How one attempt to give a call to an agent ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    FAILED = "failed"  # we could not ring: nobody at the desk is to blame
    WITHDRAWN = "withdrawn"


class Work(StrEnum):
    """What an agent does between two calls, from which they let themselves be called away."""

    CARD_PRE = "card_pre"  # preparing cards that will be handed out
    CARD_POST = "card_post"  # what is left to do after that


class Device(StrEnum):
    """What the telephone of a seat can do."""

    FREE = "free"
    IN_USE = "in_use"
    GONE = "gone"  # not registered, or not answering


class Phone(StrEnum):
    """Which telephone of a seat: both may be there, and the browser's is rung then."""

    DESK = "desk"
    BROWSER = "browser"


class Strategy(StrEnum):
    """Who of those who are free is offered a caller; penalties come first, idle time last."""

    LONGEST_IDLE = "longest_idle"
    FEWEST_CALLS = "fewest_calls"  # since they signed in
    FIXED_ORDER = "fixed_order"  # that of the site directory


@dataclass(frozen=True, slots=True)
class QueueRules:
    """How one queue treats its callers; every duration in seconds."""

    name: QueueId
    ring_for: float = 15.0
    wrap_up_for: float = 5.0
    max_wait: float | None = None
    max_length: int | None = None
    announce_after: float = 20.0
    announce_every: float = 45.0
    max_estimate: float | None = None  # nobody waits who would have to for longer than this
    no_agent_after: float | None = None  # nor once nobody has worked here for so long
    strategy: Strategy = Strategy.LONGEST_IDLE
    relax_after: float | None = None  # waited, until whoever has not the skill will do
    sticky_for: float = 0.0  # waited, in which only whoever served them last will do
    surge_from: int = 2  # the place from which on, in a surge, one is offered to be called back
    tell_wait: bool = False  # callers hear about how long it will be, beside their place
    ask_number: str | None = None  # where in the flow whoever has no number is asked for one
    on_1: str | None = None  # where 1 leads while they wait; they keep their place


@dataclass(frozen=True, slots=True)
class AgentRules:
    """What one agent may be offered."""

    agent: AgentId
    queues: tuple[QueueId, ...]
    skills: frozenset[str] = frozenset()
    penalties: tuple[int, ...] = ()  # beside `queues`; who has less comes first, and none is 0
    order: int = 0  # among all, for a fixed order

    def penalty(self, queue: QueueId) -> int:
        """How much rather others are offered the callers of this queue."""
        at = self.queues.index(queue)
        return self.penalties[at] if at < len(self.penalties) else 0


@dataclass(frozen=True, slots=True)
class AcdRules:
    """Everything the queue core must be told; durations in seconds."""

    queues: Mapping[QueueId, QueueRules]
    agents: Mapping[AgentId, AgentRules]
    retry_after: float = 5.0  # rest after an offer that was refused or did not arrive
    reach_for: float = 4.0  # a telephone that does not ring by then is unreachable
    pause_after_misses: int = 3
    reserve_after: float = 10.0  # seconds waited until an agent in reserve is offered a call
    reserve_lines: int = 1  # with no more lines free than this, at once
    answer_within: float = 1.5  # a telephone that was asked to answer and still rings does not


@dataclass(frozen=True, slots=True)
class Offer:
    """One attempt to give one call to one agent."""

    call: CallId
    attempt: int
    agent: AgentId

    @property
    def leg(self) -> str:
        """The id of the agent's channel, known before the channel exists."""
        return f"o.{self.call}.{self.attempt}"


@dataclass(slots=True)
class Entry:
    """A call's place in a queue, kept while it is offered."""

    call: CallId
    queue: QueueId
    entered_at: Instant
    head_start: float = 0.0
    skill: str = ""  # "" asks for nobody in particular
    attempts: int = 0  # offers made for this call so far, in every queue
    relaxed: bool = False  # the skill is not asked for any more
    sticky: AgentId | None = None  # for now only this one will do: they served the caller last
    tried: tuple[AgentId, ...] = ()  # who had it and did not take it; in order, for snapshots
    offer: Offer | None = None
    ringing: bool = False  # the offered telephone has been heard to ring

    @property
    def rank(self) -> tuple[float, CallId]:
        """Smaller is served sooner: a head start counts as seconds waited already."""
        return (self.entered_at - self.head_start, self.call)

    @property
    def choosy(self) -> bool:
        """Not everybody of the queue would do from the first."""
        return self.sticky is not None or bool(self.skill)

    @property
    def wants(self) -> str:
        """What is asked for now: a skill, this one agent, or "" for anybody of the queue."""
        if self.sticky is not None:
            return ONLY + self.sticky
        return "" if self.relaxed else self.skill

    @property
    def attempt(self) -> Offer:
        """The live offer of an entry that is being offered."""
        assert self.offer is not None
        return self.offer


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What an agent asked for during a call, to take effect after it."""

    state: AgentState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """An offer that an agent did not take: when, why, and what their telephone was then."""

    call: CallId
    at: Instant
    why: OfferEnd
    device: Device


@dataclass(slots=True)
class Agent:
    """A person who takes calls, and the telephone of their seat."""

    id: AgentId
    state: AgentState = AgentState.SIGNED_OUT
    reason: str | None = None
    since: Instant = NEVER
    idle_since: Instant = NEVER  # end of the last wrap-up, or sign-in
    device: Device = Device.GONE  # of the telephone that would be rung now
    desk: Device = Device.GONE
    browser: Device = Device.GONE
    phone: Phone = Phone.DESK  # on which the offer is, or the next one will be
    offer: Offer | None = None  # the live offer, or the one that was answered
    call: CallId | None = None  # offered, talked to or wrapped up
    wrap_up_for: float = 0.0  # as the queue of the present call has it
    misses: int = 0  # offers in a row that were not taken
    calls: int = 0  # answered since they signed in
    resting: bool = False  # no offer until the rest is over
    afterwards: Afterwards | None = None
    before: Afterwards | None = None  # a call of their own: what they are again after it
    served: QueueId | None = None  # of the present call, until its wrap-up is over
    served_since: Instant = NEVER  # its answer
    called_back: bool = False  # the call is of their own: it has no record of a citizen's
    person: str | None = None  # opaque id of who signed in at the desk; they end their wrap-up
    reserve: bool = False  # offered only what no first choice takes
    work: Work | None = None
    answers: bool = True  # the telephone has not shown that it ignores the page's answer key
    missed: tuple[Missed, ...] = ()  # the latest ones since they signed in

    @property
    def missed_out(self) -> bool:
        """Paused, because offer after offer was not taken."""
        return self.state is AgentState.PAUSED and (self.reason or "").startswith(MISSED)
