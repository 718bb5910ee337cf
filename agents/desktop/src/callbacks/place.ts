import { useSyncExternalStore } from "react";

const HASH = "#callbacks";

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** Whether the callbacks are in front; the browser's own back key leaves them. */
export function useInCallbacks(): boolean {
  return useSyncExternalStore(subscribe, () => window.location.hash === HASH);
}

export function toCallbacks(): void {
  window.location.hash = HASH;
}

export function leaveCallbacks(): void {
  window.location.hash = "";
}
