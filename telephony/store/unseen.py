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


def unseen(records: Iterable[CallRecord], lines: int) -> float:
    """How many more calls the carrier will have turned away beside these."""
    seen: Counter[int] = Counter()
    carried: defaultdict[int, float] = defaultdict(float)
    for record in records:
        if record.line is None or record.line > lines or record.ended_at is None:
            continue
        hour = int(record.arrived_at // HOUR)
        seen[hour] += 1
        carried[hour] += record.ended_at - record.arrived_at
    return sum(
        calls * share / (1 - share)
        for hour, calls in seen.items()
        if (share := erlang_b(offered_for(min(carried[hour] / HOUR, lines), lines), lines)) < 1
    )
