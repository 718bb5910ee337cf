"""Bookings over HTTP: held, agreed, entered, changed, cancelled, undone, found, read out."""

from collections.abc import Awaitable
from datetime import date
from typing import Annotated, Final, TypeVar

from pydantic import Field

from agents.bookings import birth_date
from agents.bookings.asked import (
    OfBooking,
    SiteCode,
    Told,
    Wanted,
    Where,
    Why,
    by,
    clean,
    notice_no,
    only_under,
    place,
    today,
    wish,
)
from agents.bookings.booking import Booking, Stand
from agents.bookings.kept import BookingBook, Full, NoBooking, Stale
from agents.bookings.opened import Opened
from agents.bookings.places import Search
from agents.bookings.read_back import read_back
from agents.bookings.rows import Query
from agents.bookings.rules import BookingRules
from agents.bookings.slots import rules_on, window
from agents.bookings.speech import say_slots
from agents.bookings.states import Master, Refused, Status
from agents.bookings.told import BookingSeen, agreed, is_known, seen
from agents.bookings.web import SPOKEN, WHO
from agents.web.fields import Answer, Form, Id, Key
from agents.web.problems import Problem, bilingual, conflict, not_found, unfit
from agents.web.routes import Asked, Table

TABLE: Final = Table("bookings")
LARGE: Final = 64 * 1024
MINUTE: Final = 60.0
Version = Annotated[int, Field(ge=1, le=1_000_000)]
Given = TypeVar("Given")


class HoldForm(Where):
    """Keep a place for so many while they are on the telephone."""

    key: Key
    people: Annotated[int, Field(ge=1, le=20)]
    call: Id | None = None


class NewForm(Wanted):
    """What was agreed."""

    key: Key
    call: Id | None = None


class HeldForm(Wanted):
    """What was agreed about a place that is held; time and site are those of the hold."""

    key: Key
    version: Version


class ChangeForm(Wanted):
    """What is to be from now on."""

    key: Key
    version: Version
    why: Why = ""


class DeedForm(Form):
    """A deed that needs no more than a reason."""

    key: Key
    version: Version
    why: Why = ""


class NumberForm(Form):
    """予約システム入力: what the city's system says."""

    key: Key
    version: Version
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,29}$")]


class FindForm(Form):
    """What is known of a booking; all of it must be so."""

    name: Told = ""
    number: Told = ""
    notice_no: Told | None = None
    site: SiteCode | None = None
    day: date | None = None


class IdentityForm(Form):
    """Two of the three must be right before anything is read out."""

    name: Told = ""
    birth_date: Told = ""
    notice_no: Told | None = None


class Found(Answer):
    """Soonest visit first, masked."""

    bookings: list[BookingSeen]


class ReadOut(Answer):
    """A booking, whole, and what to say of it."""

    booking: BookingSeen
    spoken: list[str]


class Line(Answer):
    """One line of the history; ids and words, no citizen's data."""

    version: int
    at: float
    announced_name: str
    deed: str
    why: str
    status: str


class Lines(Answer):
    """In order."""

    lines: list[Line]


# -- new ---------------------------------------------------------------------------------------


@TABLE.post("/api/bookings/holds", roles=WHO, audit="place_held")
async def hold(asked: Asked, body: HoldForm) -> BookingSeen:
    """Keep a place from everybody else, under a master of our own."""
    only_under(asked, Master.OWN)
    when = place(asked, body, body.people)
    await asked.tool(Opened).see_to(asked.now)
    minutes = rules_on(asked.tool(BookingRules).slots, today(asked)).hold_minutes
    wanted = Stand(Status.HELD, body.site, when, body.people)
    until = asked.now + minutes * MINUTE
    held = await _deed(
        asked, asked.tool(BookingBook).hold(by(asked, body.key), wanted, until, body.call), wanted
    )
    asked.detail(booking=held.id)
    return seen(held, whole=True)


