"""An Asterisk made of dictionaries: the operations of `Ari`, and the event stream.

It keeps state, speaks the real grammar (see `asterisk_world`) and lives in the event loop's time,
virtual or not. It can be told to fail: `refuse` an operation, lose the reply of one, be `down`,
lose the stream with `disconnect`. What it was asked is in `requests`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial, wraps
from typing import Any, Concatenate, Final, NoReturn, ParamSpec, TypeVar

from telephony.ari.client import BridgeKind, BridgeRole, HangUpReason, TransferState
from telephony.ari.errors import AriError, AriGoneError, AriUnreachable, refusal
from telephony.ari.events import AriEvent, ChannelUserevent, DeviceStateChanged, EndpointStateChange
from telephony.ari.inbox import Connected, Disconnected, Inbox, Replaced
from telephony.ari.models import (
    Application,
    AsteriskFacts,
    Bridge,
    Channel,
    DeviceState,
    Endpoint,
    Playback,
    StatusFacts,
    SystemFacts,
)
from telephony.simulation.shell.asterisk_world import START, Line, Phone, Room, World
from telephony.simulation.shell.history import Event, History
from telephony.simulation.shell.link import Way
from telephony.simulation.shell.process import CURRENT, Process

P = ParamSpec("P")
T = TypeVar("T")
_CAUSES: Final[Mapping[HangUpReason, int]] = {
    "normal": 16,
    "busy": 17,
    "congestion": 34,
    "no_answer": 19,
    "answered_elsewhere": 26,
}
SAME: Final = 128  # views of telephones that are kept
_gone_is_success = suppress(AriGoneError)

Lie = Callable[[AriEvent], Iterable[tuple[float, AriEvent]]]  # seconds later, and what is told
_Method = Callable[Concatenate["FakeAsterisk", P], Awaitable[T]]


def _operation(
    method: _Method[P, T],
) -> Callable[Concatenate[FakeAsterisk, P], Coroutine[Any, Any, T]]:
    """Record the request, and let it fail where a test asked for that."""
    name = getattr(method, "__name__", "")

    @wraps(method)
    async def exchange(self: FakeAsterisk, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self.link is not None:
            self.asking = (name, *args)
            asked = self.history.asking(CURRENT.get(), name, args)
            carried_out = partial(self._asked, asked, method, args, kwargs)
            return await self.link.carry(name, carried_out)
        self.requests.append((name, *args))
        await asyncio.sleep(self.latency)  # the way there, in virtual time
        if self.down:
            raise AriUnreachable(name)
        if self._refusals.get(name):
            raise self._refusals[name].popleft()
        answer = await method(self, *args, **kwargs)
        if name in self._lost:
            self._lost.remove(name)
            raise AriUnreachable(f"{name}: carried out, reply lost")
        return answer

    return exchange


class FakeAsterisk:
    """One Asterisk; `world` is the people on the phones."""

    def __init__(
        self, app: str = "madoguchi", *, latency: float = 0.0, link: Way | None = None
    ) -> None:
        self.world = World(self.emit)
        self.link = link
        self.lie: Lie = lambda event: ((0.0, event),)
        self.unheard = False  # nobody can open a stream, nor hear one
        self.requests: list[tuple[object, ...]] = []
        self.history = History()  # of what came over a link
        self.opened: Callable[[Process], None] = lambda process: None
        self.asking: tuple[object, ...] = ()  # what is being asked for just now, over a link
        self.latency = latency
        self.down = False
        self._app = app
        self._inbox: Inbox | None = None
        self._listening = False
        self._allowed: frozenset[str] = frozenset()
        self._refusals: dict[str, deque[AriError]] = {}
        self._lost: list[str] = []
        self._unheard: dict[str, int] = {}
        self.started = START
        self._globals: dict[str, str] = {}
        self._devices: dict[str, str] = {}
        self._subscriptions: set[str] = set()

    # What a test does to it.

    def phone(self, name: str, phone: Phone | None = None) -> str:
        """Put a phone on a desk; what to dial for it."""
        endpoint = f"PJSIP/{name}"
        self.world.phones[endpoint] = phone or Phone()
        registered = self.world.phones[endpoint].registered
        if {"endpoint:PJSIP", f"endpoint:{endpoint}"} & self._subscriptions:
            state = "online" if registered else "offline"
            seen = Endpoint(technology="PJSIP", resource=name, state=state)
            self.emit(EndpointStateChange(endpoint=seen))
        return endpoint

    def device(self, name: str, state: str) -> None:
        """A device's state changes."""
        self._devices[name] = state
        if f"deviceState:{name}" in self._subscriptions:
            self.emit(DeviceStateChanged(device_state=DeviceState(name=name, state=state)))

    async def pick_up(self, channel: str) -> None:
        """The control socket's NOTIFY: a phone that knows it answers, no phone says anything."""
        line = self.world.lines.get(channel)
        if line is not None and line.state == "Ringing":
            phone = self.world.phones.get(line.name.rpartition("-")[0])
            if phone is not None and phone.talks:
                self.world.answer(line)

    def refuse(self, operation: str, error: AriError) -> None:
        """Let the next request of this kind fail without effect."""
        self._refusals.setdefault(operation, deque()).append(error)

    def lose_reply(self, operation: str) -> None:
        """Carry the next request of this kind out, but let its reply be lost."""
        self._lost.append(operation)

    def lose_events(self, *kinds: str, count: int = 1_000_000) -> None:
        """Let the next events of these kinds get lost on the way; 0 for none any more."""
        self._unheard.update(dict.fromkeys(kinds, count))

    def restart(self) -> None:
        """The program is gone with every call, and another one runs; nobody has connected yet."""
        self.disconnect("closed 1006")
        for line in self.world.lines.values():
            for timer in line.timers:
                timer.cancel()
            line.idle.set()
            self.world.see("died", line)
        self.world.lines.clear()
        self.world.rooms.clear()
        self._globals.clear()
        self._subscriptions.clear()
        self.started = self.world.now()

    def emit(self, event: AriEvent) -> None:
        """Tell the application, if it listens; what happens in a gap is lost."""
        if self._unheard.get(event.type, 0) > 0:
            self._unheard[event.type] -= 1
            return
        if self._inbox is None or not self._listening:
            return
        if self._allowed and event.type not in self._allowed:
            return
        for after, told in self.lie(event):
            if after:
                asyncio.get_running_loop().call_later(after, self._tell, told)
            else:
                self._tell(told)

    def _tell(self, event: AriEvent) -> None:
        if self._inbox is not None and self._listening and not self._inbox.put(event):
            self.disconnect("overflow")

    def global_variable(self, name: str) -> str:
        """As the dialplan sees it."""
        return self._globals.get(name, "")

    @property
    def heard(self) -> bool:
        """Whether the application has somebody who listens."""
        return self._listening

    # The event stream.

    @asynccontextmanager
    async def open(self, inbox: Inbox | None = None) -> AsyncIterator[Inbox]:
        """Listen for as long as the block lasts; whoever listened before is replaced."""
        self.replace()
        self._inbox = mine = inbox or Inbox()
        if (process := CURRENT.get()) is not None:
            self.history.opened(process)
            self.opened(process)
        if not self.unheard:
            self.connect()
        try:
            yield mine
        finally:
            if self._inbox is mine:
                self._listening = False
            mine.close()

    def connect(self) -> None:
        """The stream is there (again)."""
        if self._inbox is not None:
            self._listening = True
            self._inbox.mark(Connected())

    def disconnect(self, reason: str = "closed") -> None:
        """The stream is lost; calls go on."""
        if self._inbox is not None and self._listening:
            self._listening = False
            self._inbox.mark(Disconnected(reason))

    def replace(self) -> None:
        """Another controller takes the application."""
        if self._inbox is not None and self._listening:
            self._listening = False
            self._inbox.mark(Replaced())
            self._inbox.close()

    # The operations.

    @_operation
    async def answer(self, channel: str) -> None:
        await self._ours(channel).idle.wait()  # an early announcement is heard to its end
        self.world.answer(self._ours(channel))

    @_operation
    async def ring(self, channel: str) -> None:
        self._ours(channel)

    @_operation
    async def stop_ring(self, channel: str) -> None:
        with _gone_is_success:
            self._ours(channel)

    @_operation
    async def hang_up(self, channel: str, reason: HangUpReason | int = "normal") -> None:
        cause = reason if isinstance(reason, int) else _CAUSES[reason]
        with _gone_is_success:
            self.world.request_hang_up(self._line(channel), cause)

    @_operation
    async def originate(  # noqa: PLR0913 - one keyword for each parameter of the operation
        self,
        channel: str,
        endpoint: str,
        *,
        app: str,
        timeout: int,  # noqa: ASYNC109 -- Asterisk counts it, not we
        args: Sequence[str] = (),
        caller_id: str = "",
        originator: str = "",
        formats: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        if originator and formats:
            raise refusal(400, "Originator and formats can't both be specified")
        if originator and originator not in self.world.lines:
            raise refusal(400, "Provided originator channel was not found")
        if channel in self.world.lines:
            return
        if any(there.lower().startswith(channel.lower()) for there in self.world.lines):
            raise AriError(409, "not dialled, although the id is said to exist")
        phone = self.world.phones.get(endpoint)
        if phone is None or not phone.registered:
            raise refusal(500, "Allocation failed")
        if app == self._app:  # for any other Asterisk says yes, and the channel disappears
            line = self.world.dial(channel, endpoint, tuple(args), float(timeout))
            line.number = caller_id
            line.variables.update(variables or {})

    @_operation
    async def continue_in_dialplan(
        self, channel: str, *, context: str, extension: str, priority: int = 1
    ) -> None:
        line = self._ours(channel)
        await line.idle.wait()
        self.world.leave_application(line)

    @_operation
    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None:
        self.world.play(self._ours(channel), playback, tuple(media))

    @_operation
    async def playback(self, playback: str) -> Playback:
        for line in self.world.lines.values():
            if any(sounding.id == playback for sounding in line.sounds):
                return Playback(id=playback, target_uri=f"channel:{line.id}", state="playing")
        return _refuse(404, "Playback not found")

    @_operation
    async def stop_playback(self, playback: str) -> None:
        for line in list(self.world.lines.values()):
            if any(sounding.id == playback for sounding in line.sounds):
                self.world.stop(line, playback)

    @_operation
    async def start_moh(self, channel: str, moh_class: str = "") -> None:
        self._ours(channel).music = True

    @_operation
    async def stop_moh(self, channel: str) -> None:
        with _gone_is_success:
            self._ours(channel).music = False

    @_operation
    async def transfer_progress(self, channel: str, state: TransferState) -> None:
        self._line(channel)

    @_operation
    async def channels(self) -> list[Channel]:
        return [line.seen() for line in self.world.lines.values()]

    @_operation
    async def channel(self, channel: str) -> Channel:
        return self._line(channel).seen()

    @_operation
    async def packets_received(self, channel: str) -> int:
        return self.world.packets(self._line(channel))

    @_operation
    async def get_channel_variable(self, channel: str, variable: str) -> str:
        return self._line(channel).variables.get(variable, "")

    @_operation
    async def set_channel_variable(self, channel: str, variable: str, value: str) -> None:
        self._ours(channel).variables[variable] = value

    @_operation
    async def create_bridge(self, bridge: str, kind: BridgeKind, name: str = "") -> None:
        self.world.rooms.setdefault(bridge, Room(bridge, kind, name))

    @_operation
    async def destroy_bridge(self, bridge: str) -> None:
        with _gone_is_success:
            self.world.destroy(self._room(bridge))

    @_operation
    async def add_channel(
        self, bridge: str, channels: Sequence[str], role: BridgeRole | None = None
    ) -> None:
        lines = [self._participant(bridge, channel) for channel in channels]
        for line in lines:
            await line.idle.wait()  # Asterisk moves nobody who is hearing an announcement
            self.world.enter(self._participant(bridge, line.id), self._room(bridge))

    @_operation
    async def remove_channel(self, bridge: str, channel: str) -> None:
        with _gone_is_success:
            line = self._participant(bridge, channel)
            if line.bridge != bridge:
                raise refusal(422, "Channel not in this bridge")
            self.world.leave(line)

    @_operation
    async def bridges(self) -> list[Bridge]:
        return [room.seen() for room in self.world.rooms.values()]

    @_operation
    async def bridge(self, bridge: str) -> Bridge:
        return self._room(bridge).seen()

    @_operation
    async def endpoints(self, technology: str = "PJSIP") -> list[Endpoint]:
        prefix = f"{technology}/"
        names = [name for name in self.world.phones if name.startswith(prefix)]
        return [self._endpoint(technology, name.removeprefix(prefix)) for name in names]

    @_operation
    async def endpoint(self, resource: str, technology: str = "PJSIP") -> Endpoint:
        return self._endpoint(technology, resource)

    @_operation
    async def device_states(self) -> list[DeviceState]:
        return [DeviceState(name=name, state=state) for name, state in self._devices.items()]

    @_operation
    async def application(self, app: str) -> Application:
        return self._application(app)

    @_operation
    async def subscribe(self, app: str, event_sources: Sequence[str]) -> Application:
        self._application(app)
        for source in event_sources:
            if source.partition(":")[0] not in ("channel", "bridge", "endpoint", "deviceState"):
                raise refusal(400, "Invalid event source URI scheme")
        self._subscriptions.update(event_sources)
        return self._application(app)

    @_operation
    async def filter_events(self, app: str, allowed: Sequence[str]) -> None:
        self._application(app)
        self._allowed = frozenset(allowed)

    @_operation
    async def get_global_variable(self, variable: str) -> str:
        return self._globals.get(variable, "")

    @_operation
    async def set_global_variable(self, variable: str, value: str) -> None:
        self._globals[variable] = value

    @_operation
    async def user_event(self, name: str, *, app: str, variables: Mapping[str, str]) -> None:
        self._known(app)
        self.emit(ChannelUserevent(eventname=name, userevent={"eventname": name, **variables}))

    @_operation
    async def info(self) -> AsteriskFacts:
        return AsteriskFacts(
            system=SystemFacts(version="22.10.1", entity_id="02:00:00:00:00:01"),
            status=StatusFacts(startup_time=self.started),
        )

    async def _asked(
        self,
        asked: Event | None,
        method: Callable[..., Awaitable[T]],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> T:
        if self.down:
            raise AriUnreachable(method.__name__)
        answer = await method(self, *args, **kwargs)
        if asked is not None:
            self.history.carried_out(asked)
        return answer

    def _line(self, channel: str) -> Line:
        return self.world.lines.get(channel) or _refuse(404, "Channel not found")

    def _ours(self, channel: str) -> Line:
        line = self._line(channel)
        return line if line.ours else _refuse(409, "Channel not in Stasis application")

    def _participant(self, bridge: str, channel: str) -> Line:
        self._room(bridge)
        line = self.world.lines.get(channel) or _refuse(400, "Channel not found")
        return line if line.ours else _refuse(422, "Channel not in Stasis application")

    def _room(self, bridge: str) -> Room:
        return self.world.rooms.get(bridge) or _refuse(404, "Bridge not found")

    def _endpoint(self, technology: str, resource: str) -> Endpoint:
        phone = self.world.phones.get(f"{technology}/{resource}")
        if phone is None:
            _refuse(404, "Endpoint not found")
        told = self._devices.get(f"{technology}/{resource}", "")
        state = "online" if phone.registered and told != "UNAVAILABLE" else "offline"
        prefix = f"{technology}/{resource}-"
        there = [line.id for line in self.world.lines.values() if line.name.startswith(prefix)]
        elsewhere = ["not-ours"] if told in {"INUSE", "RINGING"} and not there else []
        channels = (*there, *elsewhere)
        return _endpoint(technology, resource, state, channels)

    def _known(self, app: str) -> None:
        if app != self._app:
            _refuse(404, "Application not found")

    def _application(self, app: str) -> Application:
        self._known(app)
        lines = self.world.lines.values()
        return _application(
            app,
            tuple(line.id for line in lines if line.ours or line.watched),
            tuple(room.id for room in self.world.rooms.values() if room.watched),
            frozenset(self._subscriptions),
        )


# What has not changed since it was asked for last is the same again: sweeps ask each second.


@lru_cache(maxsize=SAME)
def _endpoint(technology: str, resource: str, state: str, channels: tuple[str, ...]) -> Endpoint:
    return Endpoint(technology=technology, resource=resource, state=state, channel_ids=channels)


@lru_cache(maxsize=1)
def _application(
    app: str, channels: tuple[str, ...], bridges: tuple[str, ...], sources: frozenset[str]
) -> Application:
    return Application(
        name=app,
        channel_ids=channels,
        bridge_ids=bridges,
        endpoint_ids=_named(sources, "endpoint"),
        device_names=_named(sources, "deviceState"),
    )


def _named(sources: frozenset[str], scheme: str) -> tuple[str, ...]:
    parts = sorted(source.partition(":") for source in sources)
    return tuple(name for kind, _, name in parts if kind == scheme)


def _refuse(status: int, text: str) -> NoReturn:
    raise refusal(status, text)
