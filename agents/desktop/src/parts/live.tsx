import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

type Say = (text: string, urgent?: boolean) => void;

type Places = readonly [string, string];
const NOTHING: Places = ["", ""];
const Context = createContext<Say>(() => undefined);

/** What a screen reader says by itself: at once when urgent (a ring, a fault), else in its turn. */
export function WithLiveRegions({ children }: { readonly children: ReactNode }) {
  const [polite, setPolite] = useState(NOTHING);
  const [urgent, setUrgent] = useState(NOTHING);
  const say = useCallback<Say>((text, isUrgent = false) => {
    (isUrgent ? setUrgent : setPolite)((before) => inTurn(before, text));
  }, []);
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

/** In the other place than before: the same words in the same place are no change, and not said. */
function inTurn([first]: Places, text: string): Places {
  return first === "" ? [text, ""] : ["", text];
}

export function useSayAloud(): Say {
  return useContext(Context);
}
