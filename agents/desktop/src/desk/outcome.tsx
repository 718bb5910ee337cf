import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, newKey, Problem, type Schemas, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import { guard } from "../guard/individualNumber";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Choices, Field } from "../parts/field";
import { useKeys } from "../parts/keys";
import { useSayAloud } from "../parts/live";
import { Panel } from "../parts/panel";
import { useNow } from "../parts/timer";
import { useSay, useSpoken, useWords } from "../words/language";
import type { Card } from "./call";
import type { Requests } from "./requests";

type Form = {
  readonly reasons: readonly string[];
  readonly disposition: string;
  readonly flags: readonly string[];
  readonly citizen: string;
  readonly note: string;
};
type Typed = Schemas["Typed"];
type Props = {
  readonly card: Card;
  readonly agent: Agent;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
  readonly isLater?: boolean; // 後入力: the agent's telephone is about something else by now
};
type Saving = "none" | "saving" | "kept" | "failed";

const SAVE_AFTER = 500; // milliseconds after the last key
const MOST_REASONS = 3;

/** What came of the call. It begins with what the menu says, and the draft is on the server. */
export function Outcome({ card, agent, catalogue, requests, isLater = false }: Props) {
  const words = useWords();
  const { language } = useSpoken();
  const say = useSay();
  const aloud = useSayAloud();
  const queries = useQueryClient();
  const [form, setForm] = useState<Form>(() => begun(card));
  const [key, setKey] = useState(newKey);
  const [error, setError] = useState<unknown>(null);
  const [masked, setMasked] = useState(false);
  const [overrun, setOverrun] = useState("");
  const [saved, setSaved] = useState(card.outcome != null);
  const { saving, change, settle } = useDraft(card, form, setForm, setMasked, setError);
  const late = useIsLate(agent) && !isLater;
  const faults = fieldsOf(error, language);
  const isWrapUp = agent.state === "wrap_up" && !isLater;

  const keep = async () => {
    setError(null);
    await settle();
    const body = {
      key,
      reasons: [...form.reasons],
      disposition: form.disposition === "" ? "none" : form.disposition,
      flags: [...form.flags],
      note: guard(form.note).text,
      citizen: form.citizen.trim() === "" ? null : guard(form.citizen).text,
      overrun: overrun === "" ? null : overrun,
    };
    if (late && overrun === "") {
      setError(new Problem(422, words.overrun, words.overrun, { overrun: words.choose }));
      return;
    }
    try {
      const params = { path: { call: card.call } };
      await told(api.POST("/api/calls/{call}/outcome", { params, body }));
    } catch (problem) {
      setError(problem);
      return;
    }
    setKey(newKey());
    setSaved(true);
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
  useKeys(isLater ? {} : { F4: () => void keep(), ...Object.fromEntries(byKey) });

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
    <Panel title={words.outcome} beside={<Saved saving={saving} saved={saved} />}>
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
          {late && (
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
            value={form.citizen}
            onChange={(citizen) => change({ citizen })}
            onMasked={() => setMasked(true)}
          />
          <Guarded
            label={words.note}
            hint={words.noteHint}
            rows={5}
            fault={faults["note"]}
            value={form.note}
            onChange={(note) => change({ note })}
            onMasked={() => setMasked(true)}
          />
          {masked && (
            <p role="alert" className="rounded-md border-2 border-red-900 p-2 font-bold text-red-900">
              <span aria-hidden="true">⚠ </span>
              {words.masked}
            </p>
          )}
          <fieldset>
            <legend className="font-bold">{words.flags}</legend>
            <div className="grid grid-cols-1 gap-x-3 sm:grid-cols-2">
              {Object.entries(catalogue.outcomes.flags).map(([code, word]) => (
                <label key={code} className="flex min-h-8 items-center gap-2">
                  <input
                    type="checkbox"
                    className="size-5"
                    checked={form.flags.includes(code)}
                    onChange={(event) =>
                      change({
                        flags: event.target.checked
                          ? [...form.flags, code]
                          : form.flags.filter((each) => each !== code),
                      })
                    }
                  />
                  {say(word)}
                </label>
              ))}
            </div>
          </fieldset>
        </div>
      </div>
      <div className="mt-3 flex flex-col gap-2">
        <Fault error={error} />
        <div>
          <Button looks="main" {...(isLater ? {} : { keys: "F4" })} onPress={() => void keep()}>
            {isWrapUp ? words.keepAndFinish : words.keep}
          </Button>
        </div>
      </div>
    </Panel>
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

/** A text field that masks what may not be kept, once a composition is over. */
function Guarded(props: {
  readonly label: string;
  readonly hint?: string;
  readonly rows?: number;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onMasked: () => void;
}) {
  const composing = useRef(false);
  const take = (typed: string) => {
    const { text } = composing.current ? { text: typed } : guard(typed);
    if (text !== typed) props.onMasked();
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
        {...(props.rows === undefined ? {} : { rows: props.rows })}
        fault={props.fault}
        value={props.value}
        onChange={take}
        autoComplete="off"
      />
    </div>
  );
}

function Saved({ saving, saved }: { readonly saving: Saving; readonly saved: boolean }) {
  const words = useWords();
  const told = {
    none: saved ? words.kept : "",
    saving: words.draftSaving,
    kept: words.draftKept,
    failed: words.draftFailed,
  }[saving];
  return (
    <p role="status" className={saving === "failed" ? "font-bold text-red-900" : "text-sm"}>
      {told}
    </p>
  );
}

/** The draft on the server: kept half a second after the last key, one request at a time. */
function useDraft(
  card: Card,
  form: Form,
  setForm: (form: Form) => void,
  setMasked: (masked: boolean) => void,
  setError: (error: unknown) => void,
) {
  const [saving, setSaving] = useState<Saving>("none");
  const version = useRef(card.draft?.version ?? 0);
  const latest = useRef(form);
  const timer = useRef(0);
  const running = useRef<Promise<void>>(Promise.resolve());

  const save = async () => {
    const sent = latest.current;
    setSaving("saving");
    try {
      const params = { path: { call: card.call } };
      const body = { version: version.current, form: typed(sent) };
      const kept = await told(api.PUT("/api/calls/{call}/draft", { params, body }));
      version.current = kept.version;
      if (kept.masked.length > 0) {
        setMasked(true);
        const text = (kept.form as { note?: string }).note ?? "";
        if (latest.current === sent) setForm({ ...sent, note: text });
      }
      setSaving("kept");
    } catch (problem) {
      setSaving("failed");
      setError(problem);
    }
  };
  const settle = async () => {
    if (timer.current !== 0) {
      window.clearTimeout(timer.current);
      timer.current = 0;
      running.current = running.current.then(save);
    }
    await running.current;
  };
  const change = (changed: Partial<Form>) => {
    const next = { ...latest.current, ...changed };
    latest.current = next;
    setForm(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      running.current = running.current.then(save);
    }, SAVE_AFTER);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return { saving, change, settle };
}

function useIsLate(agent: Agent): boolean {
  const now = useNow();
  if (agent.state !== "wrap_up" || agent.since == null || agent.wrap_up_target == null) return false;
  return now - agent.since > agent.wrap_up_target;
}

function typed(form: Form): Typed {
  return {
    reasons: [...form.reasons],
    disposition: form.disposition === "" ? null : form.disposition,
    flags: [...form.flags],
    note: guard(form.note).text,
    citizen: form.citizen.trim() === "" ? null : guard(form.citizen).text,
  };
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
