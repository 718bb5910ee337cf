"""One's own day over HTTP: figures, calls, what was handed on, and the offers one did not take."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from agents.calls.figures import Day, Share, Sitting, day_of
from agents.calls.found import Kept
from agents.calls.kept import CallBook
from agents.calls.mine import Became, Telephone, handed_on, telephone_of
from agents.calls.sittings import sittings
from agents.catalogue.catalogue import Catalogue
from agents.floor.book import RoomBook
from agents.floor.hub import Hub
from agents.floor.room_web import day_began
from agents.people import AT_A_DESK
from agents.web.fields import Answer
from agents.web.routes import Asked, Table
from config.database import Database
from telephony.caller_id import masked
from telephony.link.seen import MissedSeen
from telephony.store.call_record import CallRecord, civil
from telephony.store.history import History

TABLE: Final = Table("own")
SHOWN: Final = 100  # calls
NO_PIECES: Final[Mapping[str, int]] = MappingProxyType({})


class DaySeen(Answer):
    """Today so far; durations in seconds."""

    answered: int
    talked: float
    held: float
    wrapped_up: float
    begun: float
    ready: float
    worked: dict[str, float]
    paused: dict[str, float]
    dispositions: dict[str, int]
    pieces: dict[str, int]


class MissedOffer(MissedSeen, Answer):
    """An offer that was not taken, and which telephone of the seat rang for it."""

    phone: Telephone | None


class MissedOffers(Answer):
    """When, which telephone, why; the latest last."""

    missed: list[MissedOffer]


@TABLE.get("/api/me/day", roles=AT_A_DESK, audit=None)
async def day(asked: Asked) -> DaySeen:
    """One's own figures of today."""
    since, user = day_began(asked.now), asked.caller.user
    outcomes = await asked.tool(CallBook).entered_by(user, since)
    own = await _day(asked, outcomes, await asked.tool(RoomBook).pieces(user, since))
    return DaySeen(
        answered=own.answered,
        talked=round(own.talked, 1),
        held=round(own.held, 1),
        wrapped_up=round(own.wrapped_up, 1),
        begun=round(own.begun, 1),
        ready=round(own.ready, 1),
        worked={work: round(seconds, 1) for work, seconds in own.worked.items()},
        paused={reason: round(seconds, 1) for reason, seconds in own.paused.items()},
        dispositions=own.dispositions,
        pieces=own.pieces,
    )


@TABLE.get("/api/me/missed", roles=AT_A_DESK, audit=None)
async def missed(asked: Asked) -> MissedOffers:
    """The offers that one did not take, and why."""
    seat = asked.caller.seat
    agent = None if seat is None else asked.tool(Hub).floor.agent(seat)
    if seat is None or agent is None:
        return MissedOffers(missed=[])
    found = await asked.tool(History).those([one.call for one in agent.missed])
    records = {record.id: record for record in found}
    return MissedOffers(
        missed=[
            MissedOffer(**one.model_dump(), phone=telephone_of(records.get(one.call), seat, one.at))
            for one in agent.missed
        ]
    )


class OwnCallSeen(Answer):
    """A call one had today, how long, and whether it has its outcome."""

    call: str
    talked: float
    wrapped_up: float
    at: str
    masked: str
    menu_ja: str
    menu_en: str
    disposition: str | None
    late: bool
    memos: int


class OwnCalls(Answer):
    """The latest first."""

    calls: list[OwnCallSeen]


class HandedOnSeen(Answer):
    """A caller one handed on, who has not hung up."""

    call: str
    line: int | None
    target: str
    at: float
    became: Became


class HandedOnTold(Answer):
    """The latest first."""

    handed_on: list[HandedOnSeen]


class OwnEscalation(Answer):
    """What one escalated today, and the answer."""

    key: str
    call: str
    to: str
    note: str
    at: str
    taken: bool
    answer: str | None


class OwnEscalations(Answer):
    """The latest first."""

    escalations: list[OwnEscalation]


@TABLE.get("/api/me/calls", roles=AT_A_DESK, audit="own_calls_seen")
async def calls(asked: Asked) -> OwnCalls:
    """The calls one had today, so that what was not written down can be, later."""
    book, catalogue = asked.tool(CallBook), asked.tool(Catalogue)
    shares = (await _day(asked)).calls
    records = await asked.tool(History).those(list(shares)[-SHOWN:])
    kept = await book.outcomes([record.id for record in records])
    memos = await book.memo_counts([record.id for record in records])
    return OwnCalls(
        calls=[
            _call_seen(
                record, shares[record.id], kept.get(record.id), memos.get(record.id, 0), catalogue
            )
            for record in records
        ]
    )


@TABLE.get("/api/me/handed-on", roles=AT_A_DESK, audit=None)
async def handed(asked: Asked) -> HandedOnTold:
    """Callers one handed on today, at whatever seat, who are still here: taken, or waiting."""
    sat = await _sittings(asked, asked.caller.user, day_began(asked.now))
    found = [(record, handed_on(record, sat)) for record in await asked.tool(History).open_calls()]
    told = [
        HandedOnSeen(
            call=record.id, line=record.line, target=one.target, at=one.at, became=one.became
        )
        for record, one in found
        if one is not None
    ]
    return HandedOnTold(handed_on=sorted(told, key=lambda one: -one.at))


@TABLE.get("/api/me/escalations", roles=AT_A_DESK, audit="own_escalations_seen")
async def escalations(asked: Asked) -> OwnEscalations:
    """What one escalated today, and what was answered."""
    since, user = day_began(asked.now), asked.caller.user
    found = await asked.tool(CallBook).escalated_by(user, since)
    return OwnEscalations(
        escalations=[
            OwnEscalation(
                key=one.key, call=one.call, to=one.to, note=one.note, at=civil(one.opened_at),
                taken=one.taken_by is not None, answer=one.answer,
            )
            for one in found
        ]
    )  # fmt: skip


async def _day(
    asked: Asked, outcomes: Iterable[Kept] = (), pieces: Mapping[str, int] = NO_PIECES
) -> Day:
    since, user = day_began(asked.now), asked.caller.user
    sat = await _sittings(asked, user, since)
    sittings = [replace(each, since=max(each.since, since)) for each in sat]
    intervals = await asked.tool(History).agent_intervals(since, asked.now)
    return day_of(intervals, sittings, outcomes, pieces, asked.now)


def _call_seen(
    record: CallRecord, share: Share, kept: Kept | None, memos: int, catalogue: Catalogue
) -> OwnCallSeen:
    menu = catalogue.menu(record.menu_path or "")
    return OwnCallSeen(
        call=record.id,
        talked=round(share.talked + share.held, 1),
        wrapped_up=round(share.wrapped_up, 1),
        at=civil(record.arrived_at),
        masked=masked(record.caller.number),
        menu_ja="" if menu is None else menu.ja,
        menu_en="" if menu is None else menu.en,
        disposition=None if kept is None else kept.entered.disposition,
        late=kept is not None and kept.late,
        memos=memos,
    )


async def _sittings(asked: Asked, user: str, since: float) -> list[Sitting]:
    database = asked.tool(Database)  # type: ignore[type-abstract]
    return await sittings(database, user, since)
