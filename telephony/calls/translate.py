"""What an ARI event means to the centre. Pure; ARI's words end here.

A channel that leaves us is told of up to three times: `ChannelHangupRequest` says why, `StasisEnd`
ends our hearing of a channel that came by itself (its `ChannelDestroyed` is not sent to us any
more), and `ChannelDestroyed` says why a leg that we dialled ended, answered or not. The first one
counts; the centre absorbs the others. `StasisEnd` of such a leg is passed over, because it does not
say why: were the hang-up lost, it would send a caller to whom goodbye was said back to the queue.
"""

from collections.abc import Mapping
from typing import Final, TypeGuard

from telephony.acd.model import Device
from telephony.ari import events as ari
from telephony.asterisk.endpoints import TECHNOLOGY, telephone
from telephony.calls.legs import AgentLeg, CallerLeg, ExternalLeg, Leg, Legs
from telephony.centre import commands as cmd
from telephony.centre.commands import LegEnd

# Q.850 causes, as Asterisk gives them in ChannelDestroyed. They are hints (asterisk issue 1660),
# so whatever is not clearly a hang-up counts as a broken leg: the caller then keeps being served.
_CAUSES: Final[Mapping[int, LegEnd]] = {
    16: LegEnd.HUNG_UP,
    31: LegEnd.HUNG_UP,  # normal, unspecified
    17: LegEnd.BUSY,
    21: LegEnd.DECLINED,
    26: LegEnd.HUNG_UP,  # answered elsewhere
    1: LegEnd.UNREACHABLE,
    3: LegEnd.UNREACHABLE,
    18: LegEnd.UNREACHABLE,
    19: LegEnd.NO_ANSWER,
    20: LegEnd.UNREACHABLE,
    27: LegEnd.UNREACHABLE,
}
_BYE: Final = 16  # Asterisk names no cause when a leg that we dialled hangs up
_SIP: Final[Mapping[int, LegEnd]] = {
    408: LegEnd.UNREACHABLE,
    480: LegEnd.UNREACHABLE,
    486: LegEnd.BUSY,
    600: LegEnd.BUSY,
    603: LegEnd.DECLINED,
}
_DEVICES: Final[Mapping[str, Device]] = {
    "NOT_INUSE": Device.FREE,
    "INUSE": Device.IN_USE,
    "BUSY": Device.IN_USE,
    "RINGING": Device.IN_USE,
    "RINGINUSE": Device.IN_USE,
    "ONHOLD": Device.IN_USE,
    "UNAVAILABLE": Device.GONE,
    "INVALID": Device.GONE,
}


def to_command(event: ari.AriEvent, legs: Legs) -> cmd.Command | None:
    """What the event means; None when it means nothing to the centre.

    Callers' arrivals and keys are not here: the first needs the caller's identity, the second a
    look at what the caller is doing.
    """
    match event:
        case ari.StasisStart(channel=channel):
            return _up(legs.get(channel.id))
        case ari.ChannelStateChange(channel=channel) if channel.state == "Ringing":
            return _ringing(legs.get(channel.id))
        case ari.ChannelHangupRequest(cause=cause, channel=channel) if channel.state == "Up":
            return _gone(legs.get(channel.id), leg_end(cause or _BYE, 0))
        case ari.StasisEnd(channel=channel):
            leg = legs.get(channel.id)
            return cmd.CallerHungUp(leg.call) if isinstance(leg, CallerLeg) else None
        case ari.ChannelDestroyed(cause=cause, tech_cause=tech_cause, channel=channel):
            return _gone(legs.get(channel.id), leg_end(cause, tech_cause))
        case ari.ChannelToneDetected(channel=channel):
            return _tone(legs.get(channel.id))
        case ari.DeviceStateChanged(device_state=device):
            return device_changed(device.name, device.state)
        case _:
            return None


def is_last(event: ari.AriEvent, legs: Legs) -> TypeGuard[ari.ChannelDestroyed | ari.StasisEnd]:
    """Whether this channel is heard of no more."""
    match event:
        case ari.ChannelDestroyed():
            return True
        case ari.StasisEnd(channel=channel):
            return not isinstance(legs.get(channel.id), AgentLeg | ExternalLeg)
        case _:
            return False


def leg_end(cause: int, tech_cause: int) -> LegEnd:
    """Why a leg ended. SIP's word is the more exact one where it refused the call."""
    return _SIP.get(tech_cause) or _CAUSES.get(cause, LegEnd.LOST)


def device_changed(name: str, state: str) -> cmd.DeviceChanged | None:
    """A seat's telephone changed, if it is a seat's."""
    if not name.startswith(TECHNOLOGY) or state not in _DEVICES:
        return None
    seat, phone = telephone(name.removeprefix(TECHNOLOGY))
    return cmd.DeviceChanged(seat, _DEVICES[state], phone)


def _up(leg: Leg | None) -> cmd.Command | None:
    match leg:
        case AgentLeg(offer):
            return cmd.AgentAnswered(offer)
        case ExternalLeg(call, attempt):
            return cmd.ExternalAnswered(call, attempt)
        case CallerLeg() | None:
            return None


def _ringing(leg: Leg | None) -> cmd.Command | None:
    return cmd.AgentRinging(leg.offer) if isinstance(leg, AgentLeg) else None


def _tone(leg: Leg | None) -> cmd.Command | None:
    return cmd.FaxToneHeard(leg.call) if isinstance(leg, CallerLeg) else None


def _gone(leg: Leg | None, end: LegEnd) -> cmd.Command | None:
    match leg:
        case AgentLeg(offer):
            return cmd.AgentLegEnded(offer, end)
        case ExternalLeg(call, attempt):
            return cmd.ExternalEnded(call, attempt, end)
        case CallerLeg(call):
            return cmd.CallerHungUp(call)
        case None:
            return None
