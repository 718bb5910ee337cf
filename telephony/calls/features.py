"""Feature codes that an agent dials from their own telephone."""

from typing import Final

from telephony.acd.model import AgentId
from telephony.centre import commands as cmd

SIGN_OUT, READY, PAUSE, WRAP_UP_DONE = "*10", "*11", "*12", "*13"
BY_PHONE: Final = "phone"  # the reason of a pause that was dialled


def feature_of(arguments: tuple[str, ...]) -> cmd.Request | None:
    """The request behind `feature,<seat>,<code>`; None for anything else."""
    match arguments:
        case ("feature", seat, code):
            agent = AgentId(seat)
        case _:
            return None
    requests: dict[str, cmd.Request] = {
        SIGN_OUT: cmd.SignOut(agent),
        READY: cmd.Ready(agent),
        PAUSE: cmd.Pause(agent, BY_PHONE),
        WRAP_UP_DONE: cmd.EndWrapUp(agent),
    }
    return requests.get(code)
