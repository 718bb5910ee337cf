import { useEffect, useRef } from "react";

import { api, type Schemas, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NAME, LONGEST_NOTE } from "../guard/length";
import { useSaved } from "../parts/saved";
import type { Card } from "./call";

export type Form = {
  readonly reasons: readonly string[];
  readonly disposition: string;
  readonly flags: readonly string[];
  readonly citizen: string;
  readonly note: string;
};
export type Typed = Schemas["Typed"];

const KEEPS_ALIVE = 15_000; // characters: a page that is left may send 64 KiB at most

/** The draft of an outcome. What is filled in by itself gives way to what somebody chose. */
export function useDraft(card: Card, begin: () => Form) {
  const saved = useSaved<Form>({
    version: card.draft?.version ?? 0,
    begin,
    put: async (sent, version) => {
      const params = { path: { call: card.call } };
      const body = { version, form: typed(sent) };
      const keepalive = sent.note.length < KEEPS_ALIVE;
      const kept = await told(api.PUT("/api/calls/{call}/draft", { params, body, keepalive }));
      return {
        version: kept.version,
        changed: kept.masked.length > 0 ? textsOf(kept.form) : null,
      };
    },
    isUnfit: (sent) =>
      !isKeepable(sent.note, LONGEST_NOTE) || !isKeepable(sent.citizen, LONGEST_NAME),
  });
  const touched = useRef(new Set(chosen(card, saved.form)));
  const filled = useRef(card.prefill);
  const { latest, adopt } = saved;
  const change = (changed: Partial<Form>) => {
    for (const field of Object.keys(changed)) touched.current.add(field);
    saved.change(changed);
  };
  // What the menu says, or what was done to a booking, may come after the form; nothing that
  // somebody chose gives way to it.
  useEffect(() => {
    const before = filledBy(filled.current);
    filled.current = card.prefill;
    if (card.outcome != null) return; // it is kept: a draft after that would be behind it
    const isFree = (field: keyof Filled) =>
      !touched.current.has(field) || isSame(latest.current[field], before[field]);
    const late = Object.entries(filledBy(card.prefill)).filter(([field]) => isFree(field as keyof Filled));
    const next = { ...latest.current, ...Object.fromEntries(late) };
    if (isSame(next, latest.current)) return;
    if (touched.current.size > 0) saved.change(next);
    else adopt(next);
  }, [card.prefill]);
  return { ...saved, change };
}

/** What is not to be filled in any more. A draft may be older than what the menu says: what is empty
 * in it was not chosen, and could not be kept as an outcome.
 */
function chosen(card: Card, form: Form): string[] {
  if (card.outcome != null) return Object.keys(form);
  if (card.draft == null) return [];
  return Object.entries(form).flatMap(([field, value]) => (value.length > 0 ? [field] : []));
}

type Filled = Pick<Form, "reasons" | "disposition">;

function filledBy({ reasons, disposition }: Card["prefill"]): Filled {
  return { reasons, disposition: disposition ?? "" };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function textsOf(kept: { readonly [field: string]: unknown }): { note: string; citizen: string } {
  const text = (field: string) => (typeof kept[field] === "string" ? kept[field] : "");
  return { note: text("note"), citizen: text("citizen") };
}

function typed(form: Form): Typed {
  return {
    reasons: [...form.reasons],
    disposition: form.disposition === "" ? null : form.disposition,
    flags: [...form.flags],
    note: guard(form.note).text,
    citizen: form.citizen.trim() === "" ? null : guard(form.citizen).text,
  };
}
