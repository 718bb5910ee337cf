import { useEffect, useRef } from "react";

import type { Catalogue } from "../catalogue";
import type { Agent } from "../news/floor";

/** Locks when a break begins: by a key of the page or the telephone, at once or after a call. */
export function useBreakLock(
  agent: Agent | undefined,
  catalogue: Catalogue | undefined,
  lock: () => Promise<void>,
): void {
  const before = useRef<string | null>(null);
  const reason = agent?.state === "paused" ? (agent.reason ?? "") : "";
  const locks = catalogue?.states.pauses[reason]?.locks === true;
  const known = agent !== undefined && catalogue !== undefined;
  useEffect(() => {
    if (!known) return;
    // Whoever comes back to a page during a break has unlocked it.
    if (before.current !== null && before.current !== reason && locks) void lock();
    before.current = reason;
  }, [known, reason, locks, lock]);
}
