import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";

import { api, told } from "../api/client";
import { useCatalogue } from "../catalogue";
import { useAgent } from "../news/feed";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { settleAll } from "../parts/unsaved";
import { useSession } from "../session";

const Context = createContext<() => Promise<void>>(() => Promise.resolve());

/** Every page of somebody at a seat locks: by L, and by itself when a break begins. */
export function WithLock(props: { readonly seat: string; readonly children: ReactNode }) {
  const { lock, error } = useLocking();
  useKeys({ l: () => void lock() });
  useBreak(props.seat, lock);
  return (
    <Context value={lock}>
      <Fault error={error} />
      {props.children}
    </Context>
  );
}

/** What was typed is on the server before the page is blank. */
export function useLock(): () => Promise<void> {
  return useContext(Context);
}

function useLocking() {
  const { refetch } = useSession();
  const [error, setError] = useState<unknown>(null);
  const busy = useRef(false);
  const lock = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    setError(null);
    try {
      await settleAll();
      await told(api.POST("/api/session/lock"));
      await refetch();
    } catch (problem) {
      setError(problem);
    } finally {
      busy.current = false;
    }
  }, [refetch]);
  return { lock, error };
}

/** By a key of the page or the telephone, at once or after a call, whatever page is open. */
function useBreak(seat: string, lock: () => Promise<void>): void {
  const agent = useAgent(seat);
  const catalogue = useCatalogue();
  const before = useRef<string | null>(null);
  const reason = agent?.state === "paused" ? (agent.reason ?? "") : "";
  const locks = catalogue?.states.pauses[reason]?.locks === true;
  const known = agent !== undefined && catalogue !== undefined;
  useEffect(() => {
    if (!known) return;
    // Whoever comes back to a page during a break has unlocked it.
    if (before.current !== null && before.current !== reason && locks) void lock();
    before.current = reason;
  }, [known, reason, locks, lock]);
}
