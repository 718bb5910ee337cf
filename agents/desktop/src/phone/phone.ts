import { useEffect, useSyncExternalStore } from "react";

import { api, newKey, Problem, told } from "../api/client";
import type { Agent } from "../news/floor";
import type { Sip } from "./sip";

export type PhoneSeen = {
  readonly is: "off" | "starting" | "on" | "lost" | "elsewhere" | "blocked";
  readonly problem: unknown;
  readonly rings: string | null; // the leg that rings here
  readonly talks: string | null; // the leg that is up here
  readonly isMuted: boolean;
};

const TAKEN = 4409; // the desk's close code: another page is the telephone now
const LEFT = 4401; // the seat was left, or the session has ended
const CHOSEN = "phone-here:"; // and the seat
const PAGE = "phone-page";
const STALE_AFTER = 2000; // milliseconds that a call may be here which the news do not know
const OFF: PhoneSeen = { is: "off", problem: null, rings: null, talks: null, isMuted: false };

/** This page as the telephone of a seat. It outlives what the page shows, and nothing else does. */
class Phone {
  #seen = OFF;
  #seat: string | null = null;
  #sip: Sip | null = null;
  #microphone: MediaStream | null = null;
  #run = 0;
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
      const microphone = await listen();
      const [{ Sip: Made }, granted] = await Promise.all([import("./sip"), ask(takeOver)]);
      if (mine !== this.#run) return stopped(microphone);
      this.#microphone = microphone;
      for (const track of microphone.getTracks()) track.onended = () => this.#blocked(UNPLUGGED);
      this.#sip = new Made(pageName(), granted, () => ask(false), () => microphone, {
        registered: (is) => this.#registered(mine, is),
        rings: (leg, atOnce) => this.#rings(mine, leg, atOnce),
        up: (leg) => this.#tell(mine, { rings: null, talks: leg }),
        ended: (leg) => this.#ended(mine, leg),
        closed: (code) => this.#closed(mine, code),
      });
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
    this.#put({ ...this.#seen, isMuted: is });
  }

  /** The controller knows of no such call: it is over, whatever SIP says. */
  drop(): void {
    this.#sip?.end();
    this.#put({ ...this.#seen, rings: null, talks: null, isMuted: false });
  }

  /** The offer is over: a key that came before its ring is not for the next one. */
  forget(): void {
    this.#answers = false;
  }

  #registered(run: number, is: boolean): void {
    if (run === this.#run) this.#tell(run, { is: is ? "on" : "lost" });
  }

  #rings(run: number, leg: string, atOnce: boolean): void {
    if (run !== this.#run) return;
    this.#put({ ...this.#seen, rings: leg, talks: null, isMuted: false });
    if (!atOnce && !this.#answers) return;
    this.#answers = false;
    this.#sip?.answer();
  }

  #ended(run: number, leg: string): void {
    const { rings, talks } = this.#seen;
    if (rings === leg) this.#tell(run, { rings: null });
    if (talks === leg) this.#tell(run, { talks: null, isMuted: false });
  }

  #closed(run: number, code: number): void {
    if (run !== this.#run) return;
    if (code === TAKEN) this.#stop({ ...OFF, is: "elsewhere" });
    if (code === LEFT) this.#stop(OFF);
  }

  #fail(problem: unknown): void {
    const elsewhere = problem instanceof Problem && problem.status === 409;
    if (elsewhere) this.#stop({ ...OFF, is: "elsewhere" });
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
    this.#answers = false;
    this.#sip?.stop();
    this.#sip = null;
    if (this.#microphone !== null) stopped(this.#microphone);
    this.#microphone = null;
    this.#put(then);
  }

  #put(seen: PhoneSeen): void {
    this.#seen = seen;
    for (const listener of this.#listeners) listener();
  }
}

export const phone = new Phone();

const UNPLUGGED = new Problem(
  0,
  "マイクが外れました。つなぎ直してから、もう一度「この画面で電話を受ける」を選んでください。",
  "The microphone is gone. Connect it, then choose to take calls on this page again.",
);
const NO_MICROPHONE = new Problem(
  0,
  "マイクを使えません。つながっていることと、アドレス欄のマイクの許可を確かめてください。",
  "The microphone cannot be used. See that it is connected, and allowed beside the address.",
);

async function listen(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    throw NO_MICROPHONE;
  }
}

function ask(takeOver: boolean) {
  return told(
    api.POST("/api/phone", { body: { page: pageName(), take_over: takeOver } }),
  );
}

/** The same after a reload, so that a page takes up again what it was. */
function pageName(): string {
  const known = sessionStorage.getItem(PAGE) ?? newKey();
  sessionStorage.setItem(PAGE, known);
  return known;
}

function stopped(microphone: MediaStream): void {
  for (const track of microphone.getTracks()) {
    track.onended = null;
    track.stop();
  }
}

export function usePhone(): PhoneSeen {
  return useSyncExternalStore(phone.subscribe, phone.seen);
}

/** Keeps the telephone to what the news say; above whatever the page shows just now. */
export function useThePhone(seat: string | null, agent: Agent | undefined): void {
  const { rings, talks } = usePhone();
  useEffect(() => phone.sit(seat), [seat]);
  const offer = agent?.offer;
  const expected = offer == null ? null : `o.${offer.call}.${offer.attempt}`;
  useEffect(() => {
    if (expected === null) phone.forget();
    const here = talks ?? rings;
    if (agent === undefined || here === null || here === "" || here === expected) return undefined;
    const timer = window.setTimeout(() => phone.drop(), STALE_AFTER);
    return () => window.clearTimeout(timer);
  }, [agent === undefined, expected, rings, talks]);
}

/** Nobody is signed in: nobody's telephone is here. */
export function useNoPhone(isSignedIn: boolean): void {
  useEffect(() => {
    if (!isSignedIn) phone.sit(null);
  }, [isSignedIn]);
}
