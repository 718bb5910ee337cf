"""The shape of each file of a site directory."""

import re
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address, ip_network
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, RootModel

from config.shapes import Shape
from config.site_hours import known_day, known_times
from config.site_model import LOOPBACK, DialledFrom, Role, Strategy
from ivr_flows.schema import Name

_LAST_PORT: Final = 65_535


def _label(value: str) -> str:
    if not value.strip() or not value.isprintable() or set(value) & set('"\\;<>[]'):
        raise ValueError(
            'must say something, and may hold neither control characters nor any of " \\ ; < > [ ]'
        )
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9a-fA-F:]{2,39}", value):
        raise ValueError("is neither a host name nor an address")
    return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value)) if "/" in value else str(ip_network(value).network_address)
    except ValueError as error:
        raise ValueError("is no address or network such as 192.0.2.0/24") from error


def _some(values: list[str]) -> list[str]:
    if any(ip_network(value).prefixlen == 0 for value in values):
        raise ValueError("would let the whole world register; name the networks the phones are in")
    return values


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError as error:
        raise ValueError("is no address such as 192.0.2.1") from error


def _peer(value: str) -> str:
    host, colon, port = value.rpartition(":") if value.count(":") == 1 else (value, "", "")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT):
        raise ValueError("ends in no port such as :5060")
    return _host(host) + colon + port


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("is no time zone such as Asia/Tokyo") from error


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise ValueError('is no day such as "2026-04-01"; write it in quotes') from error


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no pattern: {error}") from error
    return value


def _webhook(value: str) -> str:
    try:
        url = urlsplit(value)
        port, host = url.port, url.hostname or ""
    except ValueError as error:
        raise ValueError("is no address such as https://booking.example.jp/hook") from error
    plain = url.scheme == "http" and host in (LOOPBACK, "localhost", "::1")
    known = (url.scheme == "https" or plain) and host and port != 0
    if not known or url.username or url.password or url.fragment or not value.isascii():
        raise ValueError(
            "is no https address without name and password (http only on this machine itself)"
        )
    return value


def _number(value: str) -> str:
    if not re.fullmatch(r"[0-9](?:-?[0-9])+", value):
        raise ValueError("is no telephone number; write digits and hyphens, as it is published")
    return value


def _distinct(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError("names something twice")
    return values


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Label = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_label)]
Digits = Annotated[str, Field(pattern=r"^[0-9]{2,15}$")]
Account = Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}$")]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Peer = Annotated[str, AfterValidator(_peer)]
Address = Annotated[str, AfterValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
Names = Annotated[list[Name], AfterValidator(_distinct)]
DeskRole = Literal[
    "agent", "supervisor", "general_manager", "city_viewer", "city_approver", "auditor",
    "administrator",
]  # fmt: skip
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Day = Annotated[str, AfterValidator(known_day)]
Times = Annotated[
    list[str],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=6),
    AfterValidator(lambda values: list(known_times(tuple(values)))),
]


class TrunkFile(Shape):
    host: Host
    port: Port | None = None
    match: list[Network] = Field(min_length=1)
    codecs: list[Literal["ulaw", "alaw"]] = Field(min_length=1)
    dialled_from: DialledFrom = "ruri"
    username: Account | None = None
    auth_username: Account | None = None
    password_file: str | None = Field(default=None, min_length=1)
    password_env: Variable | None = None
    registers: bool = True
    register_every: int = Field(default=3600, ge=60, le=86_400)
    domain: Host | None = None
    outbound_proxy: Peer | None = None
    bind: Address | None = None
    local_port: Port | None = None
    external_address: Host | None = None
    local_networks: list[Network] = Field(default_factory=list)
    sessions: int | None = Field(default=None, ge=1, le=100_000)
    session_timer: int = Field(default=600, ge=90, le=86_400)
    session_timer_min: int = Field(default=90, ge=90, le=86_400)
    qualify_every: int = Field(default=30, ge=0, le=3600)
    media_timeout: int = Field(default=120, ge=1, le=3600)
    media_timeout_hold: int = Field(default=1800, ge=1, le=86_400)
    longest_call: int = Field(default=14_400, ge=1, le=86_400)


class PhonesFile(Shape):
    bind: Address = LOOPBACK
    networks: Annotated[list[Network], AfterValidator(_some)] = Field(default_factory=list)
    page_lost_after: float = Field(default=1.5, ge=0.5, le=20)
    phone_lost_after: float | None = Field(default=None, ge=0.5, le=20)


class TollsFile(Shape):
    allow: list[Digits] = Field(default_factory=list)
    per_hour: int = Field(default=0, ge=0, le=10_000)
    per_number: int | None = Field(default=None, ge=1, le=10_000)
    per_day: int | None = Field(default=None, ge=0, le=100_000)
    per_number_day: int | None = Field(default=None, ge=1, le=10_000)
    per_agent: int | None = Field(default=None, ge=1, le=10_000)


