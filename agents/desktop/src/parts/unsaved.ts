import { useEffect, useRef } from "react";

const unsaved = new Set<() => Promise<void>>();

/** What was typed here must be on the server before the page is locked or left. */
export function useUnsaved(settle: () => Promise<void>): void {
  const latest = useRef(settle);
  latest.current = settle;
  useEffect(() => {
    const mine = () => latest.current();
    const hide = () => void mine();
    unsaved.add(mine);
    window.addEventListener("pagehide", hide);
    return () => {
      unsaved.delete(mine);
      window.removeEventListener("pagehide", hide);
      void mine();
    };
  }, []);
}

/** Wait until everything typed has been sent. */
export async function settleAll(): Promise<void> {
  await Promise.all([...unsaved].map((settle) => settle()));
}
