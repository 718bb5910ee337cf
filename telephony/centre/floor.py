"""What everything on the callers' side stands on: the calls, and how one changes its stage."""

from datetime import datetime
from typing import Final

from ivr_flows import schema
from ivr_flows.occasion import Occasion
from ivr_flows.opening.book import Book
from ivr_flows.opening.model import SetByHand
from telephony.acd.core import Acd
from telephony.acd.deadlines import Deadlines
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, CallId, Instant, QueueId
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Party
from telephony.centre.lines import Lines
from telephony.centre.model import (
    AT_MUSIC,
    Call,
    CentreRules,
    FlowVersion,
    ModeInForce,
    Served,
    Stage,
    Talk,
)
from telephony.centre.tolls import Dialled, dialable, lately, refusal

LINE_STATE: Final = {
    Stage.MENU: LineState.MENU,
    Stage.WAITING: LineState.WAITING,
    Stage.TALKING: LineState.TALKING,
    Stage.HOLD: LineState.HOLD,
    Stage.LOST: LineState.HOLD,
    Stage.DIALLING: LineState.WAITING,
    Stage.OUTSIDE: LineState.TALKING,
}
STICKY_WITHIN: Final = 24 * 3600.0  # seconds since the talk
SERVED_KEPT: Final = 2000  # callers of whom it is known who served them
DEADLINES: Final = (
    "listen", "menu", "max_wait", "announce", "external", "lost", "again", "consult",
)  # fmt: skip


