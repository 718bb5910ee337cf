import { useSyncExternalStore } from "react";

const HASH = "#calendar";

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** Whether the calendar is in front; the browser's own back key leaves it. */
export function useInCalendar(): boolean {
  return useSyncExternalStore(subscribe, () => window.location.hash.split("/")[0] === HASH);
}

/** Which of its pages, "" for none: in the address, so that a lock or a reload comes back to it. */
export function useCalendarPage(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash.split("/")[1] ?? "");
}

/** To another of its pages; not a step for the back key. */
export function turnTo(page: string): void {
  window.location.replace(`${HASH}/${page}`);
}

export function toCalendar(): void {
  window.location.hash = HASH;
}

export function leaveCalendar(): void {
  window.location.hash = "";
}
