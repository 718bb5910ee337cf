import { useRef, useState } from "react";

import { Problem } from "../api/client";
import { useUnsaved } from "./unsaved";

export type Saving = "none" | "saving" | "kept" | "failed";

const SAVE_AFTER = 500; // milliseconds after the last key
const TRY_AGAIN = 2000; // milliseconds, while the server is away
const CONFLICT = 409;
const SERVER_FAULT = 500;

/** What the server has kept; `changed` is what the guard took out, and stands in the form then. */
type Kept<F> = { readonly version: number; readonly changed: Partial<F> | null };
type How<F> = {
  readonly version: number; // of what the server has, 0 for nothing
  readonly begin: () => F;
  readonly put: (form: F, version: number) => Promise<Kept<F>>;
  readonly isUnfit: (form: F) => boolean; // the field says why; nothing is sent
};

/** A form on the server: kept half a second after the last key, one request at a time. */
export function useSaved<F extends object>(how: How<F>) {
  const [form, setForm] = useState<F>(how.begin);
  const [saving, setSaving] = useState<Saving>("none");
  const [error, setError] = useState<unknown>(null);
  const [masked, setMasked] = useState(false);
  const version = useRef(how.version);
  const unclear = useRef(false); // an earlier request may have been done, though we heard nothing
  const mayBeEnded = useRef(false); // we have ended it, or asked for that and heard nothing
  const latest = useRef(form);
  const timer = useRef(0);
  const running = useRef<Promise<void>>(Promise.resolve());
  const means = useRef(how);
  means.current = how;

  const putOverOurs = async (sent: F) => {
    try {
      return await means.current.put(sent, version.current);
    } catch (problem) {
      const theirs = problem instanceof Problem ? Number(problem.fields["version"]) : NaN;
      const isOurs = unclear.current || (mayBeEnded.current && theirs === 0);
      if (!isOurs || statusOf(problem) !== CONFLICT || Number.isNaN(theirs)) throw problem;
      version.current = theirs;
      return means.current.put(sent, version.current);
    }
  };
  const save = async () => {
    const sent = latest.current;
    if (means.current.isUnfit(sent)) {
      setSaving("failed");
      return;
    }
    setSaving("saving");
    try {
      const kept = await putOverOurs(sent);
      version.current = kept.version;
      unclear.current = false;
      if (kept.changed !== null) {
        setMasked(true);
        if (latest.current === sent) adopt({ ...sent, ...kept.changed });
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
  /** In the form, and not to be saved: nobody typed it. */
  const adopt = (next: F) => {
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
    return timer.current === 0;
  };
  const change = (changed: Partial<F>) => {
    adopt({ ...latest.current, ...changed });
    later(SAVE_AFTER);
  };
  /** What was typed is no draft any more; the server has ended it. */
  const restart = (next: F) => {
    window.clearTimeout(timer.current);
    timer.current = 0;
    version.current = 0;
    setSaving("none");
    setError(null);
    setMasked(false);
    adopt(next);
  };
  /** What was typed is kept as more than a draft, and stays in the form; what is typed from then on,
   * and was while that was under way, is a draft again.
   */
  const end = async (keep: (form: F) => Promise<unknown>) => {
    await settle();
    const kept = latest.current;
    mayBeEnded.current = true;
    await keep(kept);
    if (latest.current === kept) restart(kept);
    else later(SAVE_AFTER);
  };
  useUnsaved(settle);
  return { form, latest, change, adopt, settle, end, restart, saving, masked, error };
}

function statusOf(problem: unknown): number {
  return problem instanceof Problem ? problem.status : SERVER_FAULT;
}
