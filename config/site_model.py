"""A site as the rest of the product knows it: checked, complete and unchanging."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ivr_flows.hours import WeeklyHours
from ivr_flows.opening.model import Calendar
from ivr_flows.schema import Flow

LOOPBACK: Final = "127.0.0.1"
DEMO_DIDS: Final = ("0942000100",)  # a number nobody can have: who answers it is no centre
SPARE_SESSIONS: Final = 2  # above the lines: one who is told that all are busy, and one more
BUSY_TONE_UNSEEN: Final = (
    "話中は計上されていません: a busy tone given by the carrier is not in these figures "
    "(trunk.sessions is unknown, or less than lines + 2)"
)

DialledFrom = Literal["ruri", "to", "pcpid"]
Role = Literal["agent", "supervisor"]
Strategy = Literal["longest_idle", "fewest_calls", "fixed_order"]


@dataclass(frozen=True, slots=True)
class Trunk:
    """The carrier's line into the centre; durations in seconds."""

    host: str
    port: int | None
    match: tuple[str, ...]  # source addresses and networks that are the carrier
    codecs: tuple[str, ...]
    dialled_from: DialledFrom  # which SIP header holds the number the caller dialled
    username: str | None
    password_file: str | None  # absolute; read only when Asterisk's files are written
    password_env: str | None = None  # the variable that holds the password instead
    auth_username: str | None = None  # where the carrier's account is no telephone number
    registers: bool = True  # with an account: tell the carrier to send calls here
    register_every: int = 3600
    domain: str | None = None  # the carrier's name in From and To; else `host`
    outbound_proxy: str | None = None
    bind: str | None = None  # our address towards the carrier; else all, or the loopback
    local_port: int | None = None
    external_address: str | None = None  # ours as the carrier sees it, behind address translation
    local_networks: tuple[str, ...] = ()  # where that address is not used
    sessions: int | None = None  # calls at once that the carrier lets through; None: nobody asked
    session_timer: int = 600
    session_timer_min: int = 90
    qualify_every: int = 30  # 0: never ask whether the carrier is there
    media_timeout: int = 120  # without a packet; a handset may suppress silence
    media_timeout_hold: int = 1800
    longest_call: int = 4 * 3600  # a channel that everybody forgot


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
    max_estimate: float | None = None  # nobody waits who would have to for longer than this
    exit_estimate: str | None = None  # where these go; else `exit`
    no_agent_after: float | None = None  # nor once nobody has worked here for so long
    exit_no_agent: str | None = None  # where these go; else `exit`
    surge_from: int = 2  # in a surge, whoever would be at this place or behind it
    exit_surge: str | None = None  # is offered to be called back here; without it nobody is
    strategy: Strategy = "longest_idle"
    relax_after: float | None = None  # waited, until whoever has not the skill will do
    sticky_for: float = 0.0  # waited, in which only whoever served them last will do
    tell_wait: bool = False  # beside their place, about how long it will be
    ask_number: str | None = None  # the node where callers without a number are asked for one
    on_1: str | None = None  # the node that 1 leads to while they wait
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
    penalties: Mapping[str, int] = field(default_factory=dict)  # by queue; others are 0


@dataclass(frozen=True, slots=True)
class Extension:
    """Somebody at the city whom agents may call, and to whom they may hand callers."""

    name: str  # as screens show it
    number: str  # as it is published


@dataclass(frozen=True, slots=True)
class Phones:
    """Where the agents' telephones are."""

    bind: str = LOOPBACK  # our address towards them
    networks: tuple[str, ...] = ()  # that they may register and phone from
    page_lost_after: float = 1.5  # seconds without a sound
    phone_lost_after: float | None = None  # of a desk phone; None: it may rest


@dataclass(frozen=True, slots=True)
class TollGate:
    """Which numbers the centre may dial; with no prefix, none."""

    allow: tuple[str, ...]  # prefixes in national form
    per_hour: int
    per_number: int | None = None  # of these, to any one citizen; None: no fewer
    per_day: int | None = None  # the same in 24 hours
    per_number_day: int | None = None
    per_agent: int | None = None  # of those in an hour, begun by any one agent


