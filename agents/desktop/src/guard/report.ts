import { api, told } from "../api/client";
import type { Find } from "./individualNumber";

/** Tell the desk that something was taken out, never what; without an answer it stays at that. */
export function tookOut(finds: readonly Find[]): void {
  const body = { finds: finds.map(({ kind, valid }) => ({ kind, valid })) };
  void told(api.POST("/api/masked", { body })).catch(() => undefined);
}
