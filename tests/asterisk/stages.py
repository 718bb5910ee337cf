"""Where the contract's scenarios are played: on the fake, and on a real Asterisk.

A stage gives both the same phones and sounds and writes down what happened: Asterisk's events,
each subject's in order, and how each request was answered.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from telephony.ari import events as ev
from telephony.ari.client import Ari
from telephony.ari.errors import AriError
from telephony.ari.inbox import Connected, Inbox, Item, Replaced
from telephony.ari.media import sound
from telephony.ari.rest import AriRest
from telephony.ari.stream import EventStream, backoff
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.asterisk_world import Phone
from tests.asterisk.bare import APP, PASSWORD, USER, Bare

PHONES: Final = {
    "answers": Phone("answers", 0.3),
    "answers_at_once": Phone("answers", 0.0),
    "rings": Phone("rings"),
    "busy": Phone("is_busy", 0.0),
    "declines": Phone("declines", 0.0),
    "unregistered": Phone(registered=False),
}
SOUNDS: Final = {"short": 0.2, "long": 10.0}
_PRESSES_AFTER: Final = 0.8

Transcript = dict[str, list[str]]
Listen = Callable[[], AbstractAsyncContextManager[Inbox]]  # a new event stream


async def settle(seconds: float = 0.25) -> None:
    """Let events come in."""
    await asyncio.sleep(seconds)  # noqa: TID251 - real phones need real time


class Stage(ABC):
    """A scenario's view of either Asterisk."""

    def __init__(self, ari: Ari, listen: Listen) -> None:
        self.ari = ari
        self.told: Transcript = {"answers": []}
        self._listen = listen
        self._listening = AsyncExitStack()
        self._inbox = Inbox()
        self._aliases: dict[str, str] = {}

    async def hear(self) -> None:
        """Events come from here on."""
        self._inbox = await self._listening.enter_async_context(self._listen())
        assert await self._inbox.batch(1) == [Connected()]

    async def deaf(self) -> None:
        """Nobody listens, until somebody hears again."""
        await self._note_all()
        await self._listening.aclose()
        await settle()

    async def another_listens(self) -> None:
        """A second listener takes the application, as a second controller would."""
        first = self._inbox
        await self._note_all()
        await self.hear()
        async with asyncio.timeout(30):
            while Replaced() not in (items := await first.batch()):
                for item in items:
                    self._note(item)
        self._write("application", "replaced")

    @abstractmethod
    def phone(self, name: str) -> str:
        """What to dial for the phone with this habit."""

    @abstractmethod
    def sound(self, name: str) -> str:
        """The URI of `short`, `long` or `missing`."""

    @abstractmethod
    async def leave(self, caller: str) -> None:
        """Let the citizen hang up."""

    @abstractmethod
    async def _invite(self, habit: str) -> None:
        """Let a citizen call who, once answered, `hears` or `presses_5`."""

    async def arrive(self, habit: str = "hears") -> str:
        """A citizen calls; the channel's id, `c1`, `c2`, ... in the transcript."""
        await self._invite(habit)
        while True:
            [item] = await self._inbox.batch(1)
            self._note(item)
            if isinstance(item, ev.StasisStart):
                return item.channel.id

    async def hears(self, channel: str, event: str) -> None:
        """Wait until this was told of the channel."""
        told = self.told.setdefault(self._alias(channel), [])
        async with asyncio.timeout(30):
            while not any(line.startswith(event) for line in told):
                for item in await self._inbox.batch():
                    self._note(item)

    async def tried(self, what: str, request: Awaitable[object]) -> None:
        """Make a request and write down how it was answered."""
        try:
            await request
        except AriError as error:
            self.told["answers"].append(f"{what}: {type(error).__name__} {error.status}")
        else:
            self.told["answers"].append(f"{what}: ok")

    async def finish(self) -> Transcript:
        """Everything that was told, to the end."""
        await settle()
        await self._note_all()
        return self.told

    async def close(self) -> None:
        """Every listener goes."""
        await self._listening.aclose()

    async def _note_all(self) -> None:
        while self._inbox.backlog:
            for item in await self._inbox.batch():
                self._note(item)

    def _note(self, item: Item) -> None:
        match item:
            case ev.Dial(peer=peer, dialstatus=dialstatus):
                # apart, because nothing orders it against the peer's own events
                self._write(f"dial {peer.id}", f"{item.type} {dialstatus}")
            case ev.PlaybackStarted() | ev.PlaybackFinished():
                said = f"{item.type} {item.playback.id} {item.playback.state}"
                self._write(item.playback.target_uri.removeprefix("channel:"), said)
            case ev.ChannelUserevent(eventname=name, userevent=values):
                self._write("application", f"{item.type} {name} {values.get('beat')}")
            case _:
                self._note_channel(item)

    def _note_channel(self, item: Item) -> None:
        match item:
            case ev.ChannelEnteredBridge() | ev.ChannelLeftBridge():
                self._write(item.channel.id, f"{item.type} {item.bridge.id}")
            case ev.StasisStart(args=args, channel=channel):
                self._write(channel.id, f"{item.type} {channel.state} {','.join(args)}")
            case ev.ChannelDestroyed() | ev.ChannelHangupRequest():
                self._write(item.channel.id, f"{item.type} {item.cause}")
            case ev.ChannelDtmfReceived(digit=digit, channel=channel):
                self._write(channel.id, f"{item.type} {digit}")
            case ev.StasisEnd() | ev.ChannelStateChange():
                self._write(item.channel.id, f"{item.type} {item.channel.state}")
            case _:
                # subscriptions that outlive a scenario; and BridgeDestroyed, which comes or does
                # not, as the last channel's leaving ends the subscription before or after it
                pass

    def _write(self, subject: str, line: str) -> None:
        self.told.setdefault(self._alias(subject), []).append(line)

    def _alias(self, subject: str) -> str:
        if subject.startswith(("o.", "b.", "dial ", "waiting", "application")):
            return subject
        return self._aliases.setdefault(subject, f"c{len(self._aliases) + 1}")