class LimitsFile(Shape):
    short_abandon: float = Field(default=10.0, ge=0, le=120)
    max_menu_time: float = Field(default=300.0, ge=5, le=3600)
    pause_after_misses: int = Field(default=3, ge=1, le=100)
    retry_after: float = Field(default=5.0, ge=0, le=300)
    reach_for: float = Field(default=4.0, gt=0, le=60)
    reserve_after: float = Field(default=10.0, ge=0, le=600)
    reserve_lines: int = Field(default=1, ge=0, le=10_000)
    net_ring_after: float = Field(default=20.0, ge=0, le=600)


class DeskFile(Shape):
    host: Address = "127.0.0.1"
    names: list[Host] = Field(default_factory=list)
    certificate: str | None = Field(default=None, min_length=1)
    key_file: str | None = Field(default=None, min_length=1)
    tls_proxies: list[Address] = Field(default_factory=list)
    networks: list[Network] = Field(default_factory=lambda: ["127.0.0.0/8", "::1/128"])
    second_factor: list[DeskRole] = Field(default_factory=list)
    idle_for: float = Field(default=1800.0, ge=60, le=86_400)
    session_for: float = Field(default=43_200.0, ge=600, le=86_400)
    audit_days: int = Field(default=1095, ge=30, le=36_500)
    demo: bool = False


class BookingFile(Shape):
    master: Literal["city", "own"] = "city"
    notice_no: Annotated[str, AfterValidator(_pattern)] = r"[0-9A-Z]{3}[0-9]{6}"
    keep_days: int = Field(default=365, ge=30, le=36_500)
    webhook_url: Annotated[str, AfterValidator(_webhook)] | None = None
    webhook_secret_file: str | None = Field(default=None, min_length=1)
    webhook_secret_env: Variable | None = None
    phone_menu: bool = False


class CallbacksFile(Shape):
    keep_lines: int = Field(default=2, ge=0, le=10_000)
    ring_for: float = Field(default=30.0, gt=0, le=120)
    again_within: float = Field(default=60.0, ge=0, le=600)
    since: Annotated[str, AfterValidator(_date)] | None = None
    due_within: float = Field(default=7200.0, ge=60, le=864_000)
    attempts: int = Field(default=3, ge=1, le=20)
    spacing: float = Field(default=3600.0, ge=60, le=604_800)
    lease: float = Field(default=900.0, ge=30, le=14_400)


class AllLinesBusyFile(Shape):
    lines: int = Field(default=0, ge=0, le=10_000)
    exit: Name | None = None


class SiteFile(Shape):
    """site.yaml"""

    name: Label
    timezone: Annotated[str, AfterValidator(_zone)]
    lines: int = Field(ge=1, le=10_000)
    dids: Annotated[list[Digits], Field(min_length=1), AfterValidator(_distinct)]
    flow: Name = "main"
    always_open: bool = False
    trunk: TrunkFile
    phones: PhonesFile = PhonesFile()
    tolls: TollsFile = TollsFile()
    limits: LimitsFile = LimitsFile()
    callbacks: CallbacksFile = CallbacksFile()
    all_lines_busy: AllLinesBusyFile = AllLinesBusyFile()
    desk: DeskFile = DeskFile()
    booking: BookingFile = BookingFile()


class QueueFile(Shape):
    ring_for: float = Field(default=15.0, gt=0, le=120)
    wrap_up_for: float = Field(default=5.0, ge=0, le=3600)
    max_wait: Seconds | None = None
    max_length: int | None = Field(default=None, ge=0, le=10_000)
    exit: Name | None = None
    exit_full: Name | None = None  # where it differs for callers who find the queue full
    max_estimate: Seconds | None = None
    exit_estimate: Name | None = None
    no_agent_after: float | None = Field(default=None, ge=0, le=86_400)
    exit_no_agent: Name | None = None
    surge_from: int = Field(default=2, ge=1, le=100)
    exit_surge: Name | None = None
    strategy: Strategy = "longest_idle"
    relax_after: float | None = Field(default=None, ge=0, le=3600)
    sticky_for: float = Field(default=0.0, ge=0, le=20)
    tell_wait: bool = False
    ask_number: Name | None = None
    on_1: Name | None = None
    announce_after: float = Field(default=20.0, ge=0, le=3600)
    announce_every: float = Field(default=45.0, ge=1, le=3600)
    recorded: bool = True


class SeatFile(Shape):
    name: Label
    role: Role = "agent"
    queues: Names = Field(default_factory=list)
    skills: Names = Field(default_factory=list)
    penalties: Mapping[Name, Annotated[int, Field(ge=0, le=99)]] = Field(default_factory=dict)


class QueuesFile(RootModel[Mapping[Name, QueueFile]]):
    """queues.yaml"""


class SeatsFile(RootModel[Mapping[Name, SeatFile]]):
    """seats.yaml"""


class HoursFile(RootModel[Mapping[Name, Mapping[Day, Times]]]):
    """hours.yaml"""


class ExtensionFile(Shape):
    name: Label
    number: Annotated[str, AfterValidator(_number)]


class ExtensionsFile(RootModel[Mapping[Name, ExtensionFile]]):
    """extensions.yaml"""


class NumbersFile(RootModel[Mapping[Name, Annotated[str, AfterValidator(_number)]]]):
    """numbers.yaml"""
