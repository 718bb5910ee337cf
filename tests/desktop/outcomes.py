"""What came of a strike at a page: whom the citizen has then, and what it cost them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from tests.desktop.audio import sound
from tests.desktop.faults import (
    VOICE,
    Fault,
    Struck,
    asleep,
    closed,
    killed,
    offline,
    reloaded,
    unplugged,
    voice,
)
from tests.desktop.headset import CHECK, HEARD, IS_PHONE, TONE_HZ, hears_the_tone
from tests.real.waiting import until_true

LOSES: Final = (
    reloaded,
    closed,
    killed,
    asleep,
    offline,
    unplugged,
)  # the page's sound, for longer than 1.5 s
RUNG_ANEW: Final = ("talking", "hold")  # where a telephone is lost
BACK_WITHIN: Final = 40.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one strike cost the citizen."""

    silence: float  # the longest, in seconds
    back: float  # seconds until all was well again
    lost: bool  # the telephone was taken for lost
    company: float  # seconds of music, or of anybody else's voice, since the strike


async def strike(at: Struck, stage: str, fault: Fault) -> Outcome:
    """Strike, and see it through until the citizen has a person again, or the one they had."""
    (before,) = (await at.room.centre.status())["calls"]
    first_attempt = await _attempt(at)
    began = monotonic()
    await fault(at)
    if fault in LOSES and stage in RUNG_ANEW:
        await until_true(lambda: _attempt(at), lambda now: now > first_attempt, "rung anew")
    taken_over = stage == "consult" and fault in LOSES
    await (_is_handed_over if taken_over else WELL[stage])(at)
    back = monotonic() - began
    gaps = at.call.silence_gaps(longer_than_ms=200, since=began - 0.5)
    first = at.call.media.ear.first_at
    assert first is not None
    assert first < began, "not all of it is remembered"
    assert not at.call.ended.happened, "the citizen was dropped"
    (after,) = (await at.room.centre.status())["calls"]
    assert after["id"] == before["id"]
    lost = stage in RUNG_ANEW and await _attempt(at) > first_attempt
    silence = max((gap.ms for gap in gaps), default=0.0) / 1000
    company = at.call.media.ear.others_ms(TONE_HZ, began) / 1000
    return Outcome(silence, back, lost, company)


async def _attempt(at: Struck) -> int:
    offer = (await at.room.centre.agent("a01"))["offer"]
    return int(offer["attempt"]) if offer else 0


async def _talks(at: Struck) -> None:
    """The agent's voice is there again, in the same call and from the page that is there now."""

    async def talks() -> bool:
        return await _is_at_the_page(at, "talking")

    await until_true(talks, bool, "they talk, at a page that has the call", within=BACK_WITHIN)
    await until_true(
        lambda: voice(at.call), lambda now: now > VOICE, "the same agent", within=BACK_WITHIN
    )


async def _holds(at: Struck) -> None:
    """On hold as before, by a telephone that is there; and taken up again, the voice is."""

    async def held() -> bool:
        return await _is_at_the_page(at, "hold")

    await until_true(held, bool, "on hold, by a page that has the call", within=BACK_WITHIN)
    await at.room.centre.ask("a01", "resume")
    await _talks(at)


async def _is_at_the_page(at: Struck, state: str) -> bool:
    """Nobody has noticed a loss, or it is mended; a page that was loaded again has its own leg."""
    agent = await at.room.centre.agent("a01")
    is_so = agent["state"] == state and agent["reason"] is None
    return is_so and (await sound(at.person)).live == 1


async def _has_somebody(at: Struck) -> None:
    """Whoever was consulted has the caller; or still the agent, and the caller music."""
    leg = at.colleague
    assert leg is not None

    async def there() -> tuple[float, float]:
        with_them = at.call.level(leg.tone_hz)
        still_asks = min(leg.level(TONE_HZ), at.call.rms())
        return with_them, still_asks

    await until_true(
        there, lambda now: max(now) > VOICE, "somebody has the caller", within=BACK_WITHIN
    )
    assert not leg.ended.happened


async def _is_handed_over(at: Struck) -> None:
    """Who consulted is gone for good, so whoever was consulted has the caller, who hears them."""
    leg = at.colleague
    assert leg is not None

    async def agent() -> str:
        (call,) = (await at.room.centre.status())["calls"]
        return str(call["agent"])

    await until_true(agent, "a02".__eq__, "it is the colleague's call", within=BACK_WITHIN)
    assert await at.call.heard(leg.tone_hz, within=BACK_WITHIN)
    assert not leg.ended.happened


async def _is_answered(at: Struck) -> None:
    """They wait with music, and the agent gets them, who does whatever the page asks for."""
    agent = Agent(at)
    await until_true(agent.goes_on, "talking".__eq__, "answered", within=BACK_WITHIN)
    await _talks(at)


@dataclass
class Agent:
    """Takes calls again at a page that may have lost its ring, its fitness, or both."""

    at: Struck
    done: set[object] = field(default_factory=set)  # once for each ring, check and pause

    async def goes_on(self) -> str:
        """The next key or button, if it is time for one; what they do just now."""
        one = self.at.person
        now = await self.at.room.centre.agent("a01")
        offer = now["offer"] or {}
        if now["state"] == "offered":
            shown = offer["ringing"] and await one.button("応答").is_visible()
            if shown and self._is_new(("ring", offer["attempt"])):
                await one.press("F2")
        elif await one.button(HEARD).is_visible():  # opened anew, it is checked as any page
            await hears_the_tone(one)
        elif now["state"] == "paused" and await self._takes_calls_again(now["since"]):
            await one.press_on_page("r")
        return str(now["state"])

    async def _takes_calls_again(self, paused: float) -> bool:
        """Once a pause, as soon as the page is the telephone and nothing of it is missing."""
        one = self.at.person
        is_phone = await one.page.get_by_text(IS_PHONE).is_visible()
        is_fit = is_phone and not await one.region(CHECK).is_visible()
        return is_fit and self._is_new(("pause", paused))

    def _is_new(self, what: object) -> bool:
        is_new = what not in self.done
        self.done.add(what)
        return is_new


WELL: Final[Mapping[str, Callable[[Struck], Awaitable[None]]]] = {
    "ringing": _is_answered,
    "talking": _talks,
    "hold": _holds,
    "consult": _has_somebody,
}
