import { useRef, useState } from "react";

import { guard } from "../guard/individualNumber";
import { tookOut } from "../guard/report";
import { isBroken, isTooLong, LONGEST_NOTE } from "../guard/length";
import { useWords } from "../words/language";
import { Field } from "./field";

/** A free text that masks what may not be kept, once a composition is over, and says so. */
export function Guarded(props: {
  readonly label: string;
  readonly hint?: string;
  readonly hintBelow?: boolean;
  readonly rows?: number;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly autoFocus?: boolean;
  readonly longest?: number;
  readonly masked?: boolean; // the server took something out
  readonly before?: string; // what was kept just before: a number may be split over the two
  readonly onChange: (value: string) => void;
}) {
  const words = useWords();
  const composing = useRef(false);
  const [masked, setMasked] = useState(false);
  const longest = props.longest ?? LONGEST_NOTE;
  const take = (typed: string) => {
    // What is too long is not sent, and would take long to look through.
    const asIs = composing.current || isTooLong(typed, longest);
    const { text, finds } = asIs ? { text: typed, finds: [] } : guard(typed, props.before);
    if (finds.length > 0) {
      setMasked(true);
      tookOut(finds);
    }
    props.onChange(text);
  };
  return (
    <div
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={(event) => {
        composing.current = false;
        if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement)
          take(event.target.value);
      }}
    >
      <Field
        label={props.label}
        {...(props.hint === undefined ? {} : { hint: props.hint })}
        hintBelow={props.hintBelow ?? false}
        {...(props.rows === undefined ? {} : { rows: props.rows })}
        fault={
          isTooLong(props.value, longest)
            ? words.tooLong(longest)
            : isBroken(props.value)
              ? words.broken
              : props.fault
        }
        value={props.value}
        onChange={take}
        autoComplete="off"
        autoFocus={props.autoFocus ?? false}
      />
      {(masked || props.masked === true) && (
        <p role="alert" className="mt-1 rounded-md border-2 border-red-900 p-2 font-bold text-red-900">
          <span aria-hidden="true">⚠ </span>
          {words.masked}
        </p>
      )}
    </div>
  );
}
