"""What must follow from what Asterisk has, after a time in which events may have been lost.

Asterisk is right about what lives; the centre is right about order and promises. So a call whose
channel is gone is over, a leg that came up was answered, and a caller who is still there gets
again what they should be hearing: a key may have been lost. Where no event was, and only a request
is in doubt, whoever is in a menu or hears an announcement is left alone. Nothing here ends a call
that lives, and nothing is concluded about what began after Asterisk was asked.
"""

from telephony.acd import effects as acd_fx
from telephony.acd.core import Acd
from telephony.acd.model import AgentId, CallId, Instant, Offer
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd, Reconciled
from telephony.centre.effects import external_leg
from telephony.centre.model import Call, Meeting, OwnCall, OwnStage, Stage
from telephony.centre.own import AFTER_LOSS, OwnCalls, join, own_legs
from telephony.centre.truth import Asterisk, Journal, Record, Verdict, judge
from telephony.centre.visits import Visits


class Live:
    """The channels that Asterisk has, and those that it may be making just now."""

    def __init__(self, found: Reconciled) -> None:
        self._channels = {channel.id: channel for channel in found.channels}
        self._in_flight = frozenset(found.in_flight)
        self._gap = found.gap

    def talk(self, call: CallId, believed: Offer | None) -> Offer | None:
        """Who has answered for this caller, as the channels' names tell; whom we believe, first.

        Only here is an id taken apart: what made it may be forgotten. A former agent's leg may
        still be there, because its hanging up came to nothing.
        """
        if believed is not None and self.up(believed.leg):
            return believed
        prefix = f"o.{call}."
        for channel in self._channels.values():
            attempt = channel.id.removeprefix(prefix)
            ours = channel.id.startswith(prefix) and attempt.isdigit()
            if ours and channel.up and channel.seat:
                return Offer(call, int(attempt), AgentId(channel.seat))
        return None

    def attempts(self, call: CallId) -> int:
        """The highest number of a leg that somebody made for this caller, also one we forgot."""
        prefix = f"o.{call}."
        numbers = (each.removeprefix(prefix) for each in self._channels if each.startswith(prefix))
        return max((int(number) for number in numbers if number.isdigit()), default=0)

    def missing(self, channel: str) -> bool:
        """It is not there, and will not be."""
        return channel not in self._channels and channel not in self._in_flight

    def caller(self, call: CallId) -> Asterisk:
        """Whether the caller is there; what is on its way for them makes no channel of theirs."""
        return Asterisk.UP if call in self._channels else Asterisk.GONE

    def joining(self, call: CallId) -> bool:
        """It is being put together, or to the music: to ask again would do it twice."""
        return call in self._in_flight

    def somewhere(self, channel: str) -> bool:
        """It is in a bridge."""
        return channel in self._channels and self._channels[channel].bridge is not None

    def hears_music(self, channel: str) -> bool:
        """It is with those who wait. Put there once more, it would hear nothing from then on."""
        return channel in self._channels and self._channels[channel].bridge == fx.MUSIC

    def undisturbed(self, call: Call) -> bool:
        """They hear what they should, or are listened to: no event was lost that says otherwise."""
        return not self._gap and self.up(call.id) and not self.somewhere(call.id)

    def waits_undisturbed(self, call: Call) -> bool:
        """The same of who waits: an announcement goes on, and they may be listened to aside.

        Asterisk tells where they are during it as ever. Whoever is not with the others then,
        because the request to put them there came to nothing, would hear nothing after it.
        """
        there = self.hears_music(call.id) or self.joining(call.id)
        return (call.playing or call.aside) and there and not self._gap

    def up(self, channel: str) -> bool:
        """It was answered."""
        return channel in self._channels and self._channels[channel].up

    def ringing(self, channel: str) -> bool:
        """It rings."""
        return channel in self._channels and self._channels[channel].ringing

    def together(self, one: str, other: str) -> bool:
        """Both are in one bridge."""
        bridges = {
            self._channels[each].bridge if each in self._channels else None for each in (one, other)
        }
        return len(bridges) == 1 and None not in bridges


