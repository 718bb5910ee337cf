"""Apply, append, release: the one writer.

`submit` applies a command at once; commands cannot interleave because it is not a coroutine.
`run` appends what was applied to the journal and only then releases the effects. When the journal
does not answer within `PATIENCE` the engine goes on from memory, and catches the journal up when it
is back (`appender`).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from telephony.acd.deadlines import Key
from telephony.acd.errors import Rejected
from telephony.acd.model import NEVER, AgentId, AgentState, CallId, Instant
from telephony.calls import codec
from telephony.calls.appender import RETRY, Appender
from telephony.calls.journal import Journal, JournalAway, KeptSnapshot, Place, Record
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.snapshot import restore, take

log = structlog.get_logger(__name__)

CORE_VERSION: Final = "17"
SNAPSHOT_EVERY: Final = 2.0
SNAPSHOT_ENTRIES: Final = 500
WRAP_UP_AGAIN: Final = 5.0  # seconds until a wrap-up whose end was poison is ended otherwise
WRAP_UP_AT_LAST: Final = 300.0


@dataclass(frozen=True, slots=True)
class Applied:
    """One command, and what follows from it."""

    place: Place
    at: Instant
    command: cmd.Command
    effects: list[fx.Effect]
    poison: bool = False
    config: str = ""  # digest of the configuration that it was applied under


class Engine:
    """Owns the centre, its clock and its one timer."""

    def __init__(  # noqa: PLR0913 -- the seams, by name
        self,
        centre: Centre,
        clock: Callable[[], float],
        journal: Journal,
        begin: Place,
        noticed: Callable[[list[fx.Effect]], None],
        release: Callable[[Applied], None],
        in_doubt: Callable[[], None] = lambda: None,
    ) -> None:
        self.centre = centre
        self.poisoned = 0
        self._clock = clock
        self._journal = journal
        self._place = begin
        self._noticed = noticed
        self._release = release
        self._in_doubt = in_doubt  # told when a command could not be applied
        self._fresh: list[Applied] = []
        self._wanted = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._base_rules = centre.rules  # a calendar may be taken up since
        self._version = codec.encode_version(centre.rules.version)
        self._base = codec.encode_snapshot(take(centre))
        self._since_base: list[tuple[cmd.Command, Instant]] = []
        self._base_at = self.now()
        # To be kept once its records are written: at first what we took over, at once.
        self._snapshot: KeptSnapshot | None = self._kept()
        self._applied_seq = self._owed = begin.seq  # last command; last one in the snapshot
        self._appender = Appender(journal, begin, self._leave_gap, self._wanted.set)
        self.written = begin.seq  # last entry whose records are in SQL
        self._arm(self.now())

    def now(self) -> Instant:
        """The instant now."""
        return Instant(self._clock())

    @property
    def place(self) -> Place:
        """The entry applied last."""
        return self._place

    @property
    def away(self) -> bool:
        """The journal does not answer."""
        return self._appender.away

    # -- apply ---------------------------------------------------------------------------

    def submit(self, command: cmd.Command) -> Place:
        """Apply one command. Synchronous on purpose: commands cannot interleave.

        Raises Rejected for a request that does not fit; then nothing has changed.
        """
        now, config = self.now(), self.centre.rules.digest
        try:
            effects = self.centre.handle(command, now)
        except Rejected as refused:
            if isinstance(command, cmd.Request):
                raise
            return self._set_aside(command, now, refused)
        except Exception as fault:  # a fault of the core must not end the centre
            place = self._set_aside(command, now, fault)
            if isinstance(command, cmd.Request):
                raise Rejected("could not be carried out") from fault
            return place
        self._number()
        self._applied(Applied(self._place, now, command, effects, config=config))
        return self._place

    def _applied(self, applied: Applied) -> None:
        now = applied.at
        self._since_base.append((applied.command, now))
        self._noticed(applied.effects)
        self._fresh.append(applied)
        if applied.config != self.centre.rules.digest:  # whoever begins anew has the new rules
            self._snapshot, self._base_at = None, NEVER
        self._wanted.set()
        self._arm(now)

    def _set_aside(self, command: cmd.Command, now: Instant, fault: Exception) -> Place:
        """The core raised: go back to before, remember the poison, treat its caller plainly."""
        self.poisoned += 1
        log.error("poison", command=command, fault=fault, exc_info=fault)
        due = self.centre.expiring
        self.centre = self._rebuilt()
        self._number()
        config = self.centre.rules.digest
        self._fresh.append(Applied(self._place, now, command, [], poison=True, config=config))
        self._wanted.set()
        self._arm(now)
        for plain in plain_handling(command, due):
            self.submit(plain)
        if isinstance(command, cmd.Woken) and due is not None and due[0] == "wrap_up":
            self._end_wrap_up_later(AgentId(due[1]), WRAP_UP_AGAIN)
        self._in_doubt()
        return self._place

    def _end_wrap_up_later(self, agent: AgentId, wait: float) -> None:
        """Its deadline is due no more, and nobody would end it: ask as the agent would."""
        since = self.centre.acd.roster[agent].since
        loop = asyncio.get_running_loop()
        loop.call_later(wait, self._end_wrap_up, agent, since, wait)

    def _end_wrap_up(self, agent: AgentId, since: Instant, waited: float) -> None:
        known = self.centre.acd.roster[agent]
        if (known.state, known.since) != (AgentState.WRAP_UP, since):
            return
        try:
            self.submit(cmd.EndWrapUp(agent))
        except Rejected as refused:
            log.error("wrap_up_not_ended", why=refused)
            self._end_wrap_up_later(agent, min(2 * waited, WRAP_UP_AT_LAST))

    def _number(self) -> None:
        self._place = Place(self._place.epoch, self._place.seq + 1)
        self._applied_seq = self._place.seq

    def _rebuilt(self) -> Centre:
        centre = restore(self._base_rules, codec.decode_snapshot(self._base))
        for command, at in self._since_base:
            centre.handle(command, at)
        return centre

    def _arm(self, now: Instant) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.centre.next_deadline()
        loop = asyncio.get_running_loop()
        self._timer = None if due is None else loop.call_later(max(0.0, due - now), self._wake)

    def _wake(self) -> None:
        if self._is_due():
            self.submit(cmd.Woken())
        else:  # the loop's clock and ours differ by a hair
            self._arm(self.now())

    def _is_due(self) -> bool:
        due = self.centre.next_deadline()
        return due is not None and due <= self.now()

    # -- append, release -----------------------------------------------------------------

    async def run(self) -> None:
        """Append and release for ever. Raises StaleEpoch when somebody else leads."""
        while True:
            await self._wanted.wait()
            if self._is_due():  # made due by what was just applied: share its round trip
                self.submit(cmd.Woken())
            self._wanted.clear()
            batch, self._fresh = self._fresh, []
            self._snap()
            await self._appender.append([self._record(applied) for applied in batch])
            for applied in batch:
                self._release(applied)
            await self._keep_snapshot()

    def note_written(self, seq: int) -> None:
        """The records of everything up to this entry are in SQL."""
        self.written = seq
        if self._snapshot is not None and seq >= self._owed:
            self._wanted.set()

    async def look_back(self) -> None:
        """A journal that forgot what it took counts as away."""
        await self._appender.look_back()

    async def regain(self) -> None:
        """Catch the journal up whenever it was away, for ever. Raises StaleEpoch."""
        await self._appender.regain()

    async def come_back(self) -> None:
        """Catch it up now, if it answers."""
        await self._appender.come_back()

    def _leave_gap(self) -> Record:
        """Say that a part is missing; a snapshot follows, since nothing else is to be trusted."""
        self._place = Place(self._place.epoch, self._place.seq + 1)
        self._snapshot, self._base_at = None, NEVER
        self._snap()
        return self._mark("gap")

    def _mark(self, kind: str) -> Record:
        digest = self.centre.rules.digest
        return Record(self._place, self.now(), kind, CORE_VERSION, digest, None, "")

    def _record(self, applied: Applied) -> Record:
        return Record(
            applied.place,
            applied.at,
            "poison" if applied.poison else "",
            CORE_VERSION,
            applied.config,
            codec.encode(applied.command),
            codec.digest(applied.effects),
        )

    def _snap(self) -> None:
        """Encode a snapshot when one is due, at the entry applied last."""
        now = self.now()
        enough = len(self._since_base) >= SNAPSHOT_ENTRIES or now >= self._base_at + SNAPSHOT_EVERY
        if not enough:
            return
        if self._base_rules is not self.centre.rules:
            self._base_rules = self.centre.rules
            self._version = codec.encode_version(self._base_rules.version)
        self._base = codec.encode_snapshot(take(self.centre))
        self._base_at = now
        self._since_base = []
        if self._snapshot is None:
            self._snapshot = self._kept()
            self._owed = self._applied_seq

    def _kept(self) -> KeptSnapshot:
        """The base as it is kept, with the flow that calls of these days began in."""
        digest, place = self.centre.rules.digest, self._place
        return KeptSnapshot(place, CORE_VERSION, digest, self._base, self._base_at, self._version)

    async def keep_last(self) -> None:
        """When nothing more is applied: whoever has other rules reads nothing but the snapshot."""
        if self.away or self.written < self._applied_seq:
            return
        self._snapshot, self._base_at = None, NEVER
        self._snap()
        await self._keep_snapshot()

    async def _keep_snapshot(self) -> None:
        """Keep it once the records up to it are written: a new leader derives the rest again."""
        kept = self._snapshot
        if kept is None or self.away or self.written < self._owed:
            return
        try:
            async with asyncio.timeout(RETRY):
                await self._journal.keep(kept)
        except (JournalAway, TimeoutError) as trouble:
            log.error("snapshot_not_kept", error=trouble)
        self._snapshot = None


def plain_handling(command: cmd.Command, due: Key | None) -> list[cmd.Command]:
    """What is done instead of a command that made the core raise; `due` is what it woke for."""
    match command:
        case cmd.Woken() if due is not None:
            return [cmd.DeadlineFailed(*due), cmd.FlowFailed(CallId(due[1]))]
        case cmd.CallArrived(plain=False):
            return [replace(command, plain=True)]
        case cmd.KeyPressed(call) | cmd.PlaybackEnded(call) | cmd.KeysChecked(call):
            return [cmd.FlowFailed(call)]
        case _:
            return []
