"""Who may do what, generated from the route table: every role × every route × an object.

A new route is in here as soon as it is declared. That a route is meant for a role is reviewed in
`agents/openapi.json` (`x-roles`); that the server keeps to it is tested here.
"""

import re
from collections.abc import Iterable, Mapping

import pytest

from agents.api import routes
from agents.people import EVERYBODY, PEOPLE, Role
from agents.web.problems import forbidden
from agents.web.routes import Route
from agents.web.security import CSRF_HEADER
from tests.agents.asking import Browser, Told
from tests.agents.bookings.people import a_wish
from tests.agents.desk import PASSWORD, Desk
from tests.agents.room import a_call, at_the_phone

ROUTES = tuple(routes())
CLOSED = [route for route in ROUTES if route.roles is not None]
UNSAFE = [route for route in CLOSED if route.method != "GET"]
UNKNOWN = "1nothing1"
FORBIDDEN = forbidden().said.en
NOBODY = 401


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    """Its address, with an object that is nobody's."""
    return re.sub(r"{\w+}", UNKNOWN, route.path)


async def ask(page: Browser, route: Route, headers: dict[str, str] | None = None) -> Told:
    socket = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": page.origin}
    sent = {**(socket if route.socket else {}), **(headers or {})}
    body: object = {} if "body" in route.models else None
    return await page.ask(route.method, path_of(route), body, sent)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_a_role_does_what_it_may_and_nothing_else(whole: Desk, role: Role) -> None:
    page = await whole.signed_in("somebody", role)
    for route in CLOSED:
        assert route.roles is not None
        if role in route.roles:
            continue
        told = await ask(page, route)
        assert (told.status, told.body["problem_en"]) == (403, FORBIDDEN), named(route)
    refused = [route for route in CLOSED if role not in (route.roles or ())]
    said = [deed for deed in await whole.deeds() if deed[1] == whole.ids["somebody"]]
    assert len(said) == 1 + len(refused)  # the sign-in, and a line for each
    for route in CLOSED:
        if role not in (route.roles or ()) or route.socket or route.path == "/api/session":
            continue
        told = await ask(page, route)
        assert told.status < 500, (named(route), told.body)
        assert told.status not in (401, 405), (named(route), told.body)
        if told.status == 403:
            assert told.body["problem_en"] != FORBIDDEN, named(route)


async def test_nobody_does_nothing(whole: Desk) -> None:
    page = whole.page()
    for route in CLOSED:
        assert (await ask(page, route)).status == NOBODY, named(route)


def those_of(role: Role, which: Iterable[Route]) -> list[Route]:
    """Each route once: under the first of the roles that may call it."""
    return [route for route in which if route.roles and min(route.roles) is role]


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_f10_no_change_without_our_origin_and_the_sessions_token(
    whole: Desk, role: Role
) -> None:
    page = await whole.signed_in("somebody", role)
    for route in those_of(role, UNSAFE):
        before = len(await whole.deeds())
        for headers in (
            {"Origin": ""}, {"Origin": "https://evil.example"}, {CSRF_HEADER: ""},
            {CSRF_HEADER: "0" * 64},
        ):  # fmt: skip
            told = await ask(page, route, headers)
            assert told.status == 403, (named(route), headers)
            assert told.body["problem_en"] != FORBIDDEN, named(route)
        said = (await whole.deeds())[before:]
        assert {word for word, _, _ in said} <= {route.audit or route.name}, named(route)
    page.headers["Authorization"] = f"Bearer {page.token}"
    page.token = None  # a token in a header or an address is no session
    for route in those_of(role, UNSAFE):
        assert (await ask(page, route)).status == NOBODY, named(route)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_f9_an_object_that_is_not_theirs_is_not_there(whole: Desk, role: Role) -> None:
    page = await whole.signed_in("somebody", role)
    for route in those_of(role, (each for each in CLOSED if "{" in each.path)):
        for thing in (
            UNKNOWN, "../../etc/passwd", "%2e%2e%2f", "a%00b", "1' OR '1'='1", "x" * 500
        ):  # fmt: skip
            path = re.sub(r"{\w+}", thing.replace("/", "%2f"), route.path)
            body: object = {} if "body" in route.models else None
            told = await page.ask(route.method, path, body)
            assert 400 <= told.status < 500, (named(route), thing, told.body)


