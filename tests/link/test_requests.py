"""The link as both of its ends see it: a real socket, a desk that notes what it is asked."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from config.clock import Clock
from telephony.acd.model import AgentId
from telephony.calls.publisher import ANSWER_WITHIN
from telephony.centre import commands as cmd
from telephony.link.client import GOOD_FOR, Link, NoController, Refused
from telephony.link.server import application, serve
from telephony.owing.model import CallbackAsked, CallbackDone, Cause, Deed


@dataclass
class Desk:
    """Grants everything, as slowly as it is told to."""

    takes: float = 0.0  # seconds
    asked: list[cmd.Request] = field(default_factory=list)
    stamps: list[cmd.Stamp | None] = field(default_factory=list)
    opened: list[CallbackAsked] = field(default_factory=list)
    done: list[CallbackDone] = field(default_factory=list)
    calendars: int = 0  # how often one was to be taken up

    async def take_up_calendar(self) -> None:
        """Note that it was asked."""
        self.calendars += 1

    def status(self) -> dict[str, Any]:
        """Nothing to tell."""
        return {}

    async def request(self, request: cmd.Request) -> None:
        """Note it."""
        await asyncio.sleep(self.takes)  # noqa: TID251  # stands for a slow database
        if isinstance(request, cmd.OfSite):
            self.asked.append(request)
            return
        self.asked.append(replace(request, stamp=None))
        self.stamps.append(request.stamp)

    async def open_callback(self, asked: CallbackAsked) -> str:
        """Note it."""
        self.opened.append(asked)
        return "ob-1"

    async def open_callbacks(self, asked: Sequence[CallbackAsked]) -> list[str]:
        """Note them."""
        self.opened += asked
        return ["ob-1" for _ in asked]

    async def do_callback(self, done: CallbackDone) -> None:
        """Note it."""
        self.done.append(done)

    def now(self) -> float:
        """Any instant."""
        return 1000.0


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk()
    runner = await serve(application(made), tmp_path / "s")
    yield made
    await runner.cleanup()


@pytest.fixture
def link(tmp_path: Path, desk: Desk) -> Link:
    return Link(tmp_path / "s")


async def test_whoever_leads_answers_and_nobody_else_does(tmp_path: Path) -> None:
    link = Link(tmp_path / "s")
    assert not await link.answers()
    runner = await serve(application(Desk()), tmp_path / "s")
    assert await link.answers()
    await runner.cleanup()
    assert not await link.answers()


async def test_one_that_hangs_answers_nobody(tmp_path: Path) -> None:
    """As a process that was stopped: its socket takes connections."""
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(tmp_path / "s"))
        hanging.listen()
        assert not await Link(tmp_path / "s").answers()


async def test_what_is_granted_as_late_as_may_be_is_granted(desk: Desk, link: Link) -> None:
    desk.takes = ANSWER_WITHIN + 0.2
    await link.request("a01", "ready")
    assert desk.asked == [cmd.Ready(AgentId("a01"))]


async def test_a_pause_that_is_not_the_agents_own_wish_says_so(desk: Desk, link: Link) -> None:
    await link.request("a01", "pause", reason="phone_lost", imposed=True)
    assert desk.asked == [cmd.Pause(AgentId("a01"), "phone_lost", imposed=True)]


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


# -- by what a request is known again ---------------------------------------------------------


async def post(tmp_path: Path, body: dict[str, Any]) -> tuple[int, str]:
    """As somebody asks who writes the request by hand."""
    connector = aiohttp.UnixConnector(path=str(tmp_path / "s"))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.post("http://controller/agents/a01", json=body) as reply,
    ):
        return reply.status, await reply.text()


async def test_f3_each_request_has_a_key_of_its_own(desk: Desk, link: Link) -> None:
    await link.request("a01", "ready")
    await link.request("a01", "ready")
    one, other = desk.stamps
    assert one is not None
    assert other is not None
    assert len({one.key, other.key, ""}) == 3


async def test_f3_the_centre_hears_the_same_of_the_same_key_and_nothing_that_was_written(
    desk: Desk, link: Link
) -> None:
    for _ in range(2):
        await link.request("a01", "ready", key="山田様 0942001234", client="窓口の頁", seq=7)
    one, other = desk.stamps
    assert one == other
    assert one is not None
    assert one.seq == 7
    assert "0942001234" not in repr(one)
    assert "山田" not in repr(one)


async def test_f3_who_asks_by_hand_needs_no_key(desk: Desk, tmp_path: Path) -> None:
    assert (await post(tmp_path, {"do": "ready"}))[0] == 204
    assert desk.stamps == [None]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"key": ""}, "64 printable"),
        ({"key": "k" * 65}, "64 printable"),
        ({"key": "k\n"}, "64 printable"),
        ({"client": "\x00", "seq": 1}, "64 printable"),
        ({"seq": 1}, "needs the client"),
        ({"client": "page", "seq": 0}, "greater than or equal to 1"),
        ({"client": "page", "seq": 2**53 + 1}, "less than or equal"),
        ({"good_until": "soon"}, "number"),
    ],
)
async def test_f3_a_stamp_without_sense_is_told(
    desk: Desk, tmp_path: Path, wrong: dict[str, Any], told: str
) -> None:
    status, said = await post(tmp_path, {"do": "ready"} | wrong)
    assert status in {409, 422}
    assert told in said
    assert desk.asked == []


async def test_f3_what_comes_later_than_it_was_good_for_is_refused(tmp_path: Path) -> None:
    desk, wall = Desk(), Clock().wall
    runner = await serve(application(desk, lambda: wall() + GOOD_FOR + 1), tmp_path / "s")
    try:
        with pytest.raises(Refused, match="遅れた"):
            await Link(tmp_path / "s").request("a01", "ready")
        await Link(tmp_path / "s").request("a01", "ready", within=600)
    finally:
        await runner.cleanup()
    assert desk.asked == [cmd.Ready(AgentId("a01"))]


async def test_f3_a_controller_that_dies_before_it_answers_is_asked_again_as_the_next_one(
    tmp_path: Path,
) -> None:
    heard = asyncio.Event()

    async def dies(_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        heard.set()
        to.transport.abort()

    dying = await asyncio.start_unix_server(dies, tmp_path / "s")
    desk = Desk()
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(Link(tmp_path / "s").request("a01", "ready", key="k"))
        await heard.wait()
        dying.close()
        (tmp_path / "s").unlink(missing_ok=True)
        runner = await serve(application(desk), tmp_path / "s")
        await asking
    await runner.cleanup()
    assert desk.asked == [cmd.Ready(AgentId("a01"))]


async def test_where_no_next_controller_is_expected_nobody_is_waited_for(tmp_path: Path) -> None:
    asked = 0

    async def never() -> bool:
        nonlocal asked
        asked += 1
        return False

    with pytest.raises(NoController):
        await Link(tmp_path / "s", never).request("a01", "ready")
    assert asked == 1


@asynccontextmanager
async def stopped(socket: Path) -> AsyncIterator[asyncio.Event]:
    """A controller that was stopped: whoever asks is connected, and hears nothing."""
    connected, over = asyncio.Event(), asyncio.Event()

    async def hangs(_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        connected.set()
        await over.wait()
        to.transport.abort()

    hanging = await asyncio.start_unix_server(hangs, socket)
    try:
        yield connected
    finally:
        over.set()
        hanging.close()


async def test_x2_who_waits_at_a_stopped_controller_asks_the_next_one_as_soon_as_it_leads(
    tmp_path: Path,
) -> None:
    desk = Desk()
    async with stopped(tmp_path / "s") as connected, asyncio.TaskGroup() as group:
        link = Link(tmp_path / "s", never)
        asking = group.create_task(link.request("a01", "ready", within=600))
        looking = group.create_task(link.status())
        await connected.wait()
        runner = await serve(application(desk), tmp_path / "s")
        async with asyncio.timeout(GOOD_FOR / 2):  # the stopped one would have been given so long
            await asking
            assert await looking == {}
        await runner.cleanup()
    assert desk.asked == [cmd.Ready(AgentId("a01"))]


async def never() -> bool:
    return False


async def test_a_mode_is_switched_on_for_so_long_and_off(desk: Desk, link: Link) -> None:
    await link.set_mode("emergency", 90, "u9", closes=False, prompt="notice_emergency")
    await link.set_mode("emergency", 0, "u9")
    assert desk.asked == [
        cmd.SetMode("emergency", 5400.0, "u9", closes=False, prompt="notice_emergency"),
        cmd.EndMode("emergency", "u9"),
    ]


async def test_a_calendar_is_to_be_taken_up(desk: Desk, link: Link) -> None:
    await link.take_up_calendar()
    assert desk.calendars == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"minutes": 24 * 60 + 1}, "less than or equal to 1440"),
        ({"minutes": -1}, "greater than or equal to 0"),
        ({"minutes": float("inf")}, "finite"),
        ({"minutes": 1, "prompt": "gone"}, "there is no such prompt"),
        ({"minutes": 1, "by": "山田"}, "should match"),
    ],
)
async def test_a_mode_that_makes_no_sense(
    desk: Desk, link: Link, given: dict[str, Any], told: str
) -> None:
    with pytest.raises((Refused, ValueError), match=told):
        await link.set_mode(
            "surge", given["minutes"], given.get("by", "u9"), prompt=given.get("prompt", "")
        )
    assert desk.asked == []


async def test_a_supervisor_lets_an_agent_go(desk: Desk, link: Link) -> None:
    await link.request("a01", "sign_out", person="u9")
    assert desk.asked == [cmd.SignOut(AgentId("a01"), released_by="u9")]


async def test_requests_about_callbacks_arrive_as_they_were_meant(desk: Desk, link: Link) -> None:
    for _ in range(2):
        opened = await link.open_callback(
            "u1", key="key-1", cause="memo", number="0942-00-0123", name=" 窓口  花子 "
        )
        assert opened == "ob-1"
    first, again = desk.opened
    assert first == again
    assert first.key != "key-1"  # no text of a client's in a table
    assert (first.number, first.name, first.cause) == ("+81942000123", "窓口 花子", Cause.MEMO)
    await link.do_callback("ob-1", "postpone", "u1", key="key-2", until=2000.0)
    (done,) = desk.done
    assert (done.obligation, done.deed, done.until) == ("ob-1", Deed.POSTPONE, 2000.0)
    for do, given in (("postpone", {}), ("withdraw", {}), ("note", {"text": " "}), ("dance", {})):
        with pytest.raises(Refused):
            await link.do_callback("ob-1", do, "u1", key="key-3", **given)
