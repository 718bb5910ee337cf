import { guard } from "../guard/individualNumber";
import { Guarded } from "../parts/guarded";
import { When } from "./one";
import { instant } from "./times";
import { useCallbackWords } from "./words";

/** What is typed of a callback, in a 受電メモ and where one is promised. */
export const EMPTY = { number: "", name: "", topic: "", wanted: "", note: "" };
export type Form = typeof EMPTY;
const LONGEST = { name: 60, topic: 60, note: 200 };

/** As the desk is told it; what the guard masks is masked before. */
export function sent(form: Form) {
  return {
    number: form.number,
    name: guard(form.name).text,
    topic: guard(form.topic).text,
    note: guard(form.note).text,
    wanted_at: instant(form.wanted),
  };
}

/** One of its fields; the number's is each form's own. */
export function About(props: {
  readonly of: "name" | "topic" | "wanted" | "note";
  readonly form: Form;
  readonly faults: Readonly<Record<string, string>>;
  readonly change: (changed: Partial<Form>) => void;
  readonly autoFocus?: boolean;
}) {
  const { of, form, faults, change, autoFocus = false } = props;
  const words = useCallbackWords();
  if (of === "wanted")
    return (
      <When
        label={words.wantedAt}
        hint={words.wantedHint}
        fault={faults["wanted_at"]}
        value={form.wanted}
        onChange={(wanted) => change({ wanted })}
      />
    );
  return (
    <Guarded
      label={words[of]}
      {...(of === "name" && { hint: words.nameHint })}
      longest={LONGEST[of]}
      fault={faults[of]}
      value={form[of]}
      autoFocus={autoFocus}
      onChange={(text) => change({ [of]: text })}
    />
  );
}
