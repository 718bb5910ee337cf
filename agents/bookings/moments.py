"""A day and a time on the clock of the centre's wall, which is what people agree on. Pure."""

from datetime import date, time
from typing import NamedTuple


class Moment(NamedTuple):
    """Civil time, without a zone: the counter's own."""

    day: date
    at: time
