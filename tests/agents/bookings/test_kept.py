"""Bookings kept: the last place, holds, changes, what the city is owed, and a whole history."""

import asyncio
from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import select, update

from agents.bookings.booking import masked_birth, masked_notice, read, written
from agents.bookings.kept import BookingBook, Full, NoBooking, Stale
from agents.bookings.moments import Moment
from agents.bookings.numbers import number
from agents.bookings.places import Search
from agents.bookings.rows import Query
from agents.bookings.states import Deed, Master, Refused, Status
from agents.bookings.tables import HISTORY, SLOTS
from config.database import Database, DatabaseFailed
from tests.agents.bookings.people import (
    FRIDAY,
    HALF_PAST,
    HANAKO,
    ICHIRO,
    NEXT_DAY,
    NOW,
    TEN,
    THURSDAY,
    by,
    slot,
    wish,
)

UNTIL = NOW + 600
ALL = Search(("main",), Moment(THURSDAY, time(0)), FRIDAY, 1, 10)


@pytest.fixture
async def own(database: Database) -> BookingBook:
    """Our slots are sold: three times, two of them for one person."""
    book = BookingBook(database, Master.OWN)
    await book.open_slots([slot(TEN), slot(HALF_PAST, 2), slot(NEXT_DAY)], NOW)
    return book


@pytest.fixture
def city(database: Database) -> BookingBook:
    return BookingBook(database, Master.CITY)


async def room(book: BookingBook, now: float = NOW) -> dict[Moment, int]:
    return {one.place.when: one.left for one in await book.free(ALL, now)}


async def booked(book: BookingBook, when: Moment = TEN) -> tuple[str, int]:
    held = await book.hold(by(), wish(when), UNTIL)
    agreed = await book.agree_held(by(), held.id, held.version, wish(when))
    return agreed.id, agreed.version


# -- our own slots -----------------------------------------------------------------------------


async def test_a_place_is_held_then_booked_under_a_number_of_ours(own: BookingBook) -> None:
    held = await own.hold(by(call="n1-1.1"), wish(), UNTIL)
    assert held.stand.status is Status.HELD
    assert await room(own) == {HALF_PAST: 2, NEXT_DAY: 1}

    told = wish(TEN, HANAKO, kind="pickup", form={"phone": "0942-00-0101"})
    agreed = await own.agree_held(by(), held.id, held.version, told)

    assert agreed.stand.status is Status.BOOKED
    assert agreed.stand.number is not None
    assert agreed.stand.number == number(int(agreed.stand.number[:-1]))
    assert agreed.stand.party == (HANAKO,)
    assert await own.booking(held.id) == agreed
    assert (await own.booking("nothing")) is None


