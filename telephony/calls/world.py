"""What a leader is given: everything outside that it acts on, and what it is told of its site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from config.clock import Clock
from telephony.ari.client import Ari
from telephony.ari.inbox import Inbox
from telephony.ari.stream import Counts as StreamCounts
from telephony.calls import lost_sound
from telephony.calls.archive import Archive
from telephony.calls.carrier import CarrierFacts
from telephony.calls.journal import Journal
from telephony.calls.lease import Lease
from telephony.calls.night import Ledger
from telephony.calls.owing import NothingOwed, Owing
from telephony.calls.own_booking import BookingReader
from telephony.calls.performer import Handsets
from telephony.calls.promises import RecordReader
from telephony.calls.publisher import RecordWriter
from telephony.calls.retention import KEEP_DAYS
from telephony.calls.sounds import Sounds
from telephony.calls.spool import NoSpool, Spool
from telephony.calls.written_calendar import CalendarSource
from telephony.link.news import NewsStream
from telephony.owing.model import Terms

if TYPE_CHECKING:
    from telephony.calls.controller import Controller


class Watcher(Protocol):
    """Judges whether what we depend on does its work; `telephony.watch` has the one there is."""

    @property
    def well(self) -> bool:
        """Asterisk does its work: agents may be offered."""

    @property
    def alarms(self) -> list[dict[str, Any]]:
        """What is wrong, and what to do about it."""

    async def run(self, of: Controller) -> None:
        """Watch until cancelled."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside that a controller acts on, each behind a seam."""

    ari: Ari
    inbox: Inbox
    journal: Journal
    lease: Lease
    records: RecordWriter
    clock: Clock
    sounds: Sounds
    heard: StreamCounts = field(default_factory=StreamCounts)  # what came in over the stream
    archive: Archive | None = None  # without one the journal forgets nothing
    history: RecordReader | None = None  # what SQL has, for a look
    watch: Watcher | None = None  # without one all is well
    spool: Spool = field(default_factory=NoSpool)  # without one a promise waits for SQL
    handsets: Handsets | None = None  # without any nobody answers from a page
    news: NewsStream | None = None  # without one nobody follows
    owing: Owing = field(default_factory=NothingOwed)  # whom we owe a call
    ledger: Ledger | None = None  # of callbacks; without one none can be asked for
    bookings: BookingReader | None = None  # without one no caller hears of their own


@dataclass(frozen=True, slots=True)
class Setting:
    """What a controller is told of its site besides the rules."""

    secret: bytes  # of the callers' keys
    own_number: str  # shown to whomever we dial
    seat_names: dict[str, str] = field(default_factory=dict)
    journal_days: float = KEEP_DAYS  # how long entries are kept
    carrier: CarrierFacts = field(default_factory=CarrierFacts)
    terms: Terms = field(default_factory=Terms)  # what was agreed of callbacks
    calendar: CalendarSource | None = None  # where it may be written anew
    patience: lost_sound.Patience = field(default_factory=lost_sound.Patience)
