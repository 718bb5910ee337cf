"""One's own sessions and security keys, and an administrator's view of anybody's."""

import pytest

from agents.people import Role
from tests.agents.accounts.authenticator import SecurityKey
from tests.agents.asking import Browser
from tests.agents.desk import PASSWORD, Desk


async def own(page: Browser) -> list[dict[str, object]]:
    told = await page.ask("GET", "/api/me/sessions")
    assert told.status == 200, told.body
    listed: list[dict[str, object]] = told.body["sessions"]
    return listed


async def signed_in(page: Browser) -> bool:
    told = (await page.ask("GET", "/api/session")).body
    return bool(told["signed_in"])


# -- sessions -----------------------------------------------------------------------------------


async def test_one_sees_where_one_is_signed_in_and_nobody_elses(whole: Desk) -> None:
    page = await whole.signed_in("aoki", seat="a01")
    await whole.signed_in("baba")
    whole.clock.goes_on(60)
    other = await whole.signed_in("aoki")
    here, there = await own(other)
    assert (here["own"], here["seat"]) == (True, None)
    assert (there["own"], there["seat"], there["address"]) == (False, "a01", "127.0.0.1")
    assert {"token", "csrf", "challenge"}.isdisjoint(here)
    assert str(page.token) not in str(await own(other))


async def test_a_page_left_open_elsewhere_is_ended_from_here(whole: Desk) -> None:
    left, page = await whole.signed_in("aoki"), await whole.signed_in("aoki")
    (there,) = [each for each in await own(page) if not each["own"]]
    assert (await page.ask("DELETE", f"/api/me/sessions/{there['id']}")).status == 204
    assert (await signed_in(left), await signed_in(page)) == (False, True)
    assert len(await own(page)) == 1
    assert await whole.deeds("session_revoked") == [
        ("session_revoked", whole.ids["aoki"], there["id"])
    ]
    assert (await page.ask("DELETE", f"/api/me/sessions/{there['id']}")).status == 404


async def test_f9_a_session_of_somebody_else_is_not_there(whole: Desk) -> None:
    page, other = await whole.signed_in("aoki"), await whole.signed_in("baba")
    (theirs,) = await own(other)
    assert (await page.ask("DELETE", f"/api/me/sessions/{theirs['id']}")).status == 404
    assert await signed_in(other)


