"""Which alarms follow from what was measured: limits, with hysteresis, and nothing else.

An alarm is raised at `at`, once that has lasted for `lasting` seconds, and cleared below `clear`.
What could not be measured leaves an alarm as it is. Those that `withhold` say that Asterisk does
not do its work: they have next to no patience, as the first good measure brings the offers back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

from telephony.acd.model import Instant
from telephony.asterisk.version import problem
from telephony.calls.inside import Inside
from telephony.watch.measures import Disk, Measures

GIB: Final = 2**30
DISK_STOP: Final = 1 * GIB  # from here on something will not be written soon
DISK_WARN: Final = 2 * GIB
DISK_WARN_SHARE: Final = 0.1  # of a disk, but never more than
DISK_WARN_MOST: Final = 20 * GIB
STUCK: Final = 30.0  # seconds in which no record was written although some wait
BACKLOG: Final = 1000
STRANGERS: Final = 50.0  # requests; a telephone with a wrong password sends a few
CERTIFICATE_SOON: Final = 60.0  # days
LETTER_LATE: Final = 900.0  # seconds: longer than a city's system restarts
LETTER_PATIENCE: Final = 30.0  # one that is sent again may be as old as it likes, and is soon gone
TOLD_FOR: Final = 3600.0  # seconds after something that is over when it is seen

Value = Callable[[Measures, Instant], float | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """When one alarm is raised and when it is cleared."""

    value: Value
    at: float = 1.0
    clear: float = 1.0
    lasting: float = 0.0  # seconds
    critical: bool = False  # callers feel it
    withholds: bool = False  # nobody is offered meanwhile


@dataclass(frozen=True, slots=True)
class Alarm:
    """One that is raised."""

    id: str
    since: Instant
    critical: bool


def warn_mark(disk: Disk) -> float:
    """The free bytes below which a disk is low."""
    return max(DISK_WARN, min(DISK_WARN_SHARE * disk.size, DISK_WARN_MOST))


def _scarcity(disks: tuple[Disk, ...], mark: Callable[[Disk], float]) -> float | None:
    """How often the mark holds what is free, on the worst disk: 1 is at the mark."""
    return max((mark(d) / d.free if d.free else inf for d in disks), default=None)


def _unfit(seen: Measures, _: Instant) -> float | None:
    return None if seen.version is None else float(problem(seen.version) is not None)


def _unsynchronised(seen: Measures, _: Instant) -> float | None:
    return None if seen.clock_synchronised is None else float(not seen.clock_synchronised)


def _certificate(seen: Measures, _: Instant) -> float | None:
    left = seen.certificate_days
    return 0.0 if left is None else float(left <= CERTIFICATE_SOON)


def _lately(when: Callable[[Inside], Instant | None]) -> Value:
    """Whether it happened within the last hour."""

    def value(seen: Measures, now: Instant) -> float:
        at = when(seen.inside)
        return float(at is not None and now < at + TOLD_FOR)

    return value


def _carrier_gone(seen: Measures, _: Instant) -> float | None:
    answers = seen.inside.carrier_answers
    return None if answers is None else float(not answers)


def _records(seen: Measures, _: Instant) -> float:
    return max(seen.inside.records_behind / BACKLOG, seen.records_stuck / STUCK)


RULES: Final[Mapping[str, Rule]] = {
    "asterisk_unfit": Rule(_unfit, critical=True),
    "events_away": Rule(
        lambda seen, _: seen.inside.beat_age, 3.0, 3.0, lasting=1.0, critical=True, withholds=True
    ),
    "ari_slow": Rule(lambda seen, _: seen.ari, 2.0, 1.0, critical=True, withholds=True),
    "sip_silent": Rule(
        lambda seen, _: max(seen.sip.values(), default=None), 3.0, 1.5,
        critical=True, withholds=True,
    ),
    "task_processors": Rule(
        lambda seen, _: seen.task_processor, 501, 250, critical=True, withholds=True
    ),
    "strangers": Rule(lambda seen, _: seen.strangers, STRANGERS, STRANGERS / 10),
    "disk_full": Rule(
        lambda seen, _: _scarcity(seen.disks, lambda _: DISK_STOP), clear=0.9, critical=True
    ),
    "disk_low": Rule(lambda seen, _: _scarcity(seen.disks, warn_mark), clear=0.9),
    "clock_not_synchronised": Rule(_unsynchronised, lasting=60.0),
    "clock_stepped": Rule(_lately(lambda inside: inside.clock_stepped_at)),
    "journal_away": Rule(lambda seen, _: seen.inside.journal_away, lasting=5.0),
    "lease_away": Rule(lambda seen, _: seen.inside.lease_away, lasting=5.0),
    "records_behind": Rule(_records, clear=0.1),
    "inbox_full": Rule(lambda seen, _: seen.inside.inbox, BACKLOG, 100, lasting=3.0, critical=True),
    "outbox_full": Rule(
        lambda seen, _: seen.inside.outbox, BACKLOG, 100, lasting=3.0, critical=True
    ),
    "carrier_gone": Rule(_carrier_gone, lasting=60.0, critical=True),
    "lines_full": Rule(lambda seen, _: seen.lines_full, 0.5, 0.25, critical=True),
    "line_stuck": Rule(_lately(lambda inside: inside.line_stuck_at)),
    "unknown_number": Rule(_lately(lambda inside: inside.unknown_dialled_at)),
    "holidays_unconfirmed": Rule(
        lambda seen, _: float(seen.inside.holidays_unconfirmed is not None)
    ),
    "certificate_ends": Rule(_certificate),
    "certificate_waits": Rule(lambda seen, _: float(seen.certificate_waits), lasting=60.0),
    "letters_late": Rule(
        lambda seen, _: seen.letter_waits, LETTER_LATE, LETTER_LATE, lasting=LETTER_PATIENCE
    ),
    "letters_refused": Rule(lambda seen, _: seen.letters_refused),
    "callbacks_unsound": Rule(lambda seen, _: seen.inside.callbacks_unsound),
    "sounds_missing": Rule(lambda seen, _: seen.inside.sounds_missing),
    "phone_lost": Rule(lambda seen, _: seen.inside.phones_lost, critical=True),
    "agent_missed_out": Rule(lambda seen, _: seen.inside.missing_offers),
    "poisoned": Rule(lambda seen, _: seen.inside.poisoned),
}  # fmt: skip


class Alarms:
    """The alarms that are raised, from one judgement to the next."""

    def __init__(self, rules: Mapping[str, Rule] = RULES) -> None:
        self._rules = rules
        self._exceeded: dict[str, Instant] = {}  # since when, raised or not yet
        self._raised: dict[str, Instant] = {}

    def judge(self, seen: Measures, now: Instant) -> tuple[list[str], list[str]]:
        """Take in what was measured; the ids that were raised, and that were cleared, by it."""
        before = set(self._raised)
        for name, rule in self._rules.items():
            self._judge(name, rule, rule.value(seen, now), now)
        after = set(self._raised)
        return sorted(after - before), sorted(before - after)

    def _judge(self, name: str, rule: Rule, value: float | None, now: Instant) -> None:
        if value is None:
            return
        if value >= rule.at:
            since = self._exceeded.setdefault(name, now)
            if now >= since + rule.lasting:
                self._raised.setdefault(name, now)
            return
        if name not in self._raised or value < rule.clear:
            self._exceeded.pop(name, None)
            self._raised.pop(name, None)

    @property
    def raised(self) -> list[Alarm]:
        """Those that callers feel first, then by age."""
        found = [Alarm(name, at, self._rules[name].critical) for name, at in self._raised.items()]
        return sorted(found, key=lambda alarm: (not alarm.critical, alarm.since, alarm.id))

    @property
    def well(self) -> bool:
        """Asterisk does its work, as far as is known."""
        return not any(self._rules[name].withholds for name in self._raised)
