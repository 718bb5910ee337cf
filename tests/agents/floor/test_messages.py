"""A message goes to whoever sits there now, wherever they sit afterwards, and to nobody else."""

from typing import Any

import pytest

from agents.people import Role
from telephony.link.news import DeskNews
from tests.agents.asking import Browser
from tests.agents.desk import Desk
from tests.store.conftest import postgres_socket, url

__all__ = ["postgres_socket", "url"]  # both engines

TO_ANA = {"key": "message-1", "to": "a01", "text": "昼交代"}


async def read(page: Browser) -> list[tuple[str, str | None]]:
    told: list[dict[str, Any]] = (await page.ask("GET", "/api/messages")).body["messages"]
    return [(one["text"], one["to"]) for one in told]


async def test_it_follows_its_person_and_not_the_seat(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    assert (await leader.ask("POST", "/api/messages", TO_ANA)).status == 200
    assert (
        await leader.ask("POST", "/api/messages", {"key": "to-all-1", "text": "全員へ"})
    ).status == 200
    (told, _) = [one for one in whole.news.told if isinstance(one, DeskNews)]
    assert told.to == whole.ids["ana"]
    whole.clock.goes_on(5)
    assert (await page.ask("POST", "/api/seat", {"seat": "a03"})).status == 200
    next_one = await whole.signed_in("bo", seat="a01")
    both = [("昼交代", "a01"), ("全員へ", None)]
    assert await read(page) == both
    assert await read(leader) == both, "their own"
    assert await read(next_one) == [("全員へ", None)]
    assert (await page.ask("DELETE", "/api/session")).status == 204
    assert await read(await whole.signed_in("ana")) == both


@pytest.mark.parametrize(
    ("to", "status", "said"),
    [("z99", 404, "その席はありません"), ("a02", 409, "その席にはいまだれも着席していません")],
)
async def test_where_nobody_sits_it_is_refused_with_a_sentence(
    whole: Desk, to: str, status: int, said: str
) -> None:
    page = await whole.signed_in("ana", seat="a01")
    told = await page.ask("POST", "/api/messages", {**TO_ANA, "to": to})
    assert (told.status, told.body["problem"].startswith(said)) == (status, True), told.body
    assert await read(page) == []
    await whole.signed_in("bo", seat="a02")
    assert (await page.ask("POST", "/api/messages", {**TO_ANA, "to": "a02"})).status == 200


async def test_one_that_was_sent_is_known_though_its_person_has_left(whole: Desk) -> None:
    """The answer was lost: it must not read as refused, nor go to whoever sits there next."""
    page = await whole.signed_in("ana", seat="a01")
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    assert (await leader.ask("POST", "/api/messages", TO_ANA)).status == 200
    assert (await page.ask("DELETE", "/api/session")).status == 204
    assert (await leader.ask("POST", "/api/messages", TO_ANA)).status == 200
    whole.clock.goes_on(5)
    next_one = await whole.signed_in("bo", seat="a01")
    assert (await leader.ask("POST", "/api/messages", TO_ANA)).status == 200
    assert await read(next_one) == []
    told = [
        one.to for one in whole.news.told if isinstance(one, DeskNews) and one.what == "message"
    ]
    assert set(told) == {whole.ids["ana"]}
