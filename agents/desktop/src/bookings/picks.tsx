import { type KeyboardEvent, useId } from "react";

import { advance } from "./stops";

type Pick = { readonly value: string; readonly text: string };
const DIGITS = "1234567890";

/** One of several: its digit chooses it and goes on; arrow keys and the mouse do as ever. */
export function Picks(props: {
  readonly label: string;
  readonly value: string;
  readonly picks: readonly Pick[];
  readonly fault?: string | undefined;
  readonly onPick: (value: string) => void;
}) {
  const id = useId();
  const press = (event: KeyboardEvent<HTMLFieldSetElement>) => {
    const found = digitOf(event, props.picks);
    if (found === undefined) return;
    event.preventDefault();
    const here = event.currentTarget;
    props.onPick(found.value);
    // What was picked may ask for more, which must be there before the focus moves on: React
    // renders in a microtask of its own, which was queued before this one.
    queueMicrotask(() => advance(here));
  };
  return (
    <fieldset data-stop onKeyDown={press} aria-describedby={props.fault && `${id}-fault`}>
      <legend className="font-bold">{props.label}</legend>
      <div className="flex flex-wrap gap-x-3">
        {props.picks.map((pick, at) => (
          <label
            key={pick.value}
            className="flex min-h-8 items-center gap-1 rounded-sm px-1 has-checked:bg-blue-50 has-checked:font-bold"
          >
            <input
              type="radio"
              name={id}
              className="size-5"
              checked={props.value === pick.value}
              onChange={() => props.onPick(pick.value)}
            />
            <Digit at={at} />
            {pick.text}
          </label>
        ))}
      </div>
      {props.fault !== undefined && (
        <p id={`${id}-fault`} className="text-sm font-bold text-red-900">
          {props.fault}
        </p>
      )}
    </fieldset>
  );
}

/** Any of several: a digit marks or unmarks, Enter goes on. */
export function Marks(props: {
  readonly label: string;
  readonly marked: readonly string[];
  readonly picks: readonly Pick[];
  readonly onMark: (marked: readonly string[]) => void;
}) {
  const toggle = (value: string) =>
    props.onMark(
      props.marked.includes(value)
        ? props.marked.filter((each) => each !== value)
        : [...props.marked, value],
    );
  const press = (event: KeyboardEvent<HTMLFieldSetElement>) => {
    const found = digitOf(event, props.picks);
    if (found === undefined) return;
    event.preventDefault();
    toggle(found.value);
  };
  return (
    <fieldset data-stop onKeyDown={press}>
      <legend className="font-bold">{props.label}</legend>
      <div className="flex flex-wrap gap-x-3">
        {props.picks.map((pick, at) => (
          <label
            key={pick.value}
            className="flex min-h-8 items-center gap-1 rounded-sm px-1 has-checked:bg-blue-50 has-checked:font-bold"
          >
            <input
              type="checkbox"
              className="size-5"
              checked={props.marked.includes(pick.value)}
              onChange={() => toggle(pick.value)}
            />
            <Digit at={at} />
            {pick.text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Digit({ at }: { readonly at: number }) {
  const digit = DIGITS[at];
  if (digit === undefined) return null;
  return (
    <kbd aria-hidden="true" className="rounded-sm border px-1 text-xs font-normal">
      {digit}
    </kbd>
  );
}

function digitOf(event: KeyboardEvent, picks: readonly Pick[]): Pick | undefined {
  if (event.nativeEvent.isComposing || event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const at = DIGITS.indexOf(event.key.normalize("NFKC"));
  return at < 0 ? undefined : picks[at];
}
