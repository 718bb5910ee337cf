import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { api, isKeyTaken, newKey, Problem, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NAME, LONGEST_NOTE } from "../guard/length";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Choices } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { useKeys } from "../parts/keys";
import { useSayAloud } from "../parts/live";
import { Panel } from "../parts/panel";
import { SavingTold } from "../parts/saving";
import { useIsPast } from "../parts/timer";
import { useSay, useSpoken, useWords } from "../words/language";
import { LANGUAGES } from "../words/words";
import { confirmOwed } from "../callbacks/owed";
import type { Card } from "./call";
import { type Form, type Typed, useDraft } from "./draft";
import type { Requests } from "./requests";

type Props = {
  readonly card: Card;
  readonly agent: Agent;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
  readonly isLater?: boolean; // 後入力: the agent's telephone is about something else by now
  readonly yields?: boolean; // F4 belongs to the booking that is being typed
};

const MOST_REASONS = 3;
// A key names what was said under it. What is put right before an answer was heard may be the second
// that is kept of this call: it becomes the next version, and none is lost.
const NOTHING = { key: "", text: "" };
const { ja, en } = LANGUAGES;
const lateWithout = (told: string) =>
  new Problem(422, ja.overrunMissing, en.overrunMissing, { overrun: told });

/** What came of the call. It begins with what the menu says, and the draft is on the server. */
export function Outcome({ card, agent, catalogue, requests, isLater = false, yields = false }: Props) {
  const words = useWords();
  const { language } = useSpoken();
  const say = useSay();
  const aloud = useSayAloud();
  const queries = useQueryClient();
  const { form, change, end, saving, masked, ...draft } = useDraft(card, () => begun(card));
  const sent = useRef(NOTHING);
  const [error, setError] = useState<unknown>(null);
  const busy = useRef(false); // a second F4 while the first is on its way is the same one
  const [overrun, setOverrun] = useState("");
  const [saved, setSaved] = useState(card.outcome != null);
  const late = useIsLate(agent) && !isLater;
  const faults = fieldsOf(error ?? draft.error, language);
  const isWrapUp = agent.state === "wrap_up" && !isLater;

  const keep = async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      await keepOnce();
    } finally {
      busy.current = false;
    }
  };
  const send = (typed: Form) => {
    const said = {
      reasons: [...typed.reasons],
      disposition: typed.disposition === "" ? "none" : typed.disposition,
      flags: [...typed.flags],
      note: guard(typed.note).text,
      citizen: typed.citizen.trim() === "" ? null : guard(typed.citizen).text,
      overrun: overrun === "" ? null : overrun,
    };
    const text = JSON.stringify(said);
    if (sent.current.text !== text) sent.current = { key: newKey(), text };
    const params = { path: { call: card.call } };
    const body = { key: sent.current.key, ...said };
    return told(api.POST("/api/calls/{call}/outcome", { params, body }));
  };
  const keepOnce = async () => {
    setError(null);
    if (!isKeepable(form.note, LONGEST_NOTE) || !isKeepable(form.citizen, LONGEST_NAME)) return;
    if (late && overrun === "") {
      setError(lateWithout(words.choose));
      return;
    }
    try {
      await end(send);
    } catch (problem) {
      if (isKeyTaken(problem)) sent.current = NOTHING;
      setError(problem);
      return;
    }
    sent.current = NOTHING;
    setSaved(true);
    void confirmOwed(card.call).catch(() => undefined); // the worklist still shows what is not done
    aloud(words.kept);
    void queries.invalidateQueries({ queryKey: ["day"] });
    if (isWrapUp) await requests.wrapUpDone();
  };
  // A wrong number or silence: one key says reason and disposition.
  const byKey = Object.entries(catalogue.outcomes.dispositions).flatMap(([code, { key: sign, fills }]) =>
    sign == null
      ? []
      : [[sign, () => change({ disposition: code, reasons: [...(fills ?? [])] })] as const],
  );
  const byF4 = yields ? {} : { F4: () => void keep() };
  useKeys(isLater ? {} : { ...byF4, ...Object.fromEntries(byKey) });

  const groups = catalogue.groups;
  const choices = groups.flatMap((group) =>
    Object.entries(group.topics).map(([code, word]) => ({
      value: code,
      text: `${code} ${say(word)}`,
      group: `${group.code} ${say(group)}`,
    })),
  );
  const textOf = (code: string) => choices.find((choice) => choice.value === code)?.text ?? code;
  return (
    <Panel title={words.outcome} beside={<SavingTold saving={saving} none={saved ? words.kept : ""} />}>
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <div className="flex flex-col gap-3">
          {card.prefill.because.length > 0 && (
            <p className="text-sm">
              <span aria-hidden="true">✓ </span>
              {words.prefilled}
            </p>
          )}
          <ol className="flex flex-wrap gap-2" aria-label={words.reasons}>
            {form.reasons.map((code) => (
              <li
                key={code}
                className="flex items-center gap-1 rounded-md border border-neutral-800 pl-2"
              >
                {textOf(code)}
                <Button
                  looks="quiet"
                  onPress={() => change({ reasons: form.reasons.filter((each) => each !== code) })}
                  aria-label={`${words.remove}: ${textOf(code)}`}
                >
                  ×
                </Button>
              </li>
            ))}
          </ol>
          {form.reasons.length < MOST_REASONS && (
            <Choices
              label={words.reasons}
              hint={words.reasonsHint}
              fault={faults["reasons"]}
              value=""
              empty={words.addReason}
              choices={choices.filter((choice) => !form.reasons.includes(choice.value))}
              onChange={(code) => {
                if (code !== "") change({ reasons: [...form.reasons, code] });
              }}
            />
          )}
          <Choices
            label={words.disposition}
            fault={faults["disposition"]}
            value={form.disposition}
            empty={words.choose}
            choices={Object.entries(catalogue.outcomes.dispositions).map(([code, word]) => ({
              value: code,
              text: `${code} ${say(word)}`,
            }))}
            onChange={(disposition) => change({ disposition })}
          />
          {(late || faults["overrun"] !== undefined) && (
            <Choices
              label={words.overrun}
              fault={faults["overrun"]}
              value={overrun}
              empty={words.choose}
              choices={Object.entries(catalogue.outcomes.overrun).map(([code, word]) => ({
                value: code,
                text: say(word),
              }))}
              onChange={setOverrun}
            />
          )}
        </div>
        <div className="flex flex-col gap-3">
          <People names={card.people} onChosen={(citizen) => change({ citizen })} />
          <Guarded
            label={words.citizen}
            longest={LONGEST_NAME}
            fault={faults["citizen"] ?? faults["form.citizen"]}
            value={form.citizen}
            onChange={(citizen) => change({ citizen })}
          />
          <Guarded
            label={words.note}
            hint={words.noteHint}
            rows={5}
            fault={faults["note"] ?? faults["form.note"]}
            value={form.note}
            masked={masked}
            onChange={(note) => change({ note })}
          />
          <fieldset>
            <legend className="font-bold">{words.flags}</legend>
            <div className="grid grid-cols-1 gap-x-3 sm:grid-cols-2">
              {Object.entries(catalogue.outcomes.flags).map(([code, flag]) => (
                <Flagged
                  key={code}
                  code={code}
                  flag={flag}
                  chosen={form.flags.find((each) => flagOf(each) === code)}
                  fault={faults["flags"]}
                  onChange={(chosen) => {
                    const others = form.flags.filter((each) => flagOf(each) !== code);
                    change({ flags: chosen === null ? others : [...others, chosen] });
                  }}
                />
              ))}
            </div>
          </fieldset>
        </div>
      </div>
      <div className="mt-3 flex flex-col gap-2">
        <Fault error={error ?? draft.error} />
        <div>
          <Button looks="main" {...(isLater || yields ? {} : { keys: "F4" })} onPress={() => void keep()}>
            {isWrapUp ? words.keepAndFinish : words.keep}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function flagOf(chosen: string): string {
  return chosen.split(":")[0] ?? chosen;
}

/** True of the call besides; where it is one of several, which one is asked as soon as it is set. */
function Flagged(props: {
  readonly code: string;
  readonly flag: Catalogue["outcomes"]["flags"][string];
  readonly chosen: string | undefined; // the code, and which
  readonly fault: string | undefined;
  readonly onChange: (chosen: string | null) => void;
}) {
  const words = useWords();
  const say = useSay();
  const { code, flag, chosen } = props;
  const kinds = Object.entries(flag.which ?? {});
  const which = chosen?.split(":")[1] ?? "";
  return (
    <div>
      <label className="flex min-h-8 items-center gap-2">
        <input
          type="checkbox"
          className="size-5"
          checked={chosen !== undefined}
          onChange={(event) => props.onChange(event.target.checked ? code : null)}
        />
        {say(flag)}
      </label>
      {chosen !== undefined && kinds.length > 0 && (
        <Choices
          label={`${say(flag)}: ${words.which}`}
          value={which}
          empty={words.choose}
          fault={which === "" ? props.fault : undefined}
          choices={kinds.map(([value, word]) => ({ value, text: say(word) }))}
          onChange={(value) => props.onChange(value === "" ? code : `${code}:${value}`)}
        />
      )}
    </div>
  );
}

/** Several people may share a number: one of them is chosen, and nobody is assumed. */
function People(props: {
  readonly names: readonly string[];
  readonly onChosen: (name: string) => void;
}) {
  const words = useWords();
  if (props.names.length === 0) return null;
  return (
    <div role="group" aria-label={words.peopleBehind} className="flex flex-wrap items-center gap-2">
      <span className="text-sm">{words.peopleBehind}</span>
      {props.names.map((name) => (
        <Button key={name} looks="quiet" onPress={() => props.onChosen(name)}>
          {name}
        </Button>
      ))}
    </div>
  );
}

function useIsLate(agent: Agent): boolean {
  const { state, since, wrap_up_target: target } = agent;
  return useIsPast(state === "wrap_up" && since != null && target != null ? since + target : null);
}

/** The draft, else what was kept, else what the menu says. */
function begun(card: Card): Form {
  const draft = card.draft?.form as Typed | undefined;
  const from = draft ?? card.outcome ?? undefined;
  return {
    reasons: from?.reasons ?? card.prefill.reasons,
    disposition: from?.disposition ?? card.prefill.disposition ?? "",
    flags: from?.flags ?? [],
    citizen: from?.citizen ?? "",
    note: from?.note ?? "",
  };
}
