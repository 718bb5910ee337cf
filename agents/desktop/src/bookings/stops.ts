import type { KeyboardEvent } from "react";

/** Where Enter stops, in the order of the script: everything marked `data-stop`. */
const STOPS = "[data-stop]";
const INSIDE = "input:checked, input, select, textarea, button";

/** Enter goes to the next stop, wherever it is pressed, and never inside an IME's composition. */
export function onEnter(event: KeyboardEvent<HTMLElement>): void {
  const { target, nativeEvent } = event;
  if (event.key !== "Enter" || nativeEvent.isComposing || nativeEvent.keyCode === 229) return;
  if (!(target instanceof HTMLElement) || target.closest("button, textarea") !== null) return;
  if (advance(target)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

/** To the stop after this element's own; whether there was one. */
export function advance(from: HTMLElement): boolean {
  const panel = from.closest("section");
  const own = from.closest(STOPS);
  if (panel === null || own === null) return false;
  const stops = [...panel.querySelectorAll<HTMLElement>(STOPS)];
  const next = stops.slice(stops.indexOf(own as HTMLElement) + 1).find((stop) => inside(stop) !== null);
  if (next === undefined) return false;
  inside(next)?.focus();
  return true;
}

function inside(stop: HTMLElement): HTMLElement | null {
  if (stop.matches("button") && !stop.hasAttribute("disabled")) return stop;
  for (const selector of INSIDE.split(", ")) {
    const found = stop.querySelector<HTMLElement>(`${selector}:not([disabled])`);
    if (found !== null) return found;
  }
  return null;
}
