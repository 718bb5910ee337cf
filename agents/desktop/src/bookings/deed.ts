import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { api, newKey, Problem, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { useNow } from "../parts/timer";
import { type Booking, empty, type Explained, type Sites, type Typed, wanted } from "./form";
import { useFree, whenOf } from "./times";
import { guarded, type useBookingDraft } from "./typed";
import { useBookingWords } from "./words";
import type { When } from "./when";

const UNREADABLE = 422;
const UNDONE = new Set(["change", "cancel"]);

type With = {
  readonly call: string;
  readonly saved: ReturnType<typeof useBookingDraft>;
  readonly sites: Sites;
  readonly made: readonly Booking[]; // on this call before the page was opened
  readonly onDone: (booking: Booking) => void;
};

/** What becomes of the form: the place is held while they talk, and the deed is done once. */
export function useDeed({ call, saved, sites, made, onDone }: With) {
  const words = useBookingWords();
  const queries = useQueryClient();
  const typed = saved.form;
  const now = useNow();
  const free = useFree(typed.site, typed.party.length);
  const when = whenOf(typed, free.data, sites);
  const [held, setHeld] = useState(() => made.find((one) => one.id === typed.held) ?? null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [deedDone, setDeedDone] = useState("");
  const docs = useRef<Explained>({ version: null, answers: {} });
  const running = useRef<Promise<unknown>>(Promise.resolve()); // one request at a time

  const isOurs = (at: When) =>
    held !== null &&
    held.site === typed.site &&
    held.day === at.day &&
    held.start === at.start &&
    held.people === typed.party.length;
  const isHeld = (at: When) => isOurs(at) && (held?.hold_until ?? 0) > now;

  /** Under our own master: nobody else gets the place while they talk. */
  const holdAt = async (at: When): Promise<Booking | null> => {
    if (sites.master !== "own" || typed.mode !== "new" || typed.site === null) return null;
    if (isHeld(at)) return held;
    if (held !== null) await release(held);
    const people = typed.party.length;
    const body = { key: newKey(), site: typed.site, day: at.day, start: at.start, people, call };
    const got = await told(api.POST("/api/bookings/holds", { body }));
    setHeld(got);
    saved.change({ held: got.id, held_version: got.version });
    void queries.invalidateQueries({ queryKey: ["booking-slots"] });
    return got;
  };
  const release = async (one: Booking) => {
    const params = { path: { booking: one.id } };
    const body = { key: newKey(), version: one.version, call };
    // Whatever is not let go of now lets go of itself.
    await told(api.POST("/api/bookings/{booking}/cancellation", { params, body })).catch(() => null);
    setHeld(null);
  };
  const inTurn = (work: () => Promise<void>) => {
    const tried = async () => {
      setBusy(true);
      try {
        await work();
        setError(null);
      } catch (problem) {
        setError(problem);
        void queries.invalidateQueries({ queryKey: ["booking-slots"] });
      } finally {
        setBusy(false);
      }
    };
    running.current = running.current.then(tried);
    return running.current;
  };
  /** The time was said. Its digit would mean another one when the list has changed. */
  const hold = () => {
    if (when === null) return Promise.resolve();
    const plainly = `${when.day} ${when.start}`;
    if (typed.when !== plainly) saved.change({ when: plainly });
    return sites.master === "own" && typed.mode === "new" && !isHeld(when)
      ? inTurn(async () => void (await holdAt(when)))
      : Promise.resolve();
  };
  const submit = () => {
    if (busy) return Promise.resolve(); // a second F4 while the first is on its way is the same one
    return inTurn(async () => {
      await saved.settle();
      const booking = await send(saved.latest.current);
      setHeld(null);
      setDeedDone(typed.mode);
      saved.restart(empty("new", typed.site));
      onDone(booking);
      tell();
    });
  };
  const send = async (form: Typed): Promise<Booking> => {
    const { key, version } = form;
    const why = guard(form.why).text;
    const identity = guarded(form).identity ?? null;
    const params = { path: { booking: form.booking ?? "" } };
    if (form.mode === "cancel") {
      const body = { key, version, why, call, identity };
      return told(api.POST("/api/bookings/{booking}/cancellation", { params, body }));
    }
    if (when === null) {
      const sentence = words.noSuchTime;
      throw new Problem(UNREADABLE, sentence, sentence, { day: sentence });
    }
    const wish = wanted({ ...form, ...clean(form) }, when, docs.current);
    if (form.mode === "change") {
      const body = { ...wish, key, version, why, call, identity };
      return told(api.PUT("/api/bookings/{booking}/appointment", { params, body }));
    }
    const place = await holdAt(when);
    if (place === null) return told(api.POST("/api/bookings", { body: { ...wish, key, call } }));
    const body = { ...wish, key, version: place.version, call };
    const path = { path: { booking: place.id } };
    return told(api.POST("/api/bookings/{booking}/agreement", { params: path, body }));
  };
  /** Everything that shows what has changed. */
  const tell = () => {
    for (const key of ["card", "bookings-owed", "booking-slots"])
      void queries.invalidateQueries({ queryKey: [key] });
  };
  return {
    when,
    holdUntil: when !== null && isOurs(when) ? (held?.hold_until ?? null) : null,
    hold,
    submit,
    busy,
    error,
    told: tell,
    docs: (explained: Explained) => {
      docs.current = explained;
    },
    mayUndo: (booking: Booking) =>
      UNDONE.has(deedDone) || (booking.owed != null && UNDONE.has(booking.owed)),
  };
}

function clean(form: Typed): Partial<Typed> {
  const { phone, note, party } = guarded(form);
  return { phone: phone ?? "", note: note ?? "", party: (party ?? []) as Typed["party"] };
}
