"""The citizens on the telephone: they hear, press keys, wait, give up, talk, and phone again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import CallId, Instant, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import Outcome
from telephony.simulation.dice import Dice
from telephony.simulation.model import Conduct, Retries
from telephony.simulation.population import NEVER, Attempt, Caller
from telephony.simulation.world import World

PERSON: Final = "0"
OUTSIDE_ANSWERS_AFTER: Final = 8.0
OUTSIDE_TALK: Final = 120.0
HOLD_AFTER: Final = 0.3  # of the talk

HEARS: Final[tuple[type[fx.Effect], ...]] = (
    fx.Play, fx.StopPlay, fx.Park, acd_fx.Connect, fx.HangUp, fx.CallClosed, fx.CheckKeys,
    fx.DialOut, fx.ConnectExternal, fx.DropExternal,
)  # fmt: skip
Lengths = Callable[[Sequence[str]], float]


@dataclass(slots=True)
class Presence:
    """A citizen in a call."""

    caller: Caller
    tries: int
    playback: int = 0
    waiting: bool = False
    talking: bool = False

    @property
    def attempt(self) -> Attempt:
        """What was drawn for this call."""
        return self.caller.attempts[self.tries]


class Citizens:
    """Everybody who phones today."""

    def __init__(
        self, world: World, conduct: Conduct, retries: Retries, lengths: Lengths, dice: Dice
    ) -> None:
        self._world = world
        self._conduct = conduct
        self._retries = retries
        self._lengths = lengths
        self._dice = dice
        self._here: dict[CallId, Presence] = {}
        self._content: set[str] = set()  # called back, so they do not phone again
        self._midnight = 0.0
        self._closes = NEVER
        self._day = 0
        (self._dialled, *_) = world.centre.rules.numbers_dialled

    def begin(self, day: int, midnight: float, closes: float, callers: Sequence[Caller]) -> None:
        """Let everybody phone once, at their time."""
        self._day, self._midnight, self._closes = day, midnight, midnight + closes
        self._content.clear()
        for caller in callers:
            self._world.at(midnight + caller.arrives, partial(self._phone, caller, 0))

    def is_content(self, key: str) -> None:
        """They were called back: there is nothing more to phone for today."""
        self._content.add(key)

    def of(self, call: CallId) -> tuple[str, Caller]:
        """The key and the citizen of a call that is not over for them."""
        caller = self._here[call].caller
        return self._key(caller), caller

    def _key(self, caller: Caller) -> str:
        return f"c{self._day}.{caller.number}"

    def wrap_up_of(self, call: CallId) -> float:
        """How long the agent will be busy with this caller afterwards."""
        return self._here[call].caller.wrap_up

    def hear(self, effect: fx.Effect, now: Instant) -> None:  # noqa: C901 -- one arm each
        """Act on what the centre does with a caller."""
        match effect:
            case fx.Play(call, playback, prompts):
                self._listen(call, playback, prompts, now)
            case fx.StopPlay(call, playback):
                self._world.at(now, partial(self._played, call, playback))
            case fx.Park(call):
                self._wait(call, now)
            case acd_fx.Connect(offer):
                self._talk(offer, now)
            case fx.HangUp(call):
                self._world.at(now, partial(self._hang_up, call))
            case fx.CallClosed(call, outcome):
                self._gone(call, outcome, now)
            case fx.CheckKeys(call):
                self._world.at(now, partial(self._world.tell, cmd.KeysChecked(call, True)))
            case fx.DialOut() | fx.ConnectExternal() | fx.DropExternal():
                self._outside(effect, now)
            case _:
                pass  # nothing a citizen would notice

    # -- phoning -------------------------------------------------------------------------

    def _phone(self, caller: Caller, tries: int) -> None:
        if self._key(caller) in self._content:
            return
        call = CallId(f"d{self._day}.{caller.number}.{tries}")
        self._here[call] = Presence(caller, tries)
        self._world.tell(cmd.CallArrived(call, self._dialled, self._key(caller)))

    def _gone(self, call: CallId, outcome: Outcome, now: float) -> None:
        """The call is over for the centre; whoever got nobody may try again."""
        here = self._here.pop(call)
        match outcome:
            case Outcome.OVERFLOWED | Outcome.REFUSED | Outcome.LOST:
                again = here.attempt.if_refused < self._retries.refused
            case Outcome.ABANDONED:
                again = here.attempt.if_abandoned < self._retries.abandoned
            case Outcome.ANSWERED | Outcome.INFORMED | Outcome.CLOSED:
                again = False
        at = now + here.attempt.again_after
        if again and here.tries < self._retries.most and at < self._closes:
            self._world.at(at, partial(self._phone, here.caller, here.tries + 1))

    def _hang_up(self, call: CallId) -> None:
        if call in self._here:
            self._world.tell(cmd.CallerHungUp(call))

    # -- hearing and pressing ------------------------------------------------------------

    def _listen(self, call: CallId, playback: int, prompts: Sequence[str], now: float) -> None:
        here = self._here[call]
        here.playback = playback
        lasts = self._lengths(prompts)
        self._world.at(now + lasts, partial(self._played, call, playback))
        if here.waiting:
            return  # their place in the queue is told
        if not self._conduct.menus:
            self._world.at(now, partial(self._press, call, playback, PERSON))
            return
        self._choose(call, here, prompts[-1], lasts)

    def _choose(self, call: CallId, here: Presence, heard: str, lasts: float) -> None:
        """What this caller does about what they hear; most texts ask for nothing."""
        habit, conduct = here.caller.habit, self._conduct
        at = self._world.now + lasts * habit.hears_out + habit.reaction
        keys = here.caller.reason.keys
        if heard == "info_menu":
            contented = habit.contented < conduct.satisfied
            act = self._leave if contented else partial(self._press, key=PERSON)
        elif heard not in keys or habit.manner < conduct.silent:
            return
        elif habit.manner < conduct.silent + conduct.leaves_menu:
            act = self._leave
        elif habit.manner < conduct.silent + conduct.leaves_menu + conduct.person_at_once:
            act = partial(self._press, key=PERSON)
        else:
            act = partial(self._press, key=keys[heard])
        self._world.at(at, partial(act, call, here.playback))

    def _press(self, call: CallId, playback: int, key: str) -> None:
        here = self._here.get(call)
        if here is not None and here.playback == playback and not here.waiting:
            self._world.tell(cmd.KeyPressed(call, key))

    def _leave(self, call: CallId, playback: int) -> None:
        here = self._here.get(call)
        if here is not None and here.playback == playback and not here.waiting:
            self._hang_up(call)

    def _played(self, call: CallId, playback: int) -> None:
        if call in self._here:
            self._world.tell(cmd.PlaybackEnded(call, playback))

    # -- waiting and talking -------------------------------------------------------------

    def _wait(self, call: CallId, now: float) -> None:
        here = self._here[call]
        if not here.waiting and here.attempt.patience < NEVER:
            self._world.at(now + here.attempt.patience, partial(self._give_up, call))
        here.waiting = True

    def _give_up(self, call: CallId) -> None:
        here = self._here.get(call)
        if here is not None and not here.talking and not self._is_rung_for(call):
            self._hang_up(call)

    def _is_rung_for(self, call: CallId) -> bool:
        """Nobody gives up while a telephone rings for them, where that is assumed."""
        entry = self._world.centre.acd.entries.get(call)
        return self._conduct.rings > 0 and entry is not None and entry.offer is not None

    def _talk(self, offer: Offer, now: float) -> None:
        here = self._here[offer.call]
        if here.talking:
            return  # only the hold is over
        here.talking = True
        ends = now + here.caller.talk
        by_agent = self._dice.chance(self._conduct.agent_hangs_up)
        end = partial(self._agent_ends, offer) if by_agent else partial(self._hang_up, offer.call)
        self._world.at(ends, end)
        held_from = now + HOLD_AFTER * here.caller.talk
        held_until = held_from + self._dice.exponential(self._conduct.hold_lasts)
        if self._dice.chance(self._conduct.hold_share) and held_until < ends:
            self._world.at(held_from, partial(self._world.tell, cmd.Hold(offer.agent)))
            self._world.at(held_until, partial(self._world.tell, cmd.Resume(offer.agent)))

    def _agent_ends(self, offer: Offer) -> None:
        if offer.call in self._here:
            self._world.tell(cmd.AgentLegEnded(offer, cmd.LegEnd.HUNG_UP))

    # -- put through ---------------------------------------------------------------------

    def _outside(
        self, effect: fx.DialOut | fx.ConnectExternal | fx.DropExternal, now: float
    ) -> None:
        match effect:
            case fx.DialOut(call, attempt):
                answered = cmd.ExternalAnswered(call, attempt)
                at = now + OUTSIDE_ANSWERS_AFTER
                self._world.at(at, partial(self._world.tell, answered))
            case fx.ConnectExternal(call):
                at = now + self._dice.exponential(OUTSIDE_TALK)
                self._world.at(at, partial(self._hang_up, call))
            case fx.DropExternal(call, attempt):
                ended = cmd.ExternalEnded(call, attempt)
                self._world.at(now, partial(self._world.tell, ended))
