"""A raised hand is its owner's, and goes down when they stand up, however that comes."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from agents.floor.book import RoomBook
from agents.people import Caller, Role, SessionId, UserId
from agents.web.problems import Problem
from telephony.link.news import DeskNews
from tests.agents.asking import Browser
from tests.agents.desk import Desk
from tests.store.conftest import postgres_socket, url

__all__ = ["postgres_socket", "url"]  # both engines

Hands = list[dict[str, Any]]


def told_of(hand: str, whole: Desk) -> int:
    """How often every page was told of it."""
    return sum(isinstance(one, DeskNews) and one.id == hand for one in whole.news.told)


async def hands(page: Browser) -> Hands:
    found: Hands = (await page.ask("GET", "/api/help")).body["hands"]
    return found


async def raised(page: Browser, key: str = "hand-0001") -> None:
    assert (await page.ask("POST", "/api/help", {"key": key})).status == 204


async def signs_out(page: Browser, _: Desk) -> None:
    assert (await page.ask("DELETE", "/api/session")).status == 204


async def stands_up(page: Browser, _: Desk) -> None:
    assert (await page.ask("DELETE", "/api/seat")).status == 204


async def moves(page: Browser, _: Desk) -> None:
    assert (await page.ask("POST", "/api/seat", {"seat": "a03"})).status == 200


async def loses_the_account(_: Browser, whole: Desk) -> None:
    await whole.set("ana", enabled=False)
    await whole.watch.look(whole.clock())


@pytest.mark.parametrize("leaves", [signs_out, stands_up, moves, loses_the_account])
async def test_it_goes_down_with_its_owner(
    whole: Desk, leaves: Callable[[Browser, Desk], Awaitable[None]]
) -> None:
    page = await whole.signed_in("ana", seat="a01")
    other = await whole.signed_in("bo", seat="a02")
    await raised(page)
    await raised(other, "hand-0002")
    before = told_of("hand-0001", whole)
    whole.clock.goes_on(5)
    await leaves(page, whole)
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    assert [hand["id"] for hand in await hands(leader)] == ["hand-0002"]
    assert told_of("hand-0001", whole) == before + 1
    next_one = await whole.signed_in("cy", seat="a01")
    assert [hand["mine"] for hand in await hands(next_one)] == [False]
    await raised(next_one, "hand-0003")
    assert [hand["mine"] for hand in await hands(next_one)] == [False, True]


async def test_it_is_the_persons_and_not_the_seats(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    other = await whole.signed_in("bo", seat="a02")
    await raised(page)
    assert [(hand["seat"], hand["mine"]) for hand in await hands(page)] == [("a01", True)]
    assert [(hand["seat"], hand["mine"]) for hand in await hands(other)] == [("a01", False)]


async def test_it_stays_up_when_its_owner_comes_from_another_page(whole: Desk) -> None:
    await raised(await whole.signed_in("ana", seat="a01"))
    page = await whole.signed_in("ana")
    taken = await page.ask("POST", "/api/seat", {"seat": "a01", "take_over": True})
    assert taken.status == 200
    assert [hand["mine"] for hand in await hands(page)] == [True]
    assert (await page.ask("DELETE", "/api/help")).status == 204
    assert await hands(page) == []


async def test_nobody_who_has_just_stood_up_raises_one(whole: Desk) -> None:
    """The request was under way while they signed out in another window."""
    page = await whole.signed_in("ana", seat="a01")
    gone = Caller(UserId(whole.ids["ana"]), "ana", "ana", Role.AGENT, SessionId("s1"), "", "a01")
    await stands_up(page, whole)
    with pytest.raises(Problem):
        await whole.tools.get(RoomBook).raise_hand("hand-0001", gone, None, whole.clock.now)
    assert await hands(page) == []
