"""Walking an exported journal: each entry is applied again, and must lead to the same effects.

What the centre knew is known from the journal's beginning, or from the kept snapshot on. It is not
known between a gap, a change of core or of configuration, and the snapshot after it: there the
entries are shown and nothing is demanded of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError

from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.calls import codec
from telephony.calls.engine import CORE_VERSION
from telephony.calls.export import Exported, NotAnExport
from telephony.calls.journal import UNREADABLE, Record
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.snapshot import restore


class Verdict(StrEnum):
    """What a replay says of one entry."""

    EQUAL = "equal"
    DIFFERS = "differs"
    OTHER_CORE = "other_core"  # applied, but another core may well do something else
    UNKNOWN = "unknown"  # the state before it is not in the file
    MARK = "mark"  # a leader's own word, or poison, which changes nothing


@dataclass(frozen=True, slots=True)
class Step:
    """One entry and what it leads to here."""

    record: Record
    verdict: Verdict
    effects: list[fx.Effect]
    why: str = ""


def walk(exported: Exported) -> Iterator[Step]:
    """Every entry in order, up to and including the first difference."""
    walker = _Walker(exported)
    for record in exported.records:
        step = walker.step(record)
        yield step
        if step.verdict is Verdict.DIFFERS:
            return


class _Walker:
    """The centre as far as it is known."""

    def __init__(self, exported: Exported) -> None:
        self._exported = exported
        self._ahead = exported.snapshot  # not passed yet
        self._centre = Centre(exported.rules) if exported.from_the_beginning else None
        self._before: Record | None = None

    def step(self, record: Record) -> Step:
        """One entry further."""
        self._pass_snapshot(record)
        if self._breaks(record):
            self._centre = None
        self._before = record
        if record.command is None or record.mark:
            return Step(record, Verdict.MARK, [])
        if self._centre is None:
            return Step(record, Verdict.UNKNOWN, [])
        return self._apply(self._centre, record)

    def _pass_snapshot(self, record: Record) -> None:
        """Take it up where the state is not known otherwise."""
        kept = self._ahead
        if kept is None or record.place <= kept.place:
            return
        self._ahead = None
        if self._centre is None and kept.config == self._exported.header.config:
            try:
                self._centre = restore(self._exported.rules, codec.decode_snapshot(kept.data))
            except ValidationError as wrong:
                raise NotAnExport(f"the snapshot at {kept.place} cannot be read") from wrong

    def _breaks(self, record: Record) -> bool:
        """Behind this the centre is another one than the entries so far would give."""
        former = self._before
        changed = former is not None and former.core != record.core
        return (
            changed
            or record.mark in {"gap", UNREADABLE}
            or (record.command is not None and record.config != self._config())
        )

    def _config(self) -> str:
        """What is known goes from one calendar to the next; else only the header's will do."""
        known = self._centre
        return self._exported.header.config if known is None else known.rules.digest

    def _apply(self, centre: Centre, record: Record) -> Step:
        same_core = record.core == CORE_VERSION
        otherwise = Verdict.DIFFERS if same_core else Verdict.OTHER_CORE
        assert record.command is not None
        try:
            effects = centre.handle(codec.decode(record.command), Instant(record.at))
        except Rejected as refused:
            return Step(record, otherwise, [], f"refused: {refused}")
        except ValueError:  # a command of another core, or a field that it lacked
            return Step(record, otherwise, [], "this core has no such command")
        except Exception as fault:  # noqa: BLE001 -- which entry it is, is what was asked for
            return Step(record, otherwise, [], f"the core raised {fault!r}")
        if codec.digest(effects) == record.effects:
            return Step(record, Verdict.EQUAL, effects)
        return Step(record, otherwise, effects, "other effects than journaled")
