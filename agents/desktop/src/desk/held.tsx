import { useEffect } from "react";

import { useSayAloud } from "../parts/live";
import { useNow } from "../parts/timer";
import { useWords } from "../words/language";

const REMINDED_EVERY = 60; // seconds on hold

/** Each minute: a caller who hears only music takes themselves for forgotten. */
export function Held({ since }: { readonly since: number | null | undefined }) {
  const words = useWords();
  const say = useSayAloud();
  const now = useNow();
  const minutes = since == null ? 0 : Math.floor((now - since) / REMINDED_EVERY);
  useEffect(() => {
    if (minutes > 0) say(words.heldFor(minutes));
  }, [minutes, say, words]);
  if (minutes <= 0) return null;
  return (
    <p className="mb-3 border-2 border-red-900 p-2 font-bold text-red-900">
      <span aria-hidden="true">⚠ </span>
      {words.heldFor(minutes)}
    </p>
  );
}
