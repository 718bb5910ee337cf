"""Random runs of a centre: commands in any order, late, twice, contradictory, or sensible.

A `Move` is drawn without knowing the centre, and becomes a command when its turn comes: that way
random runs get deep (the third live offer is answered) as well as wild (an offer nobody made).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

from ivr_flows.hours import DAY, Span, WeeklyHours
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, CallId, Device, Instant, Offer, Strategy, Work
from telephony.acd.roster import IN_CALL, is_free
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import AttemptEnd, OverflowReason, external_leg
from telephony.centre.model import OTHER_LEG, Call, CentreRules, OwnCall, OwnStage
from telephony.centre.own import CALLABLE, own_legs
from telephony.centre.tolls import TollRules
from tests.builders import ANA, BO, BOOKING, CY, GENERAL, MONDAY, agent, flow, queue, rules

NO_AGENT = OverflowReason.NO_AGENT
DI, NOBODY = AgentId("di"), AgentId("nobody")
CALLS = tuple(CallId(f"c{number}") for number in range(1, 7))
SEVEN_TO_EIGHT = tuple(Span(day * DAY + 420, day * DAY + 480) for day in range(7))
PASSES = (0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 5.0, 16.0, 61.0, 400.0)
KEYS = "0123459*#" + cmd.MASKED


@dataclass(frozen=True, slots=True)
class Wild:
    """This command, whether it makes sense or not."""

    command: cmd.Command


@dataclass(frozen=True, slots=True)
class Apt:
    """What happens next to the `nth` caller, if there is one."""

    what: str
    nth: int


@dataclass(frozen=True, slots=True)
class Move:
    """Time passes, then something happens."""

    after: float
    event: Wild | Apt


@dataclass(frozen=True, slots=True)
class Step:
    """One command as it was handled, and what it led to; None when it was refused."""

    command: cmd.Command
    at: Instant
    effects: list[fx.Effect] | None


def hard_rules() -> CentreRules:
    """A site with every rule in it, and too few lines and agents."""
    paths = flow(
        "hours",
        hours={"kind": "hours", "table": "desk", "open": "menu", "closed": "sorry"},
        menu={
            "kind": "menu",
            "prompt": "main_menu",
            "choices": {"1": "general", "2": "skilled", "3": "urgent", "4": "out", "5": "number"},
            "otherwise": "general",
            "retries": 1,
        },
        skilled={"kind": "enqueue", "queue": "booking", "skill": "sign"},
        urgent={"kind": "enqueue", "queue": "booking", "head_start": 60.0},
        out={"kind": "transfer", "number": "hall", "otherwise": "general"},
        number={
            "kind": "collect",
            "prompt": "enter_number",
            "field": "callback",
            "min_digits": 2,
            "max_digits": 3,
            "accept": "digits",
            "then": "sorry",
            "otherwise": "general",
        },
        told={
            "kind": "transfer",
            "number": "hall",
            "otherwise": "sorry",
            "overflow": {"announce": ["please_wait"]},
        },
        sorry={"kind": "say", "prompt": "max_wait_sorry", "then": "bye", "informed": True},
        bye={"kind": "hang_up"},
    )
    return rules(
        agents=(
            agent(ANA, "sign"),
            agent(BO, queues=(GENERAL,)),
            agent(CY, "sign", queues=(BOOKING,)),
            agent(DI),
        ),
        queues=(
            queue(
                GENERAL,
                max_wait=120.0,
                max_length=3,
                announce_after=7.0,
                announce_every=20.0,
                max_estimate=400.0,
                no_agent_after=30.0,
                strategy=Strategy.FEWEST_CALLS,
                sticky_for=20.0,
            ),
            queue(BOOKING, wrap_up_for=3.0, strategy=Strategy.FIXED_ORDER, relax_after=16.0),
        ),
        of=paths,
        lines=(1, 2, 3, 4, 5),
        hours={"desk": WeeklyHours("desk", SEVEN_TO_EIGHT)},  # so a clock that is set decides
        exits={GENERAL: {**dict.fromkeys(OverflowReason, "sorry"), NO_AGENT: "told"}},
        numbers={"hall": "0942-00-0110"},
        tolls=TollRules(("0942",), 6),
        extensions={"town": "0942-00-0120", "far": "0570-00-0120"},
    )


def moves(least: int = 20, most: int = 70) -> st.SearchStrategy[list[Move]]:
    """Runs of this length."""
    mostly_apt = st.sampled_from([apt()] * 8 + [wild().map(Wild)])  # that gets deep
    event: st.SearchStrategy[Wild | Apt] = mostly_apt.flatmap(lambda kind: kind)
    return st.lists(st.builds(Move, st.sampled_from(PASSES), event), min_size=least, max_size=most)


def apt() -> st.SearchStrategy[Apt]:
    """Things that happen to somebody who is there."""
    return st.builds(Apt, st.sampled_from(OFTEN + sorted(HAPPENS)), st.integers(0, 5))


def wild() -> st.SearchStrategy[cmd.Command]:
    """Any command about anybody."""
    calls = st.sampled_from(CALLS)
    agents = st.sampled_from((ANA, BO, CY, DI, NOBODY))
    attempts = st.integers(1, 4)
    offers = st.builds(Offer, calls, attempts, agents)
    owns = st.builds(lambda nth: CallId(f"own-{int(MONDAY)}.{nth}"), attempts)
    reasons = st.sampled_from(("休憩", "離席"))
    return st.one_of(
        st.builds(cmd.CallArrived, calls, st.just("0942000100"), st.none()),
        st.builds(cmd.CallArrived, calls, st.just("?"), st.none(), st.none(), st.booleans()),
        st.builds(cmd.CallerHungUp, calls),
        st.builds(cmd.KeyPressed, calls, st.sampled_from(KEYS)),
        st.builds(cmd.PlaybackEnded, calls, attempts),
        st.builds(cmd.KeysChecked, calls, st.booleans()),
        st.builds(cmd.AgentRinging, offers),
        st.builds(cmd.AgentAnswered, offers),
        st.builds(cmd.AgentLegEnded, offers, st.sampled_from(cmd.LegEnd)),
        st.builds(cmd.DeviceChanged, agents, st.sampled_from(Device)),
        st.builds(cmd.ExternalAnswered, calls, attempts),
        st.builds(cmd.ExternalEnded, calls, attempts, st.sampled_from(cmd.LegEnd)),
        st.builds(cmd.CallBack, agents, st.sampled_from(("ob-0", "ob-1")), st.none(), st.just("k")),
        st.builds(cmd.CallAgain, agents),
        st.builds(cmd.AttemptResult, agents, owns, st.sampled_from(AttemptEnd)),
        st.builds(cmd.ClockStepped, st.sampled_from((0.0, -3600.0, 90000.0))),
        st.builds(cmd.FlowFailed, calls),
        st.builds(cmd.Ready, agents),
        st.builds(cmd.Ready, agents, st.none(), st.booleans(), st.sampled_from((None, *Work))),
        st.builds(cmd.SignIn, agents, st.sampled_from(("u1", "u2"))),
        st.builds(cmd.Pause, agents, reasons, imposed=st.booleans()),
        st.builds(cmd.SignOut, agents),
        st.builds(cmd.EndWrapUp, agents),
        st.builds(cmd.Hold, agents),
        st.builds(cmd.Resume, agents),
        st.builds(cmd.Transfer, agents, agents),
        st.builds(cmd.Answer, agents),
        st.builds(cmd.Transfer, agents, st.sampled_from((AgentId("town"), AgentId("far")))),
        st.builds(cmd.CallUp, agents, st.sampled_from((ANA, CY, "town", "far", "nobody"))),
        st.builds(cmd.EndCall, agents),
    )


def play(centre: Centre, run: list[Move], now: Instant = MONDAY) -> Iterator[Step]:
    """Let the run happen to the centre; deadlines on the way fire at their own instants."""
    for move in run:
        until = Instant(now + move.after)
        while (due := centre.next_deadline()) is not None and due <= until:
            yield tell(centre, cmd.Woken(), due)
        now = until
        command = chosen(centre, move.event, now)
        if command is not None:
            yield tell(centre, command, now)


def tell(centre: Centre, command: cmd.Command, at: Instant) -> Step:
    """One command; a refused request has no effects."""
    try:
        return Step(command, at, centre.handle(command, at))
    except Rejected:
        assert isinstance(command, cmd.Request), f"a fact was refused: {command}"
        return Step(command, at, None)


def open_up(centre: Centre, at: Instant = MONDAY) -> list[Step]:
    """Everybody's telephone works and everybody is ready."""
    who = list(centre.rules.acd.agents)
    free = [tell(centre, cmd.DeviceChanged(agent, Device.FREE), at) for agent in who]
    return free + [tell(centre, cmd.Ready(agent), at) for agent in who]


