import { useEffect, useSyncExternalStore } from "react";

import type { Agent } from "../news/floor";
import { phone, type PhoneSeen } from "./phone";

const STALE_AFTER = 2000; // milliseconds that a call may be here which the news do not know

export function usePhone(): PhoneSeen {
  return useSyncExternalStore(phone.subscribe, phone.seen);
}

/** The leg that the news have told of, whether it rings or is up; null when there is none. */
export function announced(agent: Agent | undefined): string | null {
  const offer = agent?.offer;
  return offer == null ? null : `o.${offer.call}.${offer.attempt}`;
}

/** Keeps the telephone to what the news say; above whatever the page shows just now. */
export function useThePhone(seat: string | null, agent: Agent | undefined): void {
  const { rings, talks } = usePhone();
  useEffect(() => phone.sit(seat), [seat]);
  const expected = announced(agent);
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
