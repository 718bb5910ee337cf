"""Which agent state follows which. The only place that decides it.

Theory of operation
-------------------
An agent is in one of seven states. Five kinds of thing move them:

* requests by the agent: `ready`, `pause`, `sign_out`, `hold`, `resume`. A pair that is missing
  from the table is a refusal, and the refusal changes nothing;
* `offer`: the core gives them a call. Only a ready agent is offered one;
* the end of an offer: `answer`, or one of the ways of not answering. An agent whose offer was
  withdrawn or not taken is ready again, with the idle time they had; after several misses in a
  row they are paused instead (`miss_out`), so that callers do not wait for an empty chair;
* `hang_up`: the call is over for this agent, whoever ended it. Wrap-up follows always;
* `finish`: wrap-up is over. The agent is ready, or what they asked for during the call;
* `call`: they call somebody themselves, and talk from then on; `called`: a colleague calls them;
  `put_down`: that is over without wrap-up, and they are what they were before: `ready` follows
  where they were.

Pausing or signing out during a call is not a transition: it is noted and takes effect at
`finish`. Pausing while the telephone rings is one: the offer is withdrawn and the caller keeps
their place.
"""

from collections.abc import Mapping
from typing import Final, Literal

from telephony.acd.errors import Rejected
from telephony.acd.model import AgentState

Trigger = Literal[
    "ready", "pause", "sign_out", "offer", "answer", "withdraw", "miss_out",
    "hold", "resume", "hang_up", "finish", "call", "called", "put_down",
]  # fmt: skip

S = AgentState

AGENT: Final[Mapping[AgentState, Mapping[Trigger, AgentState]]] = {
    S.SIGNED_OUT: {"ready": S.READY, "pause": S.PAUSED, "sign_out": S.SIGNED_OUT},
    S.READY: {
        "ready": S.READY,
        "pause": S.PAUSED,
        "sign_out": S.SIGNED_OUT,
        "offer": S.OFFERED,
        "call": S.TALKING,
        "called": S.OFFERED,
    },
    S.PAUSED: {
        "ready": S.READY,
        "pause": S.PAUSED,
        "sign_out": S.SIGNED_OUT,
        "call": S.TALKING,
        "called": S.OFFERED,
    },
    S.OFFERED: {
        "answer": S.TALKING,
        "withdraw": S.READY,
        "miss_out": S.PAUSED,
        "pause": S.PAUSED,
        "sign_out": S.SIGNED_OUT,
        "put_down": S.PAUSED,
    },
    S.TALKING: {"hold": S.HOLD, "hang_up": S.WRAP_UP, "put_down": S.PAUSED},
    S.HOLD: {"resume": S.TALKING, "hang_up": S.WRAP_UP, "put_down": S.PAUSED},
    S.WRAP_UP: {
        "finish": S.READY,
        "ready": S.READY,
        "pause": S.PAUSED,
        "sign_out": S.SIGNED_OUT,
    },
}


def after(state: AgentState, trigger: Trigger) -> AgentState:
    """The state that follows; raises Rejected where none does."""
    following = AGENT[state].get(trigger)
    if following is None:
        asked = "end wrap-up" if trigger == "finish" else trigger.replace("_", " ")
        raise Rejected(f"an agent who is {state} cannot {asked}")
    return following
