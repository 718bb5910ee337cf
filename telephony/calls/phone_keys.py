"""The hold and transfer keys of a desk phone, as the requests they stand for.

Asterisk leaves all three to us: with `direct_media=no` a re-INVITE that stops the media is only
told of, and with `PJSIP_TRANSFER_HANDLING()=ari-only` a REFER changes nothing by itself. Only a
seat's own leg is asked; a caller's telephone has such keys too, and moves nobody.
"""

from telephony.acd.model import AgentId
from telephony.ari import events as ari
from telephony.ari.client import TransferState
from telephony.ari.models import Channel
from telephony.calls.legs import AgentLeg, Legs
from telephony.centre import commands as cmd

PhoneKey = ari.ChannelHold | ari.ChannelUnhold | ari.ChannelTransfer


def request_of(event: PhoneKey, legs: Legs) -> cmd.Request | None:
    """What the agent wants; None when it is nobody's who has a seat."""
    leg = legs.get(phone_of(event).id)
    if not isinstance(leg, AgentLeg):
        return None
    match event:
        case ari.ChannelHold():
            return cmd.Hold(leg.offer.agent)
        case ari.ChannelUnhold():
            return cmd.Resume(leg.offer.agent)
        case ari.ChannelTransfer():
            return cmd.Transfer(leg.offer.agent, _target(event))


def phone_of(event: PhoneKey) -> Channel:
    """The channel of the phone whose key was pressed."""
    return (
        event.referred_by.source_channel
        if isinstance(event, ari.ChannelTransfer)
        else event.channel
    )


def _target(event: ari.ChannelTransfer) -> AgentId:
    """The seat that was keyed in. A REFER with Replaces names a call instead, which is no seat:
    a phone of ours has one call at a time, so there is nothing it could join."""
    return AgentId(event.refer_to.requested_destination.destination)


def answer(*, granted: bool) -> TransferState:
    """What the phone hears of its transfer; to it, a target that we refuse is not available."""
    return "channel_answered" if granted else "channel_unavailable"