def close(centre: Centre, at: Instant) -> Iterator[Step]:
    """Everybody hangs up, and time passes until nothing is due any more."""
    for call in list(centre.visits.calls):
        yield tell(centre, cmd.CallerHungUp(call), at)
    for own in list(centre.own.calls.values()):
        yield tell(centre, cmd.AgentLegEnded(own.offer, cmd.LegEnd.HUNG_UP), at)
    while (due := centre.next_deadline()) is not None:
        yield tell(centre, cmd.Woken(), max(due, at))


def chosen(centre: Centre, event: Wild | Apt, now: Instant) -> cmd.Command | None:
    """The command that the event is for this centre."""
    if isinstance(event, Wild):
        return event.command
    if event.what == "arrives":
        gone = [call for call in CALLS if call not in centre.visits.calls]
        return cmd.CallArrived(gone[0], "0942000100", "k") if gone else None
    if event.what in OF_AGENT:
        everybody = centre.acd.roster.all()
        agents = [agent for agent in everybody if agent.state in IN_CALL] or everybody
        return OF_AGENT[event.what](agents[event.nth % len(agents)].id) if agents else None
    if event.what in OF_OWN:
        return of_own(centre, event.what, event.nth)
    if event.what == "transfers":
        return handed_on(centre)
    if event.what == "look":
        return looked(centre, event.nth, now)
    if event.what in OF_OFFER:
        offers = live_offers(centre)
        return OF_OFFER[event.what](offers[event.nth % len(offers)]) if offers else None
    calls = list(centre.visits.calls.values())
    return OF_CALL[event.what](calls[event.nth % len(calls)]) if calls else None


