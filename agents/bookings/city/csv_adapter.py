"""CSV in UTF-8 or CP932: files that people export, look at in a spreadsheet, and carry. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from agents.bookings.booking import Booking
from agents.bookings.city.port import Sites
from agents.bookings.csv_bookings import BookingRow, booking_rows
from agents.bookings.csv_files import (
    Encoding,
    ResultRow,
    SlotRow,
    exported,
    result_rows,
    slot_rows,
)
from agents.web.csv_reading import texts


@dataclass(frozen=True, slots=True)
class CsvAdapter:
    """Reads either encoding, writes the one it is told; what opens a booking stays masked."""

    encoding: Encoding = "utf-8"

    def slots(self, data: bytes, sites: Sites) -> list[SlotRow]:
        """場所,日付,時刻,定員,予約済み."""
        return slot_rows(data, sites)

    def bookings(self, data: bytes, sites: Sites, today: date) -> list[BookingRow]:
        """A row a card; rows of one number are a party."""
        return booking_rows(data, sites, today)

    def results(self, data: bytes) -> list[ResultRow]:
        """予約番号,結果."""
        return result_rows(data)

    def texts(self, data: bytes) -> Iterator[tuple[int, str]]:
        """Every cell."""
        return texts(data)

    def written(self, bookings: Iterable[Booking], sites: Sites) -> bytes:
        """A file can be left lying about, so it has neither birth dates nor notice numbers."""
        return exported(bookings, sites, self.encoding)
