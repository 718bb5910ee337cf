import { useEffect, useRef } from "react";

/** A key of the desk. F1, F3 and F5 to F12 belong to the browser and the IME. */
export type Keys = Readonly<Record<string, () => void>>;

const TYPED_INTO = "input, textarea, select, [contenteditable]";

/**
 * Acts on keys, never inside an IME's composition. Keys of one sign act only outside text fields;
 * `F2`, `F4`, `Shift+F2` and `Shift+F4` act everywhere. ー and － are taken for - .
 */
export function useKeys(keys: Keys, active = true): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (!active) return undefined;
    const press = (event: KeyboardEvent) => {
      if (event.isComposing || event.keyCode === 229 || event.repeat) return;
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const name = nameOf(event);
      const act = latest.current[name];
      if (act === undefined) return;
      const typing = event.target instanceof Element && event.target.closest(TYPED_INTO) !== null;
      const open = document.querySelector("[role=dialog]") !== null;
      if ((typing || open) && !name.includes("F")) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [active]);
}

function nameOf(event: KeyboardEvent): string {
  if (/^F\d+$/u.test(event.key)) return event.shiftKey ? `Shift+${event.key}` : event.key;
  return event.key.normalize("NFKC").replace(/[ー－−]/u, "-").toLowerCase();
}
