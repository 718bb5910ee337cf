"""One cell of the race matrix while it is played, and what a stage of it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.ari.errors import AriError, AriUnreachable
from telephony.centre import commands as cmd
from telephony.centre.model import CentreRules
from telephony.simulation.shell.asterisk_world import Line
from tests.calls.centre_site import Leader, Site
from tests.calls.leading import later

T = TypeVar("T")
LATE: Final = 2.0  # seconds
Order = Literal["before", "after"]
Answer = Literal["ok", "late", "gone", "409", "500", "reply lost"]
ORDERS: Final[tuple[Order, ...]] = ("before", "after")
ANSWERS: Final[tuple[Answer, ...]] = ("ok", "late", "gone", "409", "500", "reply lost")


@dataclass(slots=True)
class Race:
    """One cell while it is played; it stands between the controller and Asterisk."""

    site: Site
    order: Order = "before"
    answer: Answer = "ok"
    lead: Leader | None = None
    call: str = ""
    calls: list[str] = field(default_factory=list)
    armed: str = ""  # the operation that is waited for
    target: Callable[[Race], str] | None = None  # what it is about
    event: Event | None = None
    said: str | None = None  # what became of the event
    died: Leader | None = None
    raced: bool = False

    async def carry(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        """The one request that races is met on its way; all others pass."""
        await later(0.001)
        if name != self.armed:
            return await serve()
        self.armed, self.raced = "", True
        return await self._meet(name, serve)

    async def _meet(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        if self.order == "before":
            self._happen()
            await later(0.001)
        try:
            return await self._answered(name, serve)
        finally:
            if self.order == "after":
                self._happen()
            await later(LATE if self.answer == "late" else 0.001)

    async def _answered(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        if self.answer in {"409", "500"}:
            raise AriError(int(self.answer), "not now")
        if self.answer == "gone":
            self._vanish()
        result = await serve()
        if self.answer == "reply lost":
            raise AriUnreachable(f"{name}: carried out, reply lost")
        return result

    def _happen(self) -> None:
        assert self.event is not None
        self.said = self.event(self)

    def _vanish(self) -> None:
        """What the request is about ends by itself, just before."""
        assert self.target is not None
        world, name = self.site.asterisk.world, self.target(self)
        if name in world.lines:
            world.hang_up(name)
        elif name in world.rooms:
            world.destroy(world.rooms[name])

    # -- what happens --------------------------------------------------------------------

    @property
    def is_own(self) -> bool:
        """The call is one that an agent began."""
        return self.call.startswith("own-")

    @property
    def leader(self) -> Leader:
        """The controller."""
        assert self.lead is not None
        return self.lead

    def leg(self, *, up: bool) -> Line | None:
        """The newest leg to an agent, that was answered or was not."""
        legs = [
            line
            for line in self.site.asterisk.world.lines.values()
            if line.id.startswith("o.") and (line.state == "Up") is up
        ]
        return legs[-1] if legs else None

    def number(self, attempt: int) -> Line | None:
        """That leg of the call, to an agent or outside."""
        lines = self.site.asterisk.world.lines
        return lines.get(f"o.{self.call}.{attempt}") or lines.get(f"x.{self.call}.{attempt}")

    def kill_leader(self) -> None:
        """It is dead in the middle of this request: it neither asks for anything nor hears more."""
        self.died = self.leader
        self.died.work.cancel()

    async def ask(self, request: cmd.Request) -> None:
        """An agent presses a button."""
        await self.leader.controller.request(request)

    def submit(self, request: cmd.Request) -> str | None:
        """An agent presses a button in the middle of it all."""
        try:
            self.leader.controller.engine.submit(request)
        except Rejected:
            return "refused"
        return None

    def expire(self, kind: str) -> str | None:
        """A deadline is due at this very moment."""
        engine = self.leader.controller.engine
        if (kind, self.call) not in {key for key, _ in engine.centre.deadlines}:
            return "not due"
        engine.centre.deadlines.set((kind, self.call), Instant(engine.now()))
        engine.submit(cmd.Woken())
        return None


Step = Callable[[Race], Awaitable[None]]
Event = Callable[[Race], str | None]  # why it could not happen, if it could not


@dataclass(frozen=True, slots=True)
class Stage:
    """How it is entered: what comes before, the last step, and the request that follows."""

    name: str
    before: tuple[Step, ...]
    last: Step
    request: str
    about: Callable[[Race], str]
    centre: CentreRules
    events: Mapping[str, Event] = field(default_factory=dict)  # that may come just then
