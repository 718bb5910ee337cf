"""Asking Asterisk what lives: the ground truth after any gap."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from telephony.acd.model import AgentId, CallId, Device, Instant, Offer
from telephony.ari.client import Ari
from telephony.ari.errors import AriGoneError
from telephony.ari.models import Channel, Endpoint
from telephony.asterisk.endpoints import TECHNOLOGY, telephone
from telephony.calls.callers import Arrival, read_arguments
from telephony.calls.carried import up_since
from telephony.calls.legs import Legs
from telephony.calls.performer import APP
from telephony.centre import commands as cmd

TRUNK: Final = "PJSIP/trunk-"
TALK: Final = 2  # channels in one bridge
VARIABLES: Final = (
    "MADO_DIALLED",
    "MADO_ARRIVED",
    "MADO_FROM",
    "MADO_PAI",
    "MADO_PRIVACY",
    "MADO_RPID",
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What Asterisk has."""

    asked_at: Instant
    in_flight: frozenset[str]
    channels: list[Channel]
    held: frozenset[str]  # channels under our control
    bridges: dict[str, tuple[str, ...]]
    endpoints: list[Endpoint]
    up_since: Instant


async def survey(ari: Ari, asked_at: Instant, in_flight: frozenset[str], ahead: float) -> Survey:
    """List everything. Raises AriError.

    `in_flight` is what is being made or joined; `ahead` is how far the wall clock, which Asterisk
    goes by, is ahead of our instants. Rooms before channels: whoever hangs up between the two
    answers is then gone, and not somebody in a talk who was never put into its room.
    """
    facts = await ari.info()
    application = await ari.application(APP)
    bridges = {bridge.id: bridge.channels for bridge in await ari.bridges()}
    return Survey(
        asked_at,
        in_flight,
        await ari.channels(),
        frozenset(application.channel_ids),
        bridges,
        await ari.endpoints(),
        await up_since(ari, facts.status.startup_time.timestamp(), asked_at, ahead),
    )


def reconciled(found: Survey, *, gap: bool) -> cmd.Reconciled:
    """The survey as the fact for the centre; `gap` when events may have been lost."""
    where = {channel: bridge for bridge, inside in found.bridges.items() for channel in inside}
    return cmd.Reconciled(
        tuple(
            cmd.LiveChannel(
                channel.id,
                channel.state == "Up",
                channel.state == "Ringing",
                where.get(channel.id),
                seat_of(channel),
            )
            for channel in sorted(found.channels, key=lambda channel: channel.id)
        ),
        found.asked_at,
        found.up_since,
        tuple(sorted(found.in_flight)),
        gap,
    )


def seat_of(channel: Channel) -> str:
    """The seat of an agent's leg, by the name Asterisk gave the channel; "" for any other."""
    if not channel.id.startswith("o."):
        return ""
    return telephone(channel.name.removeprefix(TECHNOLOGY).rpartition("-")[0])[0]


def talk_of(
    channels: Iterable[Channel], bridges: Mapping[str, tuple[str, ...]], caller: str
) -> tuple[Offer, bool] | None:
    """Who has answered a caller that nobody knows, and whether both are in the call's bridge."""
    inside = bridges.get(f"b.{caller}", ())
    prefix = f"o.{caller}."
    for channel in channels:
        attempt = channel.id.removeprefix(prefix)
        if channel.id.startswith(prefix) and attempt.isdigit() and channel.state == "Up":
            offer = Offer(CallId(caller), int(attempt), AgentId(seat_of(channel)))
            return offer, {caller, channel.id} <= set(inside)
    return None


def devices(found: Survey, legs: Legs, seats: Collection[str]) -> list[cmd.DeviceChanged]:
    """The telephones of the seats, and whether somebody else uses them."""
    of_seats = [
        (*telephone(endpoint.resource), endpoint)
        for endpoint in found.endpoints
        if endpoint.technology == "PJSIP"
    ]
    return [
        cmd.DeviceChanged(seat, device_of(endpoint, legs), phone)
        for seat, phone, endpoint in of_seats
        if seat in seats
    ]


def device_of(endpoint: Endpoint, legs: Legs) -> Device:
    """What the telephone can do; a channel on it that is not ours is somebody else's call."""
    if endpoint.state != "online":
        return Device.GONE
    foreign = any(legs.get(channel) is None for channel in endpoint.channel_ids)
    return Device.IN_USE if foreign else Device.FREE


def strangers(found: Survey, wanted: Collection[str]) -> list[Channel]:
    """Channels under our control that nothing of ours is behind, first come first."""
    unknown = [c for c in found.channels if c.id in found.held and c.id not in wanted]
    return sorted(unknown, key=lambda channel: (channel.creationtime, channel.id))


def is_caller(channel: Channel) -> bool:
    """Somebody who called in; a leg to the outside is on the trunk too."""
    return channel.name.startswith(TRUNK) and not channel.id.startswith("x.")


def call_of_leg(channel: str) -> CallId | None:
    """The call that a leg of ours was dialled for, by its id; None of any other channel."""
    kind, _, rest = channel.partition(".")
    return CallId(rest.rpartition(".")[0]) if kind in {"o", "x"} else None


def in_talk(bridges: Mapping[str, tuple[str, ...]], channel: str) -> bool:
    """Two are together there: nobody is taken out of that for not being known."""
    return any(
        bridge.startswith("b.") and channel in inside and len(inside) >= TALK
        for bridge, inside in bridges.items()
    )


def attempts(channels: Iterable[Channel], caller: str) -> int:
    """The highest number of a leg that was made for this caller and is still there."""
    prefix = f"o.{caller}."
    numbers = (c.id.removeprefix(prefix) for c in channels if c.id.startswith(prefix))
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def leftover_bridges(found: Survey, live: Collection[str]) -> list[str]:
    """Rooms of calls that are over. Where two are together is a talk, whoever knows of it."""
    return [
        bridge
        for bridge, inside in sorted(found.bridges.items())
        if bridge.startswith("b.") and bridge[2:] not in live and len(inside) < TALK
    ]


async def adopt(ari: Ari, channel: Channel) -> Arrival | None:
    """Who an unknown caller is, read from the channel; None when it is gone meanwhile."""
    try:
        values = [await ari.get_channel_variable(channel.id, name) for name in VARIABLES]
    except AriGoneError:
        return None
    arrival = read_arguments(("trunk", *values))
    assert arrival is not None
    created = channel.creationtime.timestamp()
    at = created if arrival.arrived is None else min(created, arrival.arrived)
    return Arrival(arrival.dialled, at, arrival.caller)
