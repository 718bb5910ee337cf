"""The telephones of a seat, rung in place of the one that was lost in a talk.

A page whose cable was pulled, or whose PC sleeps, has told nobody: it stays registered, and looks
free once its leg is dropped. It is back only when its registration was gone meanwhile, or shortly
before, as that of a page that is loaded again; until then the desk phone goes before it.

One who is lost again and again is not rung for ever; who loads their page anew from time to time,
in a long talk, does not lose whom they talk to by it.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from telephony.acd import effects as acd_fx
from telephony.acd.model import Afterwards, Agent, AgentState, Device, Instant, Offer, Phone
from telephony.acd.roster import PHONE_LOST
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Lost, OwnCall

WAITED_FOR: Final = 20.0  # seconds
AGAIN_AFTER: Final = 2.0  # until a telephone that could not be rung is tried again
MOST: Final = 3  # times, if nobody had peace between them
PEACE: Final = 30.0  # seconds of talk or hold
RELOADED_WITHIN: Final = 10.0  # seconds before: what left then is not what is registered now
PHONE_IS_LOST: Final = (
    "電話機がつながっていません。画面を開き直すか、電話機を取ってください "
    "(your telephone is lost: load the page again, or lift the desk phone)"
)

C = TypeVar("C", Call, OwnCall)


class SeatPhones(Generic[C]):
    """Rings them for calls of one kind. The call's `offer` is the leg that was made last."""

    def __init__(
        self,
        floor: Floor,
        ring: Callable[[C, Offer, float, Phone], fx.Effect],
        until: str,
        again: str,
    ) -> None:
        self._floor = floor
        self._effect: Callable[[C, Offer, float, Phone], fx.Effect] = ring
        self._until, self._again = until, again  # kinds of deadlines

    def begin(self, call: C, now: Instant, *, dead_page: bool, held: bool = False) -> None:
        """One is lost, perhaps a page: from here on it is looked for another."""
        call.losses = 1 if now - call.stage_since >= PEACE else call.losses + 1
        call.lost = Lost(now, held, page=dead_page)

    def ring_instead(self, call: C, agent: Agent, now: Instant) -> bool:
        """Whatever is there, the dead leg being let go; False where it was lost too often."""
        self._drop(call)
        self._floor.acd.roster.without_phone(agent, now)
        if call.losses > MOST:
            return False
        self._floor.deadlines.set((self._until, call.id), Instant(now + WAITED_FOR))
        self._ring(call, agent, now)
        return True

    def is_back(self, call: C) -> None:
        """One was answered."""
        self._forget(call)
        call.page_left = None

    def give_up(self, call: C, agent: Agent) -> None:
        """Nobody has come back: this agent gets nobody else before their telephone is seen to."""
        self._forget(call)
        if agent.afterwards is None:
            agent.afterwards = Afterwards(AgentState.PAUSED, PHONE_LOST)

    def leg_ended(self, call: C, end: LegEnd, now: Instant) -> None:
        """It was not answered, or could not be rung; the dead leg's own end tells nothing new."""
        if call.lost is None or not call.lost.rings:
            return
        call.lost.rings = False
        if end is LegEnd.FAILED:  # it may ring all the same: its reply was lost
            self._drop(call)
        self._floor.deadlines.set((self._again, call.id), Instant(now + AGAIN_AFTER))

    def again(self, call: C, agent: Agent, now: Instant) -> None:
        """Perhaps one can be rung by now."""
        if call.lost is not None and not call.lost.rings:
            self._ring(call, agent, now)

    def changed(self, call: C, agent: Agent, phone: Phone, now: Instant) -> None:
        """One came or went; a page that has just come back takes it from the desk phone."""
        if phone is Phone.BROWSER and agent.browser is Device.GONE:
            call.page_left = now
        if call.lost is None:
            return
        if not call.lost.rings:
            self._ring(call, agent, now)
        elif agent.phone is Phone.DESK and _there(agent, call) is Phone.BROWSER is phone:
            self._drop(call)
            self._ring(call, agent, now)

    def _ring(self, call: C, agent: Agent, now: Instant) -> None:
        assert call.lost is not None
        if self._floor.acd.withheld:
            self._floor.deadlines.set((self._again, call.id), Instant(now + AGAIN_AFTER))
            return
        phone = _there(agent, call)
        if phone is None:
            return
        call.attempts += 1
        offer = Offer(call.id, call.attempts, agent.id)
        call.offer = agent.offer = offer
        agent.phone, call.lost.rings = phone, True
        left = call.lost.since + WAITED_FOR - now
        self._floor.out.append(self._effect(call, offer, left, phone))

    def _drop(self, call: C) -> None:
        assert call.offer is not None
        self._floor.out.append(acd_fx.DropLeg(call.offer))

    def _forget(self, call: C) -> None:
        call.lost = None
        for kind in (self._until, self._again):
            self._floor.deadlines.cancel((kind, call.id))


def _there(agent: Agent, call: Call | OwnCall) -> Phone | None:
    """A telephone of the seat that can be rung: the page, unless it is the one that is dead."""
    states = {Phone.DESK: agent.desk, Phone.BROWSER: agent.browser}
    order = (Phone.DESK, Phone.BROWSER) if _is_dead(call) else (Phone.BROWSER, Phone.DESK)
    return next((phone for phone in order if states[phone] is Device.FREE), None)


def _is_dead(call: Call | OwnCall) -> bool:
    """Whether the page that is registered is the one that was lost."""
    lost, left = call.lost, call.page_left
    if lost is None or not lost.page:
        return False
    return left is None or left < lost.since - RELOADED_WITHIN
