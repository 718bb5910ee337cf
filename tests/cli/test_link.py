"""The link as both of its ends see it: a real socket, a desk that notes what it is asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from telephony.acd.model import AgentId
from telephony.calls import controller
from telephony.centre import commands as cmd
from telephony.link.client import Link, Refused
from telephony.link.server import application, serve


@dataclass
class Desk:
    """Grants everything, as slowly as it is told to."""

    takes: float = 0.0  # seconds
    asked: list[cmd.Request] = field(default_factory=list)

    def status(self) -> dict[str, Any]:
        """Nothing to tell."""
        return {}

    async def request(self, request: cmd.Request) -> None:
        """Note it."""
        await asyncio.sleep(self.takes)  # noqa: TID251  # stands for a slow database
        self.asked.append(request)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk()
    runner = await serve(application(made), tmp_path / "s")
    yield made
    await runner.cleanup()


@pytest.fixture
def link(tmp_path: Path, desk: Desk) -> Link:
    return Link(tmp_path / "s")


async def test_what_is_granted_as_late_as_may_be_is_granted(desk: Desk, link: Link) -> None:
    desk.takes = controller.ANSWER_WITHIN + 0.2
    await link.request("a01", "ready")
    assert desk.asked == [cmd.Ready(AgentId("a01"))]


@pytest.mark.parametrize("reason", ["休憩", "内線123", "13時から会議", "窓口④の応援 🍵", "長" * 40])
async def test_a_reason_of_ones_own(desk: Desk, link: Link, reason: str) -> None:
    await link.request("a01", "pause", reason=reason)
    assert desk.asked == [cmd.Pause(AgentId("a01"), reason)]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("0942-00-1234 山田様", "電話番号"),
        ("０９４２", "電話番号"),
        ("①②③④", "電話番号"),
        ("〇九四二の方", "電話番号"),
        ("休憩\n", "改行"),
        ("休憩\x1b[2J", "改行"),
        ("休\u2028憩", "改行"),
        ("休\u202e憩", "改行"),
        ("長" * 41, "40文字"),
        (" 　", "a pause needs a reason"),
    ],
)
async def test_a_reason_that_the_journal_must_not_keep(
    desk: Desk, link: Link, reason: str, told: str
) -> None:
    with pytest.raises(Refused, match=told) as refused:
        await link.request("a01", "pause", reason=reason)
    assert desk.asked == []
    assert "\n" not in str(refused.value)
    assert reason not in str(refused.value)


@pytest.mark.parametrize("seat", ["a01\n", "x" * 65])
async def test_a_target_is_bounded_as_well(desk: Desk, link: Link, seat: str) -> None:
    with pytest.raises(Refused, match="席"):
        await link.request("a01", "transfer", target=seat)
    assert desk.asked == []
