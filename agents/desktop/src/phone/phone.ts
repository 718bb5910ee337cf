import { Problem } from "../api/client";
import {
  ask,
  type Broken,
  type Check,
  CHECKS,
  isElsewhere,
  listen,
  pageName,
  tell,
  tellBroken,
  UNPLUGGED,
  whyOf,
} from "./desk";
import { type Chosen, choose, chosen } from "./devices";
import { Quality } from "./quality";
import type { Sip } from "./sip";
import { Microphone } from "./sound";

export type PhoneSeen = {
  readonly is: "off" | "starting" | "on" | "lost" | "elsewhere" | "blocked";
  readonly problem: unknown;
  readonly rings: string | null; // the leg that rings here
  readonly talks: string | null; // the leg that is up here
  readonly isMuted: boolean;
  readonly isLouder: boolean;
  readonly missing: readonly Check[]; // of the pre-flight
  readonly faults: number; // since it began: after each of them the pre-flight begins anew
};

const TAKEN = 4409; // the desk's close code: another page is the telephone now
const LEFT = 4401; // the seat was left, or the session has ended
const TOLD_AGAIN = 3000; // milliseconds
const CHOSEN = "phone-here:"; // and the seat
const NO_CALL = { rings: null, talks: null, isMuted: false, isLouder: false };
const OFF: PhoneSeen = { is: "off", problem: null, missing: [], faults: 0, ...NO_CALL };

/** This page as the telephone of a seat. It outlives what the page shows, and nothing else does. */
class Phone {
  #seen = OFF;
  #seat: string | null = null;
  #sip: Sip | null = null;
  #microphone: Microphone | null = null;
  #quality: Quality | null = null;
  #run = 0;
  #asked = 0; // microphones, one after the other
  #newest = 0; // of them that is heard
  #isChecked = false; // since nothing broke
  #untold: Broken | null = null; // a fault that the desk has not heard of yet
  #answers = false; // the key came before the ring
  readonly #listeners = new Set<() => void>();

