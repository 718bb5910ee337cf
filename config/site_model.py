"""A site as the rest of the product knows it: checked, complete and unchanging."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr_flows.hours import WeeklyHours
from ivr_flows.schema import Flow

DialledFrom = Literal["ruri", "to", "pcpid"]
Role = Literal["agent", "supervisor"]


@dataclass(frozen=True, slots=True)
class Trunk:
    """The carrier's line into the centre."""

    host: str
    port: int | None
    match: tuple[str, ...]  # source addresses and networks that are the carrier
    codecs: tuple[str, ...]
    dialled_from: DialledFrom  # which SIP header holds the number the caller dialled
    username: str | None
    password_file: str | None  # absolute; read only when Asterisk's files are written


@dataclass(frozen=True, slots=True)
class Queue:
    """A waiting line and its rules; durations in seconds."""

    name: str
    ring_for: float = 15.0
    wrap_up_for: float = 5.0
    max_wait: float | None = None
    max_length: int | None = None
    exit: str | None = None  # the node of the site's flow that callers leave to
    exit_full: str | None = None  # the same for callers who find the queue full; else `exit`
    announce_after: float = 20.0
    announce_every: float = 45.0
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Seat:
    """A place to work at, with its telephone."""

    seat: str
    name: str
    role: Role
    queues: tuple[str, ...]
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class TollGate:
    """Which numbers the centre may dial; with no prefix, none."""

    allow: tuple[str, ...]  # prefixes in national form
    per_hour: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The site's times and counts that belong to no single queue; durations in seconds."""

    short_abandon: float = 10.0  # from the INVITE; who gives up sooner is owed nothing
    max_menu_time: float = 300.0
    pause_after_misses: int = 3
    retry_after: float = 5.0  # before an agent who was busy or declined gets another offer
    reach_for: float = 4.0  # within which a phone must say that it rings
    net_ring_after: float = 20.0  # without a controller, until the agents' phones simply ring


@dataclass(frozen=True, slots=True)
class Site:
    """Everything configured about one site."""

    name: str
    timezone: str
    lines: tuple[int, ...]  # 1 to n
    dids: tuple[str, ...]
    flow: str  # the flow of every arriving call
    trunk: Trunk
    queues: Mapping[str, Queue]
    seats: Mapping[str, Seat]
    hours: Mapping[str, WeeklyHours]
    numbers: Mapping[str, str]  # published numbers as they are written, never reformatted
    tolls: TollGate
    flows: Mapping[str, Flow]
    limits: Limits
    digest: str  # of all of the above
