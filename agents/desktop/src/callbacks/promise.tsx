import { api, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault, fieldsOf } from "../parts/fault";
import { Field } from "../parts/field";
import { useKeys } from "../parts/keys";
import { useSayAloud } from "../parts/live";
import { SavingTold } from "../parts/saving";
import { useUnsent } from "../parts/unsent";
import { useSpoken } from "../words/language";
import { About, EMPTY, sent } from "./form";
import { useCallbackWords } from "./words";

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
  const { form, change, send, done, isReady, isBegun, saving } = useUnsent(`promise:${call}`, EMPTY);
  const { busy, error, attempt } = useAttempt();
  const faults = fieldsOf(error, language);
  const isKeepable = !busy && (hasNumber || form.number.trim() !== "");
  const keep = async () => {
    if (!isKeepable) return;
    const params = { path: { call } };
    const promise = (key: string) =>
      told(api.POST("/api/calls/{call}/promise", { params, body: { key, ...sent(form) } }));
    if (!(await attempt(() => send(promise)))) return;
    done();
    setOpen(false);
    say(words.promisedNow);
  };
  useKeys({ p: () => setOpen(true) });
  useKeys({ F4: () => void keep() }, isOpen);
  return (
    <>
      <Button keys="P" onPress={() => setOpen(true)}>
        {words.promise}
        {isBegun && ` (${common.begun})`}
      </Button>
      <Window title={words.promise} isOpen={isOpen && isReady} onClose={() => setOpen(false)}>
        <About of="wanted" form={form} faults={faults} change={change} />
        <About of="topic" form={form} faults={faults} change={change} autoFocus />
        <About of="name" form={form} faults={faults} change={change} />
        <Field
          label={hasNumber ? words.otherNumber : words.number}
          hint={hasNumber ? words.otherNumberHint : words.numberHint}
          fault={faults["number"]}
          value={form.number}
          inputMode="tel"
          autoComplete="off"
          onChange={(number) => change({ number })}
        />
        <About of="note" form={form} faults={faults} change={change} />
        <SavingTold saving={saving} />
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
