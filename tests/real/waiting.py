"""Waiting for what another process does: it has no event to await."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
EVERY = 0.02


async def until(holds: Callable[[], bool], what: str, within: float = 30.0) -> None:
    """Wait until it is so."""
    try:
        async with asyncio.timeout(within):
            while not holds():
                await asyncio.sleep(EVERY)  # noqa: TID251  # somebody else's process
    except TimeoutError:
        raise AssertionError(f"not within {within:g} s: {what}") from None


async def until_true(
    ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool], what: str, within: float = 30.0
) -> T:
    """Ask until the answer is right; the last answer is in the message."""
    answer = await ask()
    try:
        async with asyncio.timeout(within):
            while not holds(answer):
                await asyncio.sleep(EVERY)  # noqa: TID251  # somebody else's process
                answer = await ask()
    except TimeoutError:
        raise AssertionError(f"not within {within:g} s: {what}; last: {answer}") from None
    return answer


async def pause(seconds: float) -> None:
    """Let time pass in which nothing may happen."""
    await asyncio.sleep(seconds)  # noqa: TID251  # there is nothing to wait for
