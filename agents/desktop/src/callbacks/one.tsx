import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { moment } from "../own/times";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { SavingTold } from "../parts/saving";
import { useUnsent } from "../parts/unsent";
import { useWords } from "../words/language";
import { instant } from "./times";
import { useCallbackWords, useTerms } from "./words";
import type { Act } from "./worklist";

const LONGEST = 200;
const EMPTY = { text: "" };

/** One callback with its history, and what is done with it more rarely. */
export function One(props: {
  readonly id: string | null;
  readonly onClose: () => void;
  readonly act: Act;
}) {
  const words = useCallbackWords();
  const terms = useTerms();
  const id = props.id ?? "";
  const whole = useQuery({
    queryKey: ["callbacks", "one", id],
    queryFn: () => told(api.GET("/api/callbacks/{callback}", { params: { path: { callback: id } } })),
    enabled: props.id !== null,
    gcTime: 0,
  });
  const one = whole.data?.callback;
  const name = [one?.masked, one?.name, one?.topic].filter(Boolean).join(" ");
  return (
    <Window title={`${words.details} ${name}`} isOpen={props.id !== null} onClose={props.onClose}>
      <Fault error={whole.error} />
      <ol className="flex flex-col gap-1 text-sm">
        {whole.data?.events.map((event) => (
          <li key={`${event.at}${event.what}${event.note}`} className="border-t border-neutral-400">
            <span className="tabular-nums">{moment(event.at)}</span>{" "}
            <strong>{terms.event(event.what)}</strong>{" "}
            {event.what === "attempted" ? terms.result(event.told) : terms.cause(event.told)}{" "}
            <bdi>{event.by}</bdi> <bdi>{event.note}</bdi>
          </li>
        ))}
      </ol>
      {one?.state === "open" && <Rarely id={one.id} act={props.act} onDone={props.onClose} />}
    </Window>
  );
}

function Rarely(props: { readonly id: string; readonly act: Act; readonly onDone: () => void }) {
  const words = useCallbackWords();
  const common = useWords();
  const { form, change, done, isReady, saving } = useUnsent(`callback:${props.id}`, EMPTY);
  const { text } = form;
  const [until, setUntil] = useState("");
  const number = useNumber(props.id);
  const isEmpty = text.trim() === "" || text.length > LONGEST;
  const act = async (deed: "withdraw" | "note" | "postpone") => {
    if (!(await props.act(props.id, deed, { text, until: instant(until) }))) return;
    if (deed !== "postpone") done();
    props.onDone();
  };
  return (
    <>
      <div>
        <Button onPress={() => void number.show()}>{words.showNumber}</Button>{" "}
        <strong className="text-xl tabular-nums select-all">{number.shown}</strong>
        <Fault error={number.error} />
      </div>
      {isReady && (
        <Guarded
          label={words.noteWhat}
          value={text}
          longest={LONGEST}
          onChange={(typed) => change({ text: typed })}
        />
      )}
      <SavingTold saving={saving} />
      <div className="flex flex-wrap gap-2">
        <Button isDisabled={isEmpty} onPress={() => void act("note")}>
          {words.noteWhat}
        </Button>
        <Button looks="danger" isDisabled={isEmpty} onPress={() => void act("withdraw")}>
          {words.withdraw}
        </Button>
      </div>
      <div className="flex flex-wrap items-end gap-2">
        <When label={words.wantedAt} value={until} onChange={setUntil} />
        <Button isDisabled={instant(until) === null} onPress={() => void act("postpone")}>
          {words.postpone}
        </Button>
        <Button looks="quiet" onPress={props.onDone}>
          {common.close}
        </Button>
      </div>
    </>
  );
}

/** Day and time, with the browser's own field. */
export function When(props: {
  readonly label: string;
  readonly hint?: string;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <label className="flex flex-col gap-1 font-bold">
      {props.label}
      {props.hint !== undefined && <span className="text-sm font-normal">{props.hint}</span>}
      <input
        type="datetime-local"
        className="rounded-md border border-neutral-700 bg-white px-3 py-2 font-normal"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.fault !== undefined && <span className="text-sm text-red-900">{props.fault}</span>}
    </label>
  );
}

function useNumber(id: string) {
  const [shown, setShown] = useState("");
  const { error, attempt } = useAttempt();
  const show = () =>
    attempt(async () => {
      const params = { path: { callback: id } };
      setShown((await told(api.POST("/api/callbacks/{callback}/number", { params }))).number);
    });
  return { shown, show, error };
}
