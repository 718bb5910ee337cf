import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useReducer,
  useState,
} from "react";

const Context = createContext(0);
const SECOND = 1000; // milliseconds

let ahead = 0; // seconds, of the server's clock to this PC's

/** Take the server's time in, and tell how far it is ahead of the PC's. */
export function toldTime(now: number): number {
  ahead = now - Date.now() / 1000;
  return ahead;
}

/** The server's time, for what is not drawn. */
export function serverNow(): number {
  return Date.now() / 1000 + ahead;
}

/** The server's time: a PC's clock may be an hour off. */
export function WithClock({ now, children }: { readonly now: number; readonly children: ReactNode }) {
  const [offset, setOffset] = useState(() => toldTime(now));
  useEffect(() => setOffset(toldTime(now)), [now]);
  return <Context value={offset}>{children}</Context>;
}

/** The server's time when this was drawn; it does not go on by itself. */
export function useNowOnce(): number {
  return Date.now() / 1000 + useContext(Context);
}

export function useNow(): number {
  const offset = useContext(Context);
  const [, again] = useReducer((ticks: number) => ticks + 1, 0);
  useEffect(() => ticked(again), []);
  return Date.now() / 1000 + offset;
}

const shown = new Set<() => void>();
let timer = 0;

/** All times of a page move on together, once a second: an old PC has better to do than to draw. */
function ticked(again: () => void): () => void {
  shown.add(again);
  if (shown.size === 1) atTheNextSecond();
  return () => {
    shown.delete(again);
    if (shown.size === 0) window.clearTimeout(timer);
  };
}

function atTheNextSecond(): void {
  timer = window.setTimeout(
    () => {
      for (const each of shown) each();
      atTheNextSecond();
    },
    SECOND - (Date.now() % SECOND),
  );
}

/** Whether this instant of the server's has passed; drawn again once, when it does. */
export function useIsPast(at: number | null): boolean {
  const offset = useContext(Context);
  const [, setTick] = useState(0);
  useEffect(() => {
    if (at === null) return undefined;
    const left = (at - offset) * 1000 - Date.now();
    if (left < 0) return undefined;
    const timer = window.setTimeout(() => setTick((tick) => tick + 1), left + 1);
    return () => window.clearTimeout(timer);
  }, [at, offset]);
  return at !== null && Date.now() / 1000 + offset > at;
}

/** 75 → 1:15, 3700 → 1:01:40. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** Time since an instant; screen readers are not told each second. */
export function Since({ at }: { readonly at: number | null | undefined }) {
  const now = useNow();
  if (at == null) return null;
  return (
    <span role="timer" aria-live="off" className="tabular-nums">
      {clock(now - at)}
    </span>
  );
}
