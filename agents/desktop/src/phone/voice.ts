import { listen } from "./desk";
import { chosen, plugged } from "./devices";
import { Microphone } from "./sound";

/** What is sent of whoever sits here: by the microphone that they chose last, or by another for as
 * long as that is unplugged. */
export class Voice {
  readonly #onUnplugged: () => void;
  #microphone: Microphone | null = null;
  #asked = 0; // microphones, one after the other
  #newest = 0; // of them that is heard
  #lacks: "nothing" | "the chosen one" | "any" = "nothing";
  #isOver = false;

  constructor(onUnplugged: () => void) {
    this.#onUnplugged = onUnplugged;
  }

  /** Be heard by this one; false, and it is closed again, where nobody is to be heard here any more,
   * or is by one that was asked for later. */
  async open(device: string): Promise<boolean> {
    this.#asked += 1;
    const mine = this.#asked;
    const stream = await listen(device);
    if (this.#isOver || mine < this.#newest) {
      for (const track of stream.getTracks()) track.stop();
      return false;
    }
    this.#newest = mine;
    this.#lacks = "nothing";
    this.#microphone?.stop();
    this.#microphone = new Microphone(stream, () => this.#onUnplugged());
    return true;
  }

  /** The one that was heard is gone: another, if there is any. */
  async openAnother(): Promise<boolean> {
    this.#lacks = "any";
    const isOpen = await this.open("");
    if (isOpen && chosen().microphone !== "") this.#lacks = "the chosen one";
    return isOpen;
  }

  /** Something was plugged in, or out: whether they are heard anew because of it. */
  async openAgain(): Promise<boolean> {
    if (this.#lacks === "nothing") return false;
    const { microphone } = chosen();
    const { microphones } = await plugged();
    const isBack = microphones.some((each) => each.id === microphone);
    if (this.#isOver || (this.#lacks === "the chosen one" && !isBack)) return false;
    const isOpen = await this.open(microphone).catch(() => false); // not that one, or not yet
    if (isOpen && microphone !== "" && !isBack) this.#lacks = "the chosen one";
    return isOpen;
  }

  /** dBFS of the last moment; null where there is none. */
  level(): number | null {
    return this.#microphone?.level() ?? null;
  }

  track(isLouder: boolean): MediaStreamTrack | null {
    return this.#microphone?.track(isLouder) ?? null;
  }

  mute(is: boolean): void {
    this.#microphone?.mute(is);
  }

  stop(): void {
    this.#isOver = true;
    this.#microphone?.stop();
    this.#microphone = null;
  }
}
