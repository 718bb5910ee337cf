"""Passwords and PINs: what may be one, and keeping them as argon2id (RFC 9106)."""

import asyncio
import secrets
from collections.abc import Callable
from itertools import pairwise
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

T = TypeVar("T")
SHORTEST: Final = 12
LONGEST: Final = 128
FEWEST_CHARACTERS: Final = 5  # different ones
PIN_DIGITS: Final = 6
AT_ONCE: Final = 2  # each takes a core and 64 MiB for a moment
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
    """Hashing, off the event loop, for so many at once."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=2)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._nobodys = self._hasher.hash(secrets.token_hex(16))

    async def hashed(self, password: str) -> str:
        """To be kept."""
        return await self._off_the_loop(lambda: self._hasher.hash(password))

    async def fits(self, kept: str | None, given: str) -> bool:
        """Whether it is the one; nobody's takes as long as somebody's."""
        fits = await self._off_the_loop(lambda: self._fits(kept or self._nobodys, given))
        return fits and kept is not None

    def is_weak(self, kept: str) -> bool:
        """Whether it was hashed with less effort than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _fits(self, kept: str, given: str) -> bool:
        try:
            return self._hasher.verify(kept, given)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(work)