def reconcile(
    found: Reconciled, visits: Visits, own: OwnCalls, acd: Acd, out: list[fx.Effect], now: Instant
) -> None:
    """Bring every call into agreement with the channels found."""
    live = Live(found)
    before = [call for call in visits.calls.values() if call.stage_since < found.asked_at]
    _again_asking([call for call in before if call.stage is Stage.ASKING], live, visits, now)
    there = [call for call in before if call.stage is not Stage.ASKING]
    for call in sorted(there, key=lambda call: call.id):
        _number_on(call, live.attempts(call.id), acd)
        talk = live.talk(call.id, call.offer)
        if judge(live.caller(call.id), Journal.LIVE, Record.UNASKED) is Verdict.END:
            visits.ended(call, now, lost=call.arrived_at < found.up_since)
        elif talk is not None and _unheard_of(talk, call, live):
            together = live.together(call.id, talk.leg)
            visits.talking.talk_found(call, talk, now, together=together)
        elif call.stage is Stage.WAITING:
            if not live.waits_undisturbed(call):
                visits.waiting.end_aside(call)
                _silence(call, out)  # a caller who hears an announcement cannot be moved
                _to_music(call, live, out)
            offer = acd.entries[call.id].offer
            if offer is not None and acd.roster[offer.agent].since < found.asked_at:
                _again_ringing(offer, live, visits, acd, now)
        else:
            _again(call, live, visits, out, now)
    began = [call for call in own.calls.values() if call.stage_since < found.asked_at]
    for own_call in sorted(began, key=lambda call: call.id):
        _again_own(own_call, live, own, out, now)


def _again_asking(asking: list[Call], live: Live, visits: Visits, now: Instant) -> None:
    for call in asking:
        if live.missing(external_leg(call.id, call.external)):
            visits.asked(call, now)


def _number_on(call: Call, made: int, acd: Acd) -> None:
    """A leg that is made anew must not bear the id of one that a leader of old made unrecorded."""
    call.attempts = max(call.attempts, made)
    entry = acd.entries.get(call.id)
    if entry is not None:
        entry.attempts = max(entry.attempts, made)


def _again(call: Call, live: Live, visits: Visits, out: list[fx.Effect], now: Instant) -> None:
    match call.stage:
        case Stage.MENU:
            _again_in_flow(call, live, visits, out, now)
        case Stage.TALKING | Stage.HOLD:
            _again_consulting(call, live, visits, out, now)
            _again_talking(call, live, visits, out, now)
        case Stage.LOST:
            _again_lost(call, live, visits, out, now)
        case Stage.DIALLING | Stage.OUTSIDE:
            _again_outside(call, live, visits, out, now)
        case Stage.ENDING:
            out.append(fx.HangUp(call.id))
        case Stage.WAITING | Stage.ASKING:
            pass  # handled by the caller


def _silence(call: Call, out: list[fx.Effect]) -> None:
    if call.playing:
        out.append(fx.StopPlay(call.id, call.playback))
        call.playing = False


def _again_in_flow(
    call: Call, live: Live, visits: Visits, out: list[fx.Effect], now: Instant
) -> None:
    if live.undisturbed(call):
        return
    if not live.up(call.id):
        out.append(fx.AnswerCall(call.id))
    _silence(call, out)
    if live.somewhere(call.id):  # the music, or a talk that is over
        out.append(fx.Unpark(call.id))
    visits.walking.resume_flow(call, now)


def _to_music(call: Call, live: Live, out: list[fx.Effect]) -> None:
    if not live.hears_music(call.id) and not live.joining(call.id):
        out.append(fx.Park(call.id))


def _again_ringing(offer: Offer, live: Live, visits: Visits, acd: Acd, now: Instant) -> None:
    if live.missing(offer.leg):
        visits.leg_ended(offer, LegEnd.FAILED, now)
    elif live.up(offer.leg):
        visits.leg_up(offer, now)
    elif live.ringing(offer.leg):
        acd.ringing(offer)


def _again_talking(
    call: Call, live: Live, visits: Visits, out: list[fx.Effect], now: Instant
) -> None:
    if call.stage not in {Stage.TALKING, Stage.HOLD} or call.offer is None:
        return  # the consultation has ended so
    offer = call.connected
    if live.missing(offer.leg):
        visits.leg_ended(offer, LegEnd.LOST, now)
    elif call.stage is Stage.HOLD:
        _to_music(call, live, out)
    elif call.consult is None and not (live.together(call.id, offer.leg) or live.joining(call.id)):
        out.append(acd_fx.Connect(offer))


