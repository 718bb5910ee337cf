import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";

import { api, told } from "../api/client";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { useSayAloud } from "../parts/live";
import { useSpoken } from "../words/language";
import { useBookingWords } from "./words";

/** 転記: the fields in the city's order. C copies the next one, and then the number is typed. */
export function Transcript(props: {
  readonly booking: string;
  readonly version: number;
  readonly inWindow: boolean;
  readonly onEnd: () => void;
}) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const aloud = useSayAloud();
  const [next, setNext] = useState(0);
  const [fails, setFails] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  const { booking, version } = props;
  const asked = useQuery({
    queryKey: ["booking-transcript", booking, version],
    queryFn: () =>
      told(api.GET("/api/bookings/{booking}/transcript", { params: { path: { booking } } })),
    gcTime: 0,
    retry: false,
  });
  const rows = asked.data?.rows ?? [];
  const copy = async (at: number) => {
    const row = rows[at];
    if (row === undefined) return;
    try {
      await navigator.clipboard.writeText(row.text);
    } catch {
      setFails(true);
      return;
    }
    setFails(false);
    setNext(at + 1);
    aloud(`${words.copied}: ${language === "ja" ? row.ja : row.en}`);
  };
  const keys = {
    c: () => (next < rows.length ? void copy(next) : props.onEnd()),
    e: props.onEnd,
  };
  useKeys(keys, !props.inWindow);
  useEffect(() => {
    // Keys of one sign act only outside of texts; whoever is typing already is left alone.
    const nowhere = document.activeElement?.closest("input, textarea, select") == null;
    if (asked.data !== undefined && nowhere) list.current?.focus();
  }, [asked.data !== undefined]);
  return (
    <div className="flex flex-col gap-2" onKeyDown={props.inWindow ? (event) => within(event, keys) : undefined}>
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="font-bold">{words.transcript}</h3>
        <Button keys="C" isDisabled={next >= rows.length} onPress={() => void copy(next)}>
          {words.copyNext}
        </Button>
        <Button looks="quiet" keys="E" onPress={props.onEnd}>
          {words.toNumber}
        </Button>
      </div>
      <Fault error={asked.error} />
      {fails && (
        <p role="alert" className="font-bold text-red-900">
          {words.copyFailed}
        </p>
      )}
      <ol
        ref={list}
        tabIndex={-1}
        aria-label={words.transcript}
        className={`grid grid-cols-1 gap-x-4 outline-none ${props.inWindow ? "" : "md:grid-cols-2"}`}
      >
        {rows.map((row, at) => (
          <li
            key={`${row.ja} ${row.card ?? ""}`}
            aria-current={at === next ? "step" : false}
            className={`flex items-center gap-2 border-b border-neutral-400 ${at === next ? "bg-yellow-50" : ""}`}
          >
            <span className="w-28 shrink-0 text-sm">
              {language === "ja" ? row.ja : row.en}
              {row.card != null && row.card > 0 && ` (${row.card + 1})`}
            </span>
            <span className="grow break-all font-bold select-all">{row.text}</span>
            <Button
              looks="quiet"
              aria-label={`${words.copy}: ${language === "ja" ? row.ja : row.en}`}
              onPress={() => void copy(at)}
            >
              {at < next ? "✓" : words.copy}
            </Button>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** In a window the keys of the page are silent; these act where the list has the focus. */
function within(event: KeyboardEvent, keys: Readonly<Record<string, () => void>>): void {
  if (event.nativeEvent.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const act = keys[event.key.toLowerCase()];
  if (act === undefined || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  act();
}
