import { UA, Utils } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, RTCSessionEvent } from "jssip/lib/UA";

import { gatherCandidates } from "./candidates";
import { type Counts, countsOf } from "./counts";
import { hearOn } from "./devices";
import { RelaySocket } from "./socket";
import { Listening, toneToSend } from "./sound";

// All that is used of JsSIP: it registers, answers, mutes and carries audio. What becomes of a call
// the controller decides; another library would have to fill in this file alone. The one call that
// begins here goes to Asterisk's echo, and to nobody.

const REALM = "madoguchi";
const AGAIN_FIRST = 1; // seconds until it connects again
const AGAIN_AT_LAST = 4;
const REGISTERED_FOR = 120; // seconds; it renews by itself
const ECHO = `sip:*43@${REALM}.invalid`;
const ECHOED_WITHIN = 8000; // milliseconds
const LOOK_EVERY = 200; // milliseconds
const SOFTLY = 0.02;
const ECHOED = 2e-6; // energy of an eighth of a second of the tone, played so softly
const MEDIA = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

export type Heard = {
  readonly registered: (is: boolean) => void;
  readonly rings: (leg: string, atOnce: boolean) => void;
  readonly up: (leg: string) => void;
  readonly ended: (leg: string) => void;
  readonly closed: (code: number) => void;
};

export type Credentials = { readonly user: string; readonly secret: string };

/** A call came while the sound was tried. */
export class GaveWay extends Error {
  override readonly name = "GaveWay";
}

/** The telephone's signalling and its audio: one call at a time, the newest. */
export class Sip {
  readonly #ua: UA;
  readonly #socket: RelaySocket;
  readonly #loudspeaker = new Audio();
  readonly #microphone: () => MediaStream;
  readonly #heard: Heard;
  #session: RTCSession | null = null;
  #echo: RTCSession | null = null;
  #listening: Listening | null = null;
  #registersAgain = 0; // a timer

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
    this.#socket = new RelaySocket(page, permit, heard.closed);
    this.#ua = new UA({
      sockets: this.#socket as never,
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
    this.#ua.on("registrationFailed", () => this.#registerAgain());
    this.#ua.on("newRTCSession", (event: RTCSessionEvent) => {
      if (event.originator === "remote") this.#invited(event as IncomingRTCSessionEvent);
    });
    this.#ua.start();
  }

  /** No telephone any more. Whoever is on the line is hung up on by nobody: they are handed to
   * the telephone that takes its place, as when the page had died. */
  stop(): void {
    this.#ua.removeAllListeners("registrationFailed");
    window.clearTimeout(this.#registersAgain);
    this.#hangUpEcho();
    this.#socket.disconnect(); // before JsSIP says goodbye over it
    this.#end();
    this.#ua.stop();
    this.#listensNoMore();
    this.#loudspeaker.srcObject = null;
  }

  /** What rings; a second key changes nothing. */
  answer(): void {
    const session = this.#session;
    if (session?.isInProgress()) session.answer({ mediaStream: this.#microphone(), ...MEDIA });
  }

  /** Give up what is here as if the page had died, and register anew. */
  lose(): void {
    this.#socket.lose(); // before JsSIP says goodbye over it
    this.#end();
  }

  hangUp(): void {
    this.#end();
  }

  #end(): void {
    const session = this.#session;
    this.#session = null;
    if (session !== null && !session.isEnded()) session.terminate();
  }

  /** Another microphone, or the same one louder; also in the middle of a talk. */
  async send(track: MediaStreamTrack): Promise<void> {
    const senders = this.#session?.connection?.getSenders() ?? [];
    await senders.find((each) => each.track?.kind === "audio")?.replaceTrack(track);
  }

  async hearOn(speaker: string): Promise<void> {
    await hearOn(this.#loudspeaker, speaker);
  }

  /** What was counted of the call that is here. */
  async counts(): Promise<Counts | null> {
    const peer = this.#session?.connection;
    return peer == null ? null : countsOf(peer);
  }

  /** dBFS of what is heard; null where nothing is. */
  heard(): number | null {
    return this.#session === null ? null : (this.#listening?.level() ?? null);
  }

  #hears(stream: MediaStream | undefined): void {
    this.#listensNoMore();
    if (stream !== undefined) this.#listening = new Listening(stream);
    this.#loudspeaker.srcObject = stream ?? null;
    void this.#loudspeaker.play().catch(() => undefined);
  }

  #listensNoMore(): void {
    this.#listening?.stop();
    this.#listening = null;
  }

  /** Whether a tone that is sent to Asterisk comes back. Throws GaveWay where a call came in. */
  async comesBack(): Promise<boolean> {
    this.#hangUpEcho();
    const tone = toneToSend();
    const softly = new Audio(); // what nothing plays, or plays muted, counts as silence
    softly.volume = SOFTLY;
    const leave = () => this.#hangUpEcho(); // else Asterisk would hold it for some seconds more
    window.addEventListener("pagehide", leave);
    try {
      return await this.#isEchoed(this.#callEcho(tone.stream, softly));
    } finally {
      window.removeEventListener("pagehide", leave);
      tone.end();
      softly.srcObject = null;
    }
  }

  #callEcho(sound: MediaStream, heardOn: HTMLAudioElement): RTCSession {
    const echo = this.#ua.call(ECHO, { mediaStream: sound, ...MEDIA });
    this.#echo = echo;
    gatherCandidates(echo);
    echo.connection.addEventListener("track", ({ streams }) => {
      heardOn.srcObject = streams[0] ?? null;
      void heardOn.play().catch(() => undefined);
    });
    return echo;
  }

  async #isEchoed(echo: RTCSession): Promise<boolean> {
    const until = performance.now() + ECHOED_WITHIN;
    try {
      while (this.#echo === echo && !echo.isEnded() && performance.now() < until) {
        const peer = echo.connection as RTCPeerConnection | null;
        if (peer != null && (await countsOf(peer)).energy > ECHOED) return true;
        await new Promise((go) => window.setTimeout(go, LOOK_EVERY));
      }
      if (this.#echo !== echo) throw new GaveWay();
      return false;
    } finally {
      if (this.#echo === echo) this.#hangUpEcho();
    }
  }

  #hangUpEcho(): void {
    const echo = this.#echo;
    this.#echo = null;
    if (echo !== null && !echo.isEnded()) echo.terminate();
  }

  mute(is: boolean): void {
    if (is) this.#session?.mute({ audio: true });
    else this.#session?.unmute({ audio: true });
  }

  /** JsSIP does so only over another connection, and this one may be good. */
  #registerAgain(): void {
    window.clearTimeout(this.#registersAgain);
    const again = () => {
      if (this.#ua.isConnected() && !this.#ua.isRegistered()) this.#ua.register();
    };
    this.#registersAgain = window.setTimeout(again, 1000 * AGAIN_AT_LAST);
  }

  #invited({ session, request }: IncomingRTCSessionEvent): void {
    const leg = request.getHeader("X-Mado-Leg") ?? "";
    const atOnce = request.getHeader("X-Mado-Answer") === "now";
    this.#end();
    this.#hangUpEcho();
    this.#session = session;
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", ({ streams }) => {
        if (this.#session === session) this.#hears(streams[0]);
      });
    });
    gatherCandidates(session);
    const over = () => {
      if (this.#session === session) this.#session = null;
      if (this.#session === null) this.#listensNoMore();
      this.#heard.ended(leg);
    };
    session.on("confirmed", () => this.#heard.up(leg));
    session.on("ended", over);
    session.on("failed", over);
    this.#heard.rings(leg, atOnce);
  }
}
