"""The records of two runs of one script, side by side, and why they differ where they do.

Whatever happened is learned within two seconds, so a time may be off by two: once for each event
of this call that nobody was told of (the ends of three prompts in a row are found one after the
other), and once for each question of a sweep that was refused meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from telephony.ari.events import AriEvent
from telephony.simulation.shell.asterisk_world import START
from telephony.simulation.shell.theatre import Result
from telephony.store.call_record import CallRecord
from telephony.store.words import Outcome, OverflowReason
from tests.simulation.shell.scenes import LINES, Scene

WITHIN: Final = 2.0
MEANWHILE: Final = 4.0  # seconds from an event that was lost, in which a sweep should find it
QUESTIONS: Final = frozenset({"application", "bridges", "endpoints"})  # a sweep's, about everybody
REASONS: Final = frozenset({"ChannelHangupRequest", "ChannelDestroyed"})  # why a leg ended
SAME: Final = (
    "line", "dialled", "menu_path", "queue", "agent", "outcome", "overflow_reason", "hung_up_by",
)  # fmt: skip
TIMES: Final = ("arrived_at", "waited", "talked", "held", "wrapped_up", "ended_at")
NEVER: Final = float("inf")
ORDER: Final = "order of answers"
NOT_DIALLED: Final = frozenset({"unreachable", "failed"})
AT_ONCE: Final = 4.0  # seconds in which a caller has an agent where one is free
Why = Literal["", "dark", "refused", "untold", "another's turn", "another's wait", "another's line"]


@dataclass(slots=True)
class Comparison:
    """What was compared, and what was not the same."""

    calls: Counter[str] = field(default_factory=Counter)  # by the scene's kind
    same: Counter[str] = field(default_factory=Counter)  # every field of the record
    differing: Counter[tuple[str, str, Why]] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    records: int = 0
    furthest: dict[str, float] = field(default_factory=dict)  # the most that a time was off

    def add(self, other: "Comparison") -> None:
        """Another run's, too."""
        self.calls += other.calls
        self.same += other.same
        self.differing += other.differing
        self.unexplained += other.unexplained
        self.records += other.records
        for kind, off in other.furthest.items():
            self.furthest[kind] = max(off, self.furthest.get(kind, 0.0))


def compare(true: Result, lied: Result, of: Sequence[Scene]) -> Comparison:
    """Raises AssertionError unless each call has exactly one record, which was closed once."""
    good, told = _by_id(true), _by_id(lied)
    assert good.keys() == told.keys() == true.people.visits.keys()
    closed = Counter(end.call for end in lied.records.closed())
    found = Comparison(records=len(told))
    assert [call for call in told if closed[call] != 1] == []
    asked = {name for trouble in lied.troubled for name in _calls(trouble.request[1:])}
    against = _Against(told, lied, asked, _without_a_reason(lied))
    for scene in of:
        mine = [good[call] for call in good if scene.begins <= _since(good[call]) < scene.ends]
        turned = min((against.turned(each, told[each.id]) for each in mine), default=NEVER)
        for record in mine:
            _hold(found, scene, record, against, turned)
        _hold_order(found, scene, mine, told, turned)
    return found


@dataclass(frozen=True, slots=True)
class _Against:
    """What was lied, and the records of it."""

    told: dict[str, CallRecord]
    lied: Result
    asked: set[str]  # calls that a troubled request was about
    untold: set[str]  # calls of which nobody told why a leg ended

    def within(self, call: str) -> float:
        """By how many seconds its times may be off."""
        lost = [
            each.at
            for each in self.lied.untold
            if not each.late and call in set(_calls(_names(each.event)))
        ]
        asking = [each.at for each in self.lied.troubled if each.request[0] in QUESTIONS]
        failed = {at for at in asking for since in lost if since <= at <= since + MEANWHILE}
        return WITHIN * max(1, len(lost) + len(failed))

    def turned(self, one: CallRecord, other: CallRecord) -> float:
        """When its telephone was not dialled, or what happened to this call alone kept an agent, or
        none: from then on the agents' turn is another one, for as long as the scene lasts."""
        moments = [
            event.at
            for event in other.timeline
            if event.event == "offer_ended" and event.detail.get("end") in NOT_DIALLED
        ]
        troubled = one.id in self.asked | self.untold
        if troubled and any(differences(one, other, self.within(one.id))):
            moments += (each.arrived_at + (each.waited or 0.0) for each in (one, other))
        return min(moments, default=NEVER)

    def is_lowest_line(self, record: CallRecord) -> bool:
        """Whether the lines below were taken when it came, by callers who had not left."""
        at, others = record.arrived_at, [each for each in self.told.values() if each is not record]
        taken = {each.line for each in others if each.arrived_at <= at < (each.ended_at or NEVER)}
        free = (line for line in range(1, LINES + 1) if line not in taken)
        return record.line == min(free, default=None)


