"""What a controller would have told and written, for tests of the desk."""

from typing import Any

from telephony.caller_id import Caller, CallerKind, e164
from telephony.link.news import AgentNews, encode
from telephony.link.seen import AgentSeen, OfferSeen
from telephony.store import changes as row
from telephony.store.records import Records
from telephony.store.words import HungUpBy, Outcome
from tests.agents.desk import MONDAY, Desk
from tests.real.waiting import until

CITIZEN = "0942000101"


async def a_call(desk: Desk, call: str, seat: str = "a01", **given: Any) -> str:
    """A call's record, over and answered unless `open_` is said; its id."""
    menu_path, number = given.get("menu_path", ""), given.get("number", CITIZEN)
    at = given.get("at", desk.clock.now)
    known = e164(number) if number else None
    kind = CallerKind.FIXED if known else CallerKind.WITHHELD
    caller = Caller(known, kind, kind.label, "", number or None)
    told: list[row.Change] = [
        row.CallOpened(call, at, 1, "0942000100", caller),
        row.CallAdvanced(call, at, menu_path=menu_path, queue="general", agent=seat),
    ]
    for event, after, *detail in given.get("notes", ()):
        told.append(row.CallNoted(call, at + after, event, *detail or [{}]))
    if not given.get("open_"):
        told.append(
            row.CallClosed(call, at + 60, Outcome.ANSWERED, None, 3.0, 50.0, 0.0, HungUpBy.CALLER)
        )
    records = Records(desk.database)
    epoch = await records.epoch() or 1
    await records.claim(epoch)
    await records.add(epoch, told)
    return call


async def at_the_phone(
    desk: Desk, seat: str, state: str, call: str | None, since: float = MONDAY, **more: Any
) -> None:
    """The controller tells what the agent of this seat does, and the desk has heard it."""
    offer = None if call is None else OfferSeen(call=call, attempt=1, since=since)
    agent = AgentSeen(
        name=seat,
        seat=seat,
        state=state,
        since=since,
        phone="free",
        call=call,
        offer=offer,
        **more,
    )
    others = [one for one in desk.link.room["agents"] if one["seat"] != seat]
    desk.link.room = {**desk.link.room, "agents": [*others, agent.model_dump()]}
    await desk.news.tell([encode(AgentNews(at=since, agent=agent))])
    floor = desk.hub.floor
    await until(lambda: floor.agent(seat) == agent, "the desk has heard it")