@dataclass(frozen=True, slots=True)
class Callbacks:
    """How citizens are called back; durations in seconds."""

    keep_lines: int = 2  # left free for callers, whatever is owed
    ring_for: float = 30.0
    again_within: float = 60.0  # after a talk, in which it can be taken up again
    since: str | None = None  # the day from which on calls are owed one; None: the first record
    due_within: float = 7200.0  # of opening time
    attempts: int = 3  # in vain, until it counts as exhausted
    spacing: float = 3600.0  # from the end of one attempt to the next
    lease: float = 900.0  # how long a claim at the worklist holds


@dataclass(frozen=True, slots=True)
class Desk:
    """How people reach the desk, and what is asked of them; durations in seconds."""

    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()  # host names that browsers use, besides localhost
    certificate: str | None = None  # absolute; PEM, the chain included
    key_file: str | None = None  # absolute
    tls_proxies: tuple[str, ...] = ()  # addresses of what encrypts before us
    networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")  # from where people may sign in
    second_factor: tuple[str, ...] = ()  # roles that need one
    idle_for: float = 1800.0  # without a sign of life, until a session ends
    session_for: float = 43_200.0  # the longest session
    audit_days: int = 1095  # how long a line of the audit log is kept
    demo: bool = False  # a user a seat, whose password `up` prints

    @property
    def is_encrypted(self) -> bool:
        """Whether a browser reaches it by HTTPS only."""
        return self.certificate is not None or bool(self.tls_proxies)


@dataclass(frozen=True, slots=True)
class Booking:
    """Whose bookings they are, and what stands on a notice."""

    master: str = "city"  # city: its system knows the truth; own: our slots are sold
    notice_no: str = r"[0-9A-Z]{3}[0-9]{6}"  # a pattern, of the number without hyphens
    keep_days: int = 365  # how long a booking is kept after the day of its visit
    webhook_url: str | None = None  # the one address that letters about bookings go to
    webhook_secret_file: str | None = None  # absolute; the keys that both sides sign with
    webhook_secret_env: str | None = None  # the variable that holds them instead
    phone_menu: bool = False  # callers may hear their own booking from the menu


@dataclass(frozen=True, slots=True)
class AllLinesBusy:
    """What becomes of callers who find every line taken; with no lines for that, the busy tone."""

    lines: int = 0  # channels of the carrier beyond the lines
    exit: str | None = None  # the node of the site's flow that callers come to on one


@dataclass(frozen=True, slots=True)
class Limits:
    """The site's times and counts that belong to no single queue; durations in seconds."""

    short_abandon: float = 10.0  # from the INVITE; who gives up sooner is owed nothing
    max_menu_time: float = 300.0
    pause_after_misses: int = 3
    retry_after: float = 5.0  # before an agent who was busy or declined gets another offer
    reach_for: float = 4.0  # within which a phone must say that it rings
    reserve_after: float = 10.0  # waited, until an agent in reserve is offered the caller
    reserve_lines: int = 1  # with no more lines free than this, at once
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
    digest: str  # of all of the above, and of phones and extensions
    phones: Phones = Phones()
    desk: Desk = Desk()
    booking: Booking = Booking()
    callbacks: Callbacks = Callbacks()
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    calendar: Calendar | None = None  # None: the weekly table `phone` is all there is
    always_open: bool = False  # calls are taken at any hour, whatever the calendar says
    all_lines_busy: AllLinesBusy = AllLinesBusy()

    @property
    def overflow_lines(self) -> tuple[int, ...]:
        """The numbers after those of the lines."""
        last = len(self.lines)
        return tuple(range(last + 1, last + 1 + self.all_lines_busy.lines))

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo, or a copy of it to try something with."""
        return self.dids == DEMO_DIDS

    @property
    def busy_tone_visible(self) -> bool:
        """Whether a caller who finds every line taken reaches us at all, and so is counted.

        With fewer sessions the carrier itself gives the busy tone, and nobody hears of the call.
        """
        sessions = self.trunk.sessions
        taken = len(self.lines) + self.all_lines_busy.lines
        return sessions is not None and sessions >= taken + SPARE_SESSIONS
