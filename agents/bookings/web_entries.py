"""Bookings over HTTP: held, agreed, entered, changed, cancelled, undone."""

from collections.abc import Awaitable
from typing import Annotated, Final

from pydantic import Field

from agents.bookings.asked import (
    OfBooking,
    Wanted,
    Where,
    Why,
    by,
    clean,
    only_under,
    place,
    today,
    wish,
)
from agents.bookings.booking import Booking, Stand
from agents.bookings.kept import BookingBook, Full, NoBooking, Stale
from agents.bookings.known import IdentityForm, only_known
from agents.bookings.opened import Opened
from agents.bookings.places import Search
from agents.bookings.rules import BookingRules
from agents.bookings.slots import rules_on, window
from agents.bookings.speech import say_slots
from agents.bookings.states import Master, Refused, Status
from agents.bookings.told import BookingSeen, seen
from agents.bookings.web import SPOKEN, WHO
from agents.bookings.web_found import CANCELLED_SAID, there, told_of
from agents.floor.hub import Hub
from agents.people import LEADERS
from agents.web.fields import Form, Id, Key
from agents.web.problems import Problem, bilingual, conflict, not_found, unfit
from agents.web.routes import Asked, Table

TABLE: Final = Table("bookings")
LARGE: Final = 64 * 1024
MINUTE: Final = 60.0
Version = Annotated[int, Field(ge=1, le=1_000_000)]
Call = Id | None  # on which it is done


class HoldForm(Where):
    """Keep a place for so many while they are on the telephone."""

    key: Key
    people: Annotated[int, Field(ge=1, le=20)]
    call: Call = None


class NewForm(Wanted):
    """What was agreed."""

    key: Key
    call: Call = None


class HeldForm(Wanted):
    """What was agreed about a place that is held; time and site are those of the hold."""

    key: Key
    version: Version
    call: Call = None


class ChangeForm(Wanted):
    """What is to be from now on; `identity` is asked for where it was not made on this call."""

    key: Key
    version: Version
    why: Why = ""
    call: Call = None
    identity: IdentityForm | None = None


class DeedForm(Form):
    """A deed that needs no more than a reason; `identity` as for a change."""

    key: Key
    version: Version
    why: Why = ""
    call: Call = None
    identity: IdentityForm | None = None


class NumberForm(Form):
    """予約システム入力: what the city's system says."""

    key: Key
    version: Version
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,29}$")]
    call: Call = None


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
    who = by(asked, "place_held", body.key, call=body.call)
    held = await _deed(asked, asked.tool(BookingBook).hold(who, wanted, until), wanted)
    return told_of(asked, held)


@TABLE.post("/api/bookings", roles=WHO, audit="booking_agreed", body_at_most=LARGE)
async def agree(asked: Asked, body: NewForm) -> BookingSeen:
    """Keep what was agreed as 仮受付, until the city's number is entered."""
    only_under(asked, Master.CITY)
    wanted, masked = await wish(asked, body, body.key)
    who = by(asked, "booking_agreed", body.key, call=body.call)
    kept = await _deed(asked, asked.tool(BookingBook).agree(who, wanted), wanted)
    return told_of(asked, kept, masked)


@TABLE.post(
    "/api/bookings/{booking}/agreement", roles=WHO, audit="booking_agreed", body_at_most=LARGE
)
async def agree_held(asked: Asked, path: OfBooking, body: HeldForm) -> BookingSeen:
    """The place that is held becomes a booking with a number."""
    held = await there(asked, path)
    _only_holder(asked, held)
    if held.stand.people != len(body.party):
        raise unfit(
            "party", f"{held.stand.people}人分の枠です。人数を合わせてください (not as held)"
        )
    told, masked = await wish(asked, body, path.booking)
    who = by(asked, "booking_agreed", body.key, call=body.call)
    kept = await _deed(
        asked, asked.tool(BookingBook).agree_held(who, path.booking, body.version, told), told
    )
    return told_of(asked, kept, masked)


@TABLE.put("/api/bookings/{booking}/number", roles=WHO, audit="booking_entered")
async def enter(asked: Asked, path: OfBooking, body: NumberForm) -> BookingSeen:
    """Tick that the city's system has it, with its number."""
    held = await there(asked, path)
    number = await clean(asked, body.number, path.booking, "number")
    if number.masked:
        raise unfit("number", "予約番号ではありません。確かめてください (not a reservation number)")
    who = by(asked, "booking_entered", body.key, call=body.call)
    kept = await _deed(
        asked,
        asked.tool(BookingBook).enter(who, path.booking, body.version, number.text),
        held.stand,
    )
    return told_of(asked, kept)


