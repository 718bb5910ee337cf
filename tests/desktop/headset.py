"""Somebody with a headset: their page is their telephone, and nothing else stands at the seat."""

from typing import Final

from playwright.async_api import BrowserContext, expect

from tests.desktop.audio import KEEP
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import until_true
from tests.sip import Call, OutgoingCall

TAKE_CALLS, IS_PHONE = "この画面で電話を受ける", "この画面が電話です"
ELSEWHERE, MOVE_HERE = "別の画面で使用中", "この画面に移す"
CHECK, TONE, HEARD = "電話の確認", "確認音を鳴らす", "聞こえました"
VOICE: Final = -45.0  # dBov; the browser's own microphone beeps louder


# Microphones of our own in the place of the browser's: a steady tone, which a test can make louder
# or unplug. The browser's own is captured as well, because it is what lets a page sound by itself.
MICROPHONES = """
  window.microphones = [];
  window.loudness = %s;
  const ours = new AudioContext();
  const theirs = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked) => {
    if (window.unplugged) throw new DOMException('none', 'NotFoundError');
    window.captured ??= await theirs(asked);
    await ours.resume();
    const frequency = asked.audio.deviceId === undefined ? %s : %s; // one that was chosen is heard
    const tone = new OscillatorNode(ours, { frequency });
    const gain = new GainNode(ours, { gain: window.loudness });
    const out = new MediaStreamAudioDestinationNode(ours, { channelCount: 1 });
    tone.connect(gain).connect(out);
    tone.start();
    window.microphones.push({ gain, track: out.stream.getAudioTracks()[0] });
    return out.stream;
  };
"""
TONE_HZ, CHOSEN_HZ = 1700.0, 2300.0  # far from any note of the music


async def tone_microphone(
    context: BrowserContext, loudness: float = 0.05, hertz: float = TONE_HZ
) -> BrowserContext:
    """Its pages' microphone is a steady tone."""
    await context.add_init_script(MICROPHONES % (loudness, hertz, CHOSEN_HZ))
    return context


async def telephone(
    r: Room, name: str, context: BrowserContext | None = None, through: int = 0
) -> Person:
    """Somebody whose page is their telephone, and who has not checked it yet."""
    within = context or await r.context()
    await within.add_init_script(KEEP)
    person = await r.person(name, within, through)
    await person.sit_at_once()
    await person.button(TAKE_CALLS).click()
    await expect(person.page.get_by_text(IS_PHONE)).to_be_visible()
    await r.centre.agent_is(name, "phone", "free")
    return person


async def check(person: Person) -> None:
    """Pre-flight, to its end: the tone is heard by whoever sits there, all else by the page."""
    await hears_the_tone(person)
    await expect(person.region(CHECK)).to_be_hidden()


async def hears_the_tone(person: Person) -> None:
    """It is sounded, and only then anybody can say so."""
    check = person.region(CHECK)
    await check.get_by_role("button", name=TONE).click()
    await check.get_by_role("button", name=HEARD).click()


async def tried(person: Person) -> None:
    """The page has heard its own tone come back: no call to the echo is left."""
    trip = person.region(CHECK).get_by_text("✓ 音声の往復")
    await expect(trip).to_be_visible(timeout=30_000)


async def tried_or_done(person: Person) -> None:
    """The same, or everything is in order and nothing of it shown any more.

    Not before the page is the telephone: until then it has begun nothing.
    """
    await expect(person.page.get_by_text(IS_PHONE)).to_be_visible()
    check = person.region(CHECK)

    async def is_over() -> bool:
        trip = check.get_by_text("✓ 音声の往復")
        return not await check.is_visible() or await trip.is_visible()

    await until_true(is_over, bool, "no call to the echo is left")


async def at_the_page(
    r: Room, name: str, context: BrowserContext | None = None, through: int = 0
) -> Person:
    """The same, checked: they may take calls."""
    person = await telephone(r, name, context, through)
    await check(person)
    await r.centre.agent_is(name, "phone", "free")
    return person


async def offered(r: Room, person: Person) -> OutgoingCall:
    """A citizen's call, given to somebody who has just said that they take calls."""
    await person.press_on_page("r")
    await person.is_so("受付可")
    call = await r.booking()
    await person.is_so("呼出中")
    return call


async def answered(r: Room, person: Person) -> OutgoingCall:
    """The same, taken with the key."""
    call = await offered(r, person)
    await expect(person.button("応答")).to_be_visible()
    await person.press("F2")
    await person.is_so("通話中")
    return call


async def is_beeped_at(call: Call) -> None:
    """The caller hears the page's microphone."""

    async def loudness() -> float:
        return call.rms()

    await until_true(loudness, lambda now: now > VOICE, "the caller hears the page")


async def is_heard(call: Call, hertz: float = TONE_HZ) -> None:
    """The caller hears this microphone, by its tone."""

    async def level() -> float:
        return call.level(hertz)

    await until_true(level, lambda now: now > VOICE, f"{hertz:g} Hz is heard")


async def is_not_heard(call: Call, hertz: float = TONE_HZ) -> None:
    """The caller hears it no more, or not yet."""

    async def level() -> float:
        return call.level(hertz)

    await until_true(level, lambda now: now < VOICE, f"{hertz:g} Hz is not heard")
