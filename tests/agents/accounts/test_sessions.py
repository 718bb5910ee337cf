"""Sessions: time, locks, seats, and the end of an account."""

import asyncio

import aiohttp
import pytest

from agents.accounts import watch
from agents.accounts.floor import Doing
from agents.accounts.sessions import Fate, Session, Stage, Times, fate, living
from agents.accounts.users import User
from agents.people import PEOPLE, Caller, Role, SessionId, UserId
from agents.web.sockets import SIGNED_OUT, Socket, Sockets
from config.database import DatabaseFailed
from tests.agents.asking import Browser
from tests.agents.desk import PASSWORD, Desk

PIN = "204816"
CALL = ("offered", "talking", "hold", "wrap_up")


async def is_in(page: Browser) -> bool:
    """Whether the session is good."""
    return bool((await page.ask("GET", "/api/session")).body["signed_in"])


# -- the rule, as a table -----------------------------------------------------------------------

TIMES = Times(idle_for=600.0, session_for=3600.0)


def at(now: float, doing: Doing, *, seat: str | None = "a01", **of_user: object) -> Fate:
    session = Session(SessionId("s1"), "u1", Stage.OPEN, "::1", 0.0, 0.0, seat=seat)
    user = User(UserId("u1"), "n", "n", Role.AGENT, **of_user)  # type: ignore[arg-type]
    return fate(session, user, now, TIMES, doing)


@pytest.mark.parametrize(
    ("now", "doing", "seat", "becomes"),
    [
        (599, Doing.FREE, "a01", Fate.GOES_ON),
        (600, Doing.FREE, "a01", Fate.LOCKS),
        (600, Doing.FREE, None, Fate.ENDS),
        (3600, Doing.FREE, "a01", Fate.ENDS),
        (3600, Doing.BUSY, "a01", Fate.GOES_ON),
        (3600, Doing.UNKNOWN, "a01", Fate.GOES_ON),
    ],
)
def test_no_time_runs_out_while_a_call_may_be_in_progress(
    now: float, doing: Doing, seat: str | None, becomes: Fate
) -> None:
    assert at(now, doing, seat=seat) is becomes


@pytest.mark.parametrize(
    ("doing", "becomes"),
    [(Doing.FREE, Fate.ENDS), (Doing.BUSY, Fate.LEAVES), (Doing.UNKNOWN, Fate.ENDS)],
)
def test_an_accounts_end_ends_the_session_but_no_call(doing: Doing, becomes: Fate) -> None:
    assert at(1, doing, enabled=False) is becomes
    assert at(1, doing, valid_until=1.0) is becomes


def test_a_display_has_no_time() -> None:
    session = Session(SessionId("s1"), "u1", Stage.OPEN, "::1", 0.0, 0.0)
    display = User(UserId("u1"), "n", "n", Role.DISPLAY)
    assert fate(session, display, 9e9, TIMES, Doing.FREE) is Fate.GOES_ON


def test_who_stops_half_way_begins_again() -> None:
    session = Session(SessionId("s1"), "u1", Stage.FACTOR, "::1", 0.0, 0.0)
    user = User(UserId("u1"), "n", "n", Role.AGENT)
    assert fate(session, user, 299, TIMES, Doing.FREE) is Fate.GOES_ON
    assert fate(session, user, 300, TIMES, Doing.FREE) is Fate.ENDS


# -- time ---------------------------------------------------------------------------------------


