import { UA, Utils } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, RTCSessionEvent } from "jssip/lib/UA";

import { RelaySocket } from "./socket";

// All that is used of JsSIP: it registers, answers, mutes and carries audio. What becomes of a call
// the controller decides; another library would have to fill in this file alone.

const REALM = "madoguchi";
const AGAIN_FIRST = 1; // seconds until it connects again
const AGAIN_AT_LAST = 4;
const REGISTERED_FOR = 120; // seconds; it renews by itself
const GATHERED = 300; // milliseconds after the first address: others may never come

export type Heard = {
  readonly registered: (is: boolean) => void;
  readonly rings: (leg: string, atOnce: boolean) => void;
  readonly up: (leg: string) => void;
  readonly ended: (leg: string) => void;
  readonly closed: (code: number) => void;
};

export type Credentials = { readonly user: string; readonly secret: string };

/** The telephone's signalling and its audio: one call at a time, the newest. */
export class Sip {
  readonly #ua: UA;
  readonly #loudspeaker = new Audio();
  readonly #microphone: () => MediaStream;
  readonly #heard: Heard;
  #session: RTCSession | null = null;

  constructor(
    page: string,
    first: Credentials,
    again: () => Promise<Credentials>,
    microphone: () => MediaStream,
    heard: Heard,
  ) {
    this.#microphone = microphone;
    this.#heard = heard;
    this.#loudspeaker.autoplay = true;
    let granted: Credentials | null = first;
    const permit = async () => {
      const { user, secret } = granted ?? (await again());
      granted = null; // good for one connection
      this.#ua.set("realm", REALM);
      this.#ua.set("ha1", Utils.calculateMD5(`${user}:${REALM}:${secret}`));
    };
    const socket = new RelaySocket(page, permit, heard.closed);
    this.#ua = new UA({
      sockets: socket as never,
      uri: `sip:${first.user}@${REALM}.invalid`,
      authorization_user: first.user,
      register_expires: REGISTERED_FOR,
      session_timers: false,
      connection_recovery_min_interval: AGAIN_FIRST,
      connection_recovery_max_interval: AGAIN_AT_LAST,
    });
    this.#ua.on("registered", () => heard.registered(true));
    for (const lost of ["unregistered", "registrationFailed", "disconnected"] as const)
      this.#ua.on(lost, () => heard.registered(false));
    this.#ua.on("newRTCSession", (event: RTCSessionEvent) => {
      if (event.originator === "remote") this.#invited(event as IncomingRTCSessionEvent);
    });
    this.#ua.start();
  }

  /** No telephone any more; a call that it carries ends here. */
  stop(): void {
    this.end();
    this.#ua.stop();
    this.#loudspeaker.srcObject = null;
  }

  answer(): void {
    this.#session?.answer({
      mediaStream: this.#microphone(),
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: [] },
    });
  }

  /** Give up what is here, whatever the other side knows of it. */
  end(): void {
    const session = this.#session;
    this.#session = null;
    if (session !== null && !session.isEnded()) session.terminate();
  }

  mute(is: boolean): void {
    if (is) this.#session?.mute({ audio: true });
    else this.#session?.unmute({ audio: true });
  }

  #invited({ session, request }: IncomingRTCSessionEvent): void {
    const leg = request.getHeader("X-Mado-Leg") ?? "";
    const atOnce = request.getHeader("X-Mado-Answer") === "now";
    this.end();
    this.#session = session;
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", ({ streams }) => {
        this.#loudspeaker.srcObject = streams[0] ?? null;
        void this.#loudspeaker.play().catch(() => undefined);
      });
    });
    let isWaiting = false;
    session.on("icecandidate", ({ ready }) => {
      if (isWaiting) return;
      isWaiting = true;
      window.setTimeout(ready, GATHERED);
    });
    const over = () => {
      if (this.#session === session) this.#session = null;
      this.#heard.ended(leg);
    };
    session.on("confirmed", () => this.#heard.up(leg));
    session.on("ended", over);
    session.on("failed", over);
    this.#heard.rings(leg, atOnce);
  }
}