@pytest.mark.parametrize("role", [None, *sorted(EVERYBODY)])
async def test_no_body_makes_the_desk_fall(whole: Desk, role: Role | None) -> None:
    page = whole.page() if role is None else await whole.signed_in("somebody", role)
    taking = [route for route in ROUTES if "body" in route.models]
    mine = those_of(role, taking) if role else [each for each in taking if each.roles is None]
    bodies: tuple[object, ...] = (
        [], None, "x", 1e400, {"a": 1}, {"name": "\x00"}, [[[[{}]]]] * 50
    )  # fmt: skip
    for route in mine:
        for body in bodies:
            told = await page.ask(route.method, path_of(route), body)
            assert 400 <= told.status < 500, (named(route), body, told.body)
            assert told.body["problem"].endswith("。"), named(route)


# -- objects that are there, and somebody else's -------------------------------------------------

# Of each route that names an object: the roles that do not find another person's. A route that is
# not listed here is one that nobody has thought about, and fails.
NOBODYS: Mapping[str, frozenset[Role]] = {
    "GET /api/calls/{call}/card": frozenset({Role.AGENT}),
    "POST /api/calls/{call}/number": frozenset({Role.AGENT}),
    "PUT /api/calls/{call}/draft": frozenset({Role.AGENT}),
    "POST /api/calls/{call}/outcome": frozenset({Role.AGENT}),
    "POST /api/calls/{call}/memos": frozenset({Role.AGENT}),
    "PUT /api/calls/{call}/quality": frozenset({Role.AGENT}),
    "POST /api/calls/{call}/escalation": frozenset({Role.AGENT}),
    "POST /api/escalations/{key}/take": frozenset({Role.CITY_APPROVER}),
    "POST /api/escalations/{key}/answer": frozenset({Role.CITY_APPROVER}),
    "DELETE /api/me/sessions/{session}": PEOPLE,
    "POST /api/me/keys/{factor}/removal": PEOPLE,
    # For everybody whom the role lets in: accounts are the administrator's, notices are all
    # people's, and a raised hand is for whoever leads.
    "POST /api/notices/{notice}/read": frozenset(),
    "DELETE /api/help/{help}": frozenset(),
    "DELETE /api/displays/{display}": frozenset(),
    # Bookings are the centre's: whoever has the citizen on the telephone goes on with them.
    "POST /api/bookings/{booking}/agreement": frozenset(),
    "POST /api/bookings/{booking}/slip": frozenset(),
    "GET /api/booking-sheets/{sheet}": frozenset(),
    "POST /api/booking-sheets/{sheet}": frozenset(),
    "GET /api/calls/{call}/bookings": frozenset(),  # those that whoever asks has made on it
    "GET /api/calls/{call}/booking-draft": frozenset(),  # one's own; another's is another row
    "PUT /api/calls/{call}/booking-draft": frozenset(),
    "DELETE /api/calls/{call}/booking-draft": frozenset(),
    "PUT /api/unsent/{place}": frozenset(),  # likewise
    "PUT /api/bookings/{booking}/number": frozenset(),
    "PUT /api/bookings/{booking}/appointment": frozenset(),
    "POST /api/bookings/{booking}/cancellation": frozenset(),
    "POST /api/bookings/{booking}/undoing": frozenset(),
    "POST /api/bookings/{booking}/reading": frozenset(),
    "GET /api/bookings/{booking}/transcript": frozenset(),
    "GET /api/bookings/{booking}/history": frozenset(),
    # The calendar, its modes and whoever stays on after closing are the centre's, too.
    "POST /api/calendar/proposals/{proposal}/approve": frozenset(),
    "POST /api/calendar/proposals/{proposal}/refuse": frozenset(),
    "POST /api/modes/{mode}": frozenset(),
    "POST /api/seats/{seat}/release": frozenset(),
    # So are callbacks: whoever is free calls the citizen back.
    "GET /api/callbacks/{callback}": frozenset(),
    "POST /api/callbacks/{callback}/number": frozenset(),
    "POST /api/callbacks/{callback}/deeds": frozenset(),
    "POST /api/callbacks/{callback}/call": frozenset(),
    "POST /api/callbacks/{callback}/result": frozenset(),
    "GET /api/calls/{call}/callbacks": frozenset({Role.AGENT}),
    "POST /api/calls/{call}/promise": frozenset({Role.AGENT}),
    "PATCH /api/users/{user}": frozenset(),
    "POST /api/users/{user}/password": frozenset(),
    "POST /api/users/{user}/factors": frozenset(),
    "POST /api/users/{user}/key-permit": frozenset(),
    "POST /api/users/{user}/displays": frozenset(),
    "GET /api/users/{user}/sessions": frozenset(),
    "DELETE /api/users/{user}/sessions": frozenset(),
    "DELETE /api/users/{user}/factors/{factor}": frozenset(),
    "DELETE /api/users/{user}/sessions/{session}": frozenset(),
}
# What may be done to these depends on what they are: each role does it in
# `test_web.py` and `test_sheets.py` of `tests/agents/bookings`,
# `tests/agents/calendar/test_calendar.py` and `tests/agents/calls/test_callbacks.py`.
BY_STATE = frozenset(
    (
        "POST /api/bookings/{booking}/agreement", "PUT /api/bookings/{booking}/number",
        "PUT /api/bookings/{booking}/appointment", "POST /api/bookings/{booking}/cancellation",
        "POST /api/bookings/{booking}/undoing",
        "GET /api/booking-sheets/{sheet}", "POST /api/booking-sheets/{sheet}",
        "POST /api/calendar/proposals/{proposal}/approve",
        "POST /api/calendar/proposals/{proposal}/refuse",
        "POST /api/callbacks/{callback}/call", "POST /api/callbacks/{callback}/result",
    )
)  # fmt: skip
CALL = "n1-1770598800.1"
WITH_OBJECTS = [route for route in CLOSED if "{" in route.path]
OUTCOME: dict[str, object] = {
    "key": "theirs-01",
    "reasons": ["P2"],
    "disposition": "D01",
    "note": "",
}
BODIES: Mapping[str, dict[str, object]] = {
    "draft": {"version": 0, "form": {"note": "x"}},
    "booking-draft": {"version": 0, "form": {"mode": "new", "key": "theirs-09"}},
    "slip": {"key": "theirs-10"},
    "outcome": OUTCOME,
    "memos": {"key": "theirs-02", "note": "x"},
    "quality": {
        "attempt": 1,
        "seconds": 60.0,
        "heard": {"loss": 0.0, "jitter": 0.0},
        "heard_delay": 0.0,
    },
    "escalation": {"key": "theirs-03", "to": "city", "note": "x"},
    "answer": {"answer": "x"},
    "removal": {"password": PASSWORD},
    "factors": {"label": "x", "seed": "31" * 20, "kind": "totp"},
    "displays": {"label": "x"},
    "emergency": {"minutes": 5},
    "promise": {"key": "theirs-05", "number": "0942-00-0124"},
    "deeds": {"key": "theirs-04", "do": "note", "text": "x"},
    "message": {"key": "theirs-11", "fields": {"text": "x"}},
    "reading": {"name": "窓口 花子", "birth_date": "S23.5.3"},
}