def _unheard_of(talk: Offer, call: Call, live: Live) -> bool:
    """An answer that we missed; not a leg that was dead, that was asked aside, or that let go."""
    if call.stage is Stage.ENDING or call.lost is not None or talk == call.offer:
        return False
    if call.stage in {Stage.DIALLING, Stage.OUTSIDE}:
        return live.missing(external_leg(call.id, call.external))
    return call.consult is None or call.consult.offer != talk


def _again_lost(call: Call, live: Live, visits: Visits, out: list[fx.Effect], now: Instant) -> None:
    """The caller hears music; the telephone that was rung for them may have answered."""
    _to_music(call, live, out)
    if call.lost is None or not call.lost.rings:
        return
    if live.missing(call.connected.leg):
        visits.leg_ended(call.connected, LegEnd.FAILED, now)
    elif live.up(call.connected.leg):
        visits.leg_up(call.connected, now)


def _again_consulting(
    call: Call, live: Live, visits: Visits, out: list[fx.Effect], now: Instant
) -> None:
    """Whoever was asked aside is gone, or has answered; or somebody hears whom they should not."""
    if call.consult is None:
        return
    offer, leg = call.consult.offer, visits.consults.target_leg(call)
    if live.missing(leg):
        if offer is None:
            visits.outside_ended(call, call.external, LegEnd.LOST, now)
        else:
            visits.leg_ended(offer, LegEnd.LOST, now)
    elif call.consult.meeting is not Meeting.NOBODY:
        _again_in_room(call, live, visits, out)
    elif live.up(leg):
        visits.consults.answered(call, now)


def _again_in_room(call: Call, live: Live, visits: Visits, out: list[fx.Effect]) -> None:
    """A request to bring them together, or apart, came to nothing."""
    inside, aside = visits.consults.room(call)
    apart = tuple(leg for leg in aside if leg != call.id and not live.hears_music(leg))
    together = all(live.together(inside[0], other) for other in inside[1:])
    if not live.joining(call.id) and (apart or not together):
        out.append(fx.Gather(call.id, inside, apart))


def _again_outside(
    call: Call, live: Live, visits: Visits, out: list[fx.Effect], now: Instant
) -> None:
    leg = external_leg(call.id, call.external)
    if call.stage is Stage.DIALLING:
        _to_music(call, live, out)
    if live.missing(leg):
        visits.outside.ended(call, call.external, now)
    elif call.stage is Stage.DIALLING and live.up(leg):
        visits.outside.answered(call, call.external, now)
    elif call.stage is Stage.OUTSIDE and not (live.together(call.id, leg) or live.joining(call.id)):
        out.append(fx.ConnectExternal(call.id, call.external))


def _again_own(
    call: OwnCall, live: Live, own: OwnCalls, out: list[fx.Effect], now: Instant
) -> None:
    """A call that an agent began: over when one end is gone, and brought on as far as both are."""
    legs = own_legs(call)
    gone = [leg for leg in legs if live.missing(leg)]
    if call.stage in AFTER_LOSS:
        _again_own_lost(call, live, own, out, now)
    elif call.offer.leg in gone:
        own.own_leg_ended(call, now, LegEnd.LOST if len(gone) == 1 else LegEnd.HUNG_UP)
    elif gone:
        own.leg_ended(call, now, LegEnd.LOST)
    elif call.stage is OwnStage.TALKING:
        if not live.together(*legs) and not live.joining(call.id):
            out.append(join(call))
    elif live.up(legs[-1]):
        _own_answered(call, own, now)


def _own_answered(call: OwnCall, own: OwnCalls, now: Instant) -> None:
    if call.stage is OwnStage.RINGING and call.line is not None:
        own.external_answered(call, now)
    else:
        own.answered(call, call.other or call.offer, now)


def _again_own_lost(
    call: OwnCall, live: Live, own: OwnCalls, out: list[fx.Effect], now: Instant
) -> None:
    """Whoever is outside hears music; the telephone that was rung for them may have answered."""
    if live.missing(call.outside):
        own.leg_ended(call, now, LegEnd.LOST)
    elif call.stage is OwnStage.LOST:
        if not live.hears_music(call.outside) and not live.joining(call.id):
            out.append(fx.Gather(call.id, (), (call.outside,)))
        if call.lost is None or not call.lost.rings:
            return
        if live.missing(call.offer.leg):
            own.own_leg_ended(call, now, LegEnd.FAILED)
        elif live.up(call.offer.leg):
            own.answered(call, call.offer, now)
