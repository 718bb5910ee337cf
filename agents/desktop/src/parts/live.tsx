import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

type Say = (text: string, urgent?: boolean) => void;

const Context = createContext<Say>(() => undefined);

/** What a screen reader says by itself: at once when urgent (a ring, a fault), else in its turn. */
export function WithLiveRegions({ children }: { readonly children: ReactNode }) {
  const [polite, setPolite] = useState("");
  const [urgent, setUrgent] = useState("");
  const say = useCallback<Say>((text, isUrgent = false) => {
    (isUrgent ? setUrgent : setPolite)(text);
  }, []);
  const spoken = useMemo(() => say, [say]);
  return (
    <Context value={spoken}>
      {children}
      <p role="status" aria-live="polite" className="sr-only">
        {polite}
      </p>
      <p role="alert" aria-live="assertive" className="sr-only">
        {urgent}
      </p>
    </Context>
  );
}

export function useSayAloud(): Say {
  return useContext(Context);
}