  readonly seen = (): PhoneSeen => this.#seen;
  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Whoever sits here: a page that was their telephone before is it again. */
  sit(seat: string | null): void {
    if (seat === this.#seat) return;
    this.#stop(OFF);
    this.#seat = seat;
    if (seat !== null && localStorage.getItem(CHOSEN + seat) !== null) void this.begin();
  }

  /** Be the telephone from now on; `takeOver` from another page that is it. */
  async begin(takeOver = false): Promise<void> {
    const seat = this.#seat;
    if (seat === null) return;
    localStorage.setItem(CHOSEN + seat, "yes");
    this.#stop({ ...OFF, is: "starting" });
    const mine = this.#run;
    try {
      const stream = await this.#listen(mine, chosen().microphone);
      if (stream === null) return;
      this.#microphone = this.#listenTo(stream);
      const [{ Sip: Made }, granted] = await Promise.all([import("./sip"), ask(takeOver)]);
      if (mine !== this.#run) return;
      this.#sip = new Made(pageName(), granted, () => this.#again(mine), () => this.#sends(), {
        registered: (is) => this.#registered(mine, is),
        rings: (leg, atOnce) => this.#rings(mine, leg, atOnce),
        up: (leg) => this.#up(mine, leg),
        ended: (leg) => this.#ended(mine, leg),
        closed: (code) => this.#closed(mine, code),
      });
      this.#tell(mine, { missing: granted.missing });
      await this.#sip.hearOn(chosen().talk);
    } catch (problem) {
      if (mine === this.#run) this.#fail(problem);
    }
  }

  /** Be no telephone any more, until somebody chooses so. */
  give(): void {
    if (this.#seat !== null) localStorage.removeItem(CHOSEN + this.#seat);
    this.#stop(OFF);
  }

  /** Answer what rings here, or will in a moment; false where another telephone rings. */
  answer(): boolean {
    if (this.#sip === null) return false;
    this.#answers = this.#seen.rings === null;
    if (!this.#answers) this.#sip.answer();
    return true;
  }

  mute(is: boolean): void {
    this.#sip?.mute(is);
    this.#microphone?.mute(is);
    this.#put({ ...this.#seen, isMuted: is });
  }

  /** 聞こえにくい: twice as loud towards the caller, and never louder than can be sent. */
  louder(is: boolean): void {
    this.#put({ ...this.#seen, isLouder: is });
    if (this.#microphone !== null) void this.#sip?.send(this.#microphone.track(is));
  }

  /** Another headset, also in the middle of a talk; the next call waits until it is checked. */
  async change(devices: Chosen): Promise<void> {
    const before = chosen();
    choose(devices);
    if (this.#sip === null) return;
    const mine = this.#run;
    await this.#sip.hearOn(devices.talk);
    if (devices.microphone !== before.microphone) {
      const stream = await this.#listen(mine, devices.microphone);
      if (stream === null) return;
      this.#replace(stream);
    }
    if (devices.microphone !== before.microphone || devices.talk !== before.talk)
      await this.#broke(mine, "devices_changed");
  }

  /** dBFS of what is spoken, and of what is heard. */
  levels(): { readonly spoken: number | null; readonly heard: number | null } {
    return { spoken: this.#microphone?.level() ?? null, heard: this.#sip?.heard() ?? null };
  }

  /** Whether sound goes to Asterisk and comes back. */
  async comesBack(): Promise<boolean> {
    return (await this.#sip?.comesBack()) ?? false;
  }

  /** What the pre-flight has found. */
  async checked(passed: readonly Check[]): Promise<void> {
    const mine = this.#run;
    const { faults } = this.#seen;
    const missing = await tell(passed);
    if (mine !== this.#run || faults !== this.#seen.faults) return; // or it broke meanwhile
    this.#isChecked = missing.length === 0;
    if (this.#isChecked) this.#untold = null; // put right, and nobody need hear of it any more
    this.#tell(mine, this.#isChecked ? { missing, problem: null } : { missing });
  }

  /** The controller knows of no such call: it is over, whatever SIP says. */
  drop(): void {
    this.#sip?.end();
    this.#over();
  }

  /** The offer is over: a key that came before its ring is not for the next one. */
  forget(): void {
    this.#answers = false;
  }

  /** Another socket: the desk may have been started anew, and have forgotten the check. */
  async #again(run: number) {
    if (run !== this.#run) throw new Error("no telephone any more");
    try {
      const granted = await ask(false);
      this.#tell(run, { missing: granted.missing });
      return granted;
    } catch (problem) {
      if (run === this.#run && isElsewhere(problem)) this.#stop({ ...OFF, is: "elsewhere" });
      throw problem;
    }
  }

  #sends(): MediaStream {
    const track = this.#microphone?.track(this.#seen.isLouder);
    return new MediaStream(track === undefined ? [] : [track]);
  }

  /** A microphone; null, and closed again, where nobody is to be heard here any more, or is by one
   * that was asked for later. */
  async #listen(run: number, device: string): Promise<MediaStream | null> {
    this.#asked += 1;
    const mine = this.#asked;
    const stream = await listen(device);
    if (run === this.#run && mine > this.#newest) {
      this.#newest = mine;
      return stream;
    }
    for (const track of stream.getTracks()) track.stop();
    return null;
  }

  #listenTo(stream: MediaStream): Microphone {
    const mine = this.#run;
    return new Microphone(stream, () => void this.#unplugged(mine));
  }

  #replace(stream: MediaStream): void {
    this.#microphone?.stop();
    this.#microphone = this.#listenTo(stream);
    this.#microphone.mute(this.#seen.isMuted);
    void this.#sip?.send(this.#microphone.track(this.#seen.isLouder));
    this.#put({ ...this.#seen, problem: null }); // they are heard
  }

  /** Another one, if there is any: the talk goes on with it. No next call before it is checked. */
  async #unplugged(run: number): Promise<void> {
    if (run !== this.#run) return;
    this.#isChecked = false;
    const opened = this.#listen(run, "");
    const told = whyOf(opened).then((why) => this.#broke(run, why));
    try {
      const stream = await opened;
      if (stream !== null) this.#replace(stream);
    } catch (problem) {
      await told; // the desk has to hear why before this is no telephone any more
      if (run !== this.#run) return;
      if (this.#seen.talks === null) this.#blocked(problem instanceof Problem ? problem : UNPLUGGED);
      else this.#tell(run, { problem }); // they are heard no more, and still hear
    }
  }

  async #broke(run: number, what: Broken): Promise<void> {
    if (run !== this.#run) return; // known late, and of no telephone that is here now
    this.#isChecked = false;
    this.#untold = what;
    this.#tell(run, { missing: CHECKS, faults: this.#seen.faults + 1 });
    await this.#tellBroken(run);
  }

  /** Until the desk has heard it: it would ring a page that nobody has checked. */
  async #tellBroken(run: number): Promise<void> {
    const what = this.#untold;
    if (run !== this.#run || what === null) return;
    try {
      await tellBroken(what);
      if (run !== this.#run) return;
      if (this.#untold === what) this.#untold = null;
      await this.checked([]);
    } catch (problem) {
      this.#tell(run, { problem });
      window.setTimeout(() => void this.#tellBroken(run), TOLD_AGAIN);
    }
  }

  #registered(run: number, is: boolean): void {
    if (run !== this.#run) return;
    this.#tell(run, { is: is ? "on" : "lost" });
    if (is && this.#untold !== null) void this.#tellBroken(run);
    else if (is && this.#isChecked && this.#seen.missing.length > 0)
      this.checked(CHECKS).catch((problem: unknown) => this.#tell(run, { problem }));
  }

  #rings(run: number, leg: string, atOnce: boolean): void {
    if (run !== this.#run) return;
    this.#over();
    this.#put({ ...this.#seen, rings: leg });
    if (!atOnce && !this.#answers) return;
    this.#answers = false;
    this.#sip?.answer();
  }

  #up(run: number, leg: string): void {
    if (run !== this.#run) return;
    this.#tell(run, { rings: null, talks: leg });
    this.#quality = new Quality(leg, async () => (await this.#sip?.counts()) ?? null);
  }

  #ended(run: number, leg: string): void {
    if (run !== this.#run) return;
    const { rings, talks } = this.#seen;
    if (rings === leg) this.#tell(run, { rings: null });
    if (talks === leg) this.#over();
  }

  #over(): void {
    this.#quality?.end();
    this.#quality = null;
    if (this.#seen.isMuted) this.#microphone?.mute(false);
    this.#put({ ...this.#seen, ...NO_CALL });
  }

  #closed(run: number, code: number): void {
    if (run !== this.#run) return;
    if (code === TAKEN) this.#stop({ ...OFF, is: "elsewhere" });
    if (code === LEFT) this.#stop(OFF);
  }

  #fail(problem: unknown): void {
    if (isElsewhere(problem)) this.#stop({ ...OFF, is: "elsewhere" });
    else this.#blocked(problem);
  }

  #blocked(problem: unknown): void {
    this.#stop({ ...OFF, is: "blocked", problem });
  }

  #tell(run: number, news: Partial<PhoneSeen>): void {
    if (run === this.#run) this.#put({ ...this.#seen, ...news });
  }

  #stop(then: PhoneSeen): void {
    this.#run += 1;
    this.#answers = this.#isChecked = false;
    this.#untold = null;
    this.#quality?.end();
    this.#quality = null;
    this.#sip?.stop();
    this.#sip = null;
    this.#microphone?.stop();
    this.#microphone = null;
    this.#put(then);
  }

  #put(seen: PhoneSeen): void {
    this.#seen = seen;
    for (const listener of this.#listeners) listener();
  }
}

export const phone = new Phone();