class FakeStage(Stage):
    """The scenarios on the fake."""

    def __init__(self, fake: FakeAsterisk) -> None:
        super().__init__(fake, fake.open)
        self._fake = fake

    def phone(self, name: str) -> str:
        return f"PJSIP/{name}"

    def sound(self, name: str) -> str:
        return f"sound:/{name}"

    async def leave(self, caller: str) -> None:
        self._fake.world.hang_up(caller)

    async def _invite(self, habit: str) -> None:
        caller = self._fake.world.arrive()
        if habit == "presses_5":
            loop = asyncio.get_running_loop()
            loop.call_later(_PRESSES_AFTER, self._fake.world.press, caller, "5")


class RealStage(Stage):
    """The scenarios on a real Asterisk, which phones itself."""

    def __init__(self, ari: AriRest, bare: Bare) -> None:
        super().__init__(ari, lambda: _stream(bare).open())
        self._rest = ari
        self._bare = bare
        self._far: list[str] = []

    def phone(self, name: str) -> str:
        known = name in PHONES and PHONES[name].registered
        return self._bare.phone(name) if known else f"PJSIP/{name}"

    def sound(self, name: str) -> str:
        return sound(self._bare.sounds / name)

    async def leave(self, caller: str) -> None:
        callers = [real for real, alias in self._aliases.items() if alias.startswith("c")]
        await self._rest.hang_up(self._far[callers.index(caller)])

    async def clear(self) -> None:
        """Leave nothing behind for the next scenario."""
        for channel in await self._rest.channels():
            await self._rest.hang_up(channel.id)
        for bridge in await self._rest.bridges():
            await self._rest.destroy_bridge(bridge.id)
        while await self._rest.channels():
            await settle(0.05)

    async def _invite(self, habit: str) -> None:
        far = f"far.{len(self._far) + 1}"
        self._far.append(far)
        query = {"channelId": far, "endpoint": self._bare.phone("arrive"), "timeout": "20"}
        dialplan = {"context": "phones", "extension": habit, "priority": "1"}
        await self._rest.ask("POST", "/ari/channels", query | dialplan)


@asynccontextmanager
async def fake_stage() -> AsyncIterator[FakeStage]:
    """A stage in the fake."""
    fake = FakeAsterisk(APP)
    for name, habit in PHONES.items():
        fake.phone(name, habit)
    fake.world.durations = {f"sound:/{name}": seconds for name, seconds in SOUNDS.items()}
    fake.world.missing = {"sound:/missing"}
    stage = FakeStage(fake)
    await stage.hear()
    try:
        yield stage
    finally:
        await stage.close()


def _stream(bare: Bare) -> EventStream:
    return EventStream(bare.url, USER, PASSWORD, app=APP, inbox=Inbox(), delay=backoff("contract"))


@asynccontextmanager
async def real_stage(bare: Bare) -> AsyncIterator[RealStage]:
    """A stage in a real Asterisk, empty before and after."""
    async with AriRest(bare.url, USER, PASSWORD, timeout=30) as ari:
        stage = RealStage(ari, bare)
        await stage.hear()
        try:
            yield stage
            await stage.clear()
        finally:
            await stage.close()
