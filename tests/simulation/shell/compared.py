"""The records of two runs of one script, side by side, and why they differ where they do."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from telephony.simulation.shell.asterisk_world import START
from telephony.simulation.shell.theatre import Result
from telephony.store.call_record import CallRecord
from telephony.store.words import Outcome
from tests.simulation.shell.scenes import Scene

WITHIN: Final = 2.0
SAME: Final = (
    "line", "dialled", "menu_path", "queue", "agent", "outcome", "overflow_reason", "hung_up_by",
)  # fmt: skip
TIMES: Final = ("arrived_at", "waited", "talked", "held", "wrapped_up", "ended_at")
NEVER: Final = float("inf")
ORDER: Final = "order of answers"
NOT_DIALLED: Final = frozenset({"unreachable", "failed"})
Why = Literal["", "dark", "refused", "another's turn"]


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
    asked = {str(part) for request in lied.troubled for part in _parts(request)}
    for scene in of:
        mine = [good[call] for call in good if scene.begins <= _since(good[call]) < scene.ends]
        turned = min((_turned(told[each.id], asked) for each in mine), default=NEVER)
        for record in mine:
            other = told[record.id]
            reason = _why(record, other, scene, asked)
            _hold(found, scene, (record, other), (reason, turned))
        _hold_order(found, scene, mine, told)
    return found


def _hold(
    found: Comparison,
    scene: Scene,
    pair: tuple[CallRecord, CallRecord],
    reasons: tuple[Why, float],
) -> None:
    reason, turned = reasons
    differing = list(differences(*pair))
    found.calls[scene.kind] += 1
    found.same[scene.kind] += not differing
    for name in differing:
        why = reason
        if not why and name == "agent" and (pair[1].ended_at or 0.0) > turned:
            why = "another's turn"
        if not why:
            values = [getattr(record, name) for record in pair]
            found.unexplained.append(f"{scene.kind} {pair[0].id} {name}: {values}")
        found.differing[scene.kind, name, why] += 1
    _measure(found, scene, pair)


def _measure(found: Comparison, scene: Scene, pair: tuple[CallRecord, CallRecord]) -> None:
    """Of records with the same story, by how much the end is off."""
    off = abs((pair[0].ended_at or 0.0) - (pair[1].ended_at or 0.0))
    found.furthest[scene.kind] = max(off, found.furthest.get(scene.kind, 0.0))


def differences(one: CallRecord, other: CallRecord) -> Iterator[str]:
    """The fields that are not the same, times by more than two seconds."""
    yield from (name for name in SAME if getattr(one, name) != getattr(other, name))
    for name in TIMES:
        mine, theirs = getattr(one, name), getattr(other, name)
        if (mine is None) != (theirs is None) or abs((mine or 0.0) - (theirs or 0.0)) > WITHIN:
            yield name


def _hold_order(
    found: Comparison, scene: Scene, mine: list[CallRecord], told: dict[str, CallRecord]
) -> None:
    """Within a queue, callers are answered one after another as on the good day."""
    ours, theirs = _answered(mine), _answered(told[record.id] for record in mine)
    for queue in ours.keys() | theirs.keys():
        if ours[queue] == theirs[queue]:
            continue
        why: Why = "dark" if scene.dark else "refused" if scene.calm else ""
        found.differing[scene.kind, ORDER, why] += 1
        if not why:
            found.unexplained.append(f"{scene.kind} {queue}: {ours[queue]} {theirs[queue]}")


def _answered(records: Iterable[CallRecord]) -> defaultdict[str, list[str]]:
    order: defaultdict[str, list[str]] = defaultdict(list)
    for record in sorted(records, key=lambda each: each.arrived_at + (each.waited or 0.0)):
        if record.outcome is Outcome.ANSWERED:
            order[record.queue or ""].append(record.id)
    return order


def _why(one: CallRecord, other: CallRecord, scene: Scene, asked: set[str]) -> Why:
    """What else than a lie happened to this call, if anything did."""
    last = max((one.ended_at or 0.0), (other.ended_at or 0.0)) + (other.wrapped_up or 0.0)
    if scene.dark is not None and last - START.timestamp() > scene.dark[0]:
        return "dark"
    return "refused" if one.id in asked else ""


def _turned(record: CallRecord, asked: set[str]) -> float:
    """When its telephone was not dialled, or its talk refused: from then on the agents' turn in
    its queue is another one, for as long as the scene lasts."""
    moments = (
        event.at
        for event in record.timeline
        if (event.event == "offer_ended" and event.detail.get("end") in NOT_DIALLED)
        or (event.event == "returned" and record.id in asked)
    )
    return min(moments, default=NEVER)


def _parts(request: tuple[object, ...]) -> Iterator[str]:
    """The calls that a request is about: as a channel, or in the id of a leg or a bridge."""
    for part in request[1:]:
        for each in part if isinstance(part, list) else [part]:
            word = str(each)
            yield word
            yield word.partition(".")[2]
            yield word.partition(".")[2].rpartition(".")[0]


def _by_id(result: Result) -> dict[str, CallRecord]:
    return {record.id: record for record in result.records.calls()}


def _since(record: CallRecord) -> float:
    return record.arrived_at - START.timestamp() + WITHIN
