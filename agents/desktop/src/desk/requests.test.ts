import { afterEach, describe, expect, it, vi } from "vitest";

// What asks the desk wants to know where it is, and here is no page.
vi.stubGlobal("window", { location: { origin: "http://a01.localhost" } });
const { keyed } = await import("./requests");

afterEach(() => vi.useRealTimers());

describe("the page's own count of its requests", () => {
  it("tells of two clicks in one moment which came last", () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    const [first, second] = [keyed(), keyed()];
    expect(second.seq).toBeGreaterThan(first.seq);
    expect(second.key).not.toBe(first.key);
  });

  it("goes on above what a page before a reload had, and never back when the PC's clock does", () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    const before = keyed().seq;
    expect(before).toBeGreaterThanOrEqual(1_800_000_000_000);
    vi.setSystemTime(1_700_000_000_000);
    expect(keyed().seq).toBe(before + 1);
  });
});
