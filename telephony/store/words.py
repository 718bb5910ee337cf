"""The closed vocabularies of a call record."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a call ended; every call ends in exactly one of these."""

    ANSWERED = "answered"
    INFORMED = "informed"  # heard an information end and left satisfied
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    CLOSED = "closed"
    REFUSED = "refused"
    LOST = "lost"


class OverflowReason(StrEnum):
    """Why an overflowed call could not wait, or not any longer."""

    ALL_LINES_BUSY = "all_lines_busy"
    MAX_WAIT = "max_wait"
    QUEUE_FULL = "queue_full"
    NO_AGENT = "no_agent"


class HungUpBy(StrEnum):
    """Who ended the call."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


class Retention(StrEnum):
    """How long personal data of a class is kept; the city sets the periods."""

    CONTACT_RECORD = "contact_record"  # what happened in a citizen's call
    CALLER_NUMBER = "caller_number"  # may have to go before the record it belongs to
    WORK_RECORD = "work_record"  # what a member of staff did
    OPERATIONAL = "operational"  # no personal data
