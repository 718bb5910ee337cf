"""Telephones for tests: a small SIP user agent with audio, over loopback UDP.

`Trunk` is the carrier, `DeskPhone` an agent's telephone. Every wait ends with a message that
carries the last SIP messages. Nothing is kept between peers; closing one frees all it had.
"""

from tests.sip.call import Call
from tests.sip.ear import Gap
from tests.sip.ending import Ending, Side
from tests.sip.hearing import Talk, hears, not_hears, talk
from tests.sip.incoming import IncomingCall
from tests.sip.moment import Missed, Moment
from tests.sip.outgoing import OutgoingCall
from tests.sip.peer import AnswerAfter, Peer, Policy
from tests.sip.phone import CALLER_TONE, DeskPhone, Trunk, seat_tone
from tests.sip.rtp import KeyPress, Pacer
from tests.sip.stack import Shared
from tests.sip.transactions import Timers

__all__ = [
    "CALLER_TONE",
    "AnswerAfter",
    "Call",
    "DeskPhone",
    "Ending",
    "Gap",
    "IncomingCall",
    "KeyPress",
    "Missed",
    "Moment",
    "OutgoingCall",
    "Pacer",
    "Peer",
    "Policy",
    "Shared",
    "Side",
    "Talk",
    "Timers",
    "Trunk",
    "hears",
    "not_hears",
    "seat_tone",
    "talk",
]
