"""The shape of each file of a site directory."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, RootModel

from config.shapes import Shape
from config.site_hours import known_day, known_times
from config.site_model import DialledFrom, Role
from ivr_flows.schema import Name


def _label(value: str) -> str:
    if not value.isprintable() or set(value) & set('"\\;<>[]'):
        raise ValueError('may hold neither control characters nor any of " \\ ; < > [ ]')
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


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("is no time zone such as Asia/Tokyo") from error


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
Names = Annotated[list[Name], AfterValidator(_distinct)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Day = Annotated[str, AfterValidator(known_day)]
Times = Annotated[
    list[str],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=6),
    AfterValidator(lambda values: list(known_times(tuple(values)))),
]


class TrunkFile(Shape):
    host: Annotated[str, AfterValidator(_host)]
    port: int | None = Field(default=None, ge=1, le=65_535)
    match: list[Annotated[str, AfterValidator(_network)]] = Field(min_length=1)
    codecs: list[Literal["ulaw", "alaw"]] = Field(min_length=1)
    dialled_from: DialledFrom = "ruri"
    username: Account | None = None
    password_file: str | None = Field(default=None, min_length=1)


class TollsFile(Shape):
    allow: list[Digits] = Field(default_factory=list)
    per_hour: int = Field(default=0, ge=0, le=10_000)


class LimitsFile(Shape):
    short_abandon: float = Field(default=10.0, ge=0, le=120)
    max_menu_time: float = Field(default=300.0, ge=5, le=3600)
    pause_after_misses: int = Field(default=3, ge=1, le=100)
    retry_after: float = Field(default=5.0, ge=0, le=300)
    reach_for: float = Field(default=4.0, gt=0, le=60)
    net_ring_after: float = Field(default=20.0, ge=0, le=600)


class SiteFile(Shape):
    """site.yaml"""

    name: Label
    timezone: Annotated[str, AfterValidator(_zone)]
    lines: int = Field(ge=1, le=10_000)
    dids: Annotated[list[Digits], Field(min_length=1), AfterValidator(_distinct)]
    flow: Name = "main"
    trunk: TrunkFile
    tolls: TollsFile = TollsFile()
    limits: LimitsFile = LimitsFile()


class QueueFile(Shape):
    ring_for: float = Field(default=15.0, gt=0, le=120)
    wrap_up_for: float = Field(default=5.0, ge=0, le=3600)
    max_wait: Seconds | None = None
    max_length: int | None = Field(default=None, ge=0, le=10_000)
    exit: Name | None = None
    exit_full: Name | None = None  # where it differs for callers who find the queue full
    announce_after: float = Field(default=20.0, ge=0, le=3600)
    announce_every: float = Field(default=45.0, ge=1, le=3600)
    recorded: bool = True


class SeatFile(Shape):
    name: Label
    role: Role = "agent"
    queues: Names = Field(default_factory=list)
    skills: Names = Field(default_factory=list)


class QueuesFile(RootModel[Mapping[Name, QueueFile]]):
    """queues.yaml"""


class SeatsFile(RootModel[Mapping[Name, SeatFile]]):
    """seats.yaml"""


class HoursFile(RootModel[Mapping[Name, Mapping[Day, Times]]]):
    """hours.yaml"""


class NumbersFile(RootModel[Mapping[Name, Annotated[str, AfterValidator(_number)]]]):
    """numbers.yaml"""
