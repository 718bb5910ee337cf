"""What reached Asterisk, in the order in which it was carried out, and whether it was exclusive.

A leg that rings is a lock on two things: the agent whose telephone it is, until the leg ends, and
the caller whom it is for, until the leg ends, is given up (its hang-up was sent), or has them.
Whoever leads takes it by `originate` and knows of no other way. Asterisk carries one request out
after the other, so the order of the locks is known, and nothing has to be searched for as in a
history of which only the clients' side was seen: it is right when each step of it is allowed after
those before.

A leader is deposed in the moment in which another process opens the application's stream. What it
had sent before may still be on its way then, and is counted; what it sends later is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from telephony.simulation.shell.process import Process

READS: Final = frozenset({
    "info", "channels", "channel", "bridges", "bridge", "endpoints", "endpoint", "application",
    "playback", "device_states", "packets_received", "get_channel_variable", "get_global_variable",
})  # fmt: skip
BEATS: Final = frozenset({"user_event", "set_global_variable"})
GIVES_UP: Final = "hang_up"
What = Literal["opened", "asked", "gave up", "ended"]


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody opened the stream, a request was carried out or sent, or a channel ended."""

    what: What
    at: float
    by: str = ""  # the process
    name: str = ""  # the operation
    about: tuple[object, ...] = ()  # what it was asked with, or the channel that ended
    sent: float = 0.0


@dataclass(slots=True)
class History:
    """Written down as it happens. Of beats, which come each second, only what tells something."""

    events: list[Event] = field(default_factory=list)
    _last: str = ""

    def opened(self, by: Process) -> None:
        """This process listens now, and nobody else."""
        self._note(Event("opened", _now(), by.name))

    def asking(self, by: Process | None, name: str, about: tuple[object, ...]) -> Event | None:
        """A request is sent: of one that gives up a leg, that alone tells something."""
        if name in READS or by is None or (name in BEATS and by.name == self._last):
            return None
        now = _now()
        if name == GIVES_UP and str(about[0]).startswith("o."):
            self.events.append(Event("gave up", now, about=about))
        return Event("asked", now, by.name, name, about, now)

    def carried_out(self, asked: Event) -> None:
        """It reached Asterisk, which did it."""
        self._note(replace(asked, at=_now()))

    def ended(self, channel: str) -> None:
        """A channel is no more."""
        self.events.append(Event("ended", _now(), about=(channel,)))

    def _note(self, event: Event) -> None:
        self._last = event.by
        self.events.append(event)


@dataclass(slots=True)
class _Locks:
    agent: dict[str, str] = field(default_factory=dict)  # telephone → the leg that holds it
    caller: dict[str, str] = field(default_factory=dict)  # call → the leg that rings for it
    leader: str = ""
    since: float = 0.0  # when it opened the stream
    led: set[str] = field(default_factory=set)


def wrong(events: Iterable[Event]) -> Iterator[str]:
    """Every step that is not allowed after those before it."""
    locks = _Locks()
    for event in events:
        match event.what:
            case "opened":
                locks.led.add(event.by)
                locks.leader, locks.since = event.by, event.at
            case "ended":
                _free(locks, str(event.about[0]))
            case "gave up":
                _free_caller(locks, str(event.about[0]))
            case "asked":
                yield from _asked(locks, event)


def late(events: Iterable[Event]) -> int:
    """How many requests of a leader were carried out after it was deposed: sent before."""
    leader, count = "", 0
    for event in events:
        if event.what == "opened":
            leader = event.by
        count += event.what == "asked" and event.by != leader
    return count


def _asked(locks: _Locks, event: Event) -> Iterator[str]:
    if event.by != locks.leader and event.sent > locks.since:
        yield f"{event.by} asked for {_told(event)} after {locks.leader} was there"
    match event.name:
        case "originate":
            yield from _rings(locks, str(event.about[0]), str(event.about[1]))
        case "add_channel":
            channels = event.about[1]
            for channel in channels if isinstance(channels, list | tuple) else [channels]:
                _free_caller(locks, str(channel))
        case _:
            pass


def _told(event: Event) -> str:
    return f"{event.name} {event.about[0] if event.about else ''}".rstrip()


def _rings(locks: _Locks, leg: str, telephone: str) -> Iterator[str]:
    if not leg.startswith("o."):
        return
    call = leg.partition(".")[2].rpartition(".")[0]
    if locks.agent.get(telephone) == leg:
        return  # asked for twice: it is there
    held, rings = locks.agent.get(telephone, leg), locks.caller.get(call, leg)
    if held != leg:
        yield f"{telephone} is rung by {leg} beside {held}"
    if rings != leg:
        yield f"{call} is offered by {leg} beside {rings}"
    if held == leg == rings:
        locks.agent[telephone] = locks.caller[call] = leg


def _free_caller(locks: _Locks, leg: str) -> None:
    locks.caller = {call: rings for call, rings in locks.caller.items() if rings != leg}


def _free(locks: _Locks, leg: str) -> None:
    locks.agent = {each: holds for each, holds in locks.agent.items() if holds != leg}
    _free_caller(locks, leg)


def _now() -> float:
    return asyncio.get_running_loop().time()
