"""Rows A7, F6 and F11 of the catalogue of bad input, for every text that the route table takes.

The fields come from the contract, so a new one is in here as soon as it is declared: whoever writes
it, a citizen's agent or an administrator.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest

from agents.api import routes
from agents.people import Role
from agents.web.openapi import document
from agents.web.routes import Route
from tests.agents.asking import Browser, Told
from tests.agents.calendar.test_calendar import SHORTER
from tests.agents.desk import Desk
from tests.agents.test_matrix import named, path_of

ROUTES: Final = tuple(route for route in routes() if "body" in route.models)
CONTRACT: Final = document(ROUTES)
SENTENCE: Final = re.compile(r"[^\x00-\x7f].*\([ -~]+\)$")  # Japanese, with English in brackets
UNKEEPABLE: Final = {
    "nul": "花\x00子",
    "a terminal's": "\x1b[31m花子",
    "a bell": "花子\x07",
    "delete": "花\x7f子",
    "of C1": "花\x9b31m子",
}
INVISIBLE: Final = ("   ", "\u3000", "\u200b", "\u2060\ufeff", "\u202e", "\U000e0100", "\u00ad")
INERT: Final = {
    "script": "<script>window.hurt=1</script>",
    "image": '"><img src=x onerror="window.hurt=1">',
    "formula": '=HYPERLINK("http://x.invalid")',
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "right to left": "\u202e太郎\u2066花子",
    "zero width": "太\u200b郎\u200d花\ufeff子",
    "combining": "か\u3099\ufa19e\u0301",
    "variant": "葛\U000e0100城",
    "emoji": "👩‍👩‍👧‍👦",
    "template": "{{7*7}} ${7*7} %s {0}",
}


class Field(NamedTuple):
    """A text that a route takes, and where in its body it stands."""

    route: Route
    at: tuple[str, ...]
    longest: int | None
    shortest: int
    is_code: bool  # of few words or signs, so no free text

    def body(self, text: str) -> dict[str, Any]:
        """With nothing else in it: each field is told of by itself."""
        body: Any = text
        for name in reversed(self.at):
            body = [body] if name == "*" else {name: body}
        assert isinstance(body, dict)
        return body

    def fault(self, told: Told) -> str | None:
        """What is said of it."""
        said: str | None = told.body["fields"].get(".".join(self.at).replace("*", "0"))
        return said

    def __str__(self) -> str:
        return f"{named(self.route)} {'.'.join(self.at)}"


def _texts(schema: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        yield from _texts(CONTRACT["components"]["schemas"][name], at)
    for each in schema.get("anyOf", ()):
        yield from _texts(each, at)
    if schema.get("type") == "string" and not {"enum", "const", "format"} & schema.keys():
        yield at, schema
    for name, each in schema.get("properties", {}).items():
        yield from _texts(each, (*at, name))
    if "items" in schema:
        yield from _texts(schema["items"], (*at, "*"))


def _fields(route: Route) -> Iterator[Field]:
    operation = CONTRACT["paths"][route.path][route.method.lower()]
    for at, schema in _texts(operation["requestBody"]["content"]["application/json"]["schema"]):
        is_code = "pattern" in schema or at[-1] in ("key", "page", "token")
        yield Field(route, at, schema.get("maxLength"), schema.get("minLength", 0), is_code)


FIELDS: Final = tuple(field for route in ROUTES for field in _fields(route))
# No name, no sentence: what is kept of these is a hash or a code, or is read by a program.
SECRET: Final = ("password", "old", "new", "pin", "code", "second", "seed", "token")
FILE: Final = ("content", "calendar")
# A rule reads these and says what it takes.
READ: Final = ("POST /api/bookings/birth-date text", "POST /api/bookings/search notice_no")
FREE: Final = [
    field
    for field in FIELDS
    if not field.is_code and field.at[-1] not in (*SECRET, *FILE)
]  # fmt: skip


async def whoever_may(whole: Desk, route: Route) -> Browser:
    """Somebody whom the role lets in; one of each role is enough."""
    if route.roles is None:
        return whole.page()
    role = min(route.roles)
    return await whole.signed_in(f"one-{role.value.replace('_', '-')}", role)


class Pages:
    """A page of each role, made when it is first needed."""

    def __init__(self, whole: Desk) -> None:
        self._whole = whole
        self._by_role: dict[Role | None, Browser] = {}

    async def ask(self, field: Field, text: str) -> Told:
        """The route with this in the field, of an object that is nobody's."""
        role = None if field.route.roles is None else min(field.route.roles)
        if role not in self._by_role:
            self._by_role[role] = await whoever_may(self._whole, field.route)
        page, route = self._by_role[role], field.route
        path = path_of(route).replace("sheets/1nothing1", "sheets/pick")  # one of three
        return await page.ask(route.method, path, field.body(text))


def test_the_texts_of_whoever_runs_the_centre_are_among_them() -> None:
    told = {str(field) for field in FREE}
    assert told >= {
        "POST /api/users announced_name", "PATCH /api/users/{user} designation",
        "POST /api/users/{user}/displays label", "POST /api/users/{user}/factors label",
        "POST /api/notices text", "POST /api/handover text", "POST /api/messages text",
        "POST /api/escalations/{key}/answer answer", "POST /api/calendar/proposals agreed_by",
        "POST /api/calls/{call}/outcome note", "POST /api/bookings party.*.name",
    }  # fmt: skip


