"""Signing in and out: who gets in, what the cookie is, how guessing is slowed down."""

import re
from pathlib import Path

import pytest

from agents.accounts.lockout import FREE_FOR_PERSON, Failures, after_another
from agents.people import Role
from config.site_model import Desk as DeskSettings
from tests.agents.desk import PASSWORD, Desk, a_desk

WRONG = {"name": "aoki", "password": "something else 7"}


async def test_a_name_and_its_password_open_a_session(whole: Desk) -> None:
    user = await whole.has("aoki")
    page = whole.page()
    assert (await page.ask("GET", "/api/session")).body["signed_in"] is False
    told = await whole.sign_in(page, "aoki")
    assert told.body["user"] == {
        "id": user, "name": "aoki", "announced_name": "aokiさん", "role": "agent",
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{64}", told.body["csrf"])
    again = await page.ask("GET", "/api/session")
    assert (again.body["user"]["id"], again.body["csrf"]) == (user, told.body["csrf"])
    assert await whole.deeds("signed_in") == [("signed_in", user, None)]


async def test_the_cookie_is_for_this_host_alone(whole: Desk) -> None:
    await whole.has("aoki")
    told = await whole.sign_in(whole.page(), "aoki")
    cookie = told.headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-mado-{whole.door.port}=")
    for word in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


async def test_every_sign_in_has_another_cookie_and_ends_the_one_before(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    first, csrf = page.token, page.csrf
    await whole.sign_in(page, "aoki")
    assert page.token != first
    page.token, page.csrf = first, csrf
    assert (await page.ask("GET", "/api/session")).body["signed_in"] is False


async def test_a_cookie_is_worth_nothing_after_the_sign_out(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    stolen = page.token
    assert (await page.ask("DELETE", "/api/session")).status == 204
    assert page.token is None
    page.token = stolen
    assert (await page.ask("POST", "/api/session/lock")).status == 401


async def test_the_database_holds_nothing_that_opens_a_session(whole: Desk, url: str) -> None:
    page = await whole.signed_in("aoki")
    assert page.token is not None
    file = Path(url.removeprefix("sqlite:///"))
    kept = file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()
    for secret in (page.token, page.csrf, PASSWORD):
        assert secret.encode() not in kept


@pytest.mark.parametrize("name", ["aoki", "nobody"])
async def test_who_is_wrong_is_not_told_in_what(whole: Desk, name: str) -> None:
    await whole.has("aoki")
    told = await whole.page().ask("POST", "/api/session", {**WRONG, "name": name})
    assert told.status == 401
    assert told.problem == "The name or the password is wrong. Check them and try again."
    assert "Set-Cookie" not in told.headers


@pytest.mark.parametrize("ended", [{"enabled": False}, {"valid_until": 1.0}, {"valid_from": 9e9}])
async def test_an_account_that_is_not_good_now_does_not_open(
    whole: Desk, ended: dict[str, object]
) -> None:
    await whole.has("aoki")
    await whole.set("aoki", **ended)
    assert (await whole.sign_in(whole.page(), "aoki")).status == 401


async def test_guessing_shuts_the_door_for_the_right_password_too(whole: Desk) -> None:
    user = await whole.has("aoki")
    page = whole.page()
    for _ in range(FREE_FOR_PERSON):
        assert (await page.ask("POST", "/api/session", WRONG)).status == 401
    told = await whole.sign_in(page, "aoki")
    assert (told.status, told.headers["Retry-After"]) == (429, "16")
    whole.clock.goes_on(17)
    assert (await page.ask("POST", "/api/session", WRONG)).status == 401
    assert (await whole.sign_in(page, "aoki")).headers["Retry-After"] == "31"
    whole.clock.goes_on(32)
    assert (await whole.sign_in(page, "aoki")).status == 200
    assert await whole.deeds("sign_in_failed") == [("sign_in_failed", user, None)] * (
        FREE_FOR_PERSON + 1
    )


async def test_a_restart_opens_no_door_and_other_people_get_in(url: str) -> None:
    async with a_desk(url) as desk:
        await desk.has("aoki")
        for _ in range(FREE_FOR_PERSON):
            await desk.page().ask("POST", "/api/session", WRONG)
    async with a_desk(url) as desk:
        assert (await desk.sign_in(desk.page(), "aoki")).status == 429
        await desk.has("inoue")
        assert (await desk.sign_in(desk.page(), "inoue")).status == 200


async def test_many_names_from_one_place_are_one_attack(whole: Desk) -> None:
    await whole.has("aoki")
    for number in range(20):
        await whole.page().ask("POST", "/api/session", {**WRONG, "name": f"n{number}"})
    assert (await whole.sign_in(whole.page(), "aoki")).status == 429


def test_each_further_wrong_one_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    failures, waits = Failures(), []
    for _ in range(14):
        failures = after_another(failures, 100.0, free=5)
        waits.append(max(0.0, failures.closed_until - 100.0))
    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert after_another(failures, 100.0 + 86_401, free=5) == Failures(1, 86_501.0, 0.0)


# -- networks (K19) -----------------------------------------------------------------------------


async def test_k19_people_sign_in_from_listed_networks_only(url: str) -> None:
    async with a_desk(url, DeskSettings(networks=("192.0.2.0/24",))) as desk:
        await desk.has("aoki")
        told = await desk.sign_in(desk.page(), "aoki")
        assert told.status == 403
        assert told.problem == "You cannot sign in from this network. Ask the administrator."
        assert await desk.deeds("sign_in_failed") == [("sign_in_failed", None, None)]


# -- passwords that were given out ------------------------------------------------------------


async def test_a_password_that_was_given_out_must_be_replaced_first(whole: Desk) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    form = {"name": "ueda", "announced_name": "上田", "role": "agent"}
    made = await admin.ask("POST", "/api/users", form)
    assert made.status == 201
    page = whole.page()
    told = await whole.sign_in(page, "ueda", made.body["password"])
    assert (told.body["signed_in"], told.body["next"]) == (False, "password")
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 401
    for weak in ("short", "aaaaaaaaaaaaaaaa", "ueda-ueda-ueda-1", "password12345"):
        told = await page.ask("PUT", "/api/session/password", {"new": weak})
        assert (told.status, list(told.body["fields"])) == (422, ["new"])
    told = await page.ask("PUT", "/api/session/password", {"new": PASSWORD})
    assert told.body["signed_in"] is True
    assert (await whole.sign_in(whole.page(), "ueda", made.body["password"])).status == 401


async def test_a_password_that_was_given_out_long_ago_is_worth_nothing(whole: Desk) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    form = {"name": "ueda", "announced_name": "上田", "role": "agent"}
    made = await admin.ask("POST", "/api/users", form)
    whole.clock.goes_on(8 * 86_400)
    assert (await whole.sign_in(whole.page(), "ueda", made.body["password"])).status == 401


async def test_guessing_the_old_password_is_slowed_down_too(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    form = {"old": "wrong", "new": "もっと長い秘密の言葉です1"}
    for _ in range(FREE_FOR_PERSON):
        assert (await page.ask("PUT", "/api/me/password", form)).status == 422
    told = await page.ask("PUT", "/api/me/password", {**form, "old": PASSWORD})
    assert told.status == 429


async def test_who_changes_the_password_is_signed_out_elsewhere(whole: Desk) -> None:
    page, other = await whole.signed_in("aoki"), await whole.signed_in("aoki")
    told = await page.ask(
        "PUT", "/api/me/password", {"old": "wrong", "new": "もっと長い秘密の言葉です"}
    )
    assert list(told.body["fields"]) == ["old"]
    told = await page.ask(
        "PUT", "/api/me/password", {"old": PASSWORD, "new": "もっと長い秘密の言葉です1"}
    )
    assert told.status == 204
    assert (await page.ask("GET", "/api/session")).body["signed_in"] is True
    assert (await other.ask("GET", "/api/session")).body["signed_in"] is False
