"""Who hears whom, said as an assertion."""

import asyncio
import time

from tests.sip.call import Call
from tests.sip.ear import THRESHOLD
from tests.sip.rtp import PACKET, Media

_LATE_AT_MOST = 2.0  # seconds


async def hears(listener: Call, hertz: float, within: float = 30.0) -> None:
    """Fails unless the listener comes to hear the frequency, in audio from now on."""
    if not await listener.heard(hertz, within):
        raise AssertionError(
            f"{listener.stack.user} does not hear {hertz:g} Hz within {within:g} s: "
            f"{_heard(listener, hertz)}\n{listener.stack.trace}"
        )


async def not_hears(listener: Call, hertz: float, for_: float = 1.0) -> None:
    """Fails if the listener hears the frequency at any time in the coming seconds."""
    since = time.monotonic()
    await asyncio.sleep(for_)
    loudest = listener.media.ear.loudest(hertz, since)
    if loudest >= THRESHOLD:
        raise AssertionError(
            f"{listener.stack.user} hears {hertz:g} Hz at {loudest:.0f} dBov\n"
            f"{listener.stack.trace}"
        )


async def talk(one: Call, other: Call, within: float = 30.0) -> None:
    """Fails unless both hear each other's tone."""
    async with asyncio.TaskGroup() as both:
        both.create_task(hears(one, other.tone_hz, within))
        both.create_task(hears(other, one.tone_hz, within))


class Talk:
    """Two who talk, watched from now on: what one sends the other must receive.

    Counted in packets, not by the clock: on a busy machine our own telephones are late.
    """

    def __init__(self, one: Call, other: Call) -> None:
        self._ways = [(one.media, other.media), (other.media, one.media)]
        self._before = [self._missing(*way) for way in self._ways]

    def missing_ms(self) -> float:
        """How much audio did not arrive so far, in the direction that lost more."""
        now = [self._missing(*way) for way in self._ways]
        lost = max(after - before for before, after in zip(self._before, now, strict=True))
        return 1000 * PACKET * max(0, lost)

    async def lost_ms(self) -> float:
        """How much of it never arrives: what a busy machine is only late with has its time to."""
        least = self.missing_ms()
        until = time.monotonic() + _LATE_AT_MOST
        while least > 0 and time.monotonic() < until:
            await asyncio.sleep(PACKET)
            least = min(least, self.missing_ms())
        return least

    @staticmethod
    def _missing(mouth: Media, ear: Media) -> int:
        ear.read()
        return mouth.sent - ear.received


def _heard(listener: Call, hertz: float) -> str:
    media = listener.media
    return (
        f"{media.received} packets, that tone {listener.level(hertz):.0f} dBov, "
        f"everything {listener.rms():.0f} dBov, far end {media.far}"
    )
