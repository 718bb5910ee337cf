"""The resources Asterisk describes to us, reduced to the fields we read."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Resource(BaseModel):
    """A frozen view; fields we do not name are ignored, new ones arrive in minor releases."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Party(Resource):
    """A caller id as the channel driver delivered it: untrusted text."""

    name: str = ""
    number: str = ""


class DialplanPlace(Resource):
    """Where in the dialplan a channel is."""

    context: str = ""
    exten: str = ""


class Channel(Resource):
    """One channel; `state` is Asterisk's word (`Ring`, `Ringing`, `Up`, ...)."""

    id: str
    name: str
    state: str
    caller: Party = Party()
    connected: Party = Party()
    dialplan: DialplanPlace = DialplanPlace()
    creationtime: datetime
    protocol_id: str = ""  # SIP's Call-ID


class Audio(Resource):
    """What has gone over a channel's audio stream."""

    rxcount: int = 0


class Bridge(Resource):
    """One bridge and who is in it."""

    id: str
    name: str = ""
    bridge_type: str
    channels: tuple[str, ...] = ()


class Playback(Resource):
    """One playback; `state` is `queued`, `playing`, `continuing`, `paused`, `done` or `failed`."""

    id: str
    target_uri: str
    state: str


class Endpoint(Resource):
    """A phone or trunk; `state` is `online`, `offline` or `unknown`."""

    technology: str
    resource: str
    state: str = "unknown"
    channel_ids: tuple[str, ...] = ()


class Contact(Resource):
    """Where an endpoint is registered; `contact_status` is `Reachable`, `Removed`, ..."""

    uri: str
    contact_status: str
    aor: str


class DeviceState(Resource):
    """A device's state in Asterisk's words (`NOT_INUSE`, `INUSE`, `UNAVAILABLE`, ...)."""

    name: str
    state: str


class Application(Resource):
    """What our application is subscribed to: after a gap, the list to recover from."""

    name: str
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    device_names: tuple[str, ...] = ()


class SystemFacts(Resource):
    """Which Asterisk answers."""

    version: str
    entity_id: str


class StatusFacts(Resource):
    """Since when it runs: a changed start time means that every channel is gone."""

    startup_time: datetime


class AsteriskFacts(Resource):
    """What `GET /asterisk/info` says of the server."""

    system: SystemFacts
    status: StatusFacts
