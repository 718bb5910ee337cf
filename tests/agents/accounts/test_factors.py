"""Second factors without a smartphone: code generators and security keys."""

from base64 import b32encode
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from agents.accounts.factors import SealBroken, Sealer
from agents.accounts.second_factor import (
    BadSecret,
    Generator,
    accepted,
    code,
    resynchronised,
    secret_of,
)
from agents.people import Role
from agents.tables import FACTORS
from config.site_model import Desk as DeskSettings
from tests.agents.accounts.authenticator import SecurityKey
from tests.agents.asking import Browser
from tests.agents.desk import PASSWORD, Desk, a_desk

SEED = b"12345678901234567890"
HOTP = Generator("hotp", SEED)
TOTP = Generator("totp", SEED, digits=8)


# -- the codes themselves: the vectors of the two RFCs -------------------------------------------


def test_hotp_is_that_of_rfc_4226() -> None:
    shown = [code(HOTP, counter) for counter in range(10)]
    assert shown == [
        "755224", "287082", "359152", "969429", "338314",
        "254676", "287922", "162583", "399871", "520489",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "sha1", "sha256", "sha512"),
    [
        (59, "94287082", "46119246", "90693936"),
        (1111111109, "07081804", "68084774", "25091201"),
        (1234567890, "89005924", "91819424", "93441116"),
        (20000000000, "65353130", "77737706", "47863826"),
    ],
)
def test_totp_is_that_of_rfc_6238(at: int, sha1: str, sha256: str, sha512: str) -> None:
    seeds = {"sha1": SEED, "sha256": (SEED * 2)[:32], "sha512": (SEED * 4)[:64]}
    shown = [
        code(Generator("totp", seed, digits=8, algorithm=name), at // 30)
        for name, seed in seeds.items()
    ]
    assert shown == [sha1, sha256, sha512]


@pytest.mark.parametrize(("off", "good"), [(-90, False), (-60, True), (0, True), (60, True)])
def test_a_generators_clock_may_be_a_minute_off(off: int, good: bool) -> None:
    shown = code(TOTP, (1_000_000 + off) // 30)
    assert (accepted(TOTP, shown, 1_000_000) is not None) is good


def test_a_code_is_good_once() -> None:
    shown = code(TOTP, 1_000_000 // 30)
    after = accepted(TOTP, shown, 1_000_000)
    assert after == 1_000_000 // 30 + 1
    assert accepted(replace(TOTP, counter=after), shown, 1_000_000) is None


def test_a_button_pressed_in_a_pocket_does_no_harm_up_to_a_point() -> None:
    assert accepted(HOTP, code(HOTP, 9), 0) == 10
    assert accepted(HOTP, code(HOTP, 10), 0) is None
    assert accepted(replace(HOTP, counter=5), code(HOTP, 4), 0) is None
    assert resynchronised(HOTP, code(HOTP, 60), code(HOTP, 61)) == 62
    assert resynchronised(HOTP, code(HOTP, 60), code(HOTP, 62)) is None


def test_a_seed_is_read_as_makers_print_it() -> None:
    base32 = b32encode(SEED).decode()
    spaced = " ".join(base32[at : at + 4] for at in range(0, len(base32), 4)).lower()
    assert secret_of(SEED.hex()) == secret_of(base32) == secret_of(spaced) == SEED
    for bad in ("", "12345", "not a seed!", "ab" * 8):
        with pytest.raises(BadSecret):
            secret_of(bad)


def test_a_secret_opens_in_its_own_row_with_its_own_key_only() -> None:
    sealer = Sealer(b"k" * 32)
    sealed = sealer.seal("f1", SEED)
    assert sealer.open("f1", sealed) == SEED
    assert sealer.seal("f1", SEED) != sealed
    for other, row in ((sealer, "f2"), (Sealer(b"x" * 32), "f1")):
        with pytest.raises(SealBroken):
            other.open(row, sealed)


# -- signing in with them ------------------------------------------------------------------------


@pytest.fixture
async def strict(url: str) -> AsyncIterator[Desk]:
    """Agents need a second factor."""
    async with a_desk(url, DeskSettings(second_factor=("agent",))) as desk:
        yield desk


async def with_generator(desk: Desk, kind: str = "totp") -> Browser:
    """aoki has one; the page has said the password."""
    await desk.has("aoki")
    admin = await desk.signed_in("admin", Role.ADMINISTRATOR)
    form = {"label": "No. 7", "seed": SEED.hex(), "kind": kind}
    made = await admin.ask("POST", f"/api/users/{desk.ids['aoki']}/factors", form)
    assert made.status == 201
    page = desk.page()
    told = await desk.sign_in(page, "aoki")
    assert (told.body["signed_in"], told.body["next"]) == (False, "factor")
    return page


def shown(desk: Desk) -> str:
    return code(Generator("totp", SEED), int(desk.clock() // 30))


async def test_the_code_completes_the_sign_in_with_another_cookie(strict: Desk) -> None:
    page = await with_generator(strict)
    before = page.token
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 401
    told = await page.ask("POST", "/api/session/code", {"code": shown(strict)})
    assert told.body["signed_in"] is True
    assert page.token != before
    words = [word for word, _, _ in await strict.deeds("password_accepted", "signed_in")]
    assert words == ["signed_in", "password_accepted", "signed_in"]  # the administrator's first


async def test_password_and_code_may_come_together(strict: Desk) -> None:
    await with_generator(strict)
    form = {"name": "aoki", "password": PASSWORD, "code": shown(strict)}
    assert (await strict.page().ask("POST", "/api/session", form)).body["signed_in"] is True


async def test_a_code_seen_over_a_shoulder_is_worth_nothing(strict: Desk) -> None:
    page = await with_generator(strict)
    seen = shown(strict)
    await page.ask("POST", "/api/session/code", {"code": seen})
    other = strict.page()
    await strict.sign_in(other, "aoki")
    assert (await other.ask("POST", "/api/session/code", {"code": seen})).status == 401


async def test_five_wrong_codes_end_the_attempt(strict: Desk) -> None:
    page = await with_generator(strict)
    for _ in range(5):
        assert (await page.ask("POST", "/api/session/code", {"code": "000000"})).status == 401
    told = await page.ask("POST", "/api/session/code", {"code": shown(strict)})
    assert told.status == 401
    assert (await strict.sign_in(strict.page(), "aoki")).status == 429


async def test_a_generator_far_ahead_is_brought_into_step_by_two_codes(strict: Desk) -> None:
    page = await with_generator(strict, "hotp")
    ahead = {"code": code(HOTP, 40)}
    assert (await page.ask("POST", "/api/session/code", ahead)).status == 401
    told = await page.ask("POST", "/api/session/code", {**ahead, "second": code(HOTP, 41)})
    assert told.body["signed_in"] is True
    await strict.sign_in(page, "aoki")
    told = await page.ask("POST", "/api/session/code", {"code": code(HOTP, 42)})
    assert told.body["signed_in"] is True


async def test_the_password_alone_is_not_enough_where_a_factor_is_asked_for(strict: Desk) -> None:
    await strict.has("inoue")
    told = await strict.sign_in(strict.page(), "inoue")
    assert told.status == 403
    assert told.problem.startswith("You need a code generator or a security key.")


async def test_who_takes_too_long_begins_again(strict: Desk) -> None:
    page = await with_generator(strict)
    strict.clock.goes_on(301)
    told = await page.ask("POST", "/api/session/code", {"code": shown(strict)})
    assert (told.status, told.problem[:19]) == (401, "That took too long.")


async def test_a_seed_is_encrypted_at_rest(strict: Desk) -> None:
    await with_generator(strict)
    row = await strict.database.read(lambda c: c.execute(select(FACTORS)).one())
    assert SEED not in str(row).encode()
    assert SEED.hex() not in str(row)


# -- security keys ------------------------------------------------------------------------------


async def with_key(desk: Desk) -> tuple[Browser, SecurityKey]:
    """aoki has registered one at the first sign-in."""
    await desk.has("aoki")
    admin = await desk.signed_in("admin", Role.ADMINISTRATOR)
    assert (await admin.ask("POST", f"/api/users/{desk.ids['aoki']}/key-permit")).status == 204
    page = desk.page()
    assert (await desk.sign_in(page, "aoki")).body["next"] == "enrol"
    key = SecurityKey(page.origin, page.name)
    asked = (await page.ask("POST", "/api/session/key/options")).body
    assert asked["create"] is True
    answer = key.create(asked["options"])
    told = await page.ask("POST", "/api/session/key", {"credential": answer})
    assert told.body["signed_in"] is True, told.body
    return page, key


async def asks_key(desk: Desk, page: Browser) -> dict[str, object]:
    assert (await desk.sign_in(page, "aoki")).body["next"] == "factor"
    told = await page.ask("POST", "/api/session/key/options")
    assert told.body["create"] is False
    options: dict[str, object] = told.body["options"]
    return options


async def test_a_security_key_is_registered_once_and_then_asked(strict: Desk) -> None:
    page, key = await with_key(strict)
    answer = key.get(await asks_key(strict, page))
    told = await page.ask("POST", "/api/session/key", {"credential": answer})
    assert told.body["signed_in"] is True


async def test_an_answer_of_a_key_is_good_once(strict: Desk) -> None:
    page, key = await with_key(strict)
    answer = key.get(await asks_key(strict, page))
    await page.ask("POST", "/api/session/key", {"credential": answer})
    await asks_key(strict, page)
    assert (await page.ask("POST", "/api/session/key", {"credential": answer})).status == 401


async def test_what_is_no_answer_of_the_key_is_refused(strict: Desk) -> None:
    page, key = await with_key(strict)
    phished = SecurityKey("http://evil.example", key.rp_id, key.id, key.count, key.key)
    copied = SecurityKey(key.origin, key.rp_id, key.id, -1, key.key)  # its count is behind
    stranger = SecurityKey(key.origin, key.rp_id)
    forged = SecurityKey(key.origin, key.rp_id, key.id, 5)
    for other in (phished, stranger, forged):
        options = await asks_key(strict, page)
        answer = other.get(options)
        told = await page.ask("POST", "/api/session/key", {"credential": answer})
        assert told.status == 401
    key.get(await asks_key(strict, page))
    strict.clock.goes_on(60)
    answer = key.get(await asks_key(strict, page))
    assert (await page.ask("POST", "/api/session/key", {"credential": answer})).status == 200
    answer = copied.get(await asks_key(strict, page))
    assert (await page.ask("POST", "/api/session/key", {"credential": answer})).status == 401
    nonsense = {"id": "x", "response": {}}
    told = await page.ask("POST", "/api/session/key", {"credential": nonsense})
    assert told.status == 401


async def test_a_lost_key_is_taken_away_and_the_sessions_with_it(strict: Desk) -> None:
    page, _ = await with_key(strict)
    admin = await strict.signed_in("admin", Role.ADMINISTRATOR)
    listed = (await admin.ask("GET", "/api/users")).body["users"]
    (factor,) = next(each["factors"] for each in listed if each["name"] == "aoki")
    path = f"/api/users/{strict.ids['aoki']}/factors/{factor['id']}"
    assert (await admin.ask("DELETE", path)).status == 204
    assert (await page.ask("GET", "/api/session")).body["signed_in"] is False
    assert (await strict.sign_in(strict.page(), "aoki")).status == 403
