"""Callers whom the carrier gave the busy tone: nobody counted them, theory can. Pure.

With no more channels than lines a caller who finds all of them taken never reaches us. Erlang's
loss formula says how many there were: from the traffic that was carried follows the traffic that
was offered, and from that the share that was lost. It assumes that callers come independently of
each other and do not try again at once, so it is an estimate, hour by hour, and told as one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from telephony.store.call_record import CallRecord

HOUR: Final = 3600.0
HALVINGS: Final = 60
MOST: Final = 20  # times as much offered as there are lines: beyond it nothing is told


def erlang_b(offered: float, lines: int) -> float:
    """The share of calls that finds every line taken; `offered` in erlangs."""
    blocked = 1.0
    for taken in range(1, lines + 1):
        blocked = offered * blocked / (taken + offered * blocked)
    return blocked


def offered_for(carried: float, lines: int) -> float:
    """The erlangs that must have been offered for so many to have been carried."""
    least, most = carried, float(MOST * lines)
    for _ in range(HALVINGS):
        middle = (least + most) / 2
        if middle * (1 - erlang_b(middle, lines)) < carried:
            least = middle
        else:
            most = middle
    return (least + most) / 2


def hour_of(at: float) -> float:
    """When the hour began in which this was."""
    return at // HOUR * HOUR


def unseen(records: Iterable[CallRecord], lines: int, now: float) -> float:
    """How many more calls the carrier will have turned away beside these.

    They must be all calls of the hours they are from, those that are not over with them: a part
    of an hour's calls would look like a quiet hour. The last hour may not be over either.
    """
    seen: Counter[float] = Counter()
    carried: defaultdict[float, float] = defaultdict(float)
    for record in records:
        if record.line is None or record.line > lines:
            continue
        hour = hour_of(record.arrived_at)
        ended = now if record.ended_at is None else record.ended_at
        seen[hour] += 1
        carried[hour] += max(0.0, ended - record.arrived_at)
    shares = {
        hour: erlang_b(offered_for(min(seconds / _passed(hour, now), lines), lines), lines)
        for hour, seconds in carried.items()
    }
    return sum(seen[hour] * share / (1 - share) for hour, share in shares.items() if share < 1)


def _passed(hour: float, now: float) -> float:
    """Seconds of this hour that are over."""
    return min(HOUR, max(1.0, now - hour))
