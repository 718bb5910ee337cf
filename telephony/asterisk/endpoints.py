"""What a seat's telephones are called at Asterisk: the desk phone as the seat, the browser so."""

from typing import Final

from config.telephones import BROWSER, browser_of
from telephony.acd.model import AgentId, Phone

TECHNOLOGY: Final = "PJSIP/"


def endpoint_of(seat: str, phone: Phone) -> str:
    """The endpoint, its address and its user name."""
    return browser_of(seat) if phone is Phone.BROWSER else seat


def telephone(endpoint: str) -> tuple[AgentId, Phone]:
    """The seat that an endpoint stands at, and which of its telephones it is."""
    seat = endpoint.removesuffix(BROWSER)
    return AgentId(seat), Phone.DESK if seat == endpoint else Phone.BROWSER


def endpoints_of(seat: str) -> tuple[str, ...]:
    """Every telephone that may be at a seat."""
    return tuple(endpoint_of(seat, phone) for phone in Phone)