async def test_the_last_place_is_sold_once(own: BookingBook) -> None:
    """A hundred times two at once: one has it, the other hears of the next times."""
    times = [Moment(FRIDAY, time(10 + n // 60, n % 60)) for n in range(100)]
    await own.open_slots([slot(when) for when in times], NOW)
    for when in times:
        told = await asyncio.gather(
            *(own.hold(by(user), wish(when), UNTIL) for user in ("u1", "u2")),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in told) == ["Booking", "Full"]
    taken = await own.free(replace(ALL, first=times[0], last=FRIDAY, most=200), NOW)
    assert taken == []


async def test_who_comes_second_is_told_the_next_free_times(own: BookingBook) -> None:
    await own.hold(by(), wish(), UNTIL)
    with pytest.raises(Full):
        await own.hold(by("u2"), wish(), UNTIL)
    following = await own.free(replace(ALL, first=TEN, most=3), NOW)
    assert [one.place.when for one in following] == [HALF_PAST, NEXT_DAY]


async def test_a_party_needs_room_for_everybody(own: BookingBook) -> None:
    both = wish(HALF_PAST, HANAKO, ICHIRO)
    with pytest.raises(Full):
        await own.hold(by(), replace(both, when=TEN), UNTIL)
    held = await own.hold(by(), both, UNTIL)
    assert held.stand.people == 2
    assert HALF_PAST not in await room(own)


async def test_a_hold_runs_out_and_its_place_is_free(own: BookingBook) -> None:
    held = await own.hold(by(), wish(), UNTIL)
    assert TEN not in await room(own, UNTIL - 1)
    assert (await room(own, UNTIL))[TEN] == 1
    with pytest.raises(Stale):
        await own.agree_held(by(now=UNTIL), held.id, held.version, wish())
    gone = await own.booking(held.id)
    assert gone is not None
    assert gone.stand.status is Status.EXPIRED
    assert [line.user for line in await own.history(held.id)] == ["u1", ""]


async def test_a_hold_that_is_over_is_not_agreed_on_though_nobody_has_let_it_go(
    own: BookingBook,
) -> None:
    held = await own.hold(by(), wish(), UNTIL)
    with pytest.raises(Refused, match="the hold is over"):
        await own.agree_held(by(now=UNTIL), held.id, held.version, wish())


async def test_a_hold_can_be_given_up_at_once(own: BookingBook) -> None:
    held = await own.hold(by(), wish(), UNTIL)
    given_up = await own.cancel(by(), held.id, held.version)
    assert given_up.stand.status is Status.EXPIRED
    assert (await room(own))[TEN] == 1


async def test_a_cancellation_gives_the_place_back_and_can_be_undone(own: BookingBook) -> None:
    id_, version = await booked(own)
    cancelled = await own.cancel(by(why="ご都合"), id_, version)
    assert cancelled.stand.status is Status.CANCELLED
    assert (await room(own))[TEN] == 1

    back = await own.undo(by(now=NOW + 60), id_, cancelled.version, since=NOW - 600)

    assert back.stand.status is Status.BOOKED
    assert TEN not in await room(own)
    lines = await own.history(id_)
    assert [line.deed for line in lines] == [Deed.HOLD, Deed.AGREE, Deed.CANCEL, Deed.UNDO]
    assert lines[2].why == "ご都合"
    assert lines[3].after == lines[1].after


async def test_nothing_is_undone_once_the_place_is_somebody_elses(own: BookingBook) -> None:
    id_, version = await booked(own)
    cancelled = await own.cancel(by(), id_, version)
    await own.hold(by("u2"), wish(), UNTIL)
    with pytest.raises(Full):
        await own.undo(by(), id_, cancelled.version, since=NOW - 600)
    assert (await own.booking(id_)) == cancelled


async def test_only_the_last_change_can_be_undone_and_not_for_long(own: BookingBook) -> None:
    id_, version = await booked(own)
    with pytest.raises(Refused):
        await own.undo(by(), id_, version, since=NOW - 600)
    cancelled = await own.cancel(by(), id_, version)
    with pytest.raises(Refused):
        await own.undo(by(), id_, cancelled.version, since=NOW + 1)


async def test_a_change_moves_the_place_or_changes_nothing(own: BookingBook) -> None:
    id_, version = await booked(own)
    moved = await own.change(by(), id_, version, wish(NEXT_DAY))
    assert moved.stand.when == NEXT_DAY
    assert await room(own) == {TEN: 1, HALF_PAST: 2}
    await own.hold(by("u2"), wish(TEN), UNTIL)
    with pytest.raises(Full):
        await own.change(by(), id_, moved.version, wish(TEN))
    assert (await own.booking(id_)) == moved
    assert await room(own) == {HALF_PAST: 2}


async def test_two_who_exchange_their_times_do_not_wait_for_each_other(own: BookingBook) -> None:
    await own.open_slots([slot(TEN, 2), slot(NEXT_DAY, 2)], NOW)
    (one, first), (other, second) = await booked(own, TEN), await booked(own, NEXT_DAY)
    async with asyncio.timeout(20):
        await asyncio.gather(
            own.change(by(), one, first, wish(NEXT_DAY)),
            own.change(by("u2"), other, second, wish(TEN)),
        )
    assert await room(own) == {TEN: 1, NEXT_DAY: 1}


async def test_numbers_are_each_given_once(own: BookingBook) -> None:
    await own.open_slots([slot(TEN, 20)], NOW)
    found = [await booked(own) for _ in range(3)]
    more = await asyncio.gather(*(booked(own) for _ in range(6)))
    bookings = [await own.booking(id_) for id_, _ in [*found, *more]]
    assert len({each.stand.number for each in bookings if each is not None}) == 9


async def test_the_same_request_twice_is_one_booking(own: BookingBook) -> None:
    first = await own.hold(by(key="once-0001"), wish(HALF_PAST), UNTIL)
    again = await own.hold(by(key="once-0001"), wish(HALF_PAST), UNTIL)
    assert again == first
    assert (await room(own))[HALF_PAST] == 1
    agreed = await own.agree_held(by(key="once-0002"), first.id, 1, wish(HALF_PAST))
    assert await own.agree_held(by(key="once-0002"), first.id, 1, wish(HALF_PAST)) == agreed


async def test_whoever_has_an_old_page_is_told_and_nothing_is_lost(own: BookingBook) -> None:
    id_, version = await booked(own)
    changed = await own.change(by(), id_, version, wish(NEXT_DAY))
    with pytest.raises(Stale) as told:
        await own.cancel(by("u2"), id_, version)
    assert told.value.version == changed.version
    with pytest.raises(NoBooking):
        await own.cancel(by(), "nothing", 1)


async def test_fewer_places_never_unsell_one(own: BookingBook) -> None:
    await booked(own)
    await own.open_slots([slot(TEN, 0), slot(NEXT_DAY, 3)], NOW + 1)  # 10:30 is gone, 10:00 shut
    assert await room(own) == {NEXT_DAY: 3}
    await own.open_slots([slot(TEN, 2), slot(NEXT_DAY, 3)], NOW + 2)
    assert await room(own) == {TEN: 1, NEXT_DAY: 3}


# -- the city's system ---------------------------------------------------------------------------


async def test_under_the_city_a_booking_is_provisional_until_its_number(city: BookingBook) -> None:
    due = date(2026, 11, 27)
    agreed = await city.agree(by(), wish(due_day=due))
    assert (agreed.stand.status, agreed.stand.owed) == (Status.PROVISIONAL, Deed.AGREE)
    assert (agreed.stand.number, agreed.stand.due_day) == (None, due)
    assert await city.owed() == [agreed]

    entered = await city.enter(by(), agreed.id, 1, "C-2026-000451")

    assert (entered.stand.status, entered.stand.number) == (Status.BOOKED, "C-2026-000451")
    assert (entered.stand.owed, entered.stand.due_day) == (None, None)
    assert await city.owed() == []


async def test_a_change_and_a_cancellation_are_owed_to_the_city(city: BookingBook) -> None:
    due = date(2026, 11, 27)
    agreed = await city.agree(by(), wish())
    entered = await city.enter(by(), agreed.id, 1, "C1")
    changed = await city.change(by(), agreed.id, entered.version, wish(NEXT_DAY, due_day=due))
    assert (changed.stand.owed, changed.stand.number) == (Deed.CHANGE, "C1")
    cancelled = await city.cancel(by(), agreed.id, changed.version, due)
    assert [one.stand.owed for one in await city.owed()] == [Deed.CANCEL]
    with pytest.raises(Refused, match="not the number"):
        await city.enter(by(), agreed.id, cancelled.version, "C2")
    done = await city.enter(by(), agreed.id, cancelled.version, "C1")
    assert (done.stand.status, done.stand.owed) == (Status.CANCELLED, None)
    with pytest.raises(Refused, match="nothing is owed"):
        await city.enter(by(), agreed.id, done.version, "C1")


async def test_a_number_of_the_city_belongs_to_one_booking(city: BookingBook) -> None:
    one, other = [await city.agree(by(), wish()) for _ in range(2)]
    await city.enter(by(), one.id, 1, "C1")
    with pytest.raises(Refused, match="another booking"):
        await city.enter(by(), other.id, 1, "C1")


async def test_an_undone_change_owes_what_was_owed_before_it(city: BookingBook) -> None:
    agreed = await city.agree(by(), wish())
    entered = await city.enter(by(), agreed.id, 1, "C1")
    changed = await city.change(by(), agreed.id, entered.version, wish(NEXT_DAY))
    back = await city.undo(by(), agreed.id, changed.version, since=NOW - 60)
    assert back.stand == entered.stand
    assert await city.owed() == []


async def test_a_visit_that_was_missed_may_turn_out_to_have_been_one(city: BookingBook) -> None:
    agreed = await city.agree(by(), wish())
    with pytest.raises(Refused):
        await city.mark(by(), agreed.id, 1, Deed.VISIT)
    await city.enter(by(), agreed.id, 1, "C1")
    missed = await city.mark(by(), agreed.id, 2, Deed.MISS)
    came = await city.mark(by(), agreed.id, missed.version, Deed.VISIT)
    assert came.stand.status is Status.VISITED


# -- found again ---------------------------------------------------------------------------------


async def test_a_booking_is_found_by_what_people_know(city: BookingBook) -> None:
    hanako = await city.agree(by(), wish(TEN, HANAKO))
    family = await city.agree(
        by(), wish(NEXT_DAY, replace(HANAKO, kana="オオノ", name="大野"), ICHIRO)
    )

    async def ids(**known: object) -> list[str]:
        return [each.id for each in await city.find(Query(**known))]  # type: ignore[arg-type]

    assert await ids(name="まどぐち") == [hanako.id, family.id]
    assert await ids(name="ﾏﾄﾞｸﾞﾁ ﾊﾅｺ") == [hanako.id]
    assert (
        await ids(name="おおの")
        == await ids(name="オーノ")
        == await ids(name="大野")
        == [family.id]
    )
    assert await ids(name="おの") == []
    assert await ids(notice_no="AB1000001", day=THURSDAY) == [hanako.id]
    assert await ids(day=FRIDAY) == [family.id]
    assert await ids(site="kitano") == []
    await city.enter(by(), hanako.id, 1, "C9")
    assert await ids(number="C9") == [hanako.id]


async def test_a_name_comes_back_as_it_was_typed(city: BookingBook) -> None:
    odd = replace(HANAKO, name="葛\U000e0100城 𠮷子")
    agreed = await city.agree(by(), wish(TEN, odd))
    found = await city.booking(agreed.id)
    assert found is not None
    assert found.stand.party[0].name == odd.name


async def test_the_history_is_whole_and_each_line_begins_where_the_last_ended(
    own: BookingBook, database: Database
) -> None:
    id_, version = await booked(own)
    for when in (NEXT_DAY, HALF_PAST):
        version = (await own.change(by(), id_, version, wish(when))).version
    lines = await own.history(id_)
    assert [line.version for line in lines] == [1, 2, 3, 4]
    assert [line.before for line in lines[1:]] == [line.after for line in lines[:-1]]
    rows = await database.read(lambda connection: connection.execute(select(HISTORY)).all())
    assert len(rows) == 4


def test_a_stand_is_read_as_it_was_written() -> None:
    stand = wish(TEN, HANAKO, ICHIRO, owed=Deed.CHANGE, due_day=FRIDAY, form={"needs": ["writing"]})
    assert read(written(stand)) == stand


def test_a_notice_number_and_a_birth_date_are_shown_masked() -> None:
    assert masked_notice("AB1000001") == "●●●●●●001"
    assert masked_notice(None) == ""
    assert masked_birth(HANAKO.birth_date) == "1948-●●-●●"


async def test_the_database_itself_keeps_count(own: BookingBook, database: Database) -> None:
    """Whatever was done: what is taken is what is booked or held, and nothing is below zero."""
    id_, version = await booked(own)
    for when in (HALF_PAST, NEXT_DAY, TEN):
        version = (await own.change(by(), id_, version, wish(when))).version
    await own.cancel(by(), id_, version)
    rows = await database.read(lambda connection: connection.execute(select(SLOTS)).all())
    assert all((row.taken, row.left) == (0, row.capacity) for row in rows)
    with pytest.raises(DatabaseFailed):
        await database.write(lambda c: c.execute(update(SLOTS).values(taken=-1)))