def live_offers(centre: Centre) -> list[Offer]:
    """Offers that ring, and those that were answered."""
    return [agent.offer for agent in centre.acd.roster.all() if agent.offer is not None]


def of_own(centre: Centre, what: str, nth: int) -> cmd.Command | None:
    """Somebody who is free calls a colleague, the town hall or a citizen; how that goes on."""
    if what in {"calls_back", "calls_up"}:
        return begun(centre, what, nth)
    own = list(centre.own.calls.values())
    return HAPPENS_TO_OWN[what](own[nth % len(own)], nth) if own else None


def begun(centre: Centre, what: str, nth: int) -> cmd.Command | None:
    """A call that an agent begins."""
    if what == "calls_back":
        able = [a.id for a in centre.acd.roster.all() if a.state in CALLABLE]
        owed, who = f"ob-{nth % 3}", ("k", "k1", "k2")[nth % 3]
        return cmd.CallBack(able[nth % len(able)], owed, None, who) if able else None
    able = [a.id for a in centre.acd.roster.all() if is_free(a)]
    target = ("town", ANA, BO, CY)[nth % 4]
    return cmd.CallUp(able[nth % len(able)], target) if able else None


def own_answers(call: OwnCall, nth: int) -> cmd.Command:
    """Whoever was rung last."""
    if call.line is not None and call.stage in {OwnStage.RINGING, OwnStage.TALKING}:
        return cmd.ExternalAnswered(call.id, OTHER_LEG)
    return cmd.AgentAnswered(call.other or call.offer)


def own_ends(call: OwnCall, nth: int) -> cmd.Command:
    """Either end."""
    if call.line is not None and nth % 2:
        return cmd.ExternalEnded(call.id, OTHER_LEG)
    return cmd.AgentLegEnded(call.other or call.offer, cmd.LegEnd.HUNG_UP)


def handed_on(centre: Centre) -> cmd.Command | None:
    """Whoever talks hands the caller to whoever is free."""
    agents = centre.acd.roster.all()
    talking = [agent.id for agent in agents if agent.state in IN_CALL]
    free = [agent.id for agent in agents if is_free(agent)]
    return cmd.Transfer(talking[0], free[0]) if talking and free else None