def test_somebody_has_thought_about_whose_each_object_is() -> None:
    assert {named(route) for route in WITH_OBJECTS} == NOBODYS.keys()
    for route in WITH_OBJECTS:
        assert NOBODYS[named(route)] <= (route.roles or frozenset()), named(route)


async def theirs(desk: Desk) -> dict[str, str]:
    """What another agent has, and what there is besides; by the name of the path's parameter."""
    other = await desk.signed_in("other", seat="a02")
    admin = await desk.signed_in("chief", Role.ADMINISTRATOR)
    leader = await desk.signed_in("leader", Role.SUPERVISOR)
    await a_call(desk, CALL, seat="a02", open_=True)
    await at_the_phone(desk, "a02", "talking", CALL)
    asked = {"key": "escalation-1", "to": "supervisor", "note": "至急"}
    assert (await other.ask("POST", f"/api/calls/{CALL}/escalation", asked)).status == 200
    notice = {"key": "notice-0001", "text": "朝礼"}
    assert (await leader.ask("POST", "/api/notices", notice)).status == 200
    assert (await other.ask("POST", "/api/help", {"key": "help-00001"})).status == 204
    user = f"/api/users/{desk.ids['other']}"
    factor = await admin.ask("POST", f"{user}/factors", BODIES["factors"])
    board = await desk.has("board", Role.DISPLAY)
    display = await admin.ask("POST", f"/api/users/{board}/displays", {"label": "x"})
    booking = await other.ask("POST", "/api/bookings", a_wish("booking-1"))
    assert booking.status == 200, booking.body
    memo = {"key": "callback-1", "number": "0942-00-0123"}
    callback = await other.ask("POST", "/api/callbacks", memo)
    assert callback.status == 200, callback.body
    (session,) = (await other.ask("GET", "/api/me/sessions")).body["sessions"]
    (hand,) = (await leader.ask("GET", "/api/help")).body["hands"]
    return {
        "call": CALL, "key": "escalation-1", "notice": "notice-0001", "help": hand["id"],
        "user": desk.ids["other"], "factor": factor.body["id"], "display": display.body["id"],
        "session": session["id"], "booking": booking.body["id"],
        "callback": callback.body["callback"], "mode": "emergency", "seat": "a02",
        "sheet": "pick", "place": "message",
    }  # fmt: skip


