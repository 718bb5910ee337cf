"""A telephone that is lost in the middle of a talk: the caller is kept, and handed back.

Theory of operation
-------------------
That a leg sends no sound any more is told from outside (`PhoneLost`). The caller goes to the
music, the dead leg is dropped, and the agent stays with them: whichever telephone of the seat is
there is rung at once (`seat_phones`). Whoever answers has the caller again, talking or on hold as
before, in the same call.

After `WAITED_FOR` seconds nobody has. The caller hears that they are put through to somebody else
and waits with the rank they had, which is before everybody who came later; the agent has no
telephone and is paused after their wrap-up.
"""

from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import Agent, AgentId, Instant, Offer, Phone
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Stage
from telephony.centre.seat_phones import SeatPhones
from telephony.centre.waiting import Waiting

SORRY: Final = ("please_wait",)


class LostPhones:
    """Callers whose agent has lost their telephone."""

    def __init__(self, floor: Floor, waiting: Waiting) -> None:
        self._floor = floor
        self._waiting = waiting
        self._phones = SeatPhones[Call](floor, _ring_again, "lost", "again")

    def lost(self, call: Call, now: Instant) -> None:
        """The leg of whoever talks to them is dead."""
        agent = self._floor.acd.roster[call.connected.agent]
        page = agent.phone is Phone.BROWSER
        self._look_for_one(call, agent, "phone_lost", now, dead_page=page)

    def put_down(self, call: Call, now: Instant) -> None:
        """The handset, while they are on hold: the telephone itself is well."""
        agent = self._floor.acd.roster[call.connected.agent]
        self._look_for_one(call, agent, "put_down", now, dead_page=False)

    def _look_for_one(
        self, call: Call, agent: Agent, what: str, now: Instant, *, dead_page: bool
    ) -> None:
        held = call.stage is Stage.HOLD
        self._phones.begin(call, now, held=held, dead_page=dead_page)
        self._floor.to_music(call, Stage.LOST, now)
        self._floor.note(call, what, now, agent=agent.id)
        if not self._phones.ring_instead(call, agent, now):
            self.expired(call, now)

    def answered(self, call: Call, now: Instant) -> None:
        """A telephone of the seat is up: as it was before."""
        assert call.lost is not None
        held = call.lost.held
        self._phones.is_back(call)
        agent = self._floor.acd.roster[call.connected.agent]
        self._floor.enter(call, Stage.HOLD if held else Stage.TALKING, now)
        self._floor.acd.roster.has_phone_again(agent, held, now)
        self._floor.note(call, "phone_back", now, agent=agent.id)
        if not held:
            self._floor.out.append(acd_fx.Connect(call.connected))

    def leg_ended(self, call: Call, end: LegEnd, now: Instant) -> None:
        """Of the telephone that was rung."""
        self._phones.leg_ended(call, end, now)

    def again(self, call: Call, now: Instant) -> None:
        """Perhaps it can be rung by now."""
        self._phones.again(call, self._floor.acd.roster[call.connected.agent], now)

    def phone_changed(self, agent_id: AgentId, phone: Phone, now: Instant) -> None:
        """A telephone of a seat came or went."""
        agent = self._floor.acd.roster.find(agent_id)
        call = self._floor.calls.get(agent.offer.call) if agent and agent.offer else None
        if agent is not None and call is not None and call.offer == agent.offer:
            self._phones.changed(call, agent, phone, now)

    def expired(self, call: Call, now: Instant) -> None:
        """Nobody has come back: to somebody else, before all who came later."""
        offer = call.connected
        self._phones.give_up(call, self._floor.acd.roster[offer.agent])
        call.resumed = True
        self._floor.acd.hung_up(offer, now)
        self._waiting.take_back(call, LegEnd.LOST, now)
        self._floor.play(call, SORRY)


def _ring_again(_: Call, offer: Offer, left: float, phone: Phone) -> fx.RingAgain:
    return fx.RingAgain(offer, left, phone)
