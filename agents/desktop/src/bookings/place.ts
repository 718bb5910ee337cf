import { useSyncExternalStore } from "react";

const HASH = "#paper";
const SLIP = "#slip-";

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** What of the paper is in front: the lists, the slip of a booking, or nothing. */
export function usePaper(): { readonly slip: string | null } | null {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  if (hash === HASH) return { slip: null };
  return hash.startsWith(SLIP) ? { slip: hash.slice(SLIP.length) } : null;
}

/** In a window of its own: whoever talks must not lose the call from sight. */
export function openPaper(): void {
  window.open(`/${HASH}`, "_blank", "noopener");
}
export function openSlip(booking: string): void {
  window.open(`/${SLIP}${booking}`, "_blank", "noopener");
}
