"""What a flow is told of the time: which hours hold, and the local times it may ask them for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr_flows import schema
from ivr_flows.hours import WeeklyHours, is_open
from ivr_flows.opening.announce import CALENDAR, announced
from ivr_flows.opening.book import Book, always_open
from ivr_flows.opening.model import SetByHand

ALWAYS: Book = Book(always_open())


@dataclass(frozen=True, slots=True)
class Occasion:
    """One caller at one moment."""

    civil: datetime
    in_time: bool = False  # it was open when their INVITE came: they are served
    book: Book = ALWAYS
    tables: Mapping[str, WeeklyHours] = field(default_factory=dict)
    set_by_hand: Sequence[SetByHand] = ()
    always_open: bool = False  # whatever the calendar says; not what is set by hand
    caller_known: bool = False  # by their number
    number_left: bool = False  # by keys: it is this one that is called back
    offers: Collection[str] = ()  # what the site has switched on

    def is_open(self, node: schema.Hours) -> bool:
        """Whether the node's open side holds: now, or when the caller came."""
        if node.table is not None:
            table = self.tables.get(node.table)
            return table is None or is_open(table, self.civil)
        now = self.book.at(self.civil, self.set_by_hand)
        if now.set_by_hand and not now.open:
            return False
        if not (now.open or self.always_open or self.in_time):
            return False
        return node.service is None or now.services is None or node.service in now.services

    def spoken(self, prompts: Sequence[str]) -> tuple[str, ...]:
        """The prompts that are heard: some replaced by the calendar's, some made from it."""
        instead = self.book.prompts(self.civil, self.set_by_hand)
        said: list[str] = []
        for each in prompts:
            prompt = instead.get(each, each)
            if prompt.startswith(CALENDAR):
                said += self._announced(prompt.removeprefix(CALENDAR))
            else:
                said.append(prompt)
        return tuple(said)

    def _announced(self, kind: str) -> tuple[str, ...]:
        return announced(kind, self.book, self.civil, self.set_by_hand)
