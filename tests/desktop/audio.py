"""What a page hears and says, as its own peer connections count it."""

from dataclasses import dataclass
from typing import Any, Final

from tests.desktop.person import Person
from tests.real.waiting import until_true

# Keeps every peer connection of the page, so that it can be asked.
KEEP: Final = """
  window.peers = [];
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...how) { super(...how); window.peers.push(this); }
  };
"""
ASK: Final = """async () => {
  const live = window.peers.filter((peer) => peer.connectionState === 'connected');
  const told = { heard: 0, came: 0, went: 0, live: live.length };
  for (const peer of live)
    for (const each of (await peer.getStats()).values()) {
      if (each.type === 'inbound-rtp') {
        told.heard += each.totalAudioEnergy ?? 0;
        told.came += each.packetsReceived ?? 0;
      }
      if (each.type === 'outbound-rtp') told.went += each.packetsSent ?? 0;
    }
  return told;
}"""
# How loud a frequency is in what comes in, in dBFS of its spectrum.
LEVEL: Final = """(hertz) => {
  window.ears ??= { context: new AudioContext(), each: new Map() };
  const { context, each } = window.ears;
  const level = (track) => {
    if (!each.has(track)) {
      const ear = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
      context.createMediaStreamSource(new MediaStream([track])).connect(ear);
      each.set(track, ear);
    }
    const ear = each.get(track);
    const loud = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(loud);
    return loud[Math.round((hertz * ear.fftSize) / context.sampleRate)];
  };
  const live = window.peers.filter((peer) => peer.connectionState === 'connected');
  const tracks = live.flatMap((peer) => peer.getReceivers().map(({ track }) => track));
  return Math.max(-100, ...tracks.map(level));
}"""
TONE: Final = -45.0  # dBFS; a telephone's tone is at -26, music at no frequency of ours
LOUD: Final = 1e-4  # energy of a second of a telephone's tone is a hundred times as much


@dataclass(frozen=True, slots=True)
class Sound:
    """Counted from the beginning of the connection."""

    heard: float  # energy
    came: int  # packets
    went: int
    live: int  # connections


async def sound(person: Person) -> Sound:
    """What the page counts now."""
    told: dict[str, Any] = await person.page.evaluate(ASK)
    return Sound(**told)


async def hears_something(person: Person) -> None:
    """From now on sound comes in, and the microphone's goes out."""
    begun = await sound(person)
    await until_true(
        lambda: sound(person),
        lambda now: now.heard > begun.heard + LOUD and now.went > begun.went,
        "the page hears a voice and sends its own",
    )


async def level(person: Person, hertz: float) -> float:
    """How loud the page hears a frequency just now."""
    told: float = await person.page.evaluate(LEVEL, hertz)
    return told


async def page_hears(person: Person, hertz: float) -> None:
    """From whoever sends this tone."""
    await until_true(lambda: level(person, hertz), lambda now: now > TONE, f"{hertz:g} Hz")


async def page_hears_no(person: Person, hertz: float) -> None:
    """They are not in the same room."""
    await until_true(lambda: level(person, hertz), lambda now: now < TONE, f"no {hertz:g} Hz")