async def test_the_page_itself_is_left_by_signing_out(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    (here,) = await own(page)
    assert (await page.ask("DELETE", f"/api/me/sessions/{here['id']}")).status == 409
    assert await signed_in(page)


async def test_a_session_ended_during_a_call_does_what_the_call_needs(whole: Desk) -> None:
    at_seat = await whole.signed_in("aoki", seat="a01")
    whole.telephones.states["a01"] = "talking"
    page = await whole.signed_in("aoki")
    (there,) = [each for each in await own(page) if not each["own"]]
    assert (await page.ask("DELETE", f"/api/me/sessions/{there['id']}")).status == 204
    told = (await at_seat.ask("GET", "/api/session")).body
    assert (told["signed_in"], told["leaving"]) == (True, True)
    whole.clock.goes_on(2)
    whole.telephones.states["a01"] = "paused"
    await whole.watch.look(whole.clock())
    assert not await signed_in(at_seat)
    assert whole.telephones.states["a01"] == "signed_out"


async def test_an_administrator_ends_one_or_all_of_anybodys(whole: Desk) -> None:
    first, second = await whole.signed_in("aoki"), await whole.signed_in("aoki")
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    path = f"/api/users/{whole.ids['aoki']}/sessions"
    listed = (await admin.ask("GET", path)).body["sessions"]
    assert [each["own"] for each in listed] == [False, False]
    assert (await admin.ask("DELETE", f"{path}/{listed[0]['id']}")).status == 204
    assert [await signed_in(first), await signed_in(second)].count(True) == 1
    assert (await admin.ask("DELETE", path)).status == 204
    assert [await signed_in(first), await signed_in(second)] == [False, False]
    assert (await whole.sign_in(whole.page(), "aoki")).status == 200  # the account is as it was
    assert (await admin.ask("DELETE", "/api/users/unobody1/sessions")).status == 404
    assert len(await whole.deeds("sessions_read", "session_revoked", "sessions_revoked")) == 3


# -- security keys ------------------------------------------------------------------------------


async def registered(page: Browser, label: str = "金庫の鍵") -> SecurityKey:
    """Through the page that is signed in."""
    key = SecurityKey(page.origin, page.name)
    asked = await page.ask("POST", "/api/me/keys/options", {"password": PASSWORD})
    assert (asked.status, asked.body["create"]) == (200, True), asked.body
    body = {"label": label, "credential": key.create(asked.body["options"])}
    told = await page.ask("POST", "/api/me/keys", body)
    assert told.status == 201, told.body
    return key


async def own_factors(page: Browser) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = (await page.ask("GET", "/api/me/factors")).body["factors"]
    return listed


async def test_a_key_is_registered_from_the_own_page_and_asked_from_then_on(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    key = await registered(page)
    (listed,) = await own_factors(page)
    assert (listed["kind"], listed["label"]) == ("key", "金庫の鍵")
    fresh = whole.page()
    told = (await whole.sign_in(fresh, "aoki")).body
    assert (told["next"], told["means"]) == ("factor", ["key"])
    options = (await fresh.ask("POST", "/api/session/key/options")).body["options"]
    answer = {"credential": key.get(options)}
    assert (await fresh.ask("POST", "/api/session/key", answer)).body["signed_in"] is True


async def test_who_finds_an_open_page_adds_no_key_of_their_own(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    wrong = await page.ask("POST", "/api/me/keys/options", {"password": "guess-guess-guess"})
    assert (wrong.status, list(wrong.body["fields"])) == (422, ["password"])
    key = SecurityKey(page.origin, page.name)
    made_up = key.create({"challenge": "AAAA"})
    told = await page.ask("POST", "/api/me/keys", {"label": "x", "credential": made_up})
    assert told.status == 422
    assert await own_factors(page) == []
    for _ in range(4):
        await page.ask("POST", "/api/me/keys/options", {"password": "guess-guess-guess"})
    slowed = await page.ask("POST", "/api/me/keys/options", {"password": PASSWORD})
    assert slowed.status == 429


async def test_a_question_is_good_once(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    asked = await page.ask("POST", "/api/me/keys/options", {"password": PASSWORD})
    first, second = (SecurityKey(page.origin, page.name) for _ in range(2))
    options = asked.body["options"]
    for key, status in ((first, 201), (second, 422)):
        body = {"label": "x", "credential": key.create(options)}
        assert (await page.ask("POST", "/api/me/keys", body)).status == status


async def test_a_key_is_taken_away_with_the_password_and_other_pages_end(whole: Desk) -> None:
    page, left = await whole.signed_in("aoki"), await whole.signed_in("aoki")
    await registered(page)
    (listed,) = await own_factors(page)
    path = f"/api/me/keys/{listed['id']}/removal"
    assert (await page.ask("POST", path, {"password": "guess-guess-guess"})).status == 422
    assert (await page.ask("POST", path, {"password": PASSWORD})).status == 204
    assert await own_factors(page) == []
    assert (await signed_in(page), await signed_in(left)) == (True, False)


async def test_f9_a_key_of_somebody_else_is_not_there(whole: Desk) -> None:
    page, other = await whole.signed_in("aoki"), await whole.signed_in("baba")
    await registered(other)
    (theirs,) = await own_factors(other)
    told = await page.ask("POST", f"/api/me/keys/{theirs['id']}/removal", {"password": PASSWORD})
    assert told.status == 404
    assert len(await own_factors(other)) == 1


async def test_a_code_generator_is_given_back_to_the_administrator(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    given = {"label": "No. 7", "seed": "3132333435363738393031323334353637383930", "kind": "totp"}
    path = f"/api/users/{whole.ids['aoki']}/factors"
    assert (await admin.ask("POST", path, given)).status == 201
    (listed,) = await own_factors(page)
    told = await page.ask("POST", f"/api/me/keys/{listed['id']}/removal", {"password": PASSWORD})
    assert told.status == 409


@pytest.mark.parametrize("role", [Role.DISPLAY])
async def test_a_wall_board_has_none_of_this(whole: Desk, role: Role) -> None:
    page = await whole.signed_in("board", role)
    for path in ("/api/me/sessions", "/api/me/factors"):
        assert (await page.ask("GET", path)).status == 403
