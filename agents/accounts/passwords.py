"""Passwords and PINs: what may be one, and keeping them as argon2id (RFC 9106)."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from agents.web.problems import Problem

SHORTEST: Final = 12
LONGEST: Final = 128
FEWEST_CHARACTERS: Final = 5  # different ones
PIN_DIGITS: Final = 6
AT_ONCE: Final = 2  # each takes a core and 64 MiB for a moment
WAITING_AT_MOST: Final = 32  # from one place, the one whose turn it is among them
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"  # none that looks like a digit
# Of the lists of passwords that are tried first, those as long as ours must be.
COMMON: Final = frozenset(
    (
        "password1234", "password12345", "password123456", "passwordpassword", "123456789012",
        "1234567890123", "123456123456", "123123123123", "qwertyuiop12", "qwertyuiop123",
        "1qaz2wsx3edc", "1q2w3e4r5t6y", "1qaz2wsx3edc4rfv", "qazwsxedcrfv", "administrator",
        "administrator1", "letmeinletmein", "iloveyouiloveyou", "abcdefghijkl", "abcd12345678",
        "zaq12wsxcde3", "qwerty123456", "asdfghjkl123", "welcome12345", "changeme1234",
        "p@ssw0rd1234", "passw0rd1234", "sakurasakura", "konnichiwa123", "madoguchi1234",
    )
)  # fmt: skip


def fault_in_password(password: str, *about: str) -> str | None:
    """Why it will not do, as one sentence; `about` are words that belong to the person."""
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return f"{SHORTEST}〜{LONGEST}文字にしてください ({SHORTEST} to {LONGEST} characters)"
    if len(set(plain)) < FEWEST_CHARACTERS or plain in COMMON:
        return "推測されやすいので使えません (too easy to guess)"
    if any(len(word) > 2 and word.casefold() in plain for word in ("madoguchi", *about)):  # noqa: PLR2004
        return "名前などを含めないでください (it must not contain your name)"
    return None


def fault_in_pin(pin: str) -> str | None:
    """Why it will not do, as one sentence."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        return f"{PIN_DIGITS}桁の数字にしてください ({PIN_DIGITS} digits)"
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 or pin[:3] == pin[3:]:
        return "推測されやすいので使えません (too easy to guess)"
    return None


def made_up() -> str:
    """One to be given out, typed once and replaced: 70 bits, easy to read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


class Passwords:
    """Hashing, off the event loop, for so many at once; nobody fills the queue for all others."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=2)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting: Counter[str] = Counter()
        self._nobodys = self._hasher.hash(secrets.token_hex(16))

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[None]:
        """Wait for it; a `Problem` where too many wait from this place (an address, a person)."""
        if self._waiting[place] >= WAITING_AT_MOST:
            raise _too_many()
        self._waiting[place] += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting[place] -= 1
            if not self._waiting[place]:
                del self._waiting[place]

    async def hashed(self, password: str, place: str) -> str:
        """To be kept; waits for its turn itself."""
        async with self.turn(place):
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, kept: str | None, given: str) -> bool:
        """Whether it is the one; asked within one's turn. Nobody's takes as long as somebody's."""
        fits = await asyncio.to_thread(self._fits, kept or self._nobodys, given)
        return fits and kept is not None

    def _fits(self, kept: str, given: str) -> bool:
        try:
            return self._hasher.verify(kept, given)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


def _too_many() -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "同じ場所からの確認が混み合っています。少し待ってから、もう一度送ってください。",
        "Too many are being checked from this place. Wait a moment and try again.",
        headers={"Retry-After": "1"},
    )
