import { useQuery } from "@tanstack/react-query";
import { type FocusEvent, useRef, useState } from "react";

import { api, told } from "../api/client";
import type { When } from "./when";
import { useBookingWords } from "./words";

export type Known = {
  readonly site: string | null;
  readonly when: When | null;
  readonly people: number;
};

/** The step of the script whose field has the focus. While a pointer is down nothing may move, or
 * the click would end beside what it began on: the line above the fields may be longer or shorter.
 */
export function useStep(first: string) {
  const [step, setStep] = useState(first);
  const last = useRef(first);
  const isDown = useRef(false);
  const onPointerDownCapture = () => {
    isDown.current = true;
    const up = () => {
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", up);
      // The click is told of in the same task as the pointer's end.
      window.setTimeout(() => {
        isDown.current = false;
        setStep(last.current);
      });
    };
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", up);
  };
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const said = event.target.closest<HTMLElement>("[data-script]")?.dataset["script"];
    if (said === undefined) return;
    last.current = said;
    if (!isDown.current) setStep(said);
  };
  return { step, follow: { onFocus, onPointerDownCapture } };
}

/** What is said at this step, with what is known in it: it follows the focus. */
export function ScriptLine({ step, known }: { readonly step: string; readonly known: Known }) {
  const words = useBookingWords();
  const { site, when, people } = known;
  const query = { people, ...(site && { site }), ...(when && { day: when.day, start: when.start }) };
  const script = useQuery({
    queryKey: ["booking-script", query],
    queryFn: () => told(api.GET("/api/bookings/script", { params: { query } })),
    placeholderData: (before) => before,
  }).data;
  if (script === undefined) return null;
  const at = script.steps.findIndex((each) => each.code === step);
  const line = script.steps[at];
  if (line === undefined) return null;
  return (
    <div
      role="note"
      aria-label={words.script}
      className="rounded-md border-l-8 border-blue-900 bg-blue-50 px-3 py-2"
    >
      <p className="text-sm">
        {at + 1}/{script.steps.length} {line.title}
        {line.note !== "" && <span> — {line.note}</span>}
      </p>
      <p className="text-lg">「{line.text}」</p>
    </div>
  );
}