async def test_f6_what_no_screen_shows_and_no_database_takes_is_told_by_its_field(
    whole: Desk,
) -> None:
    pages, wrong = Pages(whole), []
    for field in FREE:
        long = () if field.longest is None else ("あ" * (field.longest + 1),)
        for text in (*UNKEEPABLE.values(), *long):
            told = await pages.ask(field, text)
            fault = field.fault(told) if told.status == 422 else None
            if fault is None or not SENTENCE.search(fault):
                wrong.append((str(field), text[:8], told.status, fault))
    assert wrong == []


async def test_f6_half_of_a_sign_is_told_and_nothing_falls(whole: Desk) -> None:
    pages, wrong = Pages(whole), []
    for field in FIELDS:
        told = await pages.ask(field, "花\ud800子")
        if told.status != 400 or not told.body["problem"].endswith("。"):
            wrong.append((str(field), told.status))
    assert wrong == []


async def test_a7_f11_what_is_inert_is_no_fault(whole: Desk) -> None:
    """It is kept as it was typed, and it is the page that must not run it."""
    pages, wrong = Pages(whole), []
    for field in FREE:
        for name, text in INERT.items():
            told = await pages.ask(field, text)
            if told.status >= 500 or (
                told.status == 422 and field.fault(told) is not None and str(field) not in READ
            ):
                wrong.append((str(field), name, told.status, told.body))
    assert wrong == []


async def test_f6_what_must_be_said_is_not_said_by_signs_that_nobody_sees(whole: Desk) -> None:
    """Else an account has no name, and an urgent notice no words."""
    pages, wrong = Pages(whole), []
    for field in FREE:
        if field.shortest == 0:
            continue
        for text in INVISIBLE:
            told = await pages.ask(field, text)
            fault = field.fault(told) if told.status == 422 else None
            if fault is None or not SENTENCE.search(fault):
                wrong.append((str(field), ascii(text), told.status, fault))
    assert wrong == []


async def test_no_code_and_no_secret_makes_the_desk_fall(whole: Desk) -> None:
    pages, wrong = Pages(whole), []
    for field in FIELDS:
        if field in FREE:
            continue
        for text in (*UNKEEPABLE.values(), *INVISIBLE, *INERT.values(), "あ" * 5_000):
            told = await pages.ask(field, text)
            if told.status >= 500:
                wrong.append((str(field), ascii(text)[:20], told.status))
    assert wrong == []


def every_text(value: Any) -> set[str]:
    """Of an answer."""
    match value:
        case str():
            return {value}
        case dict():
            return set().union(*map(every_text, value.values()))
        case list():
            return set().union(*map(every_text, value))
        case _:
            return set()


@pytest.mark.parametrize("text", INERT.values(), ids=INERT)
async def test_a7_f6_f11_what_whoever_runs_the_centre_writes_is_told_to_the_letter(
    whole: Desk, text: str
) -> None:
    """Names of people, designations, labels, notices, hand-over notes, letters, the calendar's."""
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    leader = await whole.signed_in("sue", Role.SUPERVISOR, seat="s01")
    board = await whole.has("board", Role.DISPLAY)

    async def written(page: Browser, method: str, path: str, **form: str | int) -> Any:
        told = await page.ask(method, path, form)
        assert told.status in (200, 201), (path, told.body)
        return told.body

    person = {"name": "writer", "announced_name": text, "designation": text, "role": "agent"}
    writer = (await written(admin, "POST", "/api/users", **person))["user"]["id"]
    own = f"/api/users/{whole.ids['sue']}"
    listed = (await admin.ask("GET", "/api/users")).body["users"]
    (version,) = (each["version"] for each in listed if each["id"] == whole.ids["sue"])
    await written(admin, "PATCH", own, announced_name=text, designation=text, version=version)
    await written(admin, "POST", f"/api/users/{board}/displays", label=text)
    seed = {"seed": "ab" * 20, "kind": "totp"}
    await written(admin, "POST", f"/api/users/{writer}/factors", label=text, **seed)
    await written(leader, "POST", "/api/notices", key="notice-0001", text=text)
    await written(leader, "POST", "/api/handover", key="handover-1", text=text)
    await written(leader, "POST", "/api/messages", key="message-01", text=text)
    entry = {"what": text, "why": text, "agreed_on": "2026-02-01", "agreed_by": text}
    await written(leader, "POST", "/api/calendar/proposals", calendar=SHORTER, **entry)
    auditor = await whole.signed_in("kansa", Role.AUDITOR)
    for page, path in (
        (admin, "/api/users"), (admin, "/api/displays"), (auditor, "/api/audit/known"),
        (leader, "/api/notices"), (leader, "/api/handover"), (leader, "/api/messages"),
        (leader, "/api/calendar/changes"), (leader, "/api/session"),
    ):  # fmt: skip
        told = await page.ask("GET", path)
        assert text in every_text(told.body), (path, told.body)
        assert told.headers["Content-Type"].startswith("application/json"), path
        assert told.headers["X-Content-Type-Options"] == "nosniff", path