@TABLE.post("/api/bookings", roles=WHO, audit="booking_agreed", body_at_most=LARGE)
async def agree(asked: Asked, body: NewForm) -> BookingSeen:
    """Keep what was agreed as 仮受付, until the city's number is entered."""
    only_under(asked, Master.CITY)
    wanted, masked = await wish(asked, body, body.key)
    kept = await _deed(
        asked, asked.tool(BookingBook).agree(by(asked, body.key), wanted, body.call), wanted
    )
    asked.detail(booking=kept.id)
    return seen(kept, whole=True, masked=masked)


@TABLE.post(
    "/api/bookings/{booking}/agreement", roles=WHO, audit="booking_agreed", body_at_most=LARGE
)
async def agree_held(asked: Asked, path: OfBooking, body: HeldForm) -> BookingSeen:
    """The place that is held becomes a booking with a number."""
    held = await _there(asked, path)
    if held.stand.people != len(body.party):
        raise unfit(
            "party", f"{held.stand.people}人分の枠です。人数を合わせてください (not as held)"
        )
    told, masked = await wish(asked, body, path.booking)
    kept = await _deed(
        asked,
        asked.tool(BookingBook).agree_held(
            by(asked, body.key), path.booking, body.version, told
        ),
        told,
    )  # fmt: skip
    return seen(kept, whole=True, masked=masked)


@TABLE.put("/api/bookings/{booking}/number", roles=WHO, audit="booking_entered")
async def enter(asked: Asked, path: OfBooking, body: NumberForm) -> BookingSeen:
    """Tick that the city's system has it, with its number."""
    held = await _there(asked, path)
    number = await clean(asked, body.number, path.booking)
    if number.masked:
        raise unfit("number", "予約番号ではありません。確かめてください (not a reservation number)")
    kept = await _deed(
        asked,
        asked.tool(BookingBook).enter(by(asked, body.key), path.booking, body.version, number.text),
        held.stand,
    )
    return seen(kept, whole=True)


# -- change, cancel, undo ----------------------------------------------------------------------


@TABLE.put(
    "/api/bookings/{booking}/appointment", roles=WHO, audit="booking_changed", body_at_most=LARGE
)
async def change(asked: Asked, path: OfBooking, body: ChangeForm) -> BookingSeen:
    """Another time, place or party."""
    await _there(asked, path)
    wanted, masked = await wish(asked, body, path.booking)
    why = await clean(asked, body.why, path.booking)
    await asked.tool(Opened).see_to(asked.now)
    kept = await _deed(
        asked,
        asked.tool(BookingBook).change(
            by(asked, body.key, why.text), path.booking, body.version, wanted
        ),
        wanted,
    )
    return seen(kept, whole=True, masked=sorted({*masked, *why.masked}))


@TABLE.post("/api/bookings/{booking}/cancellation", roles=WHO, audit="booking_cancelled")
async def cancel(asked: Asked, path: OfBooking, body: DeedForm) -> BookingSeen:
    """The place is free for somebody else; the card waits."""
    held = await _there(asked, path)
    why = await clean(asked, body.why, path.booking)
    kept = await _deed(
        asked,
        asked.tool(BookingBook).cancel(
            by(asked, body.key, why.text), path.booking, body.version, today(asked)
        ),
        held.stand,
    )
    return seen(kept, whole=False, masked=list(why.masked))


@TABLE.post("/api/bookings/{booking}/undoing", roles=WHO, audit="booking_undone")
async def undo(asked: Asked, path: OfBooking, body: DeedForm) -> BookingSeen:
    """Take the last change or cancellation back, while it is fresh."""
    held = await _there(asked, path)
    why = await clean(asked, body.why, path.booking)
    minutes = rules_on(asked.tool(BookingRules).slots, today(asked)).undo_minutes
    kept = await _deed(
        asked,
        asked.tool(BookingBook).undo(
            by(asked, body.key, why.text), path.booking, body.version, asked.now - minutes * MINUTE
        ),
        held.stand,
    )
    return seen(kept, whole=False, masked=list(why.masked))


# -- found and read out ------------------------------------------------------------------------


