import { useEffect, useMemo, useState, useSyncExternalStore } from "react";

import { api, Problem, type Schemas, told } from "../api/client";
import { settleAll } from "../parts/unsaved";

type Pause = Schemas["PauseForm"];
type Sentence = readonly [ja: string, en: string];

/** A lock of this browser, and what of it the desk has still to be told. */
export type Lock = {
  readonly isTold: boolean;
  readonly pause: Pause | null; // the break that it began with
  readonly refused: Sentence | null; // why that one is none
};

const KEPT = "locked-here"; // for every window of the browser, and over a reload
const CHANGED = "mado-locked-here"; // the browser tells of `storage` in the other windows alone
const AGAIN = 2000; // milliseconds, while the desk does not answer
const LATE = 1000; // milliseconds, before anybody has to be told that it does not
const REFUSED = new Set([409, 422]);

/** The break that this page has begun, until the news tell of it, or of anything later. */
let begun: string | null = null;
export const ownBreak = {
  is: (reason: string) => reason === begun,
  isOver: () => {
    begun = null;
  },
};

function kept(): string | null {
  return localStorage.getItem(KEPT);
}

function keep(lock: Lock | null): void {
  if (lock === null) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, JSON.stringify(lock));
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(changed: () => void): () => void {
  const names = ["storage", CHANGED];
  for (const name of names) window.addEventListener(name, changed);
  return () => names.forEach((name) => window.removeEventListener(name, changed));
}

/** Blank from now on, until it is unlocked or signed out; the desk hears of it as soon as it can. */
export function lockHere(pause: Pause | null): void {
  if (kept() === null) keep({ isTold: false, pause, refused: null });
}

/** It was unlocked, or nobody is signed in any more. */
export function noLockHere(): void {
  if (kept() !== null) keep(null);
}

export function useLockedHere(): Lock | null {
  const text = useSyncExternalStore(subscribe, kept);
  return useMemo(() => (text === null ? null : (JSON.parse(text) as Lock)), [text]);
}

/** What is done about the lock, here or in another window, is done one after the other. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(KEPT, work) as Promise<T>;
}

/** Tells the desk until it has answered; whether it lets one wait. */
export function useTellsTheDesk(lock: Lock | null): boolean {
  const [isLate, setLate] = useState(false);
  const owes = lock !== null && !(lock.isTold && lock.pause === null);
  useEffect(() => {
    if (!owes) return undefined;
    const late = window.setTimeout(() => setLate(true), LATE);
    let again = 0;
    const tell = async () => {
      await inTurn(tellOnce).catch(() => undefined);
      if (again !== -1) again = window.setTimeout(() => void tell(), AGAIN);
    };
    void tell();
    return () => {
      window.clearTimeout(late);
      window.clearTimeout(again);
      again = -1;
      setLate(false);
    };
  }, [owes]);
  return isLate;
}

async function tellOnce(): Promise<void> {
  if (owed()?.isTold === false) {
    // The desk takes nothing from a locked page: what was typed goes first.
    if (!(await settleAll())) return;
    await told(api.POST("/api/session/lock"));
    adopt({ isTold: true });
  }
  const pause = owed()?.pause;
  if (pause == null) return;
  try {
    await told(api.POST("/api/agent/pause", { body: pause }));
    begun = pause.reason;
    adopt({ pause: null });
  } catch (problem) {
    if (!(problem instanceof Problem) || !REFUSED.has(problem.status)) throw problem;
    adopt({ pause: null, refused: [problem.ja, problem.en] });
  }
}

function owed(): Lock | null {
  const text = kept();
  return text === null ? null : (JSON.parse(text) as Lock);
}

/** Whoever has signed out meanwhile is not locked again by it. */
function adopt(answered: Partial<Lock>): void {
  const lock = owed();
  if (lock !== null) keep({ ...lock, ...answered });
}
