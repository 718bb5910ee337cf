"""Simulated callers at the telephones of the fake Asterisk.

They only do what people can: call, listen, press keys, lose patience, talk, hang up, call again.
What they live through is kept in their `Visit`, by which the judge measures what was recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from telephony.simulation.shell.agenda import Agenda
from telephony.simulation.shell.asterisk_world import Line, Phone, Sight, World
from telephony.simulation.shell.desks import Desks, seat_of
from telephony.simulation.shell.script import Citizen, Script

BETWEEN_KEYS: Final = 2.0
TRY_AGAIN: Final = 1.0
IN_MENUS: Final = 300.0  # seconds that nobody's patience outlasts besides the wait in the queue
DECLINED_AFTER: Final = 0.5
DIALLED: Final = "0942000100"
QUEUE: Final = "waiting"  # the bridge in which callers hear music
SATISFIED_AT: Final = "info_menu"
PUT_THROUGH: Final = 2.0  # seconds from picking up until they hear each other
UNHEARD: Final = 0.1  # seconds without the other that no talk misses, as in the real tests


@dataclass(slots=True)
class Visit:
    """One call of a citizen as they live it."""

    citizen: Citizen
    channel: str
    came: float
    patience: float
    tries: int = 0  # calls before this one
    heard: list[str] = field(default_factory=list)  # each sound that began
    cut: set[int] = field(default_factory=set)  # which of them another sound cut short
    hears_until: float = 0.0  # when the latest of them is over, if nothing cuts it short
    queued_at: float | None = None  # when they first heard the music of the queue
    pressed: str = ""
    talked: bool = False  # ever, with anybody
    together: bool = False  # now
    asked: bool = False  # somebody has pressed hold, transfer or the like
    left: bool = False  # by their own will
    content: bool = False  # and with what they had wanted to know
    entered: bool = False  # into our application
    died: bool = False  # Asterisk ended, and the call with it
    legs: int = 0  # telephones that were rung for them
    nearly: bool = False  # one had just been picked up as they left, and nobody was heard yet
    ended_at: float | None = None
    broken: list[float] = field(default_factory=list)  # talks that nobody ended


class People:
    """Everybody outside the centre's machines."""

    def __init__(
        self, script: Script, world: World, agenda: Agenda, desks: Desks,
        in_the_net: Callable[[Line], None],
    ) -> None:  # fmt: skip
        self.visits: dict[str, Visit] = {}
        self.unheard = 0  # called while there was no Asterisk
        self.desks = desks
        self._script = script
        self._world = world
        self._agenda = agenda
        self._in_the_net = in_the_net
        self._leaving: set[str] = set()  # channels whose far end hangs up just now
        world.see, world.habit, world.hear = self._see, self._habit, self._hear

    def begin(self) -> None:
        """Let everybody come."""
        for citizen in self._script.citizens:
            self._agenda.after(citizen.at, self._call, citizen, 0, citizen.patience)
        self.desks.begin()

    def hang_up(self, channel: str) -> None:
        """The far end of this channel hangs up, if it is still there."""
        if channel in self._world.lines and channel not in self._leaving:
            self._leaving.add(channel)
            self._world.hang_up(channel)
            self._leaving.discard(channel)

    # -- calling -------------------------------------------------------------------------

    def _call(self, citizen: Citizen, tries: int, patience: float) -> None:
        if not self._world.up:
            self.unheard += 1
            self._try_again(citizen, tries, abandoned=False)
            return
        origin = f"sip:{citizen.name}@127.0.0.1"
        arrived = f"{self._world.now().timestamp():.3f}"
        args = ("trunk", DIALLED, arrived, origin, "", "")
        channel = self._world.arrive(citizen.name, args=args)
        visit = Visit(citizen, channel, _now(), patience, tries)
        self.visits[channel] = visit
        for number, key in enumerate(citizen.keys):
            after = citizen.first_key + number * BETWEEN_KEYS
            self._agenda.after(after, self._press, visit, key)
        if citizen.until is not None:
            self._agenda.after(citizen.until - citizen.at, self._leave_now, visit)
            return
        longest = patience if citizen.answers is None else patience + IN_MENUS
        self._agenda.after(longest, self._lose_patience, visit)

    def _try_again(self, citizen: Citizen, tries: int, *, abandoned: bool) -> None:
        again = citizen.again[tries] if tries < len(citizen.again) else None
        if again is None or not (again.if_abandoned if abandoned else again.if_refused):
            return
        if _now() + again.after < self._script.lasts:
            self._agenda.after(again.after, self._call, citizen, tries + 1, again.patience)

    def _lose_patience(self, visit: Visit) -> None:
        if not visit.together:
            self._leave(visit)

    def _leave_now(self, visit: Visit) -> None:
        line = self._world.lines.get(visit.channel)
        pair = self._pair(line) if line is not None and line.bridge else None
        by_agent = visit.citizen.agent_ends and pair is not None and pair[1]
        self._end_talk(visit, pair[1][0] if by_agent and pair else visit.channel)

    def _leave(self, visit: Visit) -> None:
        if visit.ended_at is None:
            visit.left = True
            self.hang_up(visit.channel)

    def _habit(self, endpoint: str, channel: str) -> Phone:
        visit = self.visits.get(call_of(channel))
        if visit is not None:
            visit.legs += 1
            if visit.legs <= visit.citizen.declined:
                return Phone("declines", DECLINED_AFTER)
        return self.desks.habit(endpoint)

    # -- hearing and pressing ------------------------------------------------------------

    def _hear(self, line: Line, media: str, lasts: float) -> None:
        visit = self.visits.get(line.id)
        if visit is None:
            return
        sound = media.removeprefix("sound:")
        if visit.heard and _now() < visit.hears_until:
            visit.cut.add(len(visit.heard) - 1)
        visit.heard.append(sound)
        visit.hears_until = _now() + lasts
        citizen = visit.citizen
        if citizen.answers is not None and sound in citizen.answers and line.bridge != QUEUE:
            after = round(lasts * citizen.hears_out + citizen.reaction, 3)
            key = citizen.answers[sound]
            self._agenda.after(after, self._answer, visit, len(visit.heard), key)

    def _answer(self, visit: Visit, heard: int, key: str) -> None:
        """Unless they hear something else by now."""
        if len(visit.heard) != heard or visit.queued_at is not None or visit.ended_at is not None:
            return
        if key:
            self._press(visit, key)
        else:
            visit.content = visit.heard[-1] == SATISFIED_AT
            self._leave(visit)

    def _press(self, visit: Visit, key: str) -> None:
        line = self._world.lines.get(visit.channel)
        if line is None:
            return
        if line.state == "Up" and line.ours:
            visit.pressed += key
            self._world.press(visit.channel, key)
        elif visit.citizen.until is not None:
            self._agenda.after(TRY_AGAIN, self._press, visit, key)  # who stays hears the menu later

    # -- what they see -------------------------------------------------------------------

    def _see(self, sight: Sight, line: Line) -> None:
        match sight:
            case "entered":
                self._entered(line)
            case "leaving":
                self._left(line)
            case "ended" | "died" if line.id in self.visits:
                self._over(self.visits[line.id], line, died=sight == "died")
            case "ended" | "died" if line.id.startswith("o."):
                self.desks.leg_over(line)
            case _:
                pass

    def _over(self, visit: Visit, line: Line, *, died: bool) -> None:
        visit.ended_at, visit.entered, visit.died = _now(), line.entered, died
        visit.together = False
        visit.nearly = any(
            call_of(each.id) == visit.channel and _now() - PUT_THROUGH < each.up_at <= _now()
            for each in self._world.lines.values()
        )
        if not died:
            self._in_the_net(line)
        if not (visit.talked or visit.content):
            self._try_again(visit.citizen, visit.tries, abandoned=visit.left)

    def _pair(self, line: Line) -> tuple[Visit, list[str]] | None:
        room = self._world.rooms[line.bridge]
        caller = next((member for member in room.members if member in self.visits), None)
        if room.kind != "mixing" or caller is None:
            return None
        return self.visits[caller], [member for member in room.members if member != caller]

    def _entered(self, line: Line) -> None:
        if line.bridge == QUEUE:
            self._queued(self.visits.get(line.id))
            return
        pair = self._pair(line)
        if pair is None or not pair[1] or pair[0].together:
            return
        visit, (agent, *_) = pair
        visit.together = True
        if visit.broken and _now() - visit.broken[-1] < UNHEARD:
            visit.broken.pop()  # put into the bridge that they were in already
        seat = seat_of(self._world.lines[agent])
        self.desks.talks(seat, visit.citizen.wrap_up)
        if not visit.talked:
            visit.talked = True
            if visit.citizen.until is None:
                ends = agent if visit.citizen.agent_ends else visit.channel
                self._agenda.after(visit.citizen.talk, self._end_talk, visit, ends)
            visit.asked = self.desks.may_ask(seat, held=visit.citizen.held)

    def _queued(self, visit: Visit | None) -> None:
        if visit is not None and visit.queued_at is None:
            visit.queued_at = _now()
            if visit.citizen.answers is not None:
                self._agenda.after(visit.patience, self._lose_patience, visit)

    def _end_talk(self, visit: Visit, channel: str) -> None:
        if visit.ended_at is not None:
            return
        visit.left = True
        there = channel if channel in self._world.lines else visit.channel
        self.hang_up(there)
        # Nobody listens to silence for ever.
        self._agenda.after(30.0, self.hang_up, visit.channel)

    def _left(self, line: Line) -> None:
        pair = self._pair(line)
        if pair is None or not pair[0].together or not pair[1]:
            return
        visit, others = pair
        visit.together = False
        by_people = visit.left or visit.asked or {visit.channel, *others} & self._leaving
        if not by_people:
            visit.broken.append(_now())
        self._agenda.after(visit.patience + 60.0, self._lose_patience, visit)


def call_of(leg: str) -> str:
    """The call that a leg's id names."""
    return leg.partition(".")[2].rpartition(".")[0]


def _now() -> float:
    return asyncio.get_running_loop().time()
