import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const SERVER = 1_800_000_000; // seconds
const HOUR = 3600;

// What asks the desk wants to know where it is, and here is no page.
vi.stubGlobal("window", { location: { origin: "http://a01.localhost" } });

/** A page that is loaded while the server's time is this and the PC's clock is so far ahead. */
async function loaded(now: number, ahead: number) {
  vi.setSystemTime((now + ahead) * 1000);
  vi.resetModules();
  const { toldTime } = await import("../parts/timer");
  toldTime(now);
  return (await import("./requests")).keyed;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the page's own count of its requests", () => {
  it("tells of two clicks in one moment which came last", async () => {
    const keyed = await loaded(SERVER, 0);
    const [first, second] = [keyed(), keyed()];
    expect(second.seq).toBeGreaterThan(first.seq);
    expect(second.key).not.toBe(first.key);
  });

  it("never goes back when the PC's clock does", async () => {
    const keyed = await loaded(SERVER, 0);
    const before = keyed().seq;
    vi.setSystemTime((SERVER - HOUR) * 1000);
    expect(keyed().seq).toBe(before + 1);
  });

  it("goes on above itself after a reload, also when the PC's clock was put right meanwhile", async () => {
    const before = (await loaded(SERVER, HOUR))().seq;
    const after = (await loaded(SERVER + 1, 0))().seq;
    expect(after).toBeGreaterThan(before);
  });
});
