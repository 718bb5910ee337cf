"""The agents: they sign in, take offers or miss them, wrap up, eat, and rest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import AgentId, AgentState, CallId, Device, Instant, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.simulation.dice import Dice
from telephony.simulation.model import Conduct, Lunch
from telephony.simulation.world import World

WRAP_UP: Final = "wrap_up"  # the reason of a pause that goes on with the wrap-up of a call
LUNCH: Final = "lunch"
BREAK: Final = "break"
BACK_AFTER_MISSES: Final = 120.0
WORTH_A_KEY: Final = 10.0  # seconds; nobody ends wrap-up by hand to save less
HEARS: Final[tuple[type[fx.Effect], ...]] = (
    acd_fx.Ring, acd_fx.DropLeg, acd_fx.Connect, acd_fx.AgentMoved,
)  # fmt: skip


@dataclass(slots=True)
class Desk:
    """What the person at a seat is about to do."""

    going: tuple[str, float] | None = None  # why and for how long, as soon as they can
    away: bool = False


class Staff:
    """Everybody who works today."""

    def __init__(
        self, world: World, conduct: Conduct, wrap_up_of: Callable[[CallId], float], dice: Dice
    ) -> None:
        self._world = world
        self._conduct = conduct
        self._wrap_up_of = wrap_up_of
        self._dice = dice
        queues = world.centre.rules.acd.queues.values()
        self._granted = min(queue.wrap_up_for for queue in queues)
        self._desks: dict[AgentId, Desk] = {}
        self._legs: set[Offer] = set()
        self._needs: dict[AgentId, float] = {}

    def begin(self, midnight: float, lunch: Lunch) -> None:
        """Everybody signs in now, and will go to lunch with their sitting."""
        for n, agent in enumerate(self._world.centre.rules.acd.agents):
            self._desks[agent] = Desk()
            self._world.tell(cmd.DeviceChanged(agent, Device.FREE))
            self._world.tell(cmd.Ready(agent))
            if lunch.sittings:
                at = midnight + lunch.sittings[n % len(lunch.sittings)]
                self._world.at(at, partial(self._wish, agent, LUNCH, lunch.lasts))
            self._plan_break(agent)

    def end(self) -> None:
        """Everybody goes home; whoever was at lunch is home already."""
        for agent in self._desks:
            self._world.tell(cmd.SignOut(agent))
        self._desks.clear()

    def hear(self, effect: fx.Effect, now: Instant) -> None:
        """Act on what the centre does with an agent."""
        match effect:
            case acd_fx.Ring(offer):
                self._ring(offer, now)
            case acd_fx.DropLeg(offer):
                self._drop(offer, now)
            case acd_fx.Connect(offer):
                self._connected(offer)
            case acd_fx.AgentMoved(agent, AgentState.WRAP_UP):
                self._legs = {leg for leg in self._legs if leg.agent != agent}
                if not 0 <= self._granted - self._needs[agent] < WORTH_A_KEY:
                    self._world.at(now + self._needs[agent], partial(self._done, agent))
            case acd_fx.AgentMoved(agent, AgentState.READY):
                self._world.at(now, partial(self._go_if_free, agent))
            case acd_fx.AgentMoved(agent, AgentState.PAUSED, str(why)) if why.startswith("missed"):
                self._world.at(now + BACK_AFTER_MISSES, partial(self._return_to_work, agent))
            case _:
                pass  # nothing that asks an agent to do anything

    def will_need(self, agent: AgentId, wrap_up: float) -> None:
        """What there will be to write after a talk that the agent began."""
        self._needs[agent] = wrap_up

    # -- offers --------------------------------------------------------------------------

    def _ring(self, offer: Offer, now: float) -> None:
        self._legs.add(offer)
        self._world.at(now, partial(self._world.tell, cmd.AgentRinging(offer)))
        if not self._dice.chance(self._conduct.misses):
            at = now + self._conduct.rings + self._dice.exponential(self._conduct.pick_up)
            self._world.at(at, partial(self._pick_up, offer))

    def _pick_up(self, offer: Offer) -> None:
        if offer in self._legs:
            self._world.tell(cmd.AgentAnswered(offer))

    def _drop(self, offer: Offer, now: float) -> None:
        if offer in self._legs:
            self._legs.discard(offer)
            ended = cmd.AgentLegEnded(offer, cmd.LegEnd.HUNG_UP)
            self._world.at(now, partial(self._world.tell, ended))

    def _connected(self, offer: Offer) -> None:
        """They know by now how much there is to do afterwards.

        Whoever needs longer than the site grants pauses for the rest; whoever needs a little less
        lets it pass.
        """
        needs = self._wrap_up_of(offer.call)
        self._needs[offer.agent] = needs
        if needs > self._granted:
            pause = cmd.Pause(offer.agent, WRAP_UP)
            self._world.at(self._world.now, partial(self._world.tell, pause))

    # -- afterwards, and away ------------------------------------------------------------

    def _done(self, agent: AgentId) -> None:
        desk = self._desks.get(agent)
        if desk is None:
            return
        if desk.going is not None:
            self._go(agent, desk)
        elif not desk.away:
            self._world.tell(cmd.Ready(agent))

    def _wish(self, agent: AgentId, why: str, lasts: float) -> None:
        """Leave the desk now, or as soon as the present call is done with."""
        desk = self._desks.get(agent)
        if desk is None or desk.away or (why == BREAK and self._alone(agent)):
            return
        desk.going = (why, lasts)
        self._go_if_free(agent)

    def _go_if_free(self, agent: AgentId) -> None:
        desk = self._desks.get(agent)
        if desk is not None and desk.going is not None and self._state(agent) is AgentState.READY:
            self._go(agent, desk)

    def _go(self, agent: AgentId, desk: Desk) -> None:
        assert desk.going is not None
        why, lasts = desk.going
        desk.going, desk.away = None, True
        self._world.tell(cmd.Pause(agent, why))
        self._world.at(self._world.now + lasts, partial(self._come_back, agent))

    def _come_back(self, agent: AgentId) -> None:
        desk = self._desks.get(agent)
        if desk is not None:
            desk.away = False
            self._world.tell(cmd.Ready(agent))

    def _return_to_work(self, agent: AgentId) -> None:
        desk = self._desks.get(agent)
        if desk is not None and not desk.away and self._state(agent) is AgentState.PAUSED:
            self._world.tell(cmd.Ready(agent))

    def _plan_break(self, agent: AgentId) -> None:
        if self._conduct.break_every > 0:
            at = self._world.now + self._dice.exponential(self._conduct.break_every)
            self._world.at(at, partial(self._break, agent))

    def _break(self, agent: AgentId) -> None:
        self._wish(agent, BREAK, self._conduct.break_lasts)
        self._plan_break(agent)

    def _alone(self, agent: AgentId) -> bool:
        return all(desk.away for other, desk in self._desks.items() if other != agent)

    def _state(self, agent: AgentId) -> AgentState:
        return self._world.centre.acd.roster[agent].state
