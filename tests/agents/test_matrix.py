"""Who may do what, generated from the route table: every role × every route × an object.

A new route is in here as soon as it is declared. That a route is meant for a role is reviewed in
`agents/openapi.json` (`x-roles`); that the server keeps to it is tested here.
"""

import re
from collections.abc import Iterable

import pytest

from agents.api import routes
from agents.people import EVERYBODY, Role
from agents.web.problems import forbidden
from agents.web.routes import Route
from agents.web.security import CSRF_HEADER
from tests.agents.asking import Browser, Told
from tests.agents.desk import Desk

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
        assert {word for word, _, _ in said} <= {route.audit}, named(route)
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
