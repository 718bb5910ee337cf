import { useEffect, useRef } from "react";

type Settle = () => Promise<boolean>; // whether nothing is left to be sent

const unsaved = new Set<Settle>();

/** What was typed here must be on the server before the page is locked or left. A form that is gone
 * from the page still counts until then. */
export function useUnsaved(settle: Settle): void {
  const latest = useRef(settle);
  latest.current = settle;
  useEffect(() => {
    let isGone = false;
    const mine = async () => {
      const isSent = await latest.current();
      if (isGone && isSent) unsaved.delete(mine);
      return isSent;
    };
    const hide = () => void mine();
    unsaved.add(mine);
    window.addEventListener("pagehide", hide);
    return () => {
      isGone = true;
      window.removeEventListener("pagehide", hide);
      void mine();
    };
  }, []);
}

/** Send everything typed; false where some of it has to be tried again. */
export async function settleAll(): Promise<boolean> {
  const sent = await Promise.all([...unsaved].map((settle) => settle()));
  return sent.every(Boolean);
}
