"""Who calls: from the SIP headers of an INVITE to one canonical number and a kind. Pure.

Nothing here is trusted and nothing here raises: every text comes from the network.
"""

from telephony.caller_id.address import MAX_TEXT, clean
from telephony.caller_id.caller import Caller, CallerKind, caller_key, identify, number_key
from telephony.caller_id.numbers import E164, e164, grouped, masked

__all__ = [
    "E164",
    "MAX_TEXT",
    "Caller",
    "CallerKind",
    "caller_key",
    "clean",
    "e164",
    "grouped",
    "identify",
    "masked",
    "number_key",
]
