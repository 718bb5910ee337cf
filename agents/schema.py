"""Every table of the desk under one roof: importing them is what makes `METADATA` whole."""

from agents.bookings import tables as of_bookings
from agents.calls import tables as of_calls
from agents.floor import tables as of_the_room
from agents.tables import METADATA
from agents.texts import tables as of_texts

__all__ = ["METADATA", "of_bookings", "of_calls", "of_texts", "of_the_room"]
