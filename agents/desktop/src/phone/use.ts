import { useEffect, useRef, useSyncExternalStore } from "react";

import type { Requests } from "../desk/requests";
import { useAgent, useStale } from "../news/feed";
import type { Agent } from "../news/floor";
import { phone, type PhoneSeen } from "./phone";

const OF_THE_NET = ""; // the leg of a call that the safety net gave us, which no controller has named
const STALE_AFTER = 2000; // milliseconds that a call may be here which live news do not know

export function usePhone(): PhoneSeen {
  return useSyncExternalStore(phone.subscribe, phone.seen);
}

/** The leg that the news have told of, whether it rings or is up; null when there is none. */
export function announced(agent: Agent | undefined): string | null {
  const offer = agent?.offer;
  return offer == null ? null : `o.${offer.call}.${offer.attempt}`;
}

/** What is at this telephone and stands in no news: whatever rings while those are old, and a call of
 * the safety net to its end. No controller could be asked to end that one. */
export function useUnannounced(agent: Agent | undefined): "rings" | "talks" | null {
  const { rings, talks } = usePhone();
  const isStale = useStale() !== null;
  if (talks === OF_THE_NET) return "talks";
  if (rings === null || rings === announced(agent)) return null;
  return isStale || rings === OF_THE_NET ? "rings" : null;
}

/** Ends the call of this seat. The controller is asked, which lets both ends go; while nobody leads, this
 * telephone is put down by itself, as a handset is. */
export function useHangUp(requests: Requests): () => void {
  const { talks } = usePhone();
  const isLed = useStale() !== "controllerStopped";
  return () => {
    if (isLed || talks === null) void requests.hangUp();
    else phone.hangUp();
  };
}

/** Whether this telephone was put down, which no controller has told of yet. */
export function useIsPutDown(agent: Agent): boolean {
  const { putDown } = usePhone();
  return putDown !== null && putDown === announced(agent);
}

/** Whether somebody calls who waits for this page to be looked at. */
export function useIsCalled(seat: string | null): boolean {
  const agent = useAgent(seat);
  return useUnannounced(agent) === "rings" || agent?.state === "offered";
}

/** Keeps the telephone to what the news say; above whatever the page shows just now. A window that was
 * opened for something beside the call begins none. */
export function useThePhone(seat: string | null, isBeside: boolean): void {
  const { rings, talks } = usePhone();
  const agent = useAgent(seat);
  const isLive = useStale() === null;
  useEffect(() => {
    if (seat === null || !isBeside) phone.sit(seat);
  }, [seat, isBeside]);
  const expected = announced(agent);
  useEffect(() => {
    if (expected === null) phone.forget();
  }, [expected]);
  const here = talks ?? rings;
  const before = useRef(agent); // the leg that is here: it may be newer than what was told of it
  useEffect(() => {
    before.current = agent;
  }, [here]);
  useEffect(() => {
    if (!isLive || agent === undefined || agent === before.current) return undefined;
    if (here === null || here === OF_THE_NET || here === announced(agent)) return undefined;
    const timer = window.setTimeout(() => phone.drop(), STALE_AFTER);
    return () => window.clearTimeout(timer);
  }, [isLive, agent, here]);
}

/** Nobody is signed in: nobody's telephone is here. */
export function useNoPhone(isSignedIn: boolean): void {
  useEffect(() => {
    if (!isSignedIn) phone.sit(null);
  }, [isSignedIn]);
}
