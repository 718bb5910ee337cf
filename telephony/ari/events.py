"""The events we act on, typed at the door; every other event is skipped unread."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from telephony.ari.models import Bridge, Channel, Contact, DeviceState, Endpoint, Playback

FRAME_LIMIT: Final = 1 << 20  # bytes; the largest honest event is a few kilobytes


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class StasisStart(_Event):
    """A channel came under our control; for one that we dialled, this is the answer."""

    type: Literal["StasisStart"] = "StasisStart"
    args: tuple[str, ...] = ()
    channel: Channel
    replace_channel: Channel | None = None  # the channel whose place it takes (a transfer)


class StasisEnd(_Event):
    """A channel left our control: hung up, moved, or sent to the dialplan."""

    type: Literal["StasisEnd"] = "StasisEnd"
    channel: Channel


class ChannelStateChange(_Event):
    """A channel rings, is answered, ..."""

    type: Literal["ChannelStateChange"] = "ChannelStateChange"
    channel: Channel


class ChannelHangupRequest(_Event):
    """Somebody hung up; what we do to a channel from here on may meet "gone"."""

    type: Literal["ChannelHangupRequest"] = "ChannelHangupRequest"
    cause: int = 0
    tech_cause: int = 0
    channel: Channel


class ChannelDestroyed(_Event):
    """A channel is no more; `cause` is Q.850, `tech_cause` SIP's status, both only hints."""

    type: Literal["ChannelDestroyed"] = "ChannelDestroyed"
    cause: int
    tech_cause: int = 0
    channel: Channel


class ChannelDtmfReceived(_Event):
    """A key was pressed and let go."""

    type: Literal["ChannelDtmfReceived"] = "ChannelDtmfReceived"
    digit: str
    duration_ms: int = 0
    timestamp: str = ""  # to the millisecond: nobody presses a key twice in one
    channel: Channel


class ChannelToneDetected(_Event):
    """The tone that the dialplan told Asterisk to listen for was heard."""

    type: Literal["ChannelToneDetected"] = "ChannelToneDetected"
    channel: Channel


class ChannelHold(_Event):
    """A phone put its call on hold by itself."""

    type: Literal["ChannelHold"] = "ChannelHold"
    channel: Channel


class ChannelUnhold(_Event):
    """A phone took its call back from hold."""

    type: Literal["ChannelUnhold"] = "ChannelUnhold"
    channel: Channel


class Dial(_Event):
    """Progress of a leg being dialled; there may be no last one when the dialling times out."""

    type: Literal["Dial"] = "Dial"
    peer: Channel
    caller: Channel | None = None
    dialstatus: str = ""


class PlaybackStarted(_Event):
    """The channel begins to hear the first sound of a playback."""

    type: Literal["PlaybackStarted"] = "PlaybackStarted"
    playback: Playback


class PlaybackFinished(_Event):
    """The playback ended: `done` (also when stopped) or `failed` (a file that is not there)."""

    type: Literal["PlaybackFinished"] = "PlaybackFinished"
    playback: Playback


class BridgeDestroyed(_Event):
    """A bridge is no more."""

    type: Literal["BridgeDestroyed"] = "BridgeDestroyed"
    bridge: Bridge


class ChannelEnteredBridge(_Event):
    """A channel joined a bridge."""

    type: Literal["ChannelEnteredBridge"] = "ChannelEnteredBridge"
    bridge: Bridge
    channel: Channel


class ChannelLeftBridge(_Event):
    """A channel left a bridge."""

    type: Literal["ChannelLeftBridge"] = "ChannelLeftBridge"
    bridge: Bridge
    channel: Channel


class RequestedDestination(_Event):
    """Whom a phone wants the call transferred to."""

    destination: str = ""
    protocol_id: str = ""


class ReferTo(_Event):
    """The wanted end of a transfer; an attended one names a channel that exists already."""

    requested_destination: RequestedDestination = RequestedDestination()
    destination_channel: Channel | None = None


class ReferredBy(_Event):
    """The phone that asked for a transfer, and whom it talks to."""

    source_channel: Channel
    connected_channel: Channel | None = None


class ChannelTransfer(_Event):
    """A phone asked for a transfer; until we act, the call stays as it is."""

    type: Literal["ChannelTransfer"] = "ChannelTransfer"
    state: str = ""
    refer_to: ReferTo
    referred_by: ReferredBy


class DeviceStateChanged(_Event):
    """A device became busy, free or unreachable."""

    type: Literal["DeviceStateChanged"] = "DeviceStateChanged"
    device_state: DeviceState


class EndpointStateChange(_Event):
    """A phone came on line or went off."""

    type: Literal["EndpointStateChange"] = "EndpointStateChange"
    endpoint: Endpoint


class ContactStatusChange(_Event):
    """A registration was made, lost or removed."""

    type: Literal["ContactStatusChange"] = "ContactStatusChange"
    endpoint: Endpoint
    contact_info: Contact


class ChannelUserevent(_Event):
    """An event that we sent ourselves, or the dialplan's `UserEvent`."""

    type: Literal["ChannelUserevent"] = "ChannelUserevent"
    eventname: str
    userevent: dict[str, object] = Field(default_factory=dict)
    channel: Channel | None = None


class ApplicationReplaced(_Event):
    """Another controller took our application: the stream stays open and silent for ever."""

    type: Literal["ApplicationReplaced"] = "ApplicationReplaced"
    application: str


AriEvent = (
    StasisStart
    | StasisEnd
    | ChannelStateChange
    | ChannelHangupRequest
    | ChannelDestroyed
    | ChannelDtmfReceived
    | ChannelToneDetected
    | ChannelHold
    | ChannelUnhold
    | Dial
    | PlaybackStarted
    | PlaybackFinished
    | BridgeDestroyed
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | ChannelTransfer
    | DeviceStateChanged
    | EndpointStateChange
    | ContactStatusChange
    | ChannelUserevent
    | ApplicationReplaced
)

MODELS: Final[dict[str, type[AriEvent]]] = {model.__name__: model for model in get_args(AriEvent)}
_LEADING_TYPE: Final = re.compile(rb'\s*\{\s*"type"\s*:\s*"(\w+)"')


class BadFrame(Exception):
    """A frame that is no event: too long, not JSON, or of the wrong shape."""

    def __init__(self, kind: Literal["malformed", "oversized"], text: str) -> None:
        super().__init__(kind, text)
        self.kind = kind


def decode(frame: bytes) -> AriEvent | None:
    """The event in a frame, or None for a type that we do not act on."""
    if len(frame) > FRAME_LIMIT:
        raise BadFrame("oversized", f"{len(frame)} bytes")
    leading = _LEADING_TYPE.match(frame)
    name = leading[1].decode("ascii", "replace") if leading else _type_of(frame)
    model = MODELS.get(name)
    if model is None:
        return None
    try:
        return model.model_validate_json(frame)
    except ValidationError as wrong:
        raise BadFrame("malformed", str(wrong.errors(include_input=False)[:3])) from wrong


def _type_of(frame: bytes) -> str:
    """The slow way, for a frame whose type does not come first."""
    try:
        event = from_json(frame)
    except ValueError as wrong:
        raise BadFrame("malformed", str(wrong)) from wrong
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise BadFrame("malformed", "no type")
    return str(event["type"])
