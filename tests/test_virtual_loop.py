"""The virtual loop keeps its promises: time jumps, order holds, the outside is refused."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from telephony.simulation.shell.loop import NotVirtual, Stalled, run, virtually


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)  # noqa: TID251 - what the loop makes of it is the subject


def test_a_day_passes_in_moments() -> None:
    started = time.monotonic()

    async def day() -> float:
        await _pause(86_400)
        return asyncio.get_running_loop().time()

    assert run(day()) == pytest.approx(86_400)
    assert time.monotonic() - started < 5


@virtually
async def test_timers_fire_in_order_each_at_its_own_time() -> None:
    seen: list[tuple[str, float]] = []
    loop = asyncio.get_running_loop()

    def note(name: str) -> None:
        seen.append((name, loop.time()))

    for name, due in [("late", 30.0), ("early", 0.5), ("middle", 7.25)]:
        loop.call_later(due, note, name)
    await _pause(31)
    assert [name for name, _ in seen] == ["early", "middle", "late"]
    assert [at for _, at in seen] == pytest.approx([0.5, 7.25, 30.0])


@virtually
async def test_a_time_out_is_virtual_too() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3600):
            await _pause(7200)
    assert asyncio.get_running_loop().time() == pytest.approx(3600)


def test_a_wait_that_can_never_end_is_reported() -> None:
    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stalled):
        run(wait_for_ever())


@virtually
async def test_executors_are_refused() -> None:
    with pytest.raises(NotVirtual, match="run_in_executor"):
        await asyncio.to_thread(time.monotonic)


@virtually
async def test_real_sockets_are_refused() -> None:
    with pytest.raises(NotVirtual, match="create_connection"):
        await asyncio.open_connection("127.0.0.1", 9)
    with pytest.raises(NotVirtual, match="create_server"):
        await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)


@virtually
async def test_processes_are_refused() -> None:
    with pytest.raises(NotVirtual, match="subprocess_exec"):
        await asyncio.create_subprocess_exec("true")


@virtually
async def test_watching_a_file_descriptor_is_refused() -> None:
    loop = asyncio.get_running_loop()
    for refused in (loop.add_reader, loop.add_writer):
        with pytest.raises(NotVirtual):
            refused(0, print)


@virtually
async def test_a_raw_socket_call_is_refused() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as raw, pytest.raises(NotVirtual, match="sock_connect"):
        await loop.sock_connect(raw, ("127.0.0.1", 9))
