"""Who is signed in after everything has been off.

A controller that comes and goes changes nobody's state, nor does Asterisk alone. But a place that
was dark for longer than a break is a new day: who was ready last night may not be there, and a
citizen would be rung through to an empty chair.
"""

from typing import Final

from telephony.acd.model import AgentState, Instant
from telephony.centre import commands as cmd
from telephony.centre.core import Centre

DARK_FOR: Final = 1800.0  # seconds; a power cut is shorter, a lunch break may be


class ColdStart:
    """Asked at every look at Asterisk; the first one decides."""

    def __init__(self, last_at: float) -> None:
        self._last_at = last_at
        self._decided = False

    def ends(self, centre: Centre, up_since: Instant, now: Instant) -> list[cmd.SignOut]:
        """The sign-outs that follow: none if Asterisk has lived through it, or it was short."""
        if self._decided:
            return []
        self._decided = True
        if up_since <= self._last_at or now - self._last_at < DARK_FOR:
            return []
        agents = centre.acd.roster.all()
        return [cmd.SignOut(each.id) for each in agents if each.state is not AgentState.SIGNED_OUT]
