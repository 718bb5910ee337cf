import { useEffect, useState } from "react";

const EVERY = 120; // milliseconds
const QUIETEST = -60; // dBFS
const LOUDEST = 0;
const GOOD = -45; // a voice at a usual distance
const TOO_LOUD = -6;

/** How loud it is just now, with a word for it beside the bar. */
export function Meter(props: { readonly label: string; readonly level: () => number | null }) {
  const [level, setLevel] = useState<number>(QUIETEST);
  const { level: ask } = props;
  useEffect(() => {
    const timer = window.setInterval(() => setLevel(ask() ?? QUIETEST), EVERY);
    return () => window.clearInterval(timer);
  }, [ask]);
  return (
    <label className="inline-flex items-center gap-2 text-sm">
      {props.label}
      <meter
        className="h-4 w-28"
        min={QUIETEST}
        max={LOUDEST}
        low={GOOD}
        high={TOO_LOUD}
        optimum={-20}
        value={Math.min(LOUDEST, Math.max(QUIETEST, level))}
      />
    </label>
  );
}
