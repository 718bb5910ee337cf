import { useEffect } from "react";

import { api, newKey, Problem, type Schemas, told } from "../api/client";
import type { Find } from "./individualNumber";

type Report = Schemas["MaskedForm"] & { readonly by: string };

const KEPT = "madoguchi.masked"; // of what was taken out its kind alone, until the desk has heard it
const AGAIN_AFTER = 5000; // milliseconds
const REFUSED = 400;
const SERVER_FAULT = 500;

let who: string | null = null;
let timer = 0;
let telling: Promise<void> | null = null;

/** Tell the desk that something was taken out, never what: again, and after a reload, until it has
 * heard it or the session is over.
 */
export function tookOut(finds: readonly Find[]): void {
  if (who === null) return;
  const found = finds.map(({ kind, valid }) => ({ kind, valid }));
  keep([...kept(), { by: who, key: newKey(), finds: found }]);
  void tellAll();
}

/** Whoever is here now, null for nobody, undefined while that is not known: nobody tells another's. */
export function useReports(person: string | null | undefined): void {
  useEffect(() => {
    if (person === undefined) return;
    who = person;
    keep(kept().filter((one) => one.by === person));
    void tellAll();
  }, [person]);
}

/** Everything that the desk has not heard yet. */
export function tellAll(): Promise<void> {
  telling ??= tell().finally(() => {
    telling = null;
  });
  return telling;
}

async function tell(): Promise<void> {
  window.clearTimeout(timer);
  for (let [next] = kept(); next !== undefined; [next] = kept()) {
    const { by: _, ...body } = next;
    try {
      await told(api.POST("/api/masked", { body }));
    } catch (problem) {
      if (!isRefused(problem)) {
        timer = window.setTimeout(() => void tellAll(), AGAIN_AFTER);
        return;
      }
    }
    const { key } = next;
    keep(kept().filter((one) => one.key !== key));
  }
}

/** The session it belongs to is over. */
function isRefused(problem: unknown): boolean {
  return problem instanceof Problem && problem.status >= REFUSED && problem.status < SERVER_FAULT;
}

function kept(): readonly Report[] {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as readonly Report[];
}

function keep(reports: readonly Report[]): void {
  if (reports.length === 0) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, JSON.stringify(reports));
}