def looked(centre: Centre, nth: int, now: Instant) -> cmd.Reconciled:
    """What Asterisk has: all that should be there, or but for every sixth channel."""
    should: list[tuple[str, bool]] = [(call.id, True) for call in centre.visits.calls.values()]
    should += [
        (entry.offer.leg, nth % 2 == 0)
        for entry in centre.acd.entries.values()
        if entry.offer is not None
    ]
    for call in centre.visits.calls.values():
        if call.offer is not None:
            should.append((call.offer.leg, True))
        if call.external_line is not None:
            should.append((external_leg(call.id, call.external), nth % 2 == 0))
    for own in centre.own.calls.values():
        legs = own_legs(own)
        should += [(leg, leg != legs[-1] or nth % 2 == 0) for leg in legs]
    found = [s for at, s in enumerate(sorted(should)) if nth == 0 or at % 6 != nth]
    live = (cmd.LiveChannel(name, up, not up, None) for name, up in found)
    asked_at, up_since = Instant(now - nth), Instant(MONDAY + 30.0 * nth)
    return cmd.Reconciled(tuple(live), asked_at=asked_at, up_since=up_since)


OF_OFFER: Final[Mapping[str, Callable[[Offer], cmd.Command]]] = {
    "rings": cmd.AgentRinging,
    "answers": cmd.AgentAnswered,
    "hangs_up": lambda offer: cmd.AgentLegEnded(offer, cmd.LegEnd.HUNG_UP),
    "declines": lambda offer: cmd.AgentLegEnded(offer, cmd.LegEnd.DECLINED),
    "breaks": lambda offer: cmd.AgentLegEnded(offer, cmd.LegEnd.LOST),
    "fails": lambda offer: cmd.AgentLegEnded(offer, cmd.LegEnd.FAILED),
}
OF_CALL: Final[Mapping[str, Callable[[Call], cmd.Command]]] = {
    "leaves": lambda call: cmd.CallerHungUp(call.id),
    "loses_phone": lambda call: cmd.PhoneLost(call.offer or Offer(call.id, 1, ANA)),
    "hears": lambda call: cmd.PlaybackEnded(call.id, call.playback),
    "chooses_person": lambda call: cmd.KeyPressed(call.id, "0"),
    "chooses_skill": lambda call: cmd.KeyPressed(call.id, "2"),
    "chooses_outside": lambda call: cmd.KeyPressed(call.id, "4"),
    "chooses_number": lambda call: cmd.KeyPressed(call.id, "5"),
    "types": lambda call: cmd.KeyPressed(call.id, cmd.MASKED),
    "typed_well": lambda call: cmd.KeysChecked(call.id, True),
    "outside_answers": lambda call: cmd.ExternalAnswered(call.id, call.external),
    "outside_ends": lambda call: cmd.ExternalEnded(call.id, call.external),
    "outside_says": lambda call: cmd.ExternalKey(call.id, call.external, "1"),
}
OF_AGENT: Final[Mapping[str, Callable[[AgentId], cmd.Command]]] = {
    "is_ready": cmd.Ready,
    "does_cards": lambda agent: cmd.Ready(agent, None, True, Work.CARD_PRE),
    "signs_in": lambda agent: cmd.SignIn(agent, "u1"),
    "signs_out": cmd.SignOut,
    "hands_out": lambda agent: cmd.Transfer(agent, AgentId("town")),
    "holds": cmd.Hold,
    "resumes": cmd.Resume,
    "is_done": cmd.EndWrapUp,
    "ends": cmd.EndCall,
    "calls_again": cmd.CallAgain,
}
SELDOM: Final = ["hangs_up", "leaves", "chooses_outside", "outside_answers"]
OFTEN: Final = (
    ["calls_up", "calls_back", *["own_answers"] * 5] * 2
    + ["arrives"] * 8
    + ["chooses_person"] * 6
    + ["answers"] * 6
    + SELDOM * 2
)
HAPPENS_TO_OWN: Final[Mapping[str, Callable[[OwnCall, int], cmd.Command]]] = {
    "own_answers": own_answers,
    "own_ends": own_ends,
    "own_phone_lost": lambda call, _: cmd.PhoneLost(call.offer),
    "own_hears": lambda call, _: cmd.PlaybackEnded(call.id, call.playback),
}
OF_OWN: Final = ("calls_up", "calls_back", *HAPPENS_TO_OWN)
HAPPENS: Final = {"arrives", "look", "transfers", *OF_OWN, *OF_AGENT, *OF_OFFER, *OF_CALL}
