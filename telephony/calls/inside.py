"""What a controller knows of itself, for whoever watches it."""

from dataclasses import dataclass

from telephony.acd.model import Instant


@dataclass(frozen=True, slots=True)
class Inside:
    """One moment; what is counted counts since the start."""

    beat_age: float = 0.0  # seconds since an event of ours came back through Asterisk
    journal_away: bool = False
    lease_away: bool = False
    inbox: int = 0
    outbox: int = 0
    records_behind: int = 0
    records_written: int = 0  # the last journal entry whose records are in SQL
    sounds_missing: int = 0
    poisoned: int = 0
    missing_offers: int = 0  # agents who were paused because nobody took what they were offered
    phones_lost: int = 0  # callers whose agent's telephone is lost, until somebody has them again
    clock_offset: float = 0.0  # seconds the wall clock is ahead of our instants
    clock_stepped_at: Instant | None = None
    carrier_answers: bool | None = None  # None: it is not asked, or has not been yet
    lines_full: bool = False  # whoever calls now is refused
    line_stuck_at: Instant | None = None  # when one was found that nobody can still be on
    holidays_unconfirmed: int | None = None  # a year that is here or near, and nobody confirmed
    callbacks_unsound: int = 0  # what does not agree in the ledger of callbacks
    unknown_dialled_at: Instant | None = None  # when a call came for a number that is not ours