# -- change, cancel, undo ----------------------------------------------------------------------


@TABLE.put(
    "/api/bookings/{booking}/appointment", roles=WHO, audit="booking_changed", body_at_most=LARGE
)
async def change(asked: Asked, path: OfBooking, body: ChangeForm) -> BookingSeen:
    """Another time, place or party."""
    held = await there(asked, path)
    await only_known(asked, held, body.identity, body.key, body.call)
    _still_to_come(asked, held)
    wanted, masked = await wish(asked, body, path.booking)
    why = await clean(asked, body.why, path.booking, "why")
    await asked.tool(Opened).see_to(asked.now)
    kept = await _deed(
        asked,
        asked.tool(BookingBook).change(
            by(asked, "booking_changed", body.key, why.text, body.call),
            path.booking,
            body.version,
            wanted,
        ),
        wanted,
    )
    return told_of(asked, kept, sorted({*masked, *why.masked}))


@TABLE.post("/api/bookings/{booking}/cancellation", roles=WHO, audit="booking_cancelled")
async def cancel(asked: Asked, path: OfBooking, body: DeedForm) -> BookingSeen:
    """The place is free for somebody else; the card waits."""
    held = await there(asked, path)
    _only_holder(asked, held)
    await only_known(asked, held, body.identity, body.key, body.call)
    why = await clean(asked, body.why, path.booking, "why")
    kept = await _deed(
        asked,
        asked.tool(BookingBook).cancel(
            by(asked, "booking_cancelled", body.key, why.text, body.call),
            path.booking,
            body.version,
            today(asked),
        ),
        held.stand,
    )
    return seen(kept, whole=False, masked=list(why.masked), spoken=[CANCELLED_SAID])


@TABLE.post("/api/bookings/{booking}/undoing", roles=WHO, audit="booking_undone")
async def undo(asked: Asked, path: OfBooking, body: DeedForm) -> BookingSeen:
    """Take the last change or cancellation back, while it is fresh."""
    held = await there(asked, path)
    await only_known(asked, held, body.identity, body.key, body.call)
    why = await clean(asked, body.why, path.booking, "why")
    minutes = rules_on(asked.tool(BookingRules).slots, today(asked)).undo_minutes
    kept = await _deed(
        asked,
        asked.tool(BookingBook).undo(
            by(asked, "booking_undone", body.key, why.text, body.call),
            path.booking,
            body.version,
            asked.now - minutes * MINUTE,
        ),
        held.stand,
    )
    return seen(kept, whole=False, masked=list(why.masked))


def _only_holder(asked: Asked, held: Booking) -> None:
    """A place is held for the citizen on the holder's line; but who leads may give it away."""
    theirs = held.user == asked.caller.user or asked.caller.role in LEADERS
    if held.stand.status is Status.HELD and not theirs:
        raise conflict(
            f"この枠は{held.announced_name}が仮押さえしています。本人か業務管理者だけが扱えます。",
            "Held by a colleague: only they or a supervisor may use it or give it up.",
        )


def _still_to_come(asked: Asked, held: Booking) -> None:
    """A visit that nobody came to is not moved: its card and its place are gone back."""
    days = rules_on(asked.tool(BookingRules).slots, today(asked)).no_show_becomes_new_from
    if (today(asked) - held.stand.when.day).days >= days:
        raise conflict(
            "この予約の日は過ぎています。新しい予約として受け付けてください。",
            "The day of this booking is over: take a new one.",
        )


async def _deed(asked: Asked, doing: Awaitable[Booking], wanted: Stand) -> Booking:
    """The deed, told to every page; or what went wrong, for whoever is on the telephone."""
    try:
        done = await doing
    except Full:
        raise await _full(asked, wanted) from None
    except Stale as stale:
        raise _old_page(stale) from None
    except Refused as refused:
        raise conflict(*bilingual(str(refused))) from None
    except NoBooking:
        raise not_found() from None
    await asked.tool(Hub).tell("booking", done.id)
    return done


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