@pytest.mark.parametrize("role", sorted(PEOPLE))
async def test_f9_what_is_somebody_elses_does_not_exist(whole: Desk, role: Role) -> None:
    things = await theirs(whole)
    page = await whole.signed_in("somebody", role)
    if role is Role.AGENT:
        assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 200
    for route in WITH_OBJECTS:
        if role not in NOBODYS[named(route)]:
            continue
        path = re.sub(r"{(\w+)}", lambda found: things[found[1]], route.path)
        told = await page.ask(route.method, path, BODIES.get(path.rpartition("/")[2]))
        assert told.status == 404, (named(route), told.body)
    verdict = await whole.verdict()
    assert verdict.sound
    # Nothing of theirs was touched.
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    card = (await leader.ask("GET", f"/api/calls/{CALL}/card")).body
    assert (card["outcome"], card["memos"], card["escalations"][0]["taken"]) == (None, [], False)


@pytest.mark.parametrize("role", sorted(PEOPLE))
async def test_what_the_role_is_for_is_found(whole: Desk, role: Role) -> None:
    """The other half: else a server that finds nothing would pass. Each on its own things."""
    things = await theirs(whole)
    page = await whole.signed_in("somebody", role)
    for route in sorted(WITH_OBJECTS, key=lambda route: (route.method == "DELETE", route.path)):
        if role not in (route.roles or ()) or role in NOBODYS[named(route)]:
            continue
        if named(route) in BY_STATE:
            continue
        path = re.sub(r"{(\w+)}", lambda found: things[found[1]], route.path)
        if path.endswith("/displays"):
            path = f"/api/users/{whole.ids['board']}/displays"
        body = BODIES.get(path.rpartition("/")[2])
        if route.method == "PATCH":
            listed = (await page.ask("GET", "/api/users")).body["users"]
            version = next(each["version"] for each in listed if each["id"] == things["user"])
            body = {"version": version, "announced_name": "別の名"}
        told = await page.ask(route.method, path, body)
        gone = told.status == 404 and route.method == "DELETE" and route.path.endswith("session}")
        assert told.status in (200, 201, 204) or gone, (named(route), told.status, told.body)
