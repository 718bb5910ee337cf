"""What an administrator does: accounts, passwords to give out, wall boards."""

import pytest
from sqlalchemy import Connection, update

from agents.people import Role
from agents.tables import AUDIT
from tests.agents.desk import MONDAY, Desk

UEDA = {"name": "ueda", "announced_name": "上田 春", "role": "agent", "designation": "第1号-12"}


async def test_an_account_is_made_listed_and_changed_with_a_line_each(whole: Desk) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    made = (await admin.ask("POST", "/api/users", UEDA)).body
    user = made["user"]["id"]
    assert made["user"]["must_change_password"] is True
    assert len(made["password"]) == 19
    listed = (await admin.ask("GET", "/api/users")).body["users"]
    assert [each["name"] for each in listed] == ["admin", "ueda"]
    told = await admin.ask("PATCH", f"/api/users/{user}", {"version": 1, "role": "supervisor"})
    assert (told.status, told.body["role"], told.body["version"]) == (200, "supervisor", 2)
    assert await whole.deeds("user_added", "user_changed", "users_read") == [
        ("user_added", "console", whole.ids["admin"]),
        ("user_added", whole.ids["admin"], user),
        ("users_read", whole.ids["admin"], None),
        ("user_changed", whole.ids["admin"], user),
    ]
    assert (await whole.verdict()).sound


async def test_f4_two_administrators_do_not_overwrite_each_other(whole: Desk) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    user = (await admin.ask("POST", "/api/users", UEDA)).body["user"]["id"]
    form = {"version": 1, "announced_name": "上田"}
    assert (await admin.ask("PATCH", f"/api/users/{user}", form)).status == 200
    told = await admin.ask("PATCH", f"/api/users/{user}", {**form, "announced_name": "植田"})
    assert told.status == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "Ueda"}, "name"), ({"name": "123456789012"}, "name"), ({"role": "root"}, "role"),
        ({"announced_name": ""}, "announced_name"), ({"announced_name": "a\nb"}, "announced_name"),
        ({"valid_from": 2e9, "valid_until": 1e9}, "valid_until"),
        ({"valid_until": 1e300}, "valid_until"),
        ({"password": "x"}, "password"), ({"id": "u1"}, "id"),
    ],
)  # fmt: skip
async def test_a_form_that_will_not_do(whole: Desk, wrong: dict[str, object], field: str) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    told = await admin.ask("POST", "/api/users", {**UEDA, **wrong})
    assert (told.status, list(told.body["fields"])) == (422, [field])


async def test_a_name_is_somebodys_only_once(whole: Desk) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    assert (await admin.ask("POST", "/api/users", UEDA)).status == 201
    assert (await admin.ask("POST", "/api/users", UEDA)).status == 409


async def test_nobody_ends_their_own_account(whole: Desk) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    path = f"/api/users/{whole.ids['admin']}"
    assert (await admin.ask("PATCH", path, {"version": 2, "enabled": False})).status == 409
    assert (await admin.ask("PATCH", path, {"version": 2, "role": "agent"})).status == 409


async def test_a_reset_password_ends_what_was_open(whole: Desk) -> None:
    page = await whole.signed_in("aoki")
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    made = await admin.ask("POST", f"/api/users/{whole.ids['aoki']}/password")
    assert (await page.ask("GET", "/api/session")).body["signed_in"] is False
    assert (await whole.sign_in(whole.page(), "aoki")).status == 401
    told = await whole.sign_in(whole.page(), "aoki", made.body["password"])
    assert told.body["next"] == "password"


# -- wall boards --------------------------------------------------------------------------------


async def test_a_wall_board_opens_with_its_token_until_it_is_revoked(whole: Desk) -> None:
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    board = {"name": "board", "announced_name": "掲示板", "role": "display"}
    made = (await admin.ask("POST", "/api/users", board)).body
    assert made["password"] == ""
    path = f"/api/users/{made['user']['id']}/displays"
    token = (await admin.ask("POST", path, {"label": "入口"})).body
    page = whole.page()
    told = await page.ask("POST", "/api/session/display", {"token": token["token"]})
    assert told.body["user"]["role"] == "display"
    whole.clock.goes_on(400 * 86_400)
    await whole.watch.look(whole.clock())
    assert (await page.ask("GET", "/api/session")).body["signed_in"] is True
    assert (await page.ask("GET", "/api/users")).status == 403

    admin = await whole.signed_in("admin2", Role.ADMINISTRATOR)
    listed = (await admin.ask("GET", "/api/displays")).body["displays"]
    assert [each["label"] for each in listed] == ["入口"]
    assert (await admin.ask("DELETE", f"/api/displays/{token['id']}")).status == 204
    assert (await page.ask("GET", "/api/session")).body["signed_in"] is False
    told = await whole.page().ask("POST", "/api/session/display", {"token": token["token"]})
    assert told.status == 401


async def test_a_person_gets_no_wall_boards_token(whole: Desk) -> None:
    await whole.has("aoki")
    admin = await whole.signed_in("admin", Role.ADMINISTRATOR)
    path = f"/api/users/{whole.ids['aoki']}/displays"
    assert (await admin.ask("POST", path, {"label": "入口"})).status == 409


async def test_the_auditor_reads_who_did_what_and_that_is_a_line_too(whole: Desk) -> None:
    await whole.signed_in("aoki", seat="a01")
    auditor = await whole.signed_in("kansa", Role.AUDITOR)
    told = (await auditor.ask("GET", f"/api/audit?who={whole.ids['aoki']}&limit=1")).body
    (line,) = told["lines"]
    assert (line["word"], line["object"], line["role"]) == ("seat_taken", "a01", "agent")
    assert await whole.deeds("audit_read") == [("audit_read", whole.ids["kansa"], None)]
    assert {"id": whole.ids["aoki"], "name": "aoki", "announced_name": "aokiさん"} in told["people"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ["signed_in", "user_added", "seat_taken", "signed_in", "user_added"]),
        ("?word=seat_taken", ["seat_taken"]),
        ("?object=a01", ["seat_taken"]),
        ("?before=2", ["user_added"]),
        (f"?until={MONDAY + 1}", ["seat_taken", "signed_in", "user_added"]),
        (f"?since={MONDAY + 1}&word=signed_in", ["signed_in"]),
        ("?word=nothing", []),
    ],
)
async def test_lines_are_found_by_person_deed_object_and_time(
    whole: Desk, query: str, words: list[str]
) -> None:
    await whole.signed_in("aoki", seat="a01")
    whole.clock.goes_on(60)
    auditor = await whole.signed_in("kansa", Role.AUDITOR)
    told = (await auditor.ask("GET", f"/api/audit{query}")).body
    assert [line["word"] for line in told["lines"]] == words


async def test_the_auditor_proves_the_log_from_the_page(whole: Desk) -> None:
    auditor = await whole.signed_in("kansa", Role.AUDITOR)
    told = (await auditor.ask("GET", "/api/audit/verdict")).body
    assert (told["sound"], told["lines"], told["fault"]) == (True, 2, None)

    def edit(connection: Connection) -> None:
        connection.execute(update(AUDIT).where(AUDIT.c.seq == 1).values(who="u2"))

    await whole.database.write(edit)
    told = (await auditor.ask("GET", "/api/audit/verdict")).body
    assert (told["sound"], told["at"]) == (False, 1)
    assert (told["fault"], told["fault_ja"]) == (
        "its searched columns are not those that were written",
        "検索用の欄が、書かれた内容と違います",
    )
    assert len(await whole.deeds("audit_verified")) == 2
