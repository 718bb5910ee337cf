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
