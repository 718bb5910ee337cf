"""A telephone that is lost in the middle of a talk: the caller is kept, and handed back.

Theory of operation
-------------------
That a leg sends no sound any more is told from outside (`PhoneLost`). The caller goes to the
music, the dead leg is dropped, and the agent stays with them: whichever telephone of the seat is
there is rung at once, the other one first, and the page again as soon as it is back. Whoever
answers has the caller again, talking or on hold as before, in the same call.

A page whose cable was pulled, or whose PC sleeps, has told nobody: it stays registered, and looks
free once its leg is dropped. It is back only when its registration was gone meanwhile, or shortly
before, as that of a page that is loaded again; until then the desk phone goes before it.

After `WAITED_FOR` seconds nobody has. The caller hears that they are put through to somebody else
and waits with the rank they had, which is before everybody who came later; the agent has no
telephone and is paused after their wrap-up. One who is lost again and again is not rung for ever;
who loads their page anew from time to time, in a long talk, does not lose their caller by it.
"""

from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import (
    Afterwards,
    Agent,
    AgentId,
    AgentState,
    Device,
    Instant,
    Offer,
    Phone,
)
from telephony.acd.roster import PHONE_LOST
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Lost, Stage
from telephony.centre.waiting import Waiting

WAITED_FOR: Final = 20.0  # seconds
AGAIN_AFTER: Final = 2.0  # until a telephone that could not be rung is tried again
MOST: Final = 3  # times, if nobody had peace between them
PEACE: Final = 30.0  # seconds of talk or hold
RELOADED_WITHIN: Final = 10.0  # seconds before: what left then is not what is registered now
PHONE_IS_LOST: Final = (
    "電話機がつながっていません。画面を開き直すか、電話機を取ってください "
    "(your telephone is lost: load the page again, or lift the desk phone)"
)
SORRY: Final = ("please_wait",)


class LostPhones:
    """Callers whose agent has lost their telephone."""

    def __init__(self, floor: Floor, waiting: Waiting) -> None:
        self._floor = floor
        self._waiting = waiting

    def lost(self, call: Call, now: Instant) -> None:
        """The leg of whoever talks to them is dead."""
        offer = call.connected
        agent = self._floor.acd.roster[offer.agent]
        call.losses = losses(call.losses, now - call.stage_since)
        call.lost = Lost(now, call.stage is Stage.HOLD, page=agent.phone is Phone.BROWSER)
        self._floor.to_music(call, Stage.LOST, now)
        self._floor.note(call, "phone_lost", now, agent=agent.id)
        self._floor.out.append(acd_fx.DropLeg(offer))
        self._floor.acd.roster.without_phone(agent, now)
        if call.losses > MOST:
            self.expired(call, now)
            return
        self._floor.set(call, "lost", now + WAITED_FOR)
        self._ring(call, agent, now)

    def _ring(self, call: Call, agent: Agent, now: Instant) -> None:
        """Whatever is there; a page that has just come back takes it from the desk phone."""
        assert call.lost is not None
        phone = there(agent, call.lost, call.page_left)
        if phone is None or self._floor.acd.withheld:
            return
        call.attempts += 1
        offer = Offer(call.id, call.attempts, agent.id)
        call.offer = agent.offer = offer
        agent.phone, call.lost.rings = phone, True
        left = call.lost.since + WAITED_FOR - now
        self._floor.out.append(fx.RingAgain(offer, left, phone))

    def answered(self, call: Call, now: Instant) -> None:
        """A telephone of the seat is up: as it was before."""
        assert call.lost is not None
        held, call.lost, call.page_left = call.lost.held, None, None
        self._forget(call)
        agent = self._floor.acd.roster[call.connected.agent]
        self._floor.enter(call, Stage.HOLD if held else Stage.TALKING, now)
        self._floor.acd.roster.has_phone_again(agent, held, now)
        self._floor.note(call, "phone_back", now, agent=agent.id)
        if not held:
            self._floor.out.append(acd_fx.Connect(call.connected))

    def leg_ended(self, call: Call, end: LegEnd, now: Instant) -> None:
        """It was not answered, or could not be rung; the dead leg's own end tells nothing new."""
        assert call.lost is not None
        if not call.lost.rings:
            return
        call.lost.rings = False
        if end is LegEnd.FAILED:  # it may ring all the same: its reply was lost
            self._floor.out.append(acd_fx.DropLeg(call.connected))
        self._floor.set(call, "again", now + AGAIN_AFTER)

    def again(self, call: Call, now: Instant) -> None:
        """Perhaps it can be rung by now."""
        if call.lost is not None and not call.lost.rings:
            self._ring(call, self._floor.acd.roster[call.connected.agent], now)

    def phone_changed(self, agent_id: AgentId, phone: Phone, now: Instant) -> None:
        """A telephone of a seat came or went."""
        agent = self._floor.acd.roster.find(agent_id)
        call = self._floor.calls.get(agent.offer.call) if agent and agent.offer else None
        if agent is None or call is None or call.offer != agent.offer:
            return
        if phone is Phone.BROWSER and agent.browser is Device.GONE:
            call.page_left = now
        if call.lost is None:
            return
        if not call.lost.rings:
            self._ring(call, agent, now)
        elif is_taken_by_page(agent, phone, call.lost, call.page_left):
            self._floor.out.append(acd_fx.DropLeg(call.connected))
            self._ring(call, agent, now)

    def expired(self, call: Call, now: Instant) -> None:
        """Nobody has come back: to somebody else, before all who came later."""
        self._forget(call)
        call.lost, call.resumed = None, True
        offer = call.connected
        agent = self._floor.acd.roster[offer.agent]
        if agent.afterwards is None:
            agent.afterwards = Afterwards(AgentState.PAUSED, PHONE_LOST)
        self._floor.acd.hung_up(offer, now)
        self._waiting.take_back(call, LegEnd.LOST, now)
        self._floor.play(call, SORRY)

    def _forget(self, call: Call) -> None:
        for kind in ("lost", "again"):
            self._floor.deadlines.cancel((kind, call.id))


def there(agent: Agent, lost: Lost, page_left: Instant | None) -> Phone | None:
    """A telephone of the seat that can be rung: the page, unless it is the one that is dead."""
    states = {Phone.DESK: agent.desk, Phone.BROWSER: agent.browser}
    dead = _is_dead(lost, page_left)
    order = (Phone.DESK, Phone.BROWSER) if dead else (Phone.BROWSER, Phone.DESK)
    return next((phone for phone in order if states[phone] is Device.FREE), None)


def is_taken_by_page(agent: Agent, changed: Phone, lost: Lost, page_left: Instant | None) -> bool:
    """The desk phone rings, and a page has just come back that goes before it."""
    if agent.phone is not Phone.DESK or changed is not Phone.BROWSER:
        return False
    return there(agent, lost, page_left) is Phone.BROWSER


def losses(before: int, peace: float) -> int:
    """How often one after the other, with this one; `peace` is how long they talked before it."""
    return 1 if peace >= PEACE else before + 1


def _is_dead(lost: Lost, page_left: Instant | None) -> bool:
    """Whether the page that is registered is the one that was lost."""
    if not lost.page:
        return False
    return page_left is None or page_left < lost.since - RELOADED_WITHIN
