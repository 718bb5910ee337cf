import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { flushSync } from "react-dom";

type Say = (text: string, urgent?: boolean) => void;

type Places = readonly [string, string];
const NOTHING: Places = ["", ""];
const Context = createContext<Say>(() => undefined);

/** What a screen reader says by itself: at once when urgent (a ring, a fault), else in its turn. */
export function WithLiveRegions({ children }: { readonly children: ReactNode }) {
  const [polite, sayPolitely] = useRegion();
  const [urgent, sayAtOnce] = useRegion();
  const say = useCallback<Say>(
    (text, isUrgent = false) => (isUrgent ? sayAtOnce : sayPolitely)(text),
    [sayAtOnce, sayPolitely],
  );
  return (
    <Context value={say}>
      {children}
      {polite.map((text, place) => (
        <p key={place} role="status" aria-live="polite" className="sr-only">
          {text}
        </p>
      ))}
      {urgent.map((text, place) => (
        <p key={place} role="alert" aria-live="assertive" className="sr-only">
          {text}
        </p>
      ))}
    </Context>
  );
}

/** What comes in one moment is said together, and each time in the other of two places: the same
 * words in the same place would be no change, and not said. */
function useRegion(): readonly [Places, (text: string) => void] {
  const [places, setPlaces] = useState(NOTHING);
  const waiting = useRef<string[]>([]);
  const say = useCallback((text: string) => {
    waiting.current.push(text);
    if (waiting.current.length > 1) return;
    queueMicrotask(() => {
      const told = waiting.current.join(" ");
      waiting.current = [];
      // Drawn now: two turns in one drawing would end where they began.
      flushSync(() => setPlaces(([first]) => (first === "" ? [told, ""] : ["", told])));
    });
  }, []);
  return [places, say];
}

export function useSayAloud(): Say {
  return useContext(Context);
}
