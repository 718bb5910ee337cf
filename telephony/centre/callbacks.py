"""Citizens who are called back: by an agent, one at a time, and never from the callers' last lines.

Theory of operation
-------------------
It is a call that an agent begins (`own`): their own telephone is rung first, so that no citizen
ever hears an empty line. Only when they have answered a line is taken, and only while enough are
left for those who ring us; then the citizen is dialled. The core knows them by the key of their
number. Whoever has answered us first is not called: a dial in progress ends as soon as somebody
talks to them.

An attempt that was answered by nobody is told at once. Of one that was answered the agent says who
it was, during the talk or after it; until then it is `answered`, which is no contact, as little as
`broken_off` is. What an agent said may be put right by them, so an attempt may be told of twice.

No citizen is dialled twice at one time: a dial is refused while another goes on for the same
obligation or the same number, and for `SETTLE` seconds after one whose end the network did not
tell for certain.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from telephony.acd.errors import Rejected
from telephony.acd.model import Afterwards, AgentId, AgentState, CallId, Instant
from telephony.centre import effects as fx
from telephony.centre.commands import AttemptResult, CallBack
from telephony.centre.effects import AttemptEnd, OwnKind
from telephony.centre.floor import Floor
from telephony.centre.model import OwnCall, Stage, Talk
from telephony.centre.own import OwnCalls
from telephony.centre.tolls import Dialled, one_too_many

SETTLE: Final = 3.0  # seconds in which a leg that should be gone may still ring
ATTEMPTS_KEPT: Final = 64  # of which the agent may still say who answered
SAID: Final = frozenset(
    {AttemptEnd.REACHED, AttemptEnd.OTHER_PERSON, AttemptEnd.MACHINE, AttemptEnd.WRONG_NUMBER}
)
TALKED: Final = frozenset({Stage.TALKING, Stage.HOLD, Stage.OUTSIDE})


class Callbacks:
    """Who may be called back, and what came of it."""

    def __init__(self, floor: Floor, own: OwnCalls) -> None:
        self._floor = floor
        self._own = own
        self._told: dict[CallId, fx.AttemptEnded] = {}
        self._unsure: dict[str, Instant] = {}  # by caller: when a dial ended we know not how
        own.over = self._over

    def restore(self, told: Iterable[fx.AttemptEnded]) -> None:
        """Take over the attempts of a snapshot."""
        self._told = {each.attempt: each for each in told}

    @property
    def told(self) -> list[fx.AttemptEnded]:
        """The latest attempts, for the snapshot."""
        return list(self._told.values())

    # -- what agents ask for -------------------------------------------------------------

    def begin(self, asked: CallBack, now: Instant) -> None:
        """Ring the agent's own telephone. Raises Rejected."""
        self._own.check_caller(self._floor.acd.roster[asked.agent])
        if not self._floor.takes_calls(now):
            raise Rejected(
                "受付時間外は折り返しできません (nobody is called back outside opening hours)"
            )
        self._check_citizen(asked.obligation, Dialled(now, asked.caller, asked.agent))
        call = self._own.ring(asked.agent, OwnKind.CALLBACK, asked.obligation, now)
        call.obligation, call.caller = asked.obligation, asked.caller

    def again(self, agent_id: AgentId, now: Instant) -> None:
        """The same citizen once more, out of wrap-up too. Raises Rejected."""
        agent, talk = self._floor.acd.roster[agent_id], self._floor.talks.get(agent_id)
        rules = self._floor.rules.callbacks
        if talk is None or not talk.caller or now > talk.ended_at + rules.again_within:
            raise Rejected(
                f"直前の通話から{rules.again_within:.0f}秒以内で、相手の番号が分かるときだけ"
                "かけ直せます (there is no talk of a moment ago that could be taken up again)"
            )
        following = agent.afterwards or Afterwards(AgentState.READY)
        wrapping = agent.state is AgentState.WRAP_UP
        if wrapping and following.state is AgentState.SIGNED_OUT:
            raise Rejected("退席の予約を取り消してください (you are about to sign out)")
        self._own.check_caller(agent, wrapping=wrapping)
        self._check_citizen(talk.obligation, Dialled(now, talk.caller, agent_id))
        if wrapping:
            self._floor.acd.roster.finish(agent, now)
        target = talk.obligation or str(talk.of_call)
        call = self._own.ring(agent_id, OwnKind.CALLBACK, target, now)
        call.obligation, call.caller, call.of_call = talk.obligation, talk.caller, talk.of_call

    def _check_citizen(self, obligation: str, to: Dialled) -> None:
        """Raise Rejected where they are dialled already, are on a line, or no line is left."""
        caller, now = to.to, to.at
        for other in self._own.calls.values():
            if other.kind is OwnKind.CALLBACK and (
                other.caller == caller or (obligation and other.obligation == obligation)
            ):
                raise Rejected(
                    f"{other.agent} がこの方にかけています ({other.agent} is calling them now)"
                )
        if any(call.caller == caller for call in self._floor.calls.values() if _is_on(call.stage)):
            raise Rejected("この方は今お電話中です (they are on the line with us now)")
        unsure = self._unsure.get(caller)
        if unsure is not None and now < unsure + SETTLE:
            raise Rejected("数秒おいてからかけてください (wait some seconds before you dial again)")
        if one_too_many(to, self._floor.rules.tolls, self._floor.dialled):
            raise Rejected(
                "1時間または1日の発信の上限に達しました "
                "(the toll gate: too many calls this hour, or today)"
            )
        if self._floor.line_to_spare() is None:
            keep = self._floor.rules.callbacks.keep_lines
            raise Rejected(
                f"着信用に{keep}回線を空けておくため、今はかけられません "
                f"(too few lines are free: {keep} are kept for callers)"
            )

    def judge(self, asked: AttemptResult, now: Instant) -> None:
        """The agent says who answered. Raises Rejected."""
        if asked.result not in SAID:
            raise Rejected("this is no result that an agent tells")
        call, told = self._own.calls.get(asked.attempt), self._told.get(asked.attempt)
        attempt = call or told
        if attempt is None or attempt.agent != asked.agent:
            raise Rejected("その発信はあなたのものではありません (this attempt is not yours)")
        if attempt.answered_at is None:
            raise Rejected("相手は出ていません (nobody has answered this attempt)")
        if call is not None:
            call.result = asked.result
        elif told is not None:
            self._tell(replace(told, result=asked.result))

    # -- what happens --------------------------------------------------------------------

    def watch(self, now: Instant) -> None:
        """Nobody is called who talks to one of us by now."""
        dials = [
            call
            for call in self._own.calls.values()
            if call.kind is OwnKind.CALLBACK and call.answered_at is None
        ]
        if not dials:
            return
        talking = {call.caller for call in self._floor.calls.values() if call.stage in TALKED}
        for dial in dials:
            if dial.caller in talking:
                self._own.hang_up(dial, now)

    def _over(self, call: OwnCall, result: AttemptEnd, now: Instant) -> None:
        """A call of this kind is over."""
        if call.answered_at is not None:
            self._floor.talks[call.agent] = Talk(
                call.agent, call.caller, call.obligation, call.of_call, now
            )
        elif result is AttemptEnd.FAILED:
            self._unsure = {who: at for who, at in self._unsure.items() if now < at + SETTLE}
            self._unsure[call.caller] = now
        if result is not AttemptEnd.BROKEN_OFF:  # what they were told holds, whatever was said
            result = call.result or result
        if call.obligation:
            self._tell(
                fx.AttemptEnded(
                    call.obligation,
                    call.id,
                    call.agent,
                    call.began_at,
                    call.answered_at,
                    now,
                    result,
                )
            )

    def _tell(self, ended: fx.AttemptEnded) -> None:
        self._told.pop(ended.attempt, None)
        self._told[ended.attempt] = ended
        if len(self._told) > ATTEMPTS_KEPT:
            del self._told[next(iter(self._told))]
        self._floor.out.append(ended)


def _is_on(stage: Stage) -> bool:
    return stage not in {Stage.ASKING, Stage.ENDING}
