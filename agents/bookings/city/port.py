"""The port to the city's reservation system: one Protocol, and a contract test that holds for all.

A new way in or out (another encoding, another vendor) is a class with these five methods. What is
read comes as values, or not at all: `Faulty` names each row that is wrong, and no row with what
could be an individual number gets in. `tests/agents/bookings/city/test_contract.py` asks that of
every adapter.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Protocol

from agents.bookings.booking import Booking
from agents.bookings.csv_bookings import BookingRow
from agents.bookings.csv_files import ResultRow, SlotRow

Sites = Mapping[str, str]  # the code of each, and its name


class CityAdapter(Protocol):
    """One form in which the city's system and ours tell each other."""

    def slots(self, data: bytes, sites: Sites) -> list[SlotRow]:
        """Its times, with how much is taken; raises Faulty."""
        ...

    def bookings(self, data: bytes, sites: Sites, today: date) -> list[BookingRow]:
        """What it has, citizens' own bookings too; raises Faulty."""
        ...

    def results(self, data: bytes) -> list[ResultRow]:
        """Who came and who did not; raises Faulty."""
        ...

    def texts(self, data: bytes) -> Iterator[tuple[int, str]]:
        """Whatever stands in it, though it was refused: each text, and its row."""
        ...

    def written(self, bookings: Iterable[Booking], sites: Sites) -> bytes:
        """Bookings of ours, for whoever may have them in this form."""
        ...
