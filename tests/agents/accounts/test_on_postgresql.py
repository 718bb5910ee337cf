"""The same accounts on the other engine: one day of a person, with a wrong step at each place."""

import asyncio

from agents.accounts.second_factor import Generator, code
from agents.people import Role
from tests.agents.desk import PASSWORD, a_desk
from tests.store import postgres
from tests.store.conftest import postgres_socket

__all__ = ["postgres_socket"]
SEED = b"12345678901234567890"


async def test_a_day_on_postgresql(postgres_socket: str) -> None:
    url = await postgres.migrated(postgres_socket, "desk")
    async with a_desk(url) as desk:
        user = await desk.has("aoki")
        admin = await desk.signed_in("admin", Role.ADMINISTRATOR)
        form = {"name": "aoki", "announced_name": "青木", "role": "agent"}
        assert (await admin.ask("POST", "/api/users", form)).status == 409
        generator = {"label": "No. 7", "seed": SEED.hex(), "kind": "totp"}
        path = f"/api/users/{user}/factors"
        assert (await admin.ask("POST", path, generator)).status == 201

        page = desk.page()
        wrong = {"name": "aoki", "password": "not that one 1"}
        answers = await asyncio.gather(
            *(desk.page().ask("POST", "/api/session", wrong) for _ in range(8))
        )
        assert sorted(told.status for told in answers) == [401] * 5 + [429] * 3
        desk.clock.goes_on(1000)
        assert (await desk.sign_in(page, "aoki")).body["next"] == "factor"
        shown = {"code": code(Generator("totp", SEED), int(desk.clock() // 30))}
        told = await page.ask("POST", "/api/session/code", shown)
        page.csrf = told.body["csrf"]

        seats = await asyncio.gather(
            *(page.ask("POST", "/api/seat", {"seat": "a01"}) for _ in range(4))
        )
        assert {told.status for told in seats} <= {200, 409}
        assert (await page.ask("GET", "/api/session")).body["seat"] == "a01"
        other = await desk.signed_in("inoue")
        assert (await other.ask("POST", "/api/seat", {"seat": "a01"})).status == 409

        assert (await page.ask("PUT", "/api/session/pin", {"pin": "204816"})).status == 204
        assert (await page.ask("POST", "/api/session/lock")).status == 204
        assert (await page.ask("POST", "/api/session/unlock", {"pin": "1"})).status == 401
        unlocked = await page.ask("POST", "/api/session/unlock", {"password": PASSWORD})
        assert unlocked.status == 204

        change = {"version": 2, "enabled": False}
        assert (await admin.ask("PATCH", f"/api/users/{user}", change)).status == 409
        version = next(
            each["version"]
            for each in (await admin.ask("GET", "/api/users")).body["users"]
            if each["id"] == user
        )
        change["version"] = version
        assert (await admin.ask("PATCH", f"/api/users/{user}", change)).status == 200
        await desk.watch.look(desk.clock())
        assert desk.telephones.states["a01"] == "signed_out"
        assert (await desk.verdict()).sound
