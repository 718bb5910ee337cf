"""The contract, tried by a machine: whatever fits `/api/openapi.json`, and whatever does not.

A started desk with its database, and every route under one of the roles that may call it, in turn
(`test_matrix.py` has every role on every route). Nothing answers 5xx, and every answer is as the
document says.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agents.api import routes
from agents.people import EVERYBODY, Role
from agents.web.openapi import document
from agents.web.security import CSRF_HEADER
from tests.agents.asking import Browser
from tests.agents.bookings.people import a_wish
from tests.agents.desk import Desk
from tests.agents.room import a_call, at_the_phone

CHECKS: Final = [
    not_a_server_error, response_schema_conformance, status_code_conformance,
    content_type_conformance,
]  # fmt: skip
EXAMPLES: Final = 2  # of each kind and route: the whole takes less than a minute
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
OVER: Final = (401, 423)  # the session was left, or the page locked
CALL: Final = "n1-1770598800.1"
TRIED: Final = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
)  # fmt: skip


@dataclass
class Session:
    """Of somebody of a role, who signs in again when the page was locked or left."""

    desk: Desk
    role: Role | None
    loop: asyncio.AbstractEventLoop
    known: Mapping[str, str]  # ids of what there is, by the name of the path's parameter
    page: Browser | None = None
    is_fresh: bool = False
    asked: list[str] = field(default_factory=list)

    def headers(self, method: str) -> dict[str, str]:
        """As the browser's page would send."""
        page = self.page
        assert page is not None
        sent = {"Host": f"{page.name}:{page.port}"}
        if page.token:
            sent["Cookie"] = f"{page.cookie}={page.token}"
        if method.upper() != "GET":
            sent |= {"Origin": page.origin, CSRF_HEADER: page.csrf}
        return sent

    def renew(self) -> None:
        """A session that is open, and not locked; in the server's own loop."""
        if not self.is_fresh:
            asyncio.run_coroutine_threadsafe(self._renew(), self.loop).result(30)
        self.is_fresh = True

    async def _renew(self) -> None:
        if self.role is None:
            self.page = self.desk.page()
            return
        told = {} if self.page is None else (await self.page.ask("GET", "/api/session")).body
        if told.get("signed_in") and not told["locked"]:
            return
        self.desk.clock.goes_on(3600.0)  # whatever was guessed wrong is forgiven
        name = self.role.value
        self.page = await self.desk.signed_in(name, self.role)
        if self.role is Role.AGENT:
            await self.page.ask("POST", "/api/seat", {"seat": "a01", "take_over": True})


def attempts(session: Session, operation: Any, mode: GenerationMode) -> Callable[[], None]:
    """Some requests to one route, made up by its schema."""

    @TRIED
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        session.renew()
        for name, value in session.known.items():
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = value
        assert session.page is not None
        case.headers = {}
        response = case.call(
            base_url=f"http://127.0.0.1:{session.page.port}",
            headers=session.headers(case.method),
            allow_redirects=False,
        )
        session.asked.append(f"{response.status_code}")
        session.is_fresh = response.status_code not in OVER and "session" not in case.path
        case.validate_response(response, checks=CHECKS)

    return attempt


def every(contract: dict[str, Any]) -> list[dict[str, Any]]:
    """Its operations, in the document's order."""
    return [each for of in contract["paths"].values() for each in of.values()]


def tried(session: Session, contract: dict[str, Any]) -> None:
    """Every route that is this role's turn."""
    schema = schemathesis.openapi.from_dict(contract)
    for number, found in enumerate(schema.get_all_operations()):
        assert isinstance(found, Ok), found
        operation = found.ok()
        raw = contract["paths"][operation.path][operation.method]
        if "101" in raw["responses"] or _tried_as(number, raw["x-roles"]) != session.role:
            continue
        for mode in MODES:
            with suppress(Unsatisfiable):  # nothing is sent here, so nothing can be wrong with it
                attempts(session, operation, mode)()


def _tried_as(number: int, roles: Any) -> Role | None:
    return None if roles == "anybody" else Role(roles[number % len(roles)])


def test_every_route_is_tried_under_somebody() -> None:
    told = every(document(routes()))
    tried_as = {_tried_as(number, each["x-roles"]) for number, each in enumerate(told)}
    assert tried_as >= {None, Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR}


async def things(desk: Desk) -> dict[str, str]:
    """A call that is being talked, and something of each other kind; their ids."""
    agent = await desk.signed_in("agent", Role.AGENT, "a01")
    await a_call(desk, CALL, open_=True)
    await at_the_phone(desk, "a01", "talking", CALL)
    asked = {"key": "escalated-1", "to": "city", "note": "休日は"}
    assert (await agent.ask("POST", f"/api/calls/{CALL}/escalation", asked)).status == 200
    leader = await desk.signed_in("supervisor", Role.SUPERVISOR)
    told = {"key": "notice-0001", "text": "本日は通常どおり"}
    assert (await leader.ask("POST", "/api/notices", told)).status == 200
    victim = await desk.has("victim")
    booking = await agent.ask("POST", "/api/bookings", a_wish("booking-1"))
    return {
        "call": CALL, "key": "escalated-1", "notice": "notice-0001", "user": victim,
        "booking": booking.body["id"],
    }  # fmt: skip


@pytest.mark.parametrize("role", [None, *sorted(EVERYBODY)])
async def test_every_answer_is_as_the_contract_says(whole: Desk, role: Role | None) -> None:
    known = await things(whole)
    if role is not None and role.value not in whole.ids:
        await whole.has(role.value, role)
    contract = (await whole.page().ask("GET", "/api/openapi.json")).body
    session = Session(whole, role, asyncio.get_running_loop(), known)
    await asyncio.to_thread(tried, session, contract)
    mine = sum(
        _tried_as(number, each["x-roles"]) == role
        for number, each in enumerate(every(contract))
        if "101" not in each["responses"]
    )
    assert len(session.asked) >= mine