async def test_an_idle_page_without_a_seat_is_signed_out(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    whole.clock.goes_on(1700)
    assert (await page.ask("POST", "/api/session/lock")).status == 204  # a sign of life
    whole.clock.goes_on(1700)
    assert await is_in(page)
    whole.clock.goes_on(101)
    assert not await is_in(page)
    await whole.watch.look(whole.clock())
    assert [word for word, _, _ in await whole.deeds("session_ended")] == ["session_ended"]


@pytest.mark.parametrize("role", sorted(PEOPLE))
async def test_whoever_only_reads_is_there_all_the_same(whole: Desk, role: Role) -> None:
    """The page says so for them; that it asks by itself for what is new says nothing of anybody."""
    page = await whole.signed_in("aoki", role)
    whole.clock.goes_on(1700)
    before = await whole.deeds()
    assert (await page.ask("POST", "/api/session/alive")).status == 204
    assert await whole.deeds() == before
    whole.clock.goes_on(1700)
    assert await is_in(page)
    whole.clock.goes_on(101)
    assert not await is_in(page)


async def test_a_locked_page_is_not_kept_open_by_a_sign_of_life(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    whole.clock.goes_on(1801)
    assert (await page.ask("POST", "/api/session/alive")).status == 423
    assert (await page.ask("GET", "/api/session")).body["locked"] is True


async def test_an_idle_page_at_a_seat_locks_and_the_seat_stays(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    whole.clock.goes_on(1801)
    told = (await page.ask("GET", "/api/session")).body
    assert (told["signed_in"], told["locked"], told["seat"]) == (True, True, "a01")
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 423
    opened = await page.ask("POST", "/api/session/unlock", {"password": PASSWORD})
    assert opened.status == 204
    assert (await page.ask("GET", "/api/session")).body["locked"] is False


@pytest.mark.parametrize("state", CALL)
async def test_nothing_times_out_during_a_call_or_its_wrap_up(whole: Desk, state: str) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    whole.telephones.states["a01"] = state
    whole.clock.goes_on(50_000)
    await whole.watch.look(whole.clock())
    told = (await page.ask("GET", "/api/session")).body
    assert (told["signed_in"], told["locked"]) == (True, False)
    whole.telephones.states["a01"] = "paused"
    whole.clock.goes_on(2)
    await whole.watch.look(whole.clock())
    assert not await is_in(page)
    assert whole.telephones.states["a01"] == "signed_out"


# -- the lock -----------------------------------------------------------------------------------


async def test_a_locked_page_opens_with_the_pin_of_the_day(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    assert (await page.ask("PUT", "/api/session/pin", {"pin": PIN})).status == 204
    assert (await page.ask("GET", "/api/session")).body["pin_set"] is True
    await page.ask("POST", "/api/session/lock")
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 423
    assert (await page.ask("PUT", "/api/session/pin", {"pin": PIN})).status == 423
    assert (await page.ask("POST", "/api/session/unlock", {"pin": PIN})).status == 204
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 200


@pytest.mark.parametrize("pin", ["12345", "１２３４５６", "123456", "777777", "135135", "987654"])
async def test_a_pin_that_anybody_would_guess_is_none(whole: Desk, pin: str) -> None:
    page = await whole.signed_in("aoki")
    told = await page.ask("PUT", "/api/session/pin", {"pin": pin})
    assert (told.status, list(told.body["fields"])) == (422, ["pin"])


async def test_after_five_wrong_pins_only_the_password_will_do(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    await page.ask("PUT", "/api/session/pin", {"pin": PIN})
    await page.ask("POST", "/api/session/lock")
    said = [
        (await page.ask("POST", "/api/session/unlock", {"pin": "113355"})).problem for _ in range(5)
    ]
    assert said[0] == "The PIN is wrong. You can try 4 more times."
    assert said[4] == "The PIN was wrong five times and is worth nothing now. Use your password."
    assert (await page.ask("POST", "/api/session/unlock", {"pin": PIN})).status == 401
    assert (await page.ask("POST", "/api/session/unlock", {"password": PASSWORD})).status == 204
    assert len(await whole.deeds("unlock_failed")) == 5


async def test_a_pin_is_good_for_its_day_only(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    await page.ask("PUT", "/api/session/pin", {"pin": PIN})
    whole.telephones.states["a01"] = "talking"  # a long one, over midnight
    whole.clock.goes_on(15 * 3600)
    assert (await page.ask("GET", "/api/session")).body["pin_set"] is False
    assert (await page.ask("POST", "/api/session/unlock", {"pin": PIN})).status == 401
    assert (await page.ask("PUT", "/api/session/pin", {"pin": PIN})).status == 409


async def test_guessing_the_password_of_a_locked_page_is_slowed_down(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    await page.ask("POST", "/api/session/lock")
    for _ in range(5):
        assert (await page.ask("POST", "/api/session/unlock", {"password": "x"})).status == 401
    told = await page.ask("POST", "/api/session/unlock", {"password": PASSWORD})
    assert told.status == 429


# -- seats --------------------------------------------------------------------------------------


async def test_a_seat_is_taken_with_the_person_and_left_with_the_sign_out(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    assert whole.telephones.people == {"a01": whole.ids["aoki"]}
    assert (await page.ask("GET", "/api/session")).body["seat"] == "a01"
    assert (await page.ask("DELETE", "/api/session")).status == 204
    assert whole.telephones.people == {}
    words = [word for word, _, _ in await whole.deeds("seat_taken", "seat_left", "signed_out")]
    assert words == ["seat_taken", "seat_left", "signed_out"]


async def test_a_seat_of_somebody_else_names_who_sits_there(whole: Desk) -> None:
    await whole.signed_in("aoki", seat="a01")
    other = await whole.signed_in("inoue")
    told = await other.ask("POST", "/api/seat", {"seat": "a01", "take_over": True})
    assert told.status == 409
    assert told.body["problem"].startswith("この席はaokiさんさんが使用中です。")
    assert whole.telephones.people == {"a01": whole.ids["aoki"]}


async def test_the_same_person_takes_over_from_another_pc_by_choice(whole: Desk) -> None:
    old = await whole.signed_in("aoki", seat="a01")
    new = await whole.signed_in("aoki")
    assert (await new.ask("POST", "/api/seat", {"seat": "a01"})).status == 409
    told = await new.ask("POST", "/api/seat", {"seat": "a01", "take_over": True})
    assert told.body["seat"] == "a01"
    assert (await old.ask("GET", "/api/session")).body["seat"] is None
    moved = await new.ask("POST", "/api/seat", {"seat": "a02"})
    assert moved.body["seat"] == "a02"
    assert whole.telephones.people == {"a02": whole.ids["aoki"]}


async def test_who_sits_elsewhere_on_another_pc_moves_by_choice(whole: Desk) -> None:
    await whole.signed_in("aoki", seat="a01")
    new = await whole.signed_in("aoki")
    assert (await new.ask("POST", "/api/seat", {"seat": "a02"})).status == 409
    told = await new.ask("POST", "/api/seat", {"seat": "a02", "take_over": True})
    assert told.body["seat"] == "a02"
    assert whole.telephones.people == {"a02": whole.ids["aoki"]}


async def test_during_a_call_nobody_stands_up(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    whole.telephones.states["a01"] = "talking"
    for path in ("/api/seat", "/api/session"):
        told = await page.ask("DELETE", path)
        assert told.status == 409
        assert told.problem == "A call is in progress. End it, then try again."
    assert await is_in(page)


async def test_an_agent_takes_no_supervisors_seat_and_no_seat_that_is_not_there(
    whole: Desk,
) -> None:
    page = await whole.signed_in("aoki")
    assert (await page.ask("POST", "/api/seat", {"seat": "s01"})).status == 409
    assert (await page.ask("POST", "/api/seat", {"seat": "a99"})).status == 404
    supervisor = await whole.signed_in("sato", Role.SUPERVISOR)
    assert (await supervisor.ask("POST", "/api/seat", {"seat": "s01"})).status == 200


async def test_a_seat_the_controller_refuses_is_not_taken(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    whole.telephones.away = True
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 503
    assert (await page.ask("GET", "/api/session")).body["seat"] is None
    whole.telephones.away = False
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 200


async def test_who_left_while_the_controller_was_away_is_signed_out_when_it_is_back(
    whole: Desk,
) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    whole.telephones.away = True
    assert (await page.ask("DELETE", "/api/session")).status == 204
    whole.telephones.away = False
    await whole.watch.empty_seats()
    assert whole.telephones.people == {}


# -- the end of an account --------------------------------------------------------------------


async def ended(whole: Desk, name: str) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    user = whole.ids[name]
    told = await admin.ask("PATCH", f"/api/users/{user}", {"version": 2, "enabled": False})
    assert told.status == 200, told.body


async def test_a_disabled_account_can_do_nothing_from_the_next_request_on(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    await ended(whole, "aoki")
    assert (await page.ask("POST", "/api/session/lock")).status == 401
    await whole.watch.look(whole.clock())
    assert whole.telephones.states["a01"] == "signed_out"
    assert (await whole.sign_in(whole.page(), "aoki")).status == 401


async def test_c7_a_call_in_progress_ends_normally_and_no_other_comes(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    whole.telephones.states["a01"] = "talking"
    await ended(whole, "aoki")
    for _ in range(3):
        await whole.watch.look(whole.clock())
    assert whole.telephones.paused == [("a01", "利用終了")]
    told = (await page.ask("GET", "/api/session")).body
    assert (told["signed_in"], told["leaving"]) == (True, True)
    refused = await page.ask("PUT", "/api/session/pin", {"pin": PIN})
    assert refused.problem == "Your account has ended. You are signed out when the call is over."
    whole.telephones.states["a01"] = "paused"
    whole.clock.goes_on(2)
    await whole.watch.look(whole.clock())
    assert not await is_in(page)
    assert whole.telephones.states["a01"] == "signed_out"


class Closing(Socket):
    """A socket of a session, which notes how it was closed."""

    def __init__(self, sockets: Sockets, session: str, role: Role) -> None:
        self.caller = Caller(UserId("u"), "n", "n", role, SessionId(session), "")
        self.codes: list[int] = []
        self._sockets = sockets
        sockets.add(self)

    async def close(self, code: int) -> None:
        self.codes.append(code)
        self._sockets.remove(self)


async def test_a_web_socket_is_closed_when_its_session_or_role_is_over(whole: Desk) -> None:
    await whole.signed_in("aoki")
    ((session, _),) = await whole.database.read(living)
    sockets = whole.server.sockets
    stays = Closing(sockets, session.id, Role.AGENT)
    gone = Closing(sockets, "s-ended", Role.AGENT)
    await whole.watch.look(whole.clock())
    assert (stays.codes, gone.codes) == ([], [SIGNED_OUT])
    await whole.set("aoki", role="supervisor")
    await whole.watch.look(whole.clock())
    assert stays.codes == [SIGNED_OUT]


async def test_a_call_that_begins_while_a_session_ends_is_not_cut(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    await ended(whole, "aoki")
    assert not await is_in(page)  # judged: free
    whole.telephones.states["a01"] = "talking"
    await whole.watch.look(whole.clock())  # still by what was heard within the second
    whole.clock.goes_on(2)
    assert (await page.ask("GET", "/api/session")).body["leaving"] is True


async def test_another_role_holds_from_the_next_request_on(whole: Desk) -> None:
    page = await whole.signed_in("aoki", Role.AUDITOR)
    assert (await page.ask("GET", "/api/audit")).status == 200
    await whole.set("aoki", role="agent")
    assert (await page.ask("GET", "/api/audit")).status == 403


async def test_an_accounts_end_closes_open_pages_by_itself_and_within_a_second(
    whole: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asks anything: the watch looks by itself, and goes on when the database was away."""
    assert watch.LOOKS_EVERY <= 0.5  # and a page that is a telephone is none after that
    monkeypatch.setattr(watch, "LOOKS_EVERY", 0.01)
    page = await whole.signed_in("aoki", seat="a01")
    looks = iter([DatabaseFailed("Gone in SELECT")])
    look = whole.watch.look

    async def first_fails(now: float) -> None:
        for failed in looks:
            raise failed
        await look(now)

    monkeypatch.setattr(whole.watch, "look", first_fails)
    async with page.socket("/api/news") as ws, asyncio.TaskGroup() as group:
        assert (await ws.receive_json())["floor"] is not None
        watching = group.create_task(whole.watch.run(whole.clock))
        await ended(whole, "aoki")
        async with asyncio.timeout(10):
            while (await ws.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
        assert ws.close_code == SIGNED_OUT
        watching.cancel()
    assert whole.telephones.states["a01"] == "signed_out"


# -- one PC, many people ------------------------------------------------------------------------


async def test_the_next_person_takes_a_locked_pc_over(whole: Desk) -> None:
    """Sign out and in: four requests, none of which waits for anything."""
    page = await whole.signed_in("aoki", seat="a01")
    await page.ask("PUT", "/api/session/pin", {"pin": PIN})
    await page.ask("POST", "/api/session/lock")
    old = page.token
    assert (await page.ask("DELETE", "/api/session")).status == 204
    assert whole.telephones.states["a01"] == "signed_out"
    await whole.has("baba")
    assert (await whole.sign_in(page, "baba")).status == 200
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 200
    told = (await page.ask("GET", "/api/session")).body
    assert (told["user"]["name"], told["seat"], told["pin_set"]) == ("baba", "a01", False)
    assert whole.telephones.people["a01"] == whole.ids["baba"]
    page.token = old  # what the page before knew is worth nothing
    assert not await is_in(page)


async def test_nobody_signs_somebody_out_of_a_call(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    await page.ask("POST", "/api/session/lock")
    whole.telephones.states["a01"] = "talking"
    assert (await page.ask("DELETE", "/api/session")).status == 409
    assert (await whole.sign_in(page, "aoki")).status == 409  # nor over it
    told = (await page.ask("GET", "/api/session")).body
    assert (told["locked"], told["seat"]) == (True, "a01")
    assert (await page.ask("POST", "/api/session/unlock", {"password": PASSWORD})).status == 204
