"""Letters to the city's system: one for each deed, in order, again until it has them, and once."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from agents.audit.verify import verify
from agents.bookings.city import outbox
from agents.bookings.city.courier import Courier, number_in
from agents.bookings.city.web import Correspondence
from agents.bookings.kept import BookingBook
from agents.bookings.retention import BookingRetention
from agents.bookings.states import Deed, Master, Refused, Status
from agents.bookings.tables import BOOKINGS, LETTERS
from agents.floor.hub import Hub
from agents.web.letters import Seal
from config import logs
from config.database import Database
from telephony.simulation.shell.news import FakeNews
from telephony.store.city_letters import CityLetters, LettersOwed
from tests.agents.bookings.city.receiver import KEY, CitySystem, city_system
from tests.agents.bookings.people import HALF_PAST, NEXT_DAY, NOW, TEN, by, slot, wish
from tests.agents.desk import FakeLink, Hand

SEAL = Seal.of(KEY)
AUDIT_KEY = bytes.fromhex("11" * 32)


@dataclass
class Post:
    """A book whose deeds are told, the worker, and the city at the other end."""

    database: Database
    book: BookingBook
    courier: Courier
    city: CitySystem
    http: aiohttp.ClientSession
    clock: Hand

    async def deliver(self) -> int:
        """Whatever is due; how many attempts."""
        attempts = 0
        while await self.courier.deliver_one(self.http, self.clock):
            attempts += 1
        return attempts

    async def standing(self) -> outbox.Standing:
        return await self.database.read(outbox.standing)

    async def agreed(self, key: str = "") -> Any:
        wanted = replace(
            wish(form={"note": "内緒", "phone": "0942000101"}), status=Status.PROVISIONAL
        )
        return await self.book.agree(by(key=key), wanted)


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    book = BookingBook(database, Master.CITY, Correspondence(SEAL).tell)
    clock = Hand(NOW)
    hub = Hub(FakeNews(), FakeLink(), clock)
    async with city_system(SEAL, NOW) as city, aiohttp.ClientSession() as http:
        courier = Courier(database, book, hub, city.url, SEAL, {"main": "本庁舎"}, AUDIT_KEY)
        yield Post(database, book, courier, city, http, clock)


async def test_what_was_agreed_is_told_and_the_citys_number_comes_back(post: Post) -> None:
    one = await post.agreed()
    assert await post.deliver() == 1
    (letter,) = post.city.letters
    assert (letter["type"], letter["booking"]["owed"]) == ("booking.agree", "agree")
    assert letter["booking"]["party"][0]["kana"] == "マドグチ ハナコ"
    assert "内緒" not in json.dumps(letter, ensure_ascii=False)
    entered = await post.book.booking(one.id)
    assert entered is not None
    assert (entered.stand.status, entered.stand.number) == (Status.BOOKED, "C-0001")
    assert await post.book.owed() == []
    last = (await post.book.history(one.id))[-1]
    assert (last.deed, last.user, last.announced_name) == (Deed.ENTER, "city", "市の予約システム")
    assert await post.deliver() == 0  # what the city said itself is not told back
    assert (await post.database.read(lambda c: verify(c, AUDIT_KEY, None))).sound


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(post: Post) -> None:
    post.city.piecemeal = True
    one = await post.agreed()
    await post.deliver()
    entered = await post.book.booking(one.id)
    assert entered is not None
    assert entered.stand.number == "C-0001"


async def test_each_deed_is_one_letter_in_order(post: Post) -> None:
    post.city.numbers = False
    one = await post.agreed()
    await post.book.change(by(), one.id, 1, replace(wish(HALF_PAST), due_day=TEN.day))
    await post.book.enter(by(), one.id, 2, "Y-1")
    await post.book.cancel(by(), one.id, 3, TEN.day)
    assert await post.deliver() == 4
    assert [each["type"] for each in post.city.letters] == [
        "booking.agree", "booking.change", "booking.enter", "booking.cancel",
    ]  # fmt: skip
    told = [(each["booking"]["version"], each["booking"]["start"], each["booking"]["number"])
            for each in post.city.letters]  # fmt: skip
    assert told == [
        (1, "10:00", None),
        (2, "10:30", None),
        (3, "10:30", "Y-1"),
        (4, "10:30", "Y-1"),
    ]


async def test_a_deed_that_fails_tells_nobody(post: Post) -> None:
    one = await post.agreed()
    with pytest.raises(Refused):
        await post.book.mark(by(), one.id, 1, Deed.VISIT)
    assert (await post.standing()).waiting == 1


async def test_a_hold_and_its_end_are_nobodys_business(post: Post) -> None:
    own = BookingBook(post.database, Master.OWN, Correspondence(SEAL).tell)
    await own.open_slots([slot(TEN), slot(NEXT_DAY)], NOW)
    held = await own.hold(by(), wish(), NOW + 600)
    await own.cancel(by(), held.id, 1)
    again = await own.hold(by(), wish(), NOW + 600)
    assert (await post.standing()).waiting == 0
    await own.agree_held(by(), again.id, 1, wish())
    assert (await post.standing()).waiting == 1


async def test_it_is_tried_again_with_growing_pauses_until_it_is_taken(post: Post) -> None:
    await post.agreed()
    post.city.status = [503, 429, 500, 408]
    pauses = []
    while (await post.standing()).waiting:
        assert await post.deliver() == 1
        due = await post.database.read(lambda c: c.scalar(select(LETTERS.c.due_at)))
        assert due is not None
        pauses.append(due - post.clock.now)
        post.clock.now = post.city.now = due
        assert len(pauses) < 9
    assert pauses[:4] == [5.0, 10.0, 20.0, 40.0]
    assert len(set(post.city.seen)) == 1  # one letter, however often it was sent
    assert len(post.city.letters) == 1


async def test_the_pause_has_an_end(post: Post) -> None:
    await post.agreed()
    due = outbox.Due((await post.book.owed())[0].id, 1, 0)
    await post.database.write(lambda c: c.execute(LETTERS.update().values(attempts=500)).rowcount)
    await post.database.write(lambda c: outbox.failed(c, replace(due, attempts=500), NOW, "x"))
    at = await post.database.read(lambda c: c.scalar(select(LETTERS.c.due_at)))
    assert at == NOW + outbox.LONGEST_PAUSE


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 422])
async def test_what_is_refused_waits_for_a_person_and_is_not_taken_elsewhere(
    post: Post, status: int
) -> None:
    await post.agreed()
    post.city.status = [status]
    assert await post.deliver() == 1
    stands = await post.standing()
    assert (stands.waiting, stands.refused) == (0, 1)
    (stuck,) = await post.database.read(outbox.stuck)
    assert stuck.reason == f"http {status}"
    assert await post.database.write(lambda c: outbox.again(c, NOW)) == outbox.Again(1, 0)
    assert await post.deliver() == 1
    assert (await post.standing()).refused == 0
    assert len(post.city.letters) == 1


async def test_what_was_refused_never_comes_after_a_newer_letter_of_its_booking(
    post: Post,
) -> None:
    post.city.numbers = False
    one = await post.agreed()
    other = await post.agreed()
    post.city.status = [422, 422]
    assert await post.deliver() == 2
    await post.book.change(by(), one.id, 1, replace(wish(HALF_PAST), due_day=TEN.day))
    assert await post.deliver() == 1  # and with it the city has all there is to know of this one
    assert (await post.standing()).refused == 1
    assert await post.database.write(lambda c: outbox.again(c, NOW)) == outbox.Again(1, 1)
    assert await post.deliver() == 1
    told = [(each["booking"]["booking"], each["booking"]["start"]) for each in post.city.letters]
    assert told == [(one.id, "10:30"), (other.id, "10:00")]


async def test_an_older_letter_that_is_sent_again_while_a_newer_is_on_its_way_stays(
    post: Post,
) -> None:
    one = await post.agreed()
    post.city.status = [422]
    assert await post.deliver() == 1
    await post.book.change(by(), one.id, 1, replace(wish(HALF_PAST), due_day=TEN.day))
    newer = await post.database.write(lambda c: outbox.claim(c, NOW))
    assert newer == outbox.Due(one.id, 2, 1)
    came = await post.database.write(lambda c: outbox.again(c, NOW))
    assert came == outbox.Again(1, 0)  # nobody knows yet whether the newer one is taken
    await post.database.write(lambda c: outbox.delivered(c, newer, NOW))
    assert await post.deliver() == 0
    stands = await post.standing()
    assert (stands.waiting, stands.refused, stands.superseded) == (0, 0, 1)


async def test_a_letter_that_an_older_release_left_refused_is_known_as_outdated(
    post: Post,
) -> None:
    one = await post.agreed()
    await post.book.change(by(), one.id, 1, replace(wish(HALF_PAST), due_day=TEN.day))
    assert await post.deliver() == 2
    left = LETTERS.update().where(LETTERS.c.version == 1).values(state=outbox.REFUSED)
    await post.database.write(lambda c: c.execute(left).rowcount)
    came = await post.database.write(lambda c: outbox.again(c, NOW))
    assert came == outbox.Again(0, 1)
    assert await post.deliver() == 0


async def test_the_alarms_count_what_is_on_the_page(post: Post) -> None:
    letters = CityLetters(post.database)
    assert await letters.owed() == LettersOwed(None, 0)
    post.city.status = [422, 503]
    one = await post.agreed()
    await post.deliver()
    await post.agreed()
    await post.deliver()
    assert await letters.owed() == LettersOwed(NOW, 1)
    await post.book.change(by(), one.id, 1, replace(wish(HALF_PAST), due_day=TEN.day))
    post.clock.goes_on(10)
    post.city.now = post.clock.now
    await post.deliver()
    stands = await post.standing()
    assert await letters.owed() == LettersOwed(stands.oldest_at, stands.refused)
    assert stands.superseded == 1
    assert (stands.waiting, stands.refused) == (0, 0)


async def test_of_two_that_were_refused_both_leave_in_their_order(post: Post) -> None:
    post.city.numbers = False
    one = await post.agreed()
    await post.book.change(by(), one.id, 1, replace(wish(HALF_PAST), due_day=TEN.day))
    post.city.status = [422, 422]
    assert await post.deliver() == 2
    assert await post.database.write(lambda c: outbox.again(c, NOW)) == outbox.Again(2, 0)
    assert await post.deliver() == 2
    assert [each["booking"]["version"] for each in post.city.letters] == [1, 2]


async def test_a_city_that_is_away_loses_nothing(post: Post) -> None:
    await post.agreed()
    url = "http://127.0.0.1:9/hook"  # nobody is there
    away = replace(post.courier, url=url)
    assert await away.deliver_one(post.http, post.clock)
    (stuck,) = await post.database.read(outbox.stuck)
    assert (stuck.state, stuck.reason) == ("waiting", "no answer")
    post.clock.goes_on(10)
    post.city.now = post.clock.now
    assert await post.deliver() == 1
    assert (await post.standing()).last_delivered_at == post.clock.now


async def test_a_worker_that_dies_after_it_was_sent_makes_no_second_booking(post: Post) -> None:
    await post.agreed()
    due = await post.database.write(lambda c: outbox.claim(c, NOW))
    assert due is not None
    body = await post.database.read(lambda c: post.courier.letter(c, due))
    assert body is not None
    await post.courier.send(post.http, due, body, int(NOW))
    # It dies here; another worker finds the claim run out.
    assert await post.deliver() == 0
    post.clock.goes_on(outbox.CLAIMED_FOR)
    assert await post.deliver() == 1
    assert len(post.city.seen) == 2
    assert post.city.entered == {due.booking: "C-0001"}
    assert (await post.standing()).waiting == 0


async def test_two_workers_never_have_the_same_letter(post: Post) -> None:
    await post.agreed()
    assert await post.database.write(lambda c: outbox.claim(c, NOW)) is not None
    assert await post.database.write(lambda c: outbox.claim(c, NOW)) is None


async def test_what_has_moved_on_is_entered_by_its_next_letter(post: Post) -> None:
    one = await post.agreed()
    moved = replace(wish(HALF_PAST), due_day=TEN.day)
    await post.book.change(by(), one.id, 1, moved)
    assert await post.deliver() == 2
    now = await post.book.booking(one.id)
    assert now is not None
    assert (now.stand.when, now.stand.number, now.stand.owed) == (HALF_PAST, "C-0001", None)


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b'{"number": 7}', b'{"number": "000000000019"}', b'{"number": "x y"}']
)
def test_an_answer_that_names_no_number_enters_nothing(answer: bytes) -> None:
    assert number_in(answer) is None


async def test_no_line_of_the_log_says_whom_it_is_about(post: Post) -> None:
    stream = StringIO()
    before = logging.getLogger().handlers[:]
    logs.configure("desk", stream=stream)
    try:
        post.city.status = [422]
        await post.agreed()
        await post.agreed()
        await replace(post.courier, url="http://127.0.0.1:9/x").deliver_one(post.http, post.clock)
        await post.deliver()
    finally:
        logging.getLogger().handlers[:] = before
    told = stream.getvalue()
    assert "city system away" in told
    assert "refused by the city system" in told
    bookings = await post.database.read(lambda c: list(c.scalars(select(BOOKINGS.c.id))))
    for secret in ("1948", "AB1", "花子", "ハナコ", "0942", "whsec", *bookings):
        assert secret not in told
    rows = await post.database.read(lambda c: str(c.execute(select(LETTERS)).all()))
    for secret in ("1948", "AB1", "花子", "ハナコ", "0942"):
        assert secret not in rows


async def test_letters_go_with_their_booking(post: Post) -> None:
    post.city.numbers = True
    await post.agreed()
    await post.deliver()
    later = NOW + 86_400 * 2000
    assert await BookingRetention(post.database, AUDIT_KEY, 365).look(later) == 1
    assert await post.database.read(lambda c: c.execute(select(LETTERS)).all()) == []
