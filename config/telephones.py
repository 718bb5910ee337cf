"""What the telephone in a browser is called, and where its signalling goes."""

from typing import Final

from config.ports import Ports

BROWSER: Final = ".web"  # after a seat's name, which has no dot
CITIZEN: Final = "citizen.demo"  # whoever calls in from a page of the demo; no seat has a dot


def browser_of(seat: str) -> str:
    """The user name of the page at a seat; its desk phone has the seat's own."""
    return f"{seat}{BROWSER}"


def sip_socket(ports: Ports) -> str:
    """Where Asterisk takes SIP over a WebSocket: on the loopback, as all of its HTTP."""
    return f"ws://127.0.0.1:{ports.asterisk_http}/ws"
