"""The way in, by the pages alone: what was given out, what one has, and who comes next."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Response, expect

from agents.accounts.second_factor import STEP, Generator, Kind, code
from agents.people import Role
from config.site_model import Desk as DeskSettings
from tests.agents.desk import PASSWORD
from tests.agents.room import at_the_phone
from tests.desktop.by_hand import Office, an_office
from tests.desktop.person import PIN, Person
from tests.desktop.security_key import SecurityKey
from tests.desktop.seen import look, narrow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]

SEED: Final = b"12345678901234567890"
OWN: Final = "みずから-選んだ-41番"
NOT_IT: Final = "確認できませんでした。新しいコードかセキュリティキーでもう一度お試しください。"
FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Office]:
    """Agents need a second factor."""
    async with an_office(tmp_path, DeskSettings(second_factor=("agent",))) as made:
        yield made


@asynccontextmanager
async def quiet(*people: Person) -> AsyncIterator[None]:
    """Nothing unexpected is said by the browsers of these people."""
    yield
    assert [line for one in people for line in one.complaints()] == []


async def admin_of(office: Office) -> Person:
    """The administrator, at the list of accounts."""
    admin = await office.person("admin", Role.ADMINISTRATOR)
    await admin.button("利用者", exact=True).click()
    await expect(admin.button("利用者を追加")).to_be_visible()
    return admin


async def given_out(admin: Person, name: str) -> str:
    """The password that the administrator's page shows once for a new account, which it opens."""
    await admin.button("利用者を追加").click()
    form = admin.dialog
    await form.get_by_label("ユーザー名").fill(name)
    await form.get_by_label("名乗る名前").fill("青木")
    await form.get_by_label("役割").select_option("agent")
    await form.get_by_role("button", name="利用者を追加").click()
    await expect(form).to_contain_text("この画面でしか表示されません")
    password = (await form.locator("p.select-all").inner_text()).strip()
    await form.get_by_role("button", name="閉じる").click()
    await admin.button(name, exact=True).click()
    await expect(admin.page.get_by_role("heading", name=name)).to_be_visible()
    return password


async def has_generator(admin: Person, kind: Kind) -> None:
    """The seed as its maker sent it, typed in."""
    await admin.button("コード発生器を登録").click()
    await admin.field("本体の番号").fill("No. 7")
    await admin.page.get_by_role("combobox", name="種類").select_option(kind)
    await admin.field("シード").fill(SEED.hex(" ", 2))
    await admin.button("保存", exact=True).last.click()
    await expect(admin.dialog).to_be_hidden()
    await expect(admin.page.get_by_text("No. 7")).to_be_visible()


async def says_password(one: Person, password: str) -> None:
    """The first stage."""
    await one.field("パスワード").fill(password)
    await one.button("サインイン").click()


