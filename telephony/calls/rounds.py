"""Ends that no event tells of, looked for again and again: stuck lines, silence, lost phones."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from config.clockwork import every
from telephony.ari.client import Ari
from telephony.ari.errors import AriError
from telephony.calls import lost_sound, silence
from telephony.calls.carrier import CarrierWatch
from telephony.calls.engine import Engine
from telephony.calls.ground import Ground
from telephony.calls.world import Setting
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.centre.lines import Line
from telephony.centre.own import own_legs
from telephony.store import changes as row

log = structlog.get_logger(__name__)

LINES_EVERY: Final = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Rounds:
    """One leader's, beside its events."""

    ari: Ari
    engine: Engine
    ground: Ground
    carrier: CarrierWatch
    setting: Setting
    connected: Callable[[], bool]
    owe: Callable[[Sequence[row.Change]], int]
    submit: Callable[[cmd.Command], None]
    doubt: Callable[[], None]

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Look until cancelled."""
        group.create_task(self._free_forgotten_lines(), name="forgotten lines")
        group.create_task(self._end_never_heard(), name="callers never heard")
        group.create_task(self._find_lost_phones(), name="lost phones")

    async def _free_forgotten_lines(self) -> None:
        """A line that nobody can still be on: say so, end its channel, and look what is there."""
        async for _ in every(LINES_EVERY):
            now, centre = self.engine.now(), self.engine.centre
            for line in self.carrier.forgotten(centre.lines.all(), now):
                log.error("line_stuck", line=line.number, call=line.call, state=line.state.value)
                for channel in _channels(centre, line):
                    await self.ground.attempt(self.ari.hang_up(channel))
                self.doubt()

    async def _end_never_heard(self) -> None:
        """A call that nobody is at the other end of: its record says so."""
        never = silence.NeverHeard(self.ari, self.setting.carrier.media_timeout)
        async for _ in every(silence.LOOK_EVERY):
            try:
                calls = list(self.engine.centre.visits.calls.values())
                silent = await never.look(calls, self.engine.now()) if self.connected() else []
            except AriError as trouble:
                log.warning("silence_not_asked", error=trouble)
                continue
            for call in silent:
                log.error("caller_never_heard", call=call)
                self.owe([row.CallNoted(call, self.engine.now(), "never_heard", {})])
                await self.ground.attempt(self.ari.hang_up(call))

    async def _find_lost_phones(self) -> None:
        """An agent whose telephone is dead: the caller must not listen to nothing."""
        listening = lost_sound.LostSound(self.ari, self.setting.patience)
        async for _ in every(lost_sound.LOOK_EVERY):
            if not self.connected():
                continue
            try:
                lost = await listening.look(self.engine.centre, self.engine.now())
            except AriError as trouble:
                log.warning("silence_not_asked", error=trouble)
                continue
            for offer in lost:
                self.submit(cmd.PhoneLost(offer))


def _channels(centre: Centre, line: Line) -> tuple[str, ...]:
    """What to hang up, so that nobody is on it any more."""
    own = None if line.call is None else centre.own.calls.get(line.call)
    if own is not None:
        return own_legs(own)
    return () if line.call is None else (line.call,)
