import { useMemo, useState } from "react";

import { api, newKey, told } from "../api/client";
import { serverNow } from "../parts/timer";

type Reason = string;

let count = 0;

/** Names a request; the page's own count tells which came last, also after a reload: it goes by the
 * server's time, for the PC's clock may have been put right meanwhile. */
export function keyed(): { key: string; seq: number } {
  count = Math.max(count + 1, Math.floor(serverNow() * 1000));
  return { key: newKey(), seq: count };
}

/** What an agent asks of the controller. */
export function useRequests() {
  const [error, setError] = useState<unknown>(null);
  const requests = useMemo(() => {
    const ask = async (asked: Promise<unknown>) => {
      setError(null);
      try {
        await asked;
        return true;
      } catch (problem) {
        setError(problem);
        return false;
      }
    };
    return {
      ready: () =>
        ask(told(api.POST("/api/agent/ready", { body: { ...keyed(), availability: "first" } }))),
      work: (work: "card_pre" | "card_post") =>
        ask(
          told(api.POST("/api/agent/ready", { body: { ...keyed(), availability: "reserve", work } })),
        ),
      pause: (reason: Reason) =>
        ask(told(api.POST("/api/agent/pause", { body: { ...keyed(), reason } }))),
      wrapUpDone: () => ask(told(api.POST("/api/agent/wrap-up-done", { body: keyed() }))),
      answer: () => ask(told(api.POST("/api/agent/answer", { body: keyed() }))),
      hold: () => ask(told(api.POST("/api/agent/hold", { body: keyed() }))),
      resume: () => ask(told(api.POST("/api/agent/resume", { body: keyed() }))),
      hangUp: () => ask(told(api.POST("/api/agent/hang-up", { body: keyed() }))),
      transfer: (target: string) =>
        ask(told(api.POST("/api/agent/transfer", { body: { ...keyed(), target } }))),
      consult: (target: string) =>
        ask(told(api.POST("/api/agent/consult", { body: { ...keyed(), target } }))),
      swap: () => ask(told(api.POST("/api/agent/swap", { body: keyed() }))),
      confer: () => ask(told(api.POST("/api/agent/confer", { body: keyed() }))),
      handOver: () => ask(told(api.POST("/api/agent/hand-over", { body: keyed() }))),
      endConsult: () => ask(told(api.POST("/api/agent/end-consult", { body: keyed() }))),
      call: (target: string) =>
        ask(told(api.POST("/api/agent/call", { body: { ...keyed(), target } }))),
    };
  }, []);
  return { requests, error };
}

export type Requests = ReturnType<typeof useRequests>["requests"];
