import { useState } from "react";

import { api, newKey, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { useKeys } from "../parts/keys";
import { useSayAloud } from "../parts/live";
import { useSpoken } from "../words/language";
import { When } from "./one";
import { instant } from "./times";
import { useCallbackWords } from "./words";

const EMPTY = { number: "", name: "", topic: "", wanted: "", note: "" };
const LONGEST = { name: 60, note: 200 };

/** 折り返しを約束: P opens it during the call and its wrap-up, F4 keeps it; nothing must be filled. */
export function Promised(props: {
  readonly call: string;
  readonly hasNumber: boolean; // of the caller's own
  readonly isOpen: boolean; // F4 is ours then
  readonly setOpen: (isOpen: boolean) => void;
}) {
  const { call, hasNumber, isOpen, setOpen } = props;
  const words = useCallbackWords();
  const { words: common, language } = useSpoken();
  const say = useSayAloud();
  const [form, setForm] = useState(EMPTY);
  const [key, setKey] = useState(newKey);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const change = (changed: Partial<typeof EMPTY>) => setForm((now) => ({ ...now, ...changed }));
  const isKeepable = !busy && (hasNumber || form.number.trim() !== "");
  const keep = async () => {
    if (!isKeepable) return;
    const body = {
      key,
      number: form.number,
      name: guard(form.name).text,
      topic: guard(form.topic).text,
      note: guard(form.note).text,
      wanted_at: instant(form.wanted),
    };
    const params = { path: { call } };
    if (!(await attempt(() => told(api.POST("/api/calls/{call}/promise", { params, body }))))) return;
    setForm(EMPTY);
    setKey(newKey());
    setOpen(false);
    say(words.promisedNow);
  };
  useKeys({ p: () => setOpen(true) });
  useKeys({ F4: () => void keep() }, isOpen);
  return (
    <>
      <Button keys="P" onPress={() => setOpen(true)}>
        {words.promise}
      </Button>
      <Window title={words.promise} isOpen={isOpen} onClose={() => setOpen(false)}>
        <When
          label={words.wantedAt}
          hint={words.wantedHint}
          fault={faults["wanted_at"]}
          value={form.wanted}
          onChange={(wanted) => change({ wanted })}
        />
        <Guarded
          label={words.topic}
          longest={LONGEST.name}
          fault={faults["topic"]}
          value={form.topic}
          autoFocus
          onChange={(topic) => change({ topic })}
        />
        <Guarded
          label={words.name}
          hint={words.nameHint}
          longest={LONGEST.name}
          fault={faults["name"]}
          value={form.name}
          onChange={(name) => change({ name })}
        />
        <Field
          label={hasNumber ? words.otherNumber : words.number}
          hint={hasNumber ? words.otherNumberHint : words.numberHint}
          fault={faults["number"]}
          value={form.number}
          inputMode="tel"
          autoComplete="off"
          onChange={(number) => change({ number })}
        />
        <Guarded
          label={words.note}
          longest={LONGEST.note}
          fault={faults["note"]}
          value={form.note}
          onChange={(note) => change({ note })}
        />
        <Fault error={error} />
        <div className="flex flex-wrap gap-2">
          <Button looks="main" keys="F4" isDisabled={!isKeepable} onPress={() => void keep()}>
            {words.promise}
          </Button>
          <Button looks="quiet" onPress={() => setOpen(false)}>
            {common.cancel}
          </Button>
        </div>
      </Window>
    </>
  );
}
