"""What a leader knows of the carrier: does it answer, what it lets through, a forgotten line."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from config.site_model import BUSY_TONE_UNSEEN, Site
from telephony.acd.model import Instant
from telephony.ari.models import Endpoint
from telephony.centre import effects as fx
from telephony.centre.effects import LineState
from telephony.centre.lines import Line

log = structlog.get_logger(__name__)

TRUNK: Final = "trunk"
TRUNK_DEVICE: Final = "PJSIP/trunk"
GONE: Final = frozenset({"UNAVAILABLE", "INVALID"})
MARGIN: Final = 60.0  # Asterisk's own limit comes first; past it something is wrong


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """What the site says of its trunk."""

    sessions: int | None = None
    busy_tone_visible: bool = False
    longest_call: float = 14_400.0
    media_timeout: float = 120.0


def facts_of(site: Site) -> CarrierFacts:
    """From the site directory."""
    trunk = site.trunk
    return CarrierFacts(
        trunk.sessions, site.busy_tone_visible, trunk.longest_call, trunk.media_timeout
    )


class CarrierWatch:
    """Kept up by what Asterisk tells of the trunk's device."""

    def __init__(self, facts: CarrierFacts, changed: Callable[[], None] = lambda: None) -> None:
        self._facts = facts
        self._changed = changed  # told when it is gone, or back
        self.reachable: bool | None = None  # None: nobody has asked yet
        self.line_stuck_at: Instant | None = None  # when one was last found
        self.unknown_dialled_at: Instant | None = None

    def note_news(self, effects: Iterable[fx.Effect]) -> None:
        """A call for a number that is not ours is served, but somebody has set something wrong."""
        for effect in effects:
            if isinstance(effect, fx.CallNoted) and effect.event == "unknown_number":
                self.unknown_dialled_at = effect.at

    def note(self, device_state: str) -> None:
        """Asterisk says so, whenever it changes."""
        self._set(device_state not in GONE)

    def note_survey(self, endpoints: Iterable[Endpoint]) -> None:
        """As found when everything was listed."""
        for endpoint in endpoints:
            if (endpoint.technology, endpoint.resource) == ("PJSIP", TRUNK):
                self._set(endpoint.state != "offline")

    def _set(self, reachable: bool) -> None:
        first = reachable and self.reachable is None
        differs, self.reachable = reachable is not self.reachable, reachable
        if differs and not first:
            log.error("carrier_answers" if reachable else "carrier_does_not_answer")
            self._changed()

    @property
    def gone(self) -> bool:
        """No call can come or go; who has not been asked about counts as there."""
        return self.reachable is False

    def told(self) -> dict[str, Any]:
        """For `status`: every overflow figure is only worth what this says."""
        told: dict[str, Any] = {
            "reachable": self.reachable,
            "sessions": self._facts.sessions,
            "busy_tone_visible": self._facts.busy_tone_visible,
        }
        return told if self._facts.busy_tone_visible else {**told, "note": BUSY_TONE_UNSEEN}

    def forgotten(self, lines: Iterable[Line], now: Instant) -> list[Line]:
        """Lines that have been in one state for longer than any call may last."""
        oldest = now - self._facts.longest_call - MARGIN
        free = {LineState.IDLE, LineState.CLOSED}
        found = [line for line in lines if line.state not in free and line.since < oldest]
        if found:
            self.line_stuck_at = now
        return found
