"""The operations of `Ari` as HTTP requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from telephony.ari.client import BridgeKind, BridgeRole, HangUpReason, TransferState
from telephony.ari.errors import AriDuplicateError, AriError, AriGoneError, AriUnreachable
from telephony.ari.models import (
    Application,
    AsteriskFacts,
    Audio,
    Bridge,
    Channel,
    DeviceState,
    Endpoint,
    Playback,
)
from telephony.ari.transport import Transport, path

T = TypeVar("T")
_OK: Final = 200


class Variable(BaseModel):
    """The value of a variable or function."""

    value: str = ""


_CHANNEL: Final = TypeAdapter(Channel)
_CHANNELS: Final = TypeAdapter(list[Channel])
_AUDIO: Final = TypeAdapter(Audio)
_PLAYBACK: Final = TypeAdapter(Playback)
_BRIDGE: Final = TypeAdapter(Bridge)
_BRIDGES: Final = TypeAdapter(list[Bridge])
_ENDPOINT: Final = TypeAdapter(Endpoint)
_ENDPOINTS: Final = TypeAdapter(list[Endpoint])
_DEVICE_STATES: Final = TypeAdapter(list[DeviceState])
_APPLICATION: Final = TypeAdapter(Application)
_FACTS: Final = TypeAdapter(AsteriskFacts)
_VARIABLE: Final = TypeAdapter(Variable)

_gone_is_success = suppress(AriGoneError)
_there_is_success = suppress(AriDuplicateError)


class AriRest(Transport):
    """One Asterisk node over HTTP: `async with AriRest(...) as ari`."""

    async def answer(self, channel: str) -> None:
        await self._do("POST", path("channels", channel, "answer"))

    async def ring(self, channel: str) -> None:
        await self._do("POST", path("channels", channel, "ring"))

    async def hang_up(self, channel: str, reason: HangUpReason | int = "normal") -> None:
        key = "reason_code" if isinstance(reason, int) else "reason"
        with _gone_is_success:
            await self._do("DELETE", path("channels", channel), {key: str(reason)})

    async def originate(  # noqa: PLR0913 - one keyword for each parameter of the operation
        self,
        channel: str,
        endpoint: str,
        *,
        app: str,
        timeout: int,  # noqa: ASYNC109 - seconds that Asterisk dials, not that we wait
        args: Sequence[str] = (),
        caller_id: str = "",
        originator: str = "",
        formats: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        query = {
            "channelId": channel,
            "endpoint": endpoint,
            "app": app,
            "appArgs": ",".join(args),
            "timeout": str(timeout),
            "callerId": caller_id,
            "originator": originator,
            "formats": ",".join(formats),
        }
        body = {"variables": dict(variables)} if variables else None
        try:
            await self.ask("POST", path("channels"), _given(query), body, repeatable=False)
        except (AriDuplicateError, AriUnreachable) as doubt:
            await self._settle(channel, doubt)

    async def continue_in_dialplan(
        self, channel: str, *, context: str, extension: str, priority: int = 1
    ) -> None:
        query = {"context": context, "extension": extension, "priority": str(priority)}
        await self._do("POST", path("channels", channel, "continue"), query)

    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None:
        query = {"media": ",".join(media)}
        where = path("channels", channel, "play", playback)
        await self.ask("POST", where, query, repeatable=False)  # twice would be heard twice

    async def playback(self, playback: str) -> Playback:
        return await self._get(_PLAYBACK, path("playbacks", playback))

    async def stop_playback(self, playback: str) -> None:
        with _gone_is_success:
            await self._do("DELETE", path("playbacks", playback))

    async def start_moh(self, channel: str, moh_class: str = "") -> None:
        await self._do("POST", path("channels", channel, "moh"), _given({"mohClass": moh_class}))

    async def stop_moh(self, channel: str) -> None:
        with _gone_is_success:
            await self._do("DELETE", path("channels", channel, "moh"))

    async def stop_ring(self, channel: str) -> None:
        with _gone_is_success:
            await self._do("DELETE", path("channels", channel, "ring"))

    async def transfer_progress(self, channel: str, state: TransferState) -> None:
        where = path("channels", channel, "transfer_progress")
        await self._do("POST", where, {"states": state})

    async def channels(self) -> list[Channel]:
        return await self._get(_CHANNELS, path("channels"))

    async def channel(self, channel: str) -> Channel:
        return await self._get(_CHANNEL, path("channels", channel))

    async def packets_received(self, channel: str) -> int:
        return (await self._get(_AUDIO, path("channels", channel, "rtp_statistics"))).rxcount

    async def get_channel_variable(self, channel: str, variable: str) -> str:
        try:
            return await self._variable(path("channels", channel, "variable"), variable)
        except AriGoneError as gone:
            if "variable was not found" in gone.text:
                return ""
            raise

    async def set_channel_variable(self, channel: str, variable: str, value: str) -> None:
        where = path("channels", channel, "variable")
        await self._do("POST", where, {"variable": variable, "value": value})

    async def create_bridge(self, bridge: str, kind: BridgeKind, name: str = "") -> None:
        query = _given({"bridgeId": bridge, "type": kind, "name": name})
        with _there_is_success:
            await self._do("POST", path("bridges"), query)

    async def destroy_bridge(self, bridge: str) -> None:
        with _gone_is_success:
            await self._do("DELETE", path("bridges", bridge))

    async def add_channel(
        self, bridge: str, channels: Sequence[str], role: BridgeRole | None = None
    ) -> None:
        query = {"channel": ",".join(channels)} | ({"role": role} if role else {})
        await self._do("POST", path("bridges", bridge, "addChannel"), query)

    async def remove_channel(self, bridge: str, channel: str) -> None:
        with _gone_is_success:
            await self._do("POST", path("bridges", bridge, "removeChannel"), {"channel": channel})

    async def bridges(self) -> list[Bridge]:
        return await self._get(_BRIDGES, path("bridges"))

    async def bridge(self, bridge: str) -> Bridge:
        return await self._get(_BRIDGE, path("bridges", bridge))

    async def endpoints(self, technology: str = "PJSIP") -> list[Endpoint]:
        return await self._get(_ENDPOINTS, path("endpoints", technology))

    async def endpoint(self, resource: str, technology: str = "PJSIP") -> Endpoint:
        return await self._get(_ENDPOINT, path("endpoints", technology, resource))

    async def device_states(self) -> list[DeviceState]:
        return await self._get(_DEVICE_STATES, path("deviceStates"))

    async def application(self, app: str) -> Application:
        return await self._get(_APPLICATION, path("applications", app))

    async def subscribe(self, app: str, event_sources: Sequence[str]) -> Application:
        where = path("applications", app, "subscription")
        query = {"eventSource": ",".join(event_sources)}
        return _read(_APPLICATION, await self.ask("POST", where, query))

    async def filter_events(self, app: str, allowed: Sequence[str]) -> None:
        body = {"allowed": [{"type": name} for name in allowed]}
        await self._do("PUT", path("applications", app, "eventFilter"), None, body)

    async def get_global_variable(self, variable: str) -> str:
        return await self._variable(path("asterisk", "variable"), variable)

    async def set_global_variable(self, variable: str, value: str) -> None:
        query = {"variable": variable, "value": value}
        await self._do("POST", path("asterisk", "variable"), query)

    async def user_event(self, name: str, *, app: str, variables: Mapping[str, str]) -> None:
        body = {"variables": dict(variables)}
        await self._do("POST", path("events", "user", name), {"application": app}, body)

    async def info(self) -> AsteriskFacts:
        return await self._get(_FACTS, path("asterisk", "info"))

    async def _settle(self, channel: str, doubt: AriError) -> None:
        """Success if the channel is there; asking first, because a second POST does harm.

        Asterisk also says "exists" of an id that begins like a living one, and by mistake; and
        after a POST under an id that does exist it no longer ends on SIGTERM.
        """
        try:
            await self.channel(channel)
        except AriGoneError:
            if isinstance(doubt, AriUnreachable):
                raise doubt from None
            raise AriError(doubt.status, f"not dialled, although {doubt.text}") from doubt

    async def _do(
        self,
        method: str,
        where: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        await self.ask(method, where, query, body)

    async def _get(
        self, shape: TypeAdapter[T], where: str, query: Mapping[str, str] | None = None
    ) -> T:
        return _read(shape, await self.ask("GET", where, query))

    async def _variable(self, where: str, variable: str) -> str:
        return (await self._get(_VARIABLE, where, {"variable": variable})).value


def _given(query: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in query.items() if value}


def _read(shape: TypeAdapter[T], content: bytes) -> T:
    try:
        return shape.validate_json(content)
    except ValidationError as strange:
        raise AriError(_OK, f"a reply we cannot read: {strange}") from strange
