"""Whose a call is to look at, and the texts about it."""

from typing import Final

from agents.calls.figures import Sitting
from agents.calls.kept import CallBook
from agents.calls.mine import had
from agents.calls.sittings import sittings
from agents.floor.hub import Hub
from agents.people import LEADERS
from agents.texts.guarding import Clean, Document, Texts, Written
from agents.web.fields import Form, Id
from agents.web.problems import not_found
from agents.web.routes import Asked
from config.database import Database
from telephony.store.call_record import CallRecord
from telephony.store.history import History

ON_ITS_WAY: Final = 2.0  # seconds from the page's clock to ours
WRAPPED_UP_WITHIN: Final = 3600.0  # seconds after its end, a call is no agent's any more


class OfCall(Form):
    """A call's id."""

    call: Id


async def own_call(asked: Asked, path: OfCall) -> None:
    """An agent's own: at their telephone now, or one that they had before.

    Leaders may look at every call. Whatever else there is does not exist for whoever asks.
    """
    if asked.caller.role in LEADERS or is_at(asked, path.call):
        return
    if not (await _was_at(asked, path.call) or await _sat_there(asked, path.call)):
        raise not_found()


def is_at(asked: Asked, call: str) -> bool:
    """At their telephone now; after a call, until its wrap-up is done."""
    seat = asked.caller.seat
    agent = None if seat is None else asked.tool(Hub).floor.agent(seat)
    if agent is None:
        return False
    return call in {agent.call, agent.offer.call if agent.offer else None}


def overran(asked: Asked, call: str) -> bool:
    """Whether the wrap-up of this call goes on, and has passed its target.

    Not at the very second: the page asks for a reason by its own clock, and what was sent before it
    did is good.
    """
    seat = asked.caller.seat
    agent = None if seat is None else asked.tool(Hub).floor.agent(seat)
    if agent is None or agent.state != "wrap_up" or not is_at(asked, call):
        return False
    if agent.since is None or agent.wrap_up_target is None:
        return False
    return asked.now - agent.since > agent.wrap_up_target + ON_ITS_WAY


async def _was_at(asked: Asked, call: str) -> bool:
    kept = await asked.tool(CallBook).outcomes([call])
    if call in kept and kept[call].user == asked.caller.user:
        return True
    return await asked.tool(CallBook).draft(call, asked.caller.user) is not None


async def _sat_there(asked: Asked, call: str) -> bool:
    """By the record of who sat where: also a call about which nothing was written down."""
    record = await asked.tool(History).call(call)
    if record is None:
        return False
    sittings = await _sittings(asked, asked.caller.user, record.arrived_at)
    over = (record.ended_at or asked.now) + WRAPPED_UP_WITHIN
    intervals = await asked.tool(History).agent_intervals(record.arrived_at, over)
    return call in had(intervals, sittings)


async def record_of(asked: Asked, call: str) -> CallRecord:
    """What the controller has written about it."""
    record = await asked.tool(History).call(call)
    if record is None:
        raise not_found()
    return record


async def clean(
    asked: Asked, text: str, where: Document, of: str, sent: str, before: str = ""
) -> Clean:
    """As it may be kept; `sent` names the sending, and the field where there are several."""
    written = Written(asked.caller, where, of, asked.now, sent)
    return await asked.tool(Texts).clean(text, written, before)


def kinds(*texts: Clean) -> list[str]:
    """Of what was taken out."""
    return sorted({kind for text in texts for kind in text.masked})


async def _sittings(asked: Asked, user: str, since: float) -> list[Sitting]:
    database = asked.tool(Database)  # type: ignore[type-abstract]
    return await sittings(database, user, since)
