"""The centre as others see it: the objects of `status` and of the news.

Ids, states and times only. A person's name, a telephone number or what somebody typed is never in
here: who may see those asks for them where they are kept.
"""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Availability = Literal["first", "reserve", "none"]
Direction = Literal["inbound", "internal", "outbound", "callback"]


class Seen(BaseModel):
    """A view of one thing; a field that a reader does not know is a newer one."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class OfferSeen(Seen):
    """The call that rings at a seat, or is being talked to there."""

    call: str
    attempt: int
    since: float  # instant at which the present state of the agent began
    ringing: bool = False  # the telephone has been heard to ring
    answered: bool = False


class MissedSeen(Seen):
    """An offer that was not taken: when, why, and what the telephone was then."""

    call: str
    at: float
    why: str  # no_answer, busy, declined, unreachable
    device: str  # free, in_use, gone


class AfterwardsSeen(Seen):
    """What was chosen during a call, to take effect after it."""

    state: str  # paused, signed_out
    reason: str | None = None


class AgentSeen(Seen):
    """Whoever works at a seat."""

    name: str  # of the seat, as the site directory has it
    seat: str
    state: str
    reason: str | None = None
    since: float | None = None  # None before they first did anything
    phone: str = "gone"
    call: str | None = None
    person: str | None = None  # opaque id of who signed in at the desk
    availability: Availability = "none"
    work: str | None = None  # what they do between two calls, if they said so
    afterwards: AfterwardsSeen | None = None
    offer: OfferSeen | None = None
    answers: bool = True  # False: the telephone ignored the page's answer key
    missed: list[MissedSeen] = []
    wrap_up_target: float | None = None  # seconds; None outside wrap-up
    wrap_up_ends: bool = False  # by itself, at its target


class LineSeen(Seen):
    """One line of the trunk."""

    number: int
    state: str
    call: str | None = None
    agent: str | None = None
    since: float | None = None  # None before its first call
    overflow: bool = False  # only for callers who find every line taken


class QueueSeen(Seen):
    """One queue."""

    name: str
    waiting: int = 0
    longest_wait: float = 0.0  # seconds, when it was told
    waiting_since: float | None = None  # instant at which the longest wait began
    staffed: int = 0  # agents who worked there, at a call or not, when it was told
    # Seconds that somebody who joins now will wait, between the two; None where nobody works.
    estimated_wait: tuple[float, float] | None = None


class ClosingSeen(Seen):
    """What closing time still asks for: nothing while it is open, or when everybody was served."""

    calls_left: int
    asked_to_stay: tuple[str, ...]  # seats


NOBODY_STAYS: Final = ClosingSeen(calls_left=0, asked_to_stay=())


class ConsultSeen(Seen):
    """Somebody whom an agent asks while the caller is on the line."""

    target: str  # a seat, or the name of an extension
    meeting: str  # nobody (it rings), target, caller, all


class CallSeen(Seen):
    """One call, until it is over (`stage` ended)."""

    id: str
    line: int | None = None
    queue: str | None = None
    agent: str | None = None
    menu_path: str = ""
    stage: str
    arrived_at: float | None = None
    waited: float = 0.0  # seconds, when it was told
    direction: Direction = "inbound"
    target: str | None = None  # whom an agent called: a seat, or the name of an extension
    consult: ConsultSeen | None = None
    resumed: bool = False  # 再開: waits again, because the agent's telephone was lost
