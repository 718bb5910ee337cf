import { Problem } from "../api/client";
import {
  ask,
  type Broken,
  type Check,
  CHECKS,
  isElsewhere,
  tell,
  tellBroken,
  UNPLUGGED,
  whyOf,
} from "./desk";
import { type Chosen, choose, chosen, isGone, onPlugged } from "./devices";
import { pageName } from "./name";
import { Quality } from "./quality";
import type { Sip } from "./sip";
import { Voice } from "./voice";

export type PhoneSeen = {
  readonly is: "off" | "starting" | "on" | "lost" | "elsewhere" | "blocked";
  readonly problem: unknown;
  readonly rings: string | null; // the leg that rings here
  readonly talks: string | null; // the leg that is up here
  readonly putDown: string | null; // the leg that was ended here, by SIP alone
  readonly isMuted: boolean;
  readonly isLouder: boolean;
  readonly isSpeakerAway: boolean; // the chosen one: callers are heard by the system's own
  readonly missing: readonly Check[]; // of the pre-flight
  readonly faults: number; // since it began: after each of them the pre-flight begins anew
};

const TAKEN = 4409; // the desk's close code: another page is the telephone now
const LEFT = 4401; // the seat was left, or the session has ended
const TOLD_AGAIN = 3000; // milliseconds
const CHOSEN = "phone-here:"; // and the seat
const NO_CALL = { rings: null, talks: null, isMuted: false, isLouder: false };
const OFF: PhoneSeen = {
  is: "off",
  problem: null,
  putDown: null,
  isSpeakerAway: false,
  missing: [],
  faults: 0,
  ...NO_CALL,
};

/** This page as the telephone of a seat. It outlives what the page shows, and nothing else does. */
class Phone {
  #seen = OFF;
  #seat: string | null = null;
  #sip: Sip | null = null;
  #voice: Voice | null = null;
  #quality: Quality | null = null;
  #run = 0;
  #isChecked = false; // since nothing broke
  #untold: Broken | null = null; // a fault that the desk has not heard of yet
  #answers = false; // the key came before the ring
  readonly #listeners = new Set<() => void>();

  constructor() {
    onPlugged(() => void this.#plugged());
  }

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
      this.#voice = new Voice(() => void this.#unplugged(mine));
      if (!(await this.#voice.open(chosen().microphone))) return;
      const [name, { Sip: Made }, granted] = await Promise.all([
        pageName(),
        import("./sip"),
        ask(takeOver),
      ]);
      if (mine !== this.#run) return;
      this.#sip = new Made(name, granted, () => this.#again(mine), () => this.#sends(), {
        registered: (is) => this.#registered(mine, is),
        rings: (leg, atOnce) => this.#rings(mine, leg, atOnce),
        up: (leg) => this.#up(mine, leg),
        ended: (leg) => this.#ended(mine, leg),
        closed: (code) => this.#closed(mine, code),
      });
      this.#isChecked = granted.missing.length === 0; // by this page before it was loaded again
      this.#tell(mine, { missing: granted.missing });
      await this.#hear(mine);
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

  /** End what is here by SIP alone: for a call that no controller knows, or could be asked to end. */
  hangUp(): void {
    const { talks, putDown } = this.#seen; // a call of the net has no name, and follows another
    this.#put({ ...this.#seen, putDown: talks || putDown });
    this.#sip?.hangUp();
  }

  mute(is: boolean): void {
    this.#sip?.mute(is);
    this.#voice?.mute(is);
    this.#put({ ...this.#seen, isMuted: is });
  }

  /** 聞こえにくい: twice as loud towards the caller, and never louder than can be sent. */
  louder(is: boolean): void {
    this.#put({ ...this.#seen, isLouder: is });
    this.#send();
  }

  /** Another headset, also in the middle of a talk; the next call waits until it is checked. */
  async change(devices: Chosen): Promise<void> {
    const before = chosen();
    choose(devices);
    if (this.#sip === null || this.#voice === null) return;
    const mine = this.#run;
    await this.#hear(mine);
    if (devices.microphone !== before.microphone) {
      if (!(await this.#voice.open(devices.microphone))) return;
      this.#isHeard();
    }
    if (devices.microphone !== before.microphone || devices.talk !== before.talk)
      await this.#broke(mine, "devices_changed");
  }

  /** dBFS of what is spoken, and of what is heard. */
  levels(): { readonly spoken: number | null; readonly heard: number | null } {
    return { spoken: this.#voice?.level() ?? null, heard: this.#sip?.heard() ?? null };
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

  /** The news know of no such call: it is over, whatever SIP says. Should the controller still have
   * it, this telephone was lost, and is rung again: nobody has hung up. */
  drop(): void {
    this.#sip?.lose();
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
    const track = this.#voice?.track(this.#seen.isLouder) ?? null;
    return new MediaStream(track === null ? [] : [track]);
  }

  #send(): void {
    const track = this.#voice?.track(this.#seen.isLouder) ?? null;
    if (track !== null) void this.#sip?.send(track);
  }

  /** By another microphone than before. */
  #isHeard(): void {
    this.#voice?.mute(this.#seen.isMuted);
    this.#send();
    this.#put({ ...this.#seen, problem: null });
  }

  /** Another one, if there is any: the talk goes on with it. No next call before it is checked. */
  async #unplugged(run: number): Promise<void> {
    if (run !== this.#run || this.#voice === null) return;
    this.#isChecked = false;
    const opened = this.#voice.openAnother();
    const told = whyOf(opened).then((why) => this.#broke(run, why));
    try {
      if (await opened) this.#isHeard();
    } catch (problem) {
      await told; // the desk has to hear why before this is no telephone any more
      if (run !== this.#run) return;
      if (this.#seen.talks === null) this.#blocked(problem instanceof Problem ? problem : UNPLUGGED);
      else this.#tell(run, { problem }); // they are heard no more, and still hear
    }
  }

  /** The headset may be there again, or gone: nobody has to look for it in the middle of a talk. */
  async #plugged(): Promise<void> {
    const mine = this.#run;
    if (this.#sip === null) return;
    const hearsAnew = await this.#hear(mine);
    const isHeardAnew = (await this.#voice?.openAgain()) ?? false;
    if (mine !== this.#run) return;
    if (isHeardAnew) this.#isHeard();
    // A microphone that went with it has told already, and says more.
    if (isHeardAnew || (hearsAnew && this.#isChecked)) await this.#broke(mine, "devices_changed");
  }

  /** By the chosen speaker; by the system's own while that is not there, for whoever talks must hear.
   * Whether it is another one now than what was seen last. */
  async #hear(run: number): Promise<boolean> {
    const isAway = await isGone(chosen().talk);
    if (run !== this.#run) return false;
    const isAnother = isAway !== this.#seen.isSpeakerAway;
    this.#tell(run, { isSpeakerAway: isAway });
    await this.#sip?.hearOn(isAway ? "" : chosen().talk);
    return isAnother;
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
    if (this.#seen.isMuted) this.#voice?.mute(false);
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
    this.#voice?.stop();
    this.#voice = null;
    this.#put(then);
  }

  #put(seen: PhoneSeen): void {
    this.#seen = seen;
    for (const listener of this.#listeners) listener();
  }
}

export const phone = new Phone();
