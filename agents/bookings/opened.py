"""Our own slots, opened a day at a time as far ahead as may be booked."""

from datetime import date, datetime, timedelta

from agents.bookings.kept import BookingBook
from agents.bookings.slots import NoRules, SlotBook, rules_on, slots
from agents.bookings.states import Master
from telephony.store.call_record import JAPAN


class Opened:
    """Sees to it that the slots of the book are there; what has been sold stays."""

    def __init__(self, kept: BookingBook, book: SlotBook, holidays: frozenset[date]) -> None:
        self._kept, self._book, self._holidays = kept, book, holidays
        self._until: date | None = None

    async def see_to(self, now: float) -> None:
        """Once a day of each process; under the city's master slots are imported instead."""
        if self._kept.master is not Master.OWN:
            return
        today = datetime.fromtimestamp(now, JAPAN).date()
        try:
            last = today + timedelta(days=rules_on(self._book, today).open_days_before)
        except NoRules:
            return
        if self._until != last:
            found = list(slots(self._book, self._holidays, today, last))
            await self._kept.open_slots(found, now)
            self._until = last
