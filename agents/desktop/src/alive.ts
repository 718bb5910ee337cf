import { useEffect } from "react";

import { api } from "./api/client";

const AT_MOST_EVERY = 60_000; // milliseconds
// Not `scroll` and not `pointermove`: a page that changes by itself sends these, too.
const BY_HAND = ["keydown", "pointerdown", "wheel", "touchmove"] as const;

/** Whoever reads and sends nothing is there all the same: their keys and their hand say so. */
export function useSignsOfLife(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    let last = -Infinity;
    const sign = (event: Event) => {
      const isHeld = event instanceof KeyboardEvent && event.repeat; // or something lies on the key
      if (!event.isTrusted || isHeld || performance.now() - last < AT_MOST_EVERY) return;
      last = performance.now();
      void api.POST("/api/session/alive").catch(() => undefined); // the next one will come
    };
    const how = { capture: true, passive: true };
    for (const name of BY_HAND) window.addEventListener(name, sign, how);
    return () => BY_HAND.forEach((name) => window.removeEventListener(name, sign, how));
  }, [active]);
}
