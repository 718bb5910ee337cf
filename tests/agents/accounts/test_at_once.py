"""Guesses that come all at once: no more are judged than one after the other would be."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from agents.accounts.lockout import FREE_FOR_ADDRESS, FREE_FOR_PERSON
from agents.accounts.passwords import AT_ONCE, WAITING_AT_MOST, Passwords
from agents.accounts.second_factor import Generator, code
from agents.people import Role
from tests.agents.asking import Browser, Told
from tests.agents.desk import PASSWORD, Desk
from tests.real.waiting import until

PIN = "204816"
SEED = b"12345678901234567890"
GUESSES = WAITING_AT_MOST  # more wait for nothing
NONE_LEFT = "There is no PIN to unlock with. Use your password."


async def locked(desk: Desk) -> Browser:
    """aoki's page, which a PIN opens."""
    page = await desk.signed_in("aoki", seat="a01")
    assert (await page.ask("PUT", "/api/session/pin", {"pin": PIN})).status == 204
    assert (await page.ask("POST", "/api/session/lock")).status == 204
    return page


async def pin(page: Browser, said: str) -> Told:
    """Try to open it."""
    return await page.ask("POST", "/api/session/unlock", {"pin": said})


async def test_of_many_wrong_pins_at_once_five_are_judged(whole: Desk) -> None:
    page = await locked(whole)
    told = await asyncio.gather(*(pin(page, f"{n:06d}") for n in range(300000, 300000 + GUESSES)))
    assert {each.status for each in told} == {401}
    assert len(await whole.deeds("unlock_failed")) == 5
    assert Counter(each.problem == NONE_LEFT for each in told) == {True: GUESSES - 5, False: 5}
    assert (await pin(page, PIN)).problem == NONE_LEFT
    assert (await page.ask("POST", "/api/session/unlock", {"password": PASSWORD})).status == 204


async def test_locking_the_page_again_gives_no_further_pins(whole: Desk) -> None:
    page = await locked(whole)
    for _ in range(4):
        await pin(page, "113355")
    assert (await page.ask("POST", "/api/session/lock")).status == 204
    assert (await pin(page, "113355")).problem.startswith("The PIN was wrong five times")
    assert (await pin(page, PIN)).problem == NONE_LEFT


async def test_a_right_pin_gives_all_five_back(whole: Desk) -> None:
    page = await locked(whole)
    for _ in range(2):
        for _ in range(4):
            assert (await pin(page, "113355")).status == 401
        assert (await pin(page, PIN)).status == 204
        assert (await page.ask("POST", "/api/session/lock")).status == 204


async def test_of_many_codes_at_once_five_are_judged(whole: Desk) -> None:
    user = await whole.has("aoki")
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    form = {"label": "No. 7", "seed": SEED.hex(), "kind": "totp"}
    assert (await admin.ask("POST", f"/api/users/{user}/factors", form)).status == 201
    page = whole.page()
    assert (await whole.sign_in(page, "aoki")).body["next"] == "factor"
    step = int(whole.clock() // 30)
    good = [code(Generator("totp", SEED), step + off) for off in range(-3, 4)]
    wrong = [said for n in range(GUESSES + 7) if (said := f"{n:06d}") not in good][:GUESSES]
    told = await asyncio.gather(
        *(page.ask("POST", "/api/session/code", {"code": each}) for each in wrong)
    )
    assert {each.status for each in told} <= {401, 429}
    assert await whole.deeds("sign_in_failed") == [("sign_in_failed", user, None)] * 5
    assert (await page.ask("POST", "/api/session/code", {"code": good[3]})).status == 401


async def test_of_many_passwords_at_once_five_are_judged(whole: Desk) -> None:
    user = await whole.has("aoki")
    told = await asyncio.gather(
        *(whole.sign_in(whole.page(), "aoki", f"not it {n}") for n in range(GUESSES))
    )
    statuses = Counter(each.status for each in told)
    assert statuses == {401: FREE_FOR_PERSON, 429: GUESSES - FREE_FOR_PERSON}
    assert await whole.deeds("sign_in_failed") == [("sign_in_failed", user, None)] * 5


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("POST", "/api/session/unlock", {"password": "x"}),
        ("PUT", "/api/me/password", {"old": "x", "new": "もっと長い秘密の言葉です1"}),
        ("POST", "/api/me/keys/options", {"password": "x"}),
    ],
)
async def test_of_many_at_once_at_an_open_page_five_are_judged(
    whole: Desk, method: str, path: str, form: dict[str, str]
) -> None:
    page = await whole.signed_in("aoki")
    told = await asyncio.gather(*(page.ask(method, path, form) for _ in range(GUESSES)))
    judged = [each for each in told if each.status != 429]
    assert len(judged) == FREE_FOR_PERSON
    assert {each.status for each in judged} <= {401, 422}


async def test_a_right_password_counts_for_nothing_at_its_address(whole: Desk) -> None:
    await whole.has("aoki")
    for number in range(FREE_FOR_ADDRESS - 1):
        assert (await whole.sign_in(whole.page(), f"n{number}")).status == 401
    for _ in range(3):
        assert (await whole.sign_in(whole.page(), "aoki")).status == 200
    assert (await whole.sign_in(whole.page(), "n77")).status == 401
    assert (await whole.sign_in(whole.page(), "aoki")).status == 429


async def test_the_wait_does_not_tell_whether_there_is_such_a_name(whole: Desk) -> None:
    await whole.has("aoki")
    told = {
        name: [
            (each.status, each.body, each.headers.get("Retry-After"))
            for _ in range(FREE_FOR_PERSON + 2)
            for each in [await whole.sign_in(whole.page(), name, "not that one")]
        ]
        for name in ("aoki", "nobody")
    }
    assert told["nobody"] == told["aoki"]
    assert told["nobody"][-1][0] == 429
    assert (await whole.sign_in(whole.page(), "somebody-else")).status == 401


async def test_who_floods_the_queue_from_one_place_is_told_to_wait(whole: Desk) -> None:
    await whole.has("aoki")
    passwords = whole.tools.get(Passwords)
    over = 8
    async with asyncio.TaskGroup() as group, AsyncExitStack() as busy:
        for _ in range(AT_ONCE):
            await busy.enter_async_context(passwords.turn("somebody slow"))
        flood = [
            group.create_task(whole.sign_in(whole.page(), "aoki"))
            for _ in range(WAITING_AT_MOST + over)
        ]
        await until(lambda: sum(each.done() for each in flood) == over, "those too many answered")
        refused = [each.result() for each in flood if each.done()]
        assert {each.status for each in refused} == {429}
        assert refused[0].problem.startswith("Too many are being checked from this place.")
        assert refused[0].headers["Retry-After"] == "1"
        elsewhere = group.create_task(passwords.hashed("a good one", "another place"))
        await busy.aclose()
    assert elsewhere.result()
    assert {each.result().status for each in flood} == {200, 429}
    assert (await whole.sign_in(whole.page(), "aoki")).status == 200
