import { useSyncExternalStore } from "react";

const HASH = "#calendar";

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** Whether the calendar is in front; the browser's own back key leaves it. */
export function useInCalendar(): boolean {
  return useSyncExternalStore(subscribe, () => window.location.hash === HASH);
}

export function toCalendar(): void {
  window.location.hash = HASH;
}

export function leaveCalendar(): void {
  window.location.hash = "";
}