def _hold(
    found: Comparison, scene: Scene, record: CallRecord, against: _Against, turned: float
) -> None:
    other = against.told[record.id]
    reason = _why(record, other, scene, against)
    differing = list(differences(record, other, against.within(record.id)))
    found.calls[scene.kind] += 1
    found.same[scene.kind] += not differing
    for name in differing:
        why = reason
        if not why and (other.ended_at or 0.0) > turned:
            why = _of_anothers(name, record, other)
        if not why and name == "line" and against.is_lowest_line(other):
            why = "another's line"
        if not why:
            values = [getattr(each, name) for each in (record, other)]
            found.unexplained.append(f"{scene.kind} {record.id} {name}: {values}")
        found.differing[scene.kind, name, why] += 1
    _measure(found, scene, (record, other))


def _of_anothers(name: str, one: CallRecord, other: CallRecord) -> Why:
    """Why a call differs that nothing happened to, once an agent was kept by another."""
    if name == "agent":
        return "another's turn"
    pair = (one, other)
    waited = any((each.waited or 0.0) > AT_ONCE for each in pair)
    turned_away = any(each.overflow_reason is OverflowReason.ALL_LINES_BUSY for each in pair)
    return "another's wait" if waited or turned_away else ""


def _measure(found: Comparison, scene: Scene, pair: tuple[CallRecord, CallRecord]) -> None:
    """Of records with the same story, by how much the end is off."""
    off = abs((pair[0].ended_at or 0.0) - (pair[1].ended_at or 0.0))
    found.furthest[scene.kind] = max(off, found.furthest.get(scene.kind, 0.0))


def differences(one: CallRecord, other: CallRecord, within: float = WITHIN) -> Iterator[str]:
    """The fields that are not the same, times by more than so many seconds."""
    yield from (name for name in SAME if getattr(one, name) != getattr(other, name))
    for name in TIMES:
        mine, theirs = getattr(one, name), getattr(other, name)
        if (mine is None) != (theirs is None) or abs((mine or 0.0) - (theirs or 0.0)) > within:
            yield name


def _hold_order(
    found: Comparison,
    scene: Scene,
    mine: list[CallRecord],
    told: dict[str, CallRecord],
    turned: float,
) -> None:
    """Within a queue, callers are answered one after another as on the good day."""
    ours, theirs = _answered(mine), _answered(told[record.id] for record in mine)
    for queue in ours.keys() | theirs.keys():
        if ours[queue] == theirs[queue]:
            continue
        why: Why = "dark" if scene.dark else "refused" if scene.calm else ""
        if not why and turned < NEVER:
            why = "another's wait"
        found.differing[scene.kind, ORDER, why] += 1
        if not why:
            found.unexplained.append(f"{scene.kind} {queue}: {ours[queue]} {theirs[queue]}")


def _answered(records: Iterable[CallRecord]) -> defaultdict[str, list[str]]:
    order: defaultdict[str, list[str]] = defaultdict(list)
    for record in sorted(records, key=lambda each: each.arrived_at + (each.waited or 0.0)):
        if record.outcome is Outcome.ANSWERED:
            order[record.queue or ""].append(record.id)
    return order


def _why(one: CallRecord, other: CallRecord, scene: Scene, against: _Against) -> Why:
    """What else than a lie happened to this call, if anything did."""
    last = max((one.ended_at or 0.0), (other.ended_at or 0.0)) + (other.wrapped_up or 0.0)
    if scene.dark is not None and last - START.timestamp() > scene.dark[0]:
        return "dark"
    if one.id in against.asked:
        return "refused"
    return "untold" if one.id in against.untold else ""


def _without_a_reason(lied: Result) -> set[str]:
    """Calls with a leg of which no event told, or told at once, why it ended: they go back to
    their queue once Asterisk's list is without it."""
    lost = defaultdict[str, set[str]](set)
    for each in lied.untold:
        if each.event.type in REASONS:
            for name in _names(each.event):
                lost[str(name)].add(each.event.type)
    legs = [leg for leg, kinds in lost.items() if kinds == REASONS]
    return set(_calls(legs))


def _names(event: AriEvent) -> Iterator[object]:
    """The channel and the playback that an event is about."""
    for of in ("channel", "playback"):
        if (about := getattr(event, of, None)) is not None:
            yield about.id


def _calls(names: Iterable[object]) -> Iterator[str]:
    """The calls that names are about: as a channel, or in the id of a leg, playback or bridge."""
    for part in names:
        for each in part if isinstance(part, list) else [part]:
            word = str(each)
            yield word
            yield word.partition(".")[2]
            yield word.partition(".")[2].rpartition(".")[0]


def _by_id(result: Result) -> dict[str, CallRecord]:
    return {record.id: record for record in result.records.calls()}


def _since(record: CallRecord) -> float:
    return record.arrived_at - START.timestamp() + WITHIN
