"""A call as the centre knows it, and the rules the centre goes by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from typing import Final

from ivr_flows.engine import Position
from ivr_flows.hours import WeeklyHours
from ivr_flows.opening.book import always_open
from ivr_flows.opening.model import Calendar, Rule
from ivr_flows.schema import Flow
from telephony.acd.model import AcdRules, AgentId, CallId, Instant, Offer, QueueId
from telephony.centre.effects import (
    AttemptEnd,
    OverflowReason,
    OwnKind,
    Party,
    external_leg,
)
from telephony.centre.tolls import TollRules


class Stage(StrEnum):
    """Where in their visit a caller is."""

    MENU = "menu"
    WAITING = "waiting"
    TALKING = "talking"
    HOLD = "hold"
    LOST = "lost"  # the telephone of whoever talked to them is gone; they hear music
    DIALLING = "dialling"  # somebody outside is being called for them
    OUTSIDE = "outside"  # they talk to somebody outside
    ASKING = "asking"  # they have gone; whoever took their call outside is asked what came of it
    ENDING = "ending"  # we have hung up and wait to hear of it


AT_MUSIC: Final = frozenset({Stage.HOLD, Stage.LOST, Stage.DIALLING})  # where they were put to it


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """What a caller goes by from the first word to the last: the flow and all that it names.

    Queues, agents, lines and the toll gate are not in it: those are shared, so the present ones
    hold for everybody.
    """

    digest: str  # of the configuration it is part of
    flow: Flow
    hours: Mapping[str, WeeklyHours]
    exits: Mapping[QueueId, Mapping[OverflowReason, str]]
    numbers: Mapping[str, str]
    max_menu_time: float = 300.0
    calendar: Calendar = field(default_factory=always_open)


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """How citizens are called back; durations in seconds."""

    keep_lines: int = 2  # left free for callers, whatever is owed
    ring_for: float = 30.0
    again_within: float = 60.0  # after a talk that broke off


@dataclass(frozen=True, slots=True)
class CentreRules:
    """All that is configured. `digest` names the configuration it came from."""

    digest: str
    lines: tuple[int, ...]
    numbers_dialled: tuple[str, ...]  # those that are ours
    acd: AcdRules
    flow: Flow
    hours: Mapping[str, WeeklyHours]
    exits: Mapping[QueueId, Mapping[OverflowReason, str]]  # nodes for whom a queue takes no more
    numbers: Mapping[str, str]  # published numbers by name, as text
    tolls: TollRules
    timezone: tzinfo
    max_menu_time: float = 300.0
    external_ring_for: float = 30.0
    own_ring_for: float = 30.0  # each telephone of ours, in a call that an agent begins
    extensions: Mapping[str, str] = field(default_factory=dict)  # numbers that agents may call
    calendar: Calendar = field(default_factory=always_open)
    always_open: bool = False  # calls are taken at any hour, whatever the calendar says
    callbacks: CallbackRules = CallbackRules()
    offers: frozenset[str] = frozenset()  # what flows may offer besides: `own_booking`
    overflow_lines: tuple[int, ...] = ()  # for whoever finds every line taken
    busy_exit: str | None = None  # the node they come to on one; without it they hear busy

    @property
    def version(self) -> FlowVersion:
        """What a call that arrives under these rules goes by."""
        return FlowVersion(
            self.digest,
            self.flow,
            self.hours,
            self.exits,
            self.numbers,
            self.max_menu_time,
            self.calendar,
        )


@dataclass(frozen=True, slots=True)
class ModeInForce:
    """What somebody set, and until when."""

    mode: str
    since: Instant
    until: Instant
    by: str
    rule: Rule


@dataclass(slots=True)
class Lost:
    """The telephone of whoever talks to a citizen is lost."""

    since: Instant
    held: bool  # the citizen was on hold
    rings: bool = False  # a telephone of the seat rings for it
    page: bool = False  # that telephone is their page


OWN_LEG, OTHER_LEG = 1, 2  # attempts of a call that an agent began; later ones ring them again


class OwnStage(StrEnum):
    """How far a call that an agent began has come."""

    FETCHING = "fetching"  # their own telephone rings
    RINGING = "ringing"  # the other one does
    TALKING = "talking"
    LOST = "lost"  # the agent's telephone is; whoever is outside hears music
    LEAVING = "leaving"  # it did not come back, and whoever is outside is told so


@dataclass(slots=True)
class OwnCall:
    """A call that an agent began."""

    id: CallId
    kind: OwnKind
    agent: AgentId
    target: str  # a seat, or the name of an extension
    offer: Offer  # the agent's own leg
    stage: OwnStage
    stage_since: Instant
    began_at: Instant
    other: Offer | None = None  # a colleague's leg
    line: int | None = None  # of a leg to the outside
    answered_at: Instant | None = None  # by the other end
    caller: str = ""  # keyed hash of the citizen who is called back
    obligation: str = ""  # what is owed to them
    of_call: CallId | None = None  # theirs, which broke off
    result: AttemptEnd | None = None  # as the agent tells
    attempts: int = OTHER_LEG  # legs made so far
    lost: Lost | None = None  # in the stage of that name
    losses: int = 0  # of the telephone, one soon after the other
    page_left: Instant | None = None  # when the agent's page was last not registered
    playback: int = 0  # number of the last playback

    @property
    def outside(self) -> str:
        """The channel of the other end, where that is no colleague's."""
        return external_leg(self.id, OTHER_LEG)

    def is_up(self, offer: Offer) -> bool:
        """The telephone at this end was answered."""
        reached = OwnStage.FETCHING if offer == self.offer else OwnStage.RINGING
        return list(OwnStage).index(self.stage) > list(OwnStage).index(reached)