async def refused(one: Person, sentence: str | re.Pattern[str]) -> None:
    """The page says why not, to screen readers, too."""
    await expect(one.page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()


def is_a_try(answer: Response) -> bool:
    """A name and a password, and what the desk said to them."""
    return answer.url.endswith("/api/session") and answer.request.method == "POST"


async def at_the_seats(one: Person) -> None:
    """Signed in: the PIN of the day, then the seats."""
    await one.set_pin()
    await expect(one.page.get_by_role("heading", name="席を選んでください")).to_be_visible()


async def signs_out(one: Person) -> None:
    """Back at the first stage."""
    await one.button("サインアウト").click()
    await expect(one.field("パスワード")).to_be_visible()


async def test_a_first_password_and_a_hardware_token(office: Office) -> None:
    """From the administrator's page to the seat: code first, then a password of one's own."""
    admin = await admin_of(office)
    given = await given_out(admin, "aoki")
    await has_generator(admin, "totp")
    one = await office.window("aoki")
    one.expects("status of 4(01|22|29)")
    token = Generator("totp", SEED)
    async with quiet(one):
        await says_password(one, given)
        typed = one.field("認証コード")
        await typed.fill("123 456")
        await one.button("次へ").click()
        await refused(one, NOT_IT)
        await look(one.page, "sign-in-code-refused")
        shown = code(token, int(office.desk.clock() // STEP))
        await typed.fill(shown.translate(FULL_WIDTH))
        await one.button("次へ").click()

        new = one.field("新しいパスワード")
        await expect(new).to_be_visible()
        await look(one.page, "sign-in-first-password")
        await narrow(one.page, "sign-in-first-password")
        for weak, why in (("みじかい", "12〜128文字"), ("aoki-aoki-1234", "名前などを含めないで")):
            await new.fill(weak)
            await one.button("次へ").click()
            await expect(one.page.get_by_text(why)).to_be_visible()
            await expect(new).to_have_value(weak)
        await new.fill(OWN)
        await one.button("次へ").click()
        await at_the_seats(one)
        await signs_out(one)

        await says_password(one, given)  # it was good once
        await refused(one, "ユーザー名またはパスワードが違います")
        await says_password(one, OWN)
        await typed.fill(shown)  # read over a shoulder
        await one.button("次へ").click()
        await refused(one, NOT_IT)
        office.desk.clock.goes_on(STEP)
        await typed.fill(code(token, int(office.desk.clock() // STEP)))
        await one.button("次へ").click()
        await at_the_seats(one)  # and nobody asks for a password again


async def test_a_token_that_was_pressed_in_a_pocket_is_brought_into_step(office: Office) -> None:
    await office.desk.has("inoue")
    admin = await admin_of(office)
    await admin.button("inoue", exact=True).click()
    await has_generator(admin, "hotp")
    one = await office.window("inoue")
    one.expects("status of 401")
    token = Generator("hotp", SEED)
    async with quiet(one, admin):
        await says_password(one, PASSWORD)
        await expect(one.field("認証コード")).to_be_visible()
        await expect(one.field("次のコード")).to_have_count(0)
        await one.field("認証コード").fill(code(token, 60))
        await one.button("次へ").click()
        await refused(one, NOT_IT)
        await expect(one.field("認証コード")).to_have_value(code(token, 60))
        await one.field("次のコード").fill(code(token, 61))
        await one.button("次へ").click()
        await at_the_seats(one)
        await signs_out(one)
        await says_password(one, PASSWORD)
        await one.field("認証コード").fill(code(token, 62))
        await one.button("次へ").click()
        await at_the_seats(one)


async def test_a_security_key_is_registered_at_the_first_sign_in(strict: Office) -> None:
    """Nobody without a factor comes in; the administrator lets them register one; it alone fits."""
    await strict.desk.has("aoki")
    one = await strict.window("aoki")
    one.expects("status of 40[13]")
    async with quiet(one):
        await says_password(one, PASSWORD)
        await refused(one, "コード発生器かセキュリティキーの登録が必要です。")
        admin = await admin_of(strict)
        await admin.button("aoki", exact=True).click()
        await admin.button("セキュリティキーの登録を許可").click()
        await expect(admin.page.get_by_text("次のサインインで登録できます").first).to_be_visible()

        key = await SecurityKey.plugged_in(one.page)
        await says_password(one, PASSWORD)
        await expect(one.button("セキュリティキーを登録してサインイン")).to_be_visible()
        await look(one.page, "sign-in-first-key")
        await one.button("セキュリティキーを登録してサインイン").click()
        await at_the_seats(one)
        await signs_out(one)
        await says_password(one, PASSWORD)
        await one.button("セキュリティキーで確認").click()
        await at_the_seats(one)
        await signs_out(one)

        await key.pull_out()
        await SecurityKey.plugged_in(one.page)  # somebody else's
        await says_password(one, PASSWORD)
        await one.button("セキュリティキーで確認").click()
        await refused(one, "セキュリティキーで確認できませんでした。もう一度お試しください。")
        await expect(one.button("セキュリティキーで確認")).to_be_enabled()
        await look(one.page, "sign-in-key-refused")


async def test_guessing_shuts_the_door_for_a_while_and_says_for_how_long(office: Office) -> None:
    await office.desk.has("ana")
    one = await office.window("ana")
    one.expects("status of 4(01|29)")
    shut = re.compile(r"間違いが続いたため、あと1[56]秒お待ちください。")
    async with quiet(one):
        for _ in range(5):
            async with one.page.expect_response(is_a_try) as answer:
                await says_password(one, "wrong-but-long-enough")
            assert (await answer.value).status == 401
        await says_password(one, PASSWORD)
        await refused(one, shut)
        await expect(one.field("ユーザー名")).to_have_value("ana")
        await expect(one.field("パスワード")).to_have_value(PASSWORD)  # nothing typed is lost
        await look(one.page, "sign-in-shut")
        office.desk.clock.goes_on(16.0)
        await one.button("サインイン").click()
        await at_the_seats(one)


async def test_a_shared_pc_goes_from_one_person_to_the_next(office: Office) -> None:
    """Locked by one, taken over by another: a PIN or a sign-out opens it, and nothing stays."""
    await office.desk.has("bo")
    one = await office.person("ana", seat="a01")
    await at_the_phone(office.desk, "a01", "ready", None)
    one.expects("status of 4(01|23)|WebSocket")
    async with quiet(one):
        await one.press_on_page("l")
        locked = one.page.get_by_role("heading", name="画面をロックしています")
        await expect(locked).to_be_visible()
        for left in (4, 3, 2, 1):
            await one.field("PIN").fill("246802")
            await one.press("Enter")
            await refused(one, f"PINが違います。あと{left}回まで入力できます。")
        await one.field("PIN").fill(PIN)
        await one.press("Enter")
        await expect(one.does).to_be_visible()

        await one.press_on_page("l")
        for _ in range(5):
            await one.field("PIN").fill("246802")
            async with one.page.expect_response("**/api/session/unlock"):
                await one.press("Enter")
        await refused(
            one, "PINを5回間違えたため、使えなくなりました。パスワードで解除してください。"
        )
        await expect(one.field("パスワード")).to_be_visible()
        await expect(one.field("PIN")).to_have_count(0)
        await look(one.page, "locked-without-pin")
        await one.field("パスワード").fill(PASSWORD)
        await one.press("Enter")
        await expect(one.does).to_be_visible()
        await one.press_on_page("l")
        await expect(one.field("パスワード")).to_be_visible()

        await signs_out(one)
        await expect(one.page.locator("body")).not_to_contain_text("anaさん")
        await one.field("ユーザー名").fill("bo")
        await says_password(one, PASSWORD)
        await at_the_seats(one)
        await one.sit("a01")
        await expect(one.page.get_by_role("banner")).to_contain_text("boさん")
        await expect(one.page.locator("body")).not_to_contain_text("anaさん")
        who = office.desk.telephones.people["a01"]
        assert who == office.desk.ids["bo"]
