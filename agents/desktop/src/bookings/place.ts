import { useSyncExternalStore } from "react";

const HASH = "#paper";
const MOVES = "#paper-move";
const SLIP = "#slip-";
const FILES = "#booking-files";

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

export interface Place {
  readonly slip: string | null;
  readonly moves: boolean;
}

/** What of the paper is in front: the lists, the slip of a booking, or nothing. */
export function usePaper(): Place | null {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  if (hash === HASH || hash === MOVES) return { slip: null, moves: hash === MOVES };
  return hash.startsWith(SLIP) ? { slip: hash.slice(SLIP.length), moves: false } : null;
}

/** In a window of its own: whoever talks must not lose the call from sight. */
export function openPaper(): void {
  window.open(`/${HASH}`, "_blank", "noopener");
}
/** Whom an outage sends home, and who has to be told. */
export function openMoves(): void {
  window.open(`/${MOVES}`, "_blank", "noopener");
}
export function openSlip(booking: string): void {
  window.open(`/${SLIP}${booking}`, "_blank", "noopener");
}

/** Whether what passes to and from the city's system is in front. */
export function useInFiles(): boolean {
  return useSyncExternalStore(subscribe, () => window.location.hash) === FILES;
}
export function openFiles(): void {
  window.open(`/${FILES}`, "_blank", "noopener");
}
