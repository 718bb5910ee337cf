import { isCitizens } from "../api/card";
import { api, token } from "../api/client";
import type { Schemas } from "../api/client";
import type { Counts } from "./counts";

const EVERY = 500; // milliseconds; what is over can be asked nothing any more
const KEPT_EVERY = 60; // looks: a page that dies has told most of it

type Form = Schemas["QualityForm"];

/** Follows the sound of one leg, and has it kept beside the call's record. */
export class Quality {
  readonly #call: string;
  readonly #attempt: number;
  readonly #begun = performance.now();
  readonly #timer: number;
  #last: Counts | null = null;
  #looks = 0;

  constructor(leg: string, ask: () => Promise<Counts | null>) {
    const [, call = "", attempt = "0"] = /^o\.(.+)\.(\d+)$/u.exec(leg) ?? [];
    this.#call = call;
    this.#attempt = Number(attempt);
    this.#timer = window.setInterval(() => void this.#look(ask), EVERY);
    window.addEventListener("pagehide", this.#leave);
  }

  /** It is over: what was counted last is kept. */
  end(): void {
    window.clearInterval(this.#timer);
    window.removeEventListener("pagehide", this.#leave);
    void this.#keep();
  }

  async #look(ask: () => Promise<Counts | null>): Promise<void> {
    this.#last = (await ask().catch(() => null)) ?? this.#last;
    this.#looks += 1;
    if (this.#looks % KEPT_EVERY === 0) void this.#keep();
  }

  readonly #leave = () => {
    const body = this.#form();
    if (body === null) return;
    const headers = { "Content-Type": "application/json", "X-Mado-CSRF": token() };
    const said = { method: "PUT", headers, body: JSON.stringify(body), keepalive: true };
    void fetch(`/api/calls/${encodeURIComponent(this.#call)}/quality`, said).catch(() => undefined);
  };

  async #keep(): Promise<void> {
    const body = this.#form();
    if (body === null) return;
    const params = { path: { call: this.#call } };
    // No call of anybody's waits for it, and nobody can do anything about it.
    await api.PUT("/api/calls/{call}/quality", { params, body }).catch(() => undefined);
  }

  #form(): Form | null {
    const last = this.#last;
    if (last === null || this.#call === "" || !isCitizens(this.#call)) return null;
    return {
      attempt: this.#attempt,
      seconds: (performance.now() - this.#begun) / 1000,
      heard: last.heard,
      heard_delay: last.heardDelay,
      sent: last.sent,
      round_trip: last.roundTrip,
    };
  }
}
