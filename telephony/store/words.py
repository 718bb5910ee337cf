"""The closed vocabularies of a call record."""

from enum import StrEnum

from telephony.centre.effects import Outcome, OverflowReason
from telephony.centre.effects import Party as HungUpBy

__all__ = ["HungUpBy", "Outcome", "OverflowReason", "Retention"]


class Retention(StrEnum):
    """How long personal data of a class is kept; the city sets the periods."""

    CONTACT_RECORD = "contact_record"  # what happened in a citizen's call
    CALLER_NUMBER = "caller_number"  # may have to go before the record it belongs to
    WORK_RECORD = "work_record"  # what a member of staff did
    ACCOUNT = "account"  # who may sign in, and with what
    AUDIT = "audit"  # who saw and did what
    OPERATIONAL = "operational"  # no personal data