@TABLE.post("/api/bookings/search", roles=WHO, audit="bookings_found")
async def find(asked: Asked, body: FindForm) -> Found:
    """By what is known; birth dates and notice numbers stay masked."""
    query = Query(
        body.name, body.number, notice_no(asked, body.notice_no, "notice_no") or "",
        body.site or "", body.day,
    )  # fmt: skip
    if query == Query():
        raise unfit("name", "名前、番号、日付のどれかを入れてください (say something of it)")
    found = await asked.tool(BookingBook).find(query)
    return Found(bookings=[seen(each, whole=False) for each in found])


@TABLE.get("/api/bookings/owed", roles=WHO, audit="bookings_owed_seen")
async def owed(asked: Asked) -> Found:
    """未転記: what the city's system must still be told, longest owed first."""
    found = await asked.tool(BookingBook).owed()
    return Found(bookings=[seen(each, whole=False) for each in found])


@TABLE.post("/api/bookings/{booking}/reading", roles=WHO, audit="booking_read_out")
async def read_out(asked: Asked, path: OfBooking, body: IdentityForm) -> ReadOut:
    """An existing booking, once two of name, birth date and notice number are right."""
    held = await _there(asked, path)
    birth: date | None = None
    if body.birth_date.strip():
        try:
            birth = birth_date.read(body.birth_date, today(asked))
        except birth_date.Unclear as unclear:
            raise unfit("birth_date", str(unclear)) from None
    notice = notice_no(asked, body.notice_no, "notice_no")
    if not is_known(held, body.name, birth, notice):
        raise conflict(
            "氏名、生年月日、はがきの番号のうち二つが合いません。もう一度うかがってください。",
            "Two of name, birth date and notice number must be right. Ask once more.",
        )
    rules = asked.tool(BookingRules)
    said = read_back(agreed(held, rules, asked.caller.announced_name), rules.spelling)
    return ReadOut(booking=seen(held, whole=True), spoken=said)


@TABLE.get("/api/bookings/{booking}/transcript", roles=WHO, audit="booking_transcribed")
async def transcript(asked: Asked, path: OfBooking) -> BookingSeen:
    """転記: everything the city's system is to be told, while something is owed to it."""
    held = await _there(asked, path)
    if held.stand.owed is None:
        raise conflict(
            "転記するものはありません。一覧を読み込み直してください。",
            "Nothing is owed to the city's system. Load the list again.",
        )
    return seen(held, whole=True)


@TABLE.get("/api/bookings/{booking}/history", roles=WHO, audit="booking_history_seen")
async def history(asked: Asked, path: OfBooking) -> Lines:
    """Who did what, and when."""
    await _there(asked, path)
    found = await asked.tool(BookingBook).history(path.booking)
    return Lines(
        lines=[
            Line(
                version=line.version, at=line.at, announced_name=line.announced_name,
                deed=line.deed.value, why=line.why, status=line.after.status.value,
            )
            for line in found
        ]
    )  # fmt: skip


async def _there(asked: Asked, path: OfBooking) -> Booking:
    found = await asked.tool(BookingBook).booking(path.booking)
    if found is None:
        raise not_found()
    return found


async def _deed(asked: Asked, doing: Awaitable[Given], wanted: Stand) -> Given:
    """What went wrong, as a sentence for whoever is on the telephone."""
    try:
        return await doing
    except Full:
        raise await _full(asked, wanted) from None
    except Stale as stale:
        raise _old_page(stale) from None
    except Refused as refused:
        raise conflict(*bilingual(str(refused))) from None
    except NoBooking:
        raise not_found() from None


async def _full(asked: Asked, wanted: Stand) -> Problem:
    book, on = asked.tool(BookingRules).slots, today(asked)
    _, last = window(book, wanted.site, on)
    search = Search((wanted.site,), wanted.when, last, wanted.people, SPOKEN)
    free = await asked.tool(BookingBook).free(search, asked.now)
    problem = conflict(
        "この枠はちょうど埋まりました。次の空きから選んでください。",
        "This time has just been taken. Choose one of the next.",
    )
    problem.fields["following"] = say_slots([one.place.when for one in free], on)
    return problem


def _old_page(stale: Stale) -> Problem:
    problem = conflict(
        "別の画面で変更されています。読み込み直してから、もう一度お試しください。",
        "It was changed in another window. Load it again, then repeat.",
    )
    problem.fields["version"] = str(stale.version)
    return problem
