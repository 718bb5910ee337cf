import { useEffect, useRef, useState } from "react";

import { api, Problem, type Schemas, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NAME, LONGEST_NOTE } from "../guard/length";
import { useUnsaved } from "../parts/unsaved";
import type { Card } from "./call";

export type Form = {
  readonly reasons: readonly string[];
  readonly disposition: string;
  readonly flags: readonly string[];
  readonly citizen: string;
  readonly note: string;
};
export type Typed = Schemas["Typed"];
export type Saving = "none" | "saving" | "kept" | "failed";

const SAVE_AFTER = 500; // milliseconds after the last key
const TRY_AGAIN = 2000; // milliseconds, while the server is away
const KEEPS_ALIVE = 15_000; // characters: a page that is left may send 64 KiB at most
const CONFLICT = 409;
const SERVER_FAULT = 500;

/** The draft on the server: kept half a second after the last key, one request at a time. */
export function useDraft(card: Card, begin: () => Form) {
  const [form, setForm] = useState<Form>(begin);
  const [saving, setSaving] = useState<Saving>("none");
  const [error, setError] = useState<unknown>(null);
  const [masked, setMasked] = useState(false);
  const version = useRef(card.draft?.version ?? 0);
  const unclear = useRef(false); // an earlier request may have been done, though we heard nothing
  const latest = useRef(form);
  const isBegun = card.draft != null || card.outcome != null;
  const touched = useRef(new Set<string>(isBegun ? Object.keys(form) : []));
  const timer = useRef(0);
  const running = useRef<Promise<void>>(Promise.resolve());

  const put = (sent: Form) => {
    const params = { path: { call: card.call } };
    const body = { version: version.current, form: typed(sent) };
    const keepalive = sent.note.length < KEEPS_ALIVE;
    return told(api.PUT("/api/calls/{call}/draft", { params, body, keepalive }));
  };
  const putOverOurs = async (sent: Form) => {
    try {
      return await put(sent);
    } catch (problem) {
      const theirs = problem instanceof Problem ? Number(problem.fields["version"]) : NaN;
      if (!unclear.current || statusOf(problem) !== CONFLICT || Number.isNaN(theirs)) throw problem;
      version.current = theirs;
      return put(sent);
    }
  };
  const save = async () => {
    const sent = latest.current;
    if (!isKeepable(sent.note, LONGEST_NOTE) || !isKeepable(sent.citizen, LONGEST_NAME)) {
      setSaving("failed"); // the field says why
      return;
    }
    setSaving("saving");
    try {
      const kept = await putOverOurs(sent);
      version.current = kept.version;
      unclear.current = false;
      if (kept.masked.length > 0) {
        setMasked(true);
        if (latest.current === sent) adopt({ ...sent, ...textsOf(kept.form) });
      }
      setError(null);
      setSaving("kept");
    } catch (problem) {
      setSaving("failed");
      setError(problem);
      const status = statusOf(problem);
      unclear.current ||= status === 0;
      if ((status === 0 || status >= SERVER_FAULT) && timer.current === 0) later(TRY_AGAIN);
    }
  };
  const adopt = (next: Form) => {
    latest.current = next;
    setForm(next);
  };
  const now = () => {
    timer.current = 0;
    running.current = running.current.then(save);
  };
  const later = (milliseconds: number) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(now, milliseconds);
  };
  const settle = async () => {
    if (timer.current !== 0) {
      window.clearTimeout(timer.current);
      now();
    }
    await running.current;
  };
  const change = (changed: Partial<Form>) => {
    for (const field of Object.keys(changed)) touched.current.add(field);
    adopt({ ...latest.current, ...changed });
    later(SAVE_AFTER);
  };
  // What the menu says may come after the form; nothing that somebody typed gives way to it.
  useEffect(() => {
    const { reasons, disposition } = card.prefill;
    const said = { reasons, disposition: disposition ?? "" };
    const late = Object.entries(said).filter(([field]) => !touched.current.has(field));
    const next = { ...latest.current, ...Object.fromEntries(late) };
    if (JSON.stringify(next) === JSON.stringify(latest.current)) return;
    adopt(next);
    if (touched.current.size > 0) later(SAVE_AFTER);
  }, [card.prefill]);
  useUnsaved(settle);
  return { form, change, settle, saving, masked, error };
}

function statusOf(problem: unknown): number {
  return problem instanceof Problem ? problem.status : SERVER_FAULT;
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
