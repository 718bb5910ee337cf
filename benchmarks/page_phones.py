"""The telephone in the page: how soon there is sound, and what its way through the desk costs."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from time import monotonic
from typing import Any, Final

import aiohttp

from agents.web.security import Door
from benchmarks.measure import Sample, figures, least, milliseconds, told
from benchmarks.plan import Plan
from benchmarks.processor import Processor
from benchmarks.report import Row
from config.telephones import browser_of, sip_socket
from tests.agents.asking import Browser
from tests.desktop.audio import sound
from tests.desktop.headset import TONE_HZ, at_the_page, tone_microphone
from tests.desktop.person import Person
from tests.desktop.room import Room, room
from tests.real.centre import Centre
from tests.real.many_desks import DESKS, centre_of, names
from tests.real.page_phone import (
    OK,
    PagePhone,
    at_asterisk,
    entered,
    signed_in,
    through_the_desk,
)
from tests.real.waiting import until_true
from tests.sip import OutgoingCall

BACK: Final = 3.0  # seconds, p95
OVER: Final = 1.0  # the same, of a telephone whose session has ended
VOICE: Final = -45.0  # dBov
NO_CONTENT: Final = 204
SIGNS_OUT: Final = "signing out"
IS_ENDED: Final = "a session that an administrator ends"
AS_SHIPPED: Final[dict[str, Any]] = {"phones": {"page_lost_after": 1.5}}


def run(plan: Plan) -> list[Row]:
    """Ring to sound, reload to sound, and the relay with thirty desks."""
    return [*asyncio.run(_sound(plan)), *asyncio.run(_relay(plan))]


# -- sound ------------------------------------------------------------------------------------


@asynccontextmanager
async def a_room(**more: Any) -> AsyncIterator[Room]:
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        async with room(Path(folder), **more) as made:
            yield made


async def _sound(plan: Plan) -> list[Row]:
    count = plan.repeats or plan.choose(20, 2)
    async with a_room(**AS_SHIPPED) as r:
        one = await at_the_page(r, "a01", await tone_microphone(await r.context()))
        rung, loaded = [], []
        for _ in range(count):
            rung.append(await _from_ring(r, one))
        for _ in range(
            count
        ):  # each in its own talk: who is lost again and again is not waited for
            loaded.append(await _from_reload(r, one))
        await r.leave()
        await r.centre.clear()
    return [
        _row("the page's key while it rings → sound both ways", Sample(tuple(rung)), None),
        _row("reload in a talk: page there → sound both ways again", Sample(tuple(loaded)), BACK),
    ]


def _row(what: str, sample: Sample, limit: float | None) -> Row:
    target = "" if limit is None else f"p95 ≤ {milliseconds(limit)} ms"
    met = None if limit is None else sample.at(95) <= limit
    return Row(what, told([sample]), target=target, met=met, figures=figures([sample]))


async def _offered(r: Room, one: Person) -> OutgoingCall:
    await r.centre.ask(one.name, "ready")
    call = await r.booking()
    await until_true(
        lambda: r.centre.agent(one.name),
        lambda agent: bool((agent["offer"] or {}).get("ringing")),
        "it rings",
    )
    await one.button("応答").wait_for()
    return call


async def _from_ring(r: Room, one: Person) -> float:
    """From the key until the caller hears the page, and the page the caller."""
    call = await _offered(r, one)
    began = monotonic()
    await one.press("F2")
    both = await asyncio.gather(_heard_by(call), _heard_at(one))
    await _over(r, one, call)
    return max(both) - began


async def _heard_by(call: OutgoingCall) -> float:
    async def level() -> float:
        return call.level(TONE_HZ)

    await until_true(level, lambda now: now > VOICE, "the caller hears the page")
    return monotonic()


async def _heard_at(one: Person) -> float:
    begun = await sound(one)
    await until_true(
        lambda: sound(one),
        lambda now: now.live == 1 and now.heard != begun.heard and now.came > 0,
        "the page hears the caller",
    )
    return monotonic()


async def _from_reload(r: Room, one: Person) -> float:
    """From the moment the page is there again until both hear each other again."""
    call = await _offered(r, one)
    await one.press("F2")
    await asyncio.gather(_heard_by(call), _heard_at(one))
    await one.page.reload(wait_until="commit")
    await one.does.wait_for()
    there = monotonic()
    both = await asyncio.gather(_heard_by(call), _heard_again(one))
    await _over(r, one, call)
    return max(both) - there


async def _heard_again(one: Person) -> float:
    await until_true(lambda: sound(one), lambda now: now.live == 1 and now.came > 10, "hears again")
    return monotonic()


async def _over(r: Room, one: Person, call: OutgoingCall) -> None:
    await call.hang_up()
    await r.centre.agent_is(one.name, "state", "wrap_up")
    await r.centre.ask(one.name, "pause", reason="away")


# -- the relay --------------------------------------------------------------------------------


async def _relay(plan: Plan) -> list[Row]:
    desks, times = plan.choose(DESKS, 6), plan.choose(20, 3)
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        async with centre_of(Path(folder), desks) as (c, password), AsyncExitStack() as stack:
            http = await stack.enter_async_context(
                aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            )
            door = Door(c.ports.desk)
            pages = [await signed_in(http, door, seat, password) for seat in names(desks)]
            desk = (await c.instance.pids())["desk"]
            before = _memory(desk)
            phones = [
                await stack.enter_async_context(through_the_desk(page, seat))
                for page, seat in zip(pages, names(desks), strict=True)
            ]
            for phone in phones:
                assert await phone.register() == OK
            held = (_memory(desk) - before) / desks
            used = Processor({"desk": desk})
            relayed = await _registered(phones, times)
            each = used.seconds()["desk"] / (desks * times)
            revoked = await _revoked(c, pages, await entered(http, door, "admin", password))
            await stack.aclose()
            plain = await _directly(c.ports, c.secrets.browser_passwords, names(desks), times)
    overhead = least([relayed]) - least([plain])
    return [
        Row(
            f"a registration is renewed through the relay, {desks} desks",
            told([relayed]),
            rival=f"{told([plain])} without it",
            figures={
                "desks": desks,
                "relayed": figures([relayed]),
                "direct": figures([plain]),
                "added_median_ms": round(1000 * overhead, 3),
                "desk_processor_ms_each": round(1000 * each, 3),
                "desk_memory_bytes_a_desk": round(held),
            },
        ),
        *(_row(f"{how} → no telephone at Asterisk", each, OVER) for how, each in revoked.items()),
    ]


async def _revoked(c: Centre, pages: Sequence[Browser], admin: Browser) -> dict[str, Sample]:
    """Half of them sign out, and the others' sessions are ended by an administrator."""
    users = (await admin.ask("GET", "/api/users")).body["users"]
    ids = {each["name"]: each["id"] for each in users}
    took: dict[str, list[float]] = {SIGNS_OUT: [], IS_ENDED: []}
    hows = cycle(took)
    for page, seat in zip(pages, names(len(pages)), strict=True):
        how = next(hows)
        began = monotonic()
        if how == IS_ENDED:
            told = await admin.ask("DELETE", f"/api/users/{ids[seat]}/sessions")
        else:
            told = await page.ask("DELETE", "/api/session")
        assert told.status == NO_CONTENT, told.body
        await until_true(partial(_state, c, seat), "offline".__eq__, "it is no telephone")
        took[how].append(monotonic() - began)
    return {how: Sample(tuple(each)) for how, each in took.items()}


async def _state(c: Centre, seat: str) -> str:
    return str((await c.ari.endpoint(browser_of(seat))).state)


async def _registered(phones: Sequence[PagePhone], times: int) -> Sample:
    took = []
    for _ in range(times):
        for phone in phones:
            began = monotonic()
            assert await phone.register() == OK
            took.append(monotonic() - began)
    return Sample(tuple(took))


async def _directly(ports: Any, passwords: Any, seats: Sequence[str], times: int) -> Sample:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        phones = [
            await stack.enter_async_context(
                at_asterisk(http, sip_socket(ports), seat, passwords[seat])
            )
            for seat in seats
        ]
        for phone in phones:
            assert await phone.register() == OK
        return await _registered(phones, times)


def _memory(pid: int) -> int:
    """Bytes that are this process's own."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return 1024 * int(line.split()[1])
    raise AssertionError("the kernel does not tell")