class Floor:
    """Every call that is not over, the lines, the queue core, and the effects to come."""

    def __init__(
        self, rules: CentreRules, acd: Acd, lines: Lines, deadlines: Deadlines, out: list[fx.Effect]
    ) -> None:
        self.calls: dict[CallId, Call] = {}
        self.clock_offset = 0.0
        self.dialled: list[Dialled] = []
        self.served: dict[str, Served] = {}  # by caller, the latest last
        self._sticky = any(queue.sticky_for > 0.0 for queue in rules.acd.queues.values())
        self.deserted: set[QueueId] = set()  # nobody has worked there for too long
        self.talks: dict[AgentId, Talk] = {}  # of each agent, the last one with a citizen
        self.rules = rules
        self.present = rules.version
        self.versions: dict[str, FlowVersion] = {}  # former ones that callers still go by
        self.modes: dict[str, ModeInForce] = {}  # the strongest first
        self.book = Book(rules.calendar)
        self._books: dict[str, Book] = {rules.digest: self.book}  # by version
        self.acd = acd
        self.lines = lines
        self.deadlines = deadlines
        self.out = out

    def enter(self, call: Call, stage: Stage, now: Instant) -> None:
        """Begin a stage, and count the one that ends."""
        elapsed = now - call.stage_since
        if call.stage is Stage.TALKING:
            call.talked += elapsed
        elif call.stage in (Stage.HOLD, Stage.LOST):
            call.held += elapsed
        elif call.stage is Stage.WAITING and not call.answered:
            call.waited += elapsed
        call.stage, call.stage_since = stage, now
        if stage is not Stage.ENDING:
            agent = call.offer.agent if call.offer is not None else None
            self.lines.move(call.line, LINE_STATE[stage], now, call.id, agent)

    def to_music(self, call: Call, stage: Stage, now: Instant) -> None:
        """Begin a stage in which they hear music; `fx.Park` says why nobody is put to it twice."""
        is_there = call.stage in AT_MUSIC
        self.enter(call, stage, now)
        if not is_there:
            self.out.append(fx.Park(call.id))

    def set(self, call: Call, kind: str, at: float) -> None:
        """Arm a deadline of the call."""
        self.deadlines.set((kind, call.id), Instant(at))

    def cancel(self, call: Call) -> None:
        """Forget every deadline of the call."""
        for kind in DEADLINES:
            self.deadlines.cancel((kind, call.id))

    def note(self, call: Call, event: str, now: Instant, **detail: str | int | None) -> None:
        """Something for the call's timeline."""
        self.out.append(fx.CallNoted(call.id, event, now, detail))

    def advance(self, call: Call) -> None:
        """What is known of the call by now."""
        agent = call.offer.agent if call.offer is not None else None
        path = "/".join(call.menu_path)
        self.out.append(fx.CallAdvanced(call.id, path, call.queue, agent))

    def version(self, call: Call) -> FlowVersion:
        """The flow that the caller began in."""
        return self.versions.get(call.version, self.present)

    def housed(self, queue: QueueId) -> QueueId | None:
        """This queue; or, where it was taken away, the one behind the present flow's person."""
        queues = self.rules.acd.queues
        person = self.rules.flow.nodes.get(self.rules.flow.person)
        wanted = QueueId(person.queue) if isinstance(person, schema.Enqueue) else None
        return next((each for each in (queue, wanted, *queues) if each in queues), None)

    def line_outside(self, number: str, to: Dialled) -> int:
        """A free line for a leg that an agent wants to this number, past the toll gate.

        Raises Rejected.
        """
        if refusal(dialable(number), to, self.rules.tolls, self.dialled):
            raise Rejected(
                "この番号への発信は許可されていません (the toll gate refuses this number)"
            )
        line = self.lines.free()
        if line is None:
            raise Rejected("空いている回線がありません (no line is free)")
        return line

    def go_by(self, rules: CentreRules) -> None:
        """Other rules for whoever comes from now on; whoever is here stays in their version."""
        used = {call.version for call in self.calls.values()}
        known = {**self.versions, self.present.digest: self.present}
        self.versions = {
            digest: known[digest] for digest in sorted(used & known.keys() - {rules.digest})
        }
        self.rules, self.present, self.book = rules, rules.version, Book(rules.calendar)
        self._books = {rules.digest: self.book}

    def note_served(self, call: Call, agent: AgentId, now: Instant) -> None:
        """Whoever phones again within a day may be offered to the same agent."""
        if not (self._sticky and call.caller):
            return
        self.served.pop(call.caller, None)
        self.served[call.caller] = Served(call.caller, agent, now)
        if len(self.served) > SERVED_KEPT:
            del self.served[next(iter(self.served))]

    def served_by(self, caller: str, now: Instant) -> AgentId | None:
        """Who has talked to them last, if that was within a day."""
        last = self.served.get(caller)
        return last.agent if last is not None and now <= last.at + STICKY_WITHIN else None

    def line_to_spare(self) -> int | None:
        """A free line for calling a citizen back, so that enough are left for those who call."""
        spare = self.lines.idle > self.rules.callbacks.keep_lines
        return self.lines.free() if spare else None

    def takes_calls(self, now: Instant) -> bool:
        """Whether it is open now."""
        return self.rules.always_open or self.came_in_time(now)

    def note_dialled(self, dialled: Dialled) -> None:
        """Count a leg to the outside, for the toll gate."""
        kept = lately(self.dialled, dialled.at, self.rules.tolls.memory)
        self.dialled = [*kept, dialled]

    def civil(self, now: Instant) -> datetime:
        """The local time, as a clock on the wall shows it."""
        local = datetime.fromtimestamp(now + self.clock_offset, self.rules.timezone)
        return local.replace(tzinfo=None)

    def came_in_time(self, at: Instant) -> bool:
        """Whether it is open for a caller whose INVITE came then."""
        return self.book.is_open(self.civil(at))

    def occasion(
        self,
        now: Instant,
        call: Call | None = None,
        *,
        in_time: bool = False,
        caller_known: bool = False,
    ) -> Occasion:
        """What the caller's flow is told of the time."""
        version = self.present if call is None else self.version(call)
        book = self._books.get(version.digest)
        if book is None:
            book = self._books[version.digest] = Book(version.calendar)
        return Occasion(
            civil=self.civil(now),
            in_time=in_time if call is None else call.in_time,
            book=book,
            tables=version.hours,
            set_by_hand=self.set_by_hand(),
            always_open=self.rules.always_open,
            caller_known=caller_known if call is None else call.caller != "" or call.left_number,
            number_left=call is not None and call.left_number,
            offers=self.rules.offers,
        )

    def set_by_hand(self) -> tuple[SetByHand, ...]:
        """The modes as the calendar's strongest layer."""
        return tuple(SetByHand(each.rule, self.civil(each.until)) for each in self.modes.values())

    def next_edge(self, now: Instant) -> Instant | None:
        """When the calendar may change what it says; None where it never does."""
        civil = self.civil(now)
        edge = self.book.next_edge(civil)
        return None if edge is None else Instant(now + (edge - civil).total_seconds())

    def keep_lines(self, now: Instant) -> None:
        """Have as many lines in service as the calendar says; while it is closed, all."""
        standing = self.book.at(self.civil(now), self.set_by_hand())
        limited = standing.open and not self.rules.always_open
        self.lines.limit(standing.lines if limited else None, now)

    def has_closed(self, now: Instant) -> bool:
        """It was open today and is not any more: whoever is here came in time."""
        return self.closed_at(now) is not None

    def closed_at(self, now: Instant) -> Instant | None:
        """When it closed, on a day on which it has."""
        civil = self.civil(now)
        if self.rules.always_open or self.book.is_open(civil):
            return None
        closing = self.book.last_closing(civil)
        return None if closing is None else Instant(now - (civil - closing).total_seconds())

    def play(self, call: Call, prompts: tuple[str, ...]) -> None:
        """Start prompts; what played before was stopped."""
        call.playback += 1
        call.playing = True
        self.out.append(fx.Play(call.id, call.playback, prompts))

    def stop(self, call: Call) -> None:
        """Cut short what the caller hears, if anything."""
        if call.playing:
            call.playing = False
            self.out.append(fx.StopPlay(call.id, call.playback))

    def hang_up(self, call: Call, by: Party, now: Instant) -> None:
        """End the caller's channel; the call is over when we hear of it."""
        call.hung_up_by = by
        self.cancel(call)
        self.enter(call, Stage.ENDING, now)
        self.out.append(fx.HangUp(call.id))
