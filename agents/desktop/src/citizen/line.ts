import { UA } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";

import { gatherCandidates } from "../phone/candidates";
import { RelaySocket } from "../phone/socket";

const HOST = "madoguchi.invalid";
const MEDIA = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

export type LineHeard = {
  readonly connected: (is: boolean) => void;
  readonly up: () => void;
  readonly ended: (why: string) => void;
};

/** The citizen's telephone: calls, sends keys, hangs up. */
export class Line {
  readonly #ua: UA;
  readonly #loudspeaker = new Audio();
  readonly #heard: LineHeard;
  #session: RTCSession | null = null;

  constructor(user: string, heard: LineHeard) {
    this.#heard = heard;
    this.#loudspeaker.autoplay = true;
    const socket = new RelaySocket("", () => Promise.resolve(), () => undefined, "/citizen-phone");
    this.#ua = new UA({
      sockets: socket as never,
      uri: `sip:${user}@${HOST}`,
      register: false,
      session_timers: false,
    });
    this.#ua.on("connected", () => heard.connected(true));
    this.#ua.on("disconnected", () => heard.connected(false));
    this.#ua.start();
  }

  /** `from` is the number that the network would show. */
  call(number: string, from: string, sound: MediaStream): void {
    const shown = from === "" ? [] : [`P-Asserted-Identity: <sip:${from}@${HOST}>`];
    const session = this.#ua.call(`sip:${number}@${HOST}`, {
      mediaStream: sound,
      extraHeaders: shown,
      ...MEDIA,
    });
    this.#session = session;
    session.connection.addEventListener("track", ({ streams }) => {
      this.#loudspeaker.srcObject = streams[0] ?? null;
      void this.#loudspeaker.play().catch(() => undefined);
    });
    gatherCandidates(session);
    const over = ({ cause }: { cause: string }) => {
      if (this.#session === session) this.#session = null;
      this.#heard.ended(cause);
    };
    session.on("confirmed", () => this.#heard.up());
    session.on("ended", over);
    session.on("failed", over);
  }

  press(key: string): void {
    this.#session?.sendDTMF(key, { transportType: "RFC2833" as never });
  }

  async send(track: MediaStreamTrack): Promise<void> {
    const senders = this.#session?.connection.getSenders() ?? [];
    await senders.find((each) => each.track?.kind === "audio")?.replaceTrack(track);
  }

  hangUp(): void {
    const session = this.#session;
    if (session !== null && !session.isEnded()) session.terminate();
  }

  stop(): void {
    this.hangUp();
    this.#ua.stop();
  }
}
