"""What holds for every route: who is let in, what is refused, what every answer carries."""

import asyncio

import aiohttp
import pytest

from agents.people import Role
from agents.web.security import CSP, CSRF_HEADER
from agents.web.sockets import SIGNED_OUT
from config.database import DatabaseFailed
from telephony.link.client import NoController, Refused
from tests.agents.web.conftest import Desk

NOTE = {"note": "三月に転入"}


async def test_a_route_answers_with_its_model_and_leaves_an_audit_line(desk: Desk) -> None:
    told = await desk.signs_in(Role.AGENT).ask("PUT", "/api/things/2", NOTE)
    assert (told.status, told.body) == (200, {"number": 2, "note": "三月に転入"})
    (deed,) = desk.post.deeds
    assert (deed.word, deed.who, deed.role, deed.seat) == ("thing_kept", "uagent", "agent", "a01")
    assert (deed.object, deed.outcome, dict(deed.detail)) == ("2", "done", {"length": 5})


async def test_nothing_to_tell_is_204(desk: Desk) -> None:
    assert (await desk.signs_in(Role.AGENT).ask("DELETE", "/api/things")).status == 204


async def test_what_cannot_be_written_down_is_not_shown(desk: Desk) -> None:
    desk.post.away = True
    told = await desk.signs_in(Role.AGENT).ask("PUT", "/api/things/2", NOTE)
    assert told.status == 503
    assert "note" not in told.body


@pytest.mark.parametrize("path", ["/api/open", "/api/things", "/api/nothing", "/", "/queue"])
async def test_every_answer_forbids_what_browsers_would_do_by_themselves(
    desk: Desk, path: str
) -> None:
    headers = (await desk.browser.ask("GET", path)).headers
    assert headers["Content-Security-Policy"] == CSP
    assert "unsafe-inline" not in CSP
    assert "frame-ancestors 'none'" in CSP
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] == "madoguchi"


async def test_nobody_is_told_to_sign_in(desk: Desk) -> None:
    told = await desk.browser.ask("GET", "/api/things")
    assert (told.status, told.problem) == (401, "Sign in first.")
    assert told.body["problem"] == "サインインしてください。"


async def test_another_role_is_refused_and_written_down(desk: Desk) -> None:
    told = await desk.signs_in(Role.AUDITOR).ask("PUT", "/api/things/2", NOTE)
    assert told.status == 403
    (deed,) = desk.post.deeds
    assert (deed.word, deed.role, deed.outcome) == ("thing_kept", "auditor", "refused")


async def test_an_object_of_somebody_else_is_refused_and_written_down(desk: Desk) -> None:
    told = await desk.signs_in(Role.AGENT).ask("PUT", "/api/things/3", NOTE)
    assert told.status == 403
    assert [(deed.object, deed.outcome) for deed in desk.post.deeds] == [("3", "refused")]
    assert desk.store.done == []


@pytest.mark.parametrize("typed", ["123456789018", "1234-5678-9018", "１２３４５６７８９０１８"])
async def test_a_number_in_the_address_of_what_is_refused_is_not_written_down(
    desk: Desk, typed: str
) -> None:
    await desk.signs_in(Role.AUDITOR).ask("PUT", f"/api/things/{typed}", NOTE)
    (deed,) = desk.post.deeds
    assert (deed.object or "").replace("-", "") == "●" * 12
    assert deed.outcome == "refused"


async def test_what_is_refused_of_a_call_is_named(desk: Desk) -> None:
    await desk.signs_in(Role.AUDITOR).ask("PUT", "/api/things/n1-1764414000.17", NOTE)
    assert [deed.object for deed in desk.post.deeds] == ["n1-1764414000.17"]


async def test_a_locked_page_can_do_what_says_so(desk: Desk) -> None:
    page = desk.signs_in(Role.AGENT, locked=True)
    assert (await page.ask("GET", "/api/things")).status == 423
    assert (await page.ask("DELETE", "/api/things")).status == 204


@pytest.mark.parametrize("origin", ["", "null", "http://evil.example", "http://a02.localhost:1"])
async def test_a_page_of_somebody_else_does_nothing(desk: Desk, origin: str) -> None:
    page = desk.signs_in(Role.AGENT)
    told = await page.ask("PUT", "/api/things/2", NOTE, {"Origin": origin})
    assert told.status == 403
    assert desk.store.done == []


async def test_the_origin_of_another_person_of_the_demo_is_another_origin(desk: Desk) -> None:
    page = desk.signs_in(Role.AGENT)
    origin = f"http://a02.localhost:{desk.door.port}"
    assert (await page.ask("PUT", "/api/things/2", NOTE, {"Origin": origin})).status == 403


@pytest.mark.parametrize("token", ["", "csrf-of-supervisor"])
async def test_the_token_of_another_session_does_nothing(desk: Desk, token: str) -> None:
    page = desk.signs_in(Role.AGENT)
    told = await page.ask("PUT", "/api/things/2", NOTE, {CSRF_HEADER: token})
    assert (told.status, told.problem) == (403, "The page is out of date. Open it again.")
    assert desk.store.done == []


