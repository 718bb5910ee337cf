// What a connection has counted of its sound so far.
export type Counts = {
  readonly energy: number; // heard, in all
  readonly heard: { readonly loss: number; readonly jitter: number };
  readonly heardDelay: number; // seconds in the jitter buffer
  readonly sent: { readonly loss: number; readonly jitter: number } | null;
  readonly roundTrip: number | null;
};

type Told = Readonly<Record<string, number | string | undefined>>;

export async function countsOf(peer: RTCPeerConnection): Promise<Counts> {
  const all = [...(await peer.getStats()).values()] as Told[];
  const of = (type: string) => all.find((each) => each["type"] === type && each["kind"] === "audio");
  const heard = of("inbound-rtp") ?? {};
  const told = of("remote-inbound-rtp");
  const pair = all.find((each) => each["type"] === "candidate-pair" && each["state"] === "succeeded");
  const came = number(heard, "packetsReceived");
  const lost = Math.max(0, number(heard, "packetsLost")) + number(heard, "packetsDiscarded");
  const emitted = number(heard, "jitterBufferEmittedCount");
  const wentOut = number(of("outbound-rtp") ?? {}, "packetsSent");
  return {
    energy: number(heard, "totalAudioEnergy"),
    heard: { loss: share(lost, came + lost), jitter: number(heard, "jitter") },
    heardDelay: emitted === 0 ? 0 : number(heard, "jitterBufferDelay") / emitted,
    sent:
      told === undefined
        ? null
        : {
            loss: share(Math.max(0, number(told, "packetsLost")), wentOut),
            jitter: number(told, "jitter"),
          },
    roundTrip: known(told, "roundTripTime") ?? known(pair, "currentRoundTripTime"),
  };
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, part / whole);
}

function known(told: Told | undefined, name: string): number | null {
  const value = told?.[name];
  return typeof value === "number" ? value : null;
}

function number(told: Told, name: string): number {
  return known(told, name) ?? 0;
}