@dataclass(frozen=True, slots=True)
class Talk:
    """The last talk of an agent with a citizen: it may have broken off."""

    agent: AgentId
    caller: str  # keyed hash of their number
    obligation: str  # "" of a call that came in
    of_call: CallId | None
    ended_at: Instant


@dataclass(frozen=True, slots=True)
class Served:
    """Who has talked to this citizen last, and when that began."""

    caller: str
    agent: AgentId
    at: Instant


@dataclass(slots=True)
class Handover:
    """A call that another line takes in our stead."""

    target: str  # the number's name
    announce: tuple[str, ...]
    ask: tuple[str, ...]
    result: str = ""  # as they say; "" while they have not


class Meeting(StrEnum):
    """Who is in the room while an agent consults somebody; the others hear music."""

    NOBODY = "nobody"  # the target is being rung
    TARGET = "target"  # agent and target
    CALLER = "caller"  # agent and caller
    ALL = "all"


@dataclass(slots=True)
class Consult:
    """Somebody whom an agent asks while the caller is on the line."""

    target: str  # a seat, or the name of an extension
    meeting: Meeting = Meeting.NOBODY
    offer: Offer | None = None  # a colleague's leg; else it is the call's leg to the outside


@dataclass(slots=True)
class Call:
    """A caller's whole visit; its id is the id of the caller's channel."""

    id: CallId
    line: int
    arrived_at: Instant
    stage: Stage
    stage_since: Instant
    position: Position
    playback: int = 0  # number of the last playback
    playing: bool = False
    attempts: int = 0  # legs made for this call so far
    queue: QueueId | None = None
    head_start: float = 0.0
    skill: str = ""
    entered_at: Instant | None = None  # when they joined their first queue
    overdue: bool = False  # the longest wait has passed while they were being offered
    offer: Offer | None = None  # the answered one
    external: int = 0  # attempt of the leg to the outside
    external_line: int | None = None
    answered: bool = False
    handed_out: bool = False  # by an agent: whoever is not reached outside, waits again
    put_through: bool = False  # somebody outside has answered for them
    wanted_person: bool = False
    overflow: OverflowReason | None = None
    offered: bool = False  # in a surge, to be called back
    waited: float = 0.0
    talked: float = 0.0
    held: float = 0.0
    hung_up_by: Party | None = None
    fax_tones: int = 0
    ours: bool = False  # the caller shows a number of ours: nothing is dialled for them
    transfers: int = 0  # how often an agent has handed them on
    menu_path: list[str] = field(default_factory=list)
    version: str = ""  # digest of the configuration whose flow they walk through
    in_time: bool = False  # it was open when their INVITE came
    told_served: bool = False  # after closing, that they will still be served
    caller: str = ""  # keyed hash of their number; "" when there is none
    handover: Handover | None = None  # to another line, which is told that this call overflowed
    left_at: Instant | None = None  # gone, while somebody outside is asked
    lost: Lost | None = None  # in the stage of that name
    losses: int = 0  # of the telephone, one soon after the other
    handed_at: Instant | None = None  # when whoever was consulted last got them
    page_left: Instant | None = None  # when the page of whoever has them was last not registered
    resumed: bool = False  # 再開: waits again, because a telephone was lost and did not come back
    consult: Consult | None = None
    aside: bool = False  # they walk through the flow while they wait, and keep their place
    left_number: bool = False  # a number to call them back, by keys
    asked_number: bool = False  # whoever has none was asked for one
    promised_by: Instant | None = None  # the latest moment of the wait that they were told

    def consults_outside(self, attempt: int) -> bool:
        """The leg of this attempt is to a city extension that the agent consults."""
        return self.consult is not None and self.consult.offer is None and self.external == attempt

    @property
    def consulting(self) -> Consult:
        """The consultation of a call that has one."""
        assert self.consult is not None
        return self.consult

    @property
    def connected(self) -> Offer:
        """The answered offer of a call that is being talked to."""
        assert self.offer is not None
        return self.offer