async def test_nothing_is_read_at_the_word_of_another_site(desk: Desk) -> None:
    page = desk.signs_in(Role.AGENT)
    assert (
        await page.ask("GET", "/api/things", headers={"Sec-Fetch-Site": "same-origin"})
    ).status == 200
    told = await page.ask("GET", "/api/things", headers={"Sec-Fetch-Site": "cross-site"})
    assert told.status == 403


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1:8080"])
@pytest.mark.parametrize("path", ["/api/open", "/"])
async def test_under_a_name_that_is_not_ours_nothing_is_answered(
    desk: Desk, host: str, path: str
) -> None:
    told = await desk.browser.ask("GET", path, headers={"Host": host})
    assert told.status == 421


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"note": "入力してください (required)"}),
        ({"note": "あ" * 21}, {"note": "20文字以内にしてください (too long)"}),
        ({"note": "a", "more": 1}, {"more": "この項目は使えません (not a field here)"}),
        ({"note": 7}, {"note": "入力を確かめてください (check this field)"}),
        ({"note": "a\0b"}, {"note": "制御文字は使えません (no control characters)"}),
    ],
)
async def test_each_faulty_field_has_its_sentence(
    desk: Desk, body: dict[str, object], fields: dict[str, str]
) -> None:
    told = await desk.signs_in(Role.AGENT).ask("PUT", "/api/things/2", body)
    assert (told.status, told.body["fields"]) == (422, fields)


async def test_text_is_kept_as_typed(desk: Desk) -> None:
    text = "\ufa19か\u3099\u4e00\U000e0100\r\n😀"
    await desk.signs_in(Role.AGENT).ask("PUT", "/api/things/2", {"note": text})
    assert desk.store.done == [text]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"note": "' + b"a" * 20_000 + b'"}', "application/json", 413),
        (b'{"note"', "application/json", 400),
        (b'{"note": "\xff"}', "application/json", 400),
        (b'{"note": "\\ud800"}', "application/json", 400),
        (b'{"note": "a"}', "text/plain", 415),
        (b"note=a", "application/x-www-form-urlencoded", 415),
    ],
)
async def test_what_is_no_json_of_a_sensible_size(
    desk: Desk, body: bytes, kind: str, status: int
) -> None:
    page = desk.signs_in(Role.AGENT)
    url = f"http://127.0.0.1:{page.port}/api/things/2"
    headers = {
        "Host": f"{page.name}:{page.port}", "Cookie": f"{page.cookie}=token",
        "Origin": page.origin, CSRF_HEADER: page.csrf, "Content-Type": kind,
    }  # fmt: skip
    async with page.http.put(url, data=body, headers=headers) as answer:
        assert answer.status == status
        assert (await answer.json())["problem"].endswith("。")


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=51", "other=1"])
async def test_a_query_is_checked_too(desk: Desk, query: str) -> None:
    assert (await desk.signs_in(Role.AGENT).ask("GET", f"/api/things?{query}")).status == 422


@pytest.mark.parametrize("path", ["/api/things/x", "/api/things/..%2f2", "/api/things/2%00"])
async def test_a_path_that_is_none_is_not_found(desk: Desk, path: str) -> None:
    assert (await desk.signs_in(Role.AGENT).ask("PUT", path, NOTE)).status == 404


async def test_another_method_is_told_so(desk: Desk) -> None:
    told = await desk.signs_in(Role.AGENT).ask("POST", "/api/open", {})
    assert (told.status, told.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    ("fails", "status", "says"),
    [
        (Refused("席は使用中です (the seat is taken)"), 409, "the seat is taken"),
        (Refused("a pause needs a reason"), 409, "a pause needs a reason"),
        (NoController("x"), 503, "The controller does not answer. Wait a moment and try again."),
        (DatabaseFailed("x"), 503, "The records cannot be reached."),
        (RuntimeError("0942001234"), 500, "A fault of the system."),
    ],
)
async def test_what_goes_wrong_behind_it_is_a_sentence(
    desk: Desk, fails: Exception, status: int, says: str
) -> None:
    desk.store.fails = fails
    told = await desk.signs_in(Role.AGENT).ask("PUT", "/api/things/2", NOTE)
    assert told.status == status
    assert told.problem.startswith(says)
    assert "0942" not in str(told.body)


# -- WebSockets -------------------------------------------------------------------------------


async def test_a_socket_is_open_to_our_own_page(desk: Desk) -> None:
    async with desk.signs_in(Role.AGENT).socket("/api/echo") as ws:
        await ws.send_str("もしもし")
        assert (await ws.receive_json())["note"] == "もしもし"


async def test_nothing_is_compressed_on_a_socket_whoever_offers_it(desk: Desk) -> None:
    """A thread would have to do it while a call waits; and its length could tell a secret."""
    page = desk.signs_in(Role.AGENT)
    offers = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    async with page.socket("/api/echo", offers) as ws:
        assert "Sec-WebSocket-Extensions" not in ws._response.headers
        await ws.send_str("もしもし")
        assert (await ws.receive_json())["note"] == "もしもし"


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": ""}])
async def test_a_socket_of_another_page_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    page = desk.signs_in(Role.AGENT)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with page.socket("/api/echo", headers):
            pass
    assert refused.value.status == 403


async def test_a_socket_without_a_session_or_a_right_is_refused(desk: Desk) -> None:
    for status in (401, 403):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with desk.browser.socket("/api/echo"):
                pass
        assert refused.value.status == status
        desk.signs_in(Role.AUDITOR)


@pytest.mark.parametrize("said", ["", "csrf-of-supervisor"])
async def test_a_socket_that_says_the_wrong_token_is_closed(desk: Desk, said: str) -> None:
    async with desk.signs_in(Role.AGENT).socket("/api/echo", csrf=said) as ws:
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
        assert ws.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
    assert desk.server.sockets.sessions() == frozenset()


async def test_a_socket_ends_with_its_session(desk: Desk) -> None:
    async with desk.signs_in(Role.AGENT).socket("/api/echo") as ws:
        await ws.send_str("one")
        await ws.receive()
        (session,) = desk.server.sockets.sessions()
        await asyncio.gather(desk.server.sockets.end(session), ws.receive())
        assert ws.close_code == SIGNED_OUT


async def test_without_a_build_the_page_says_so(desk: Desk) -> None:
    told = await desk.browser.ask("GET", "/")
    assert told.status == 200
    assert "make setup" in told.body
