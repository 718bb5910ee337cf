import { type ReactNode, useEffect, useRef } from "react";

import { useCatalogue } from "../catalogue";
import { useAgent } from "../news/feed";
import { useKeys } from "../parts/keys";
import { lockHere, ownBreak } from "../sign-in/lockedHere";
import { keyed } from "./requests";

/** Every page of somebody at a seat locks: by L, and by itself when a break begins. */
export function WithLock(props: { readonly seat: string; readonly children: ReactNode }) {
  useKeys({ l: () => lock() });
  useBreak(props.seat);
  return props.children;
}

/** Blank at once, with the break of that reason where one is given. */
export function lock(reason?: string): void {
  lockHere(reason === undefined ? null : { ...keyed(), reason });
}

/** By a key of the page or the telephone, at once or after a call, whatever page is open. */
function useBreak(seat: string): void {
  const agent = useAgent(seat);
  const catalogue = useCatalogue();
  const before = useRef<string | null>(null);
  const reason = agent?.state === "paused" ? (agent.reason ?? "") : "";
  const locks = catalogue?.states.pauses[reason]?.locks === true;
  const now = agent === undefined || catalogue === undefined ? null : `${agent.state} ${reason}`;
  useEffect(() => {
    if (now === null || now === before.current) return;
    const isNews = before.current !== null;
    before.current = now;
    // Whoever comes back to a page during a break has unlocked it, also where its news are late.
    const isOwn = ownBreak.is(reason);
    if (isNews || isOwn) ownBreak.isOver();
    if (isNews && !isOwn && locks) lock();
  }, [now, reason, locks]);
}
