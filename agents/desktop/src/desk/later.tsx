import { useQuery, useQueryClient } from "@tanstack/react-query";
import { memo, useEffect, useState } from "react";

import { cardOf } from "../api/card";
import { api, type Schemas, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NOTE } from "../guard/length";
import { useAgent } from "../news/feed";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useSayAloud } from "../parts/live";
import { Panel } from "../parts/panel";
import { SavingTold } from "../parts/saving";
import { useIsBegun, useUnsent } from "../parts/unsent";
import { useSay, useSpoken, useWords } from "../words/language";
import { CardOf, shown } from "./card";
import { Outcome } from "./outcome";
import type { Requests } from "./requests";

const WRITTEN_WITHIN = 1500; // milliseconds: records come a little later than news

const EMPTY = { note: "" };
const placeOf = (call: string) => `memo:${call}`;

type OwnCall = Schemas["OwnCallSeen"];
type Card = Schemas["Card"];

/** 今日の通話: what was not written down can be, later, and is marked; 後入力. */
export const OwnCalls = memo(function OwnCalls(props: {
  readonly seat: string;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
}) {
  const { words, language } = useSpoken();
  const queries = useQueryClient();
  const state = useAgent(props.seat)?.state;
  const say = useSay();
  const [chosen, setChosen] = useState<string | null>(null);
  const calls = useQuery({
    queryKey: ["day", "calls"],
    queryFn: () => told(api.GET("/api/me/calls")),
    gcTime: 0,
  });
  useEffect(() => {
    if (state !== "ready" && state !== "paused") return undefined;
    const look = () => void queries.invalidateQueries({ queryKey: ["day"] }); // the figures, too
    const timer = window.setTimeout(look, WRITTEN_WITHIN);
    return () => window.clearTimeout(timer);
  }, [state, queries]);
  const dispositions = props.catalogue.outcomes.dispositions;
  return (
    <Panel title={words.todaysCalls}>
      <Fault error={calls.error} />
      {calls.data?.calls.length === 0 && <p>{words.noCalls}</p>}
      <ol className="max-h-56 overflow-auto">
        {calls.data?.calls.map((call) => (
          <li
            key={call.call}
            className="flex flex-wrap items-center justify-between gap-1 border-t border-neutral-400"
          >
            <span>
              <span className="tabular-nums">
                {shown(call.at)} {call.masked}
              </span>{" "}
              {language === "ja" ? call.menu_ja : call.menu_en}{" "}
              {call.disposition == null ? (
                <strong>
                  <span aria-hidden="true">⚠ </span>
                  {words.notEntered}
                </strong>
              ) : (
                say(dispositions[call.disposition], call.disposition)
              )}
              {call.late && <Mark />}
              {call.memos > 0 && ` ${words.memo} ${call.memos}`}
              <Begun place={placeOf(call.call)} />
            </span>
            <Button
              looks="quiet"
              aria-label={`${call.disposition == null ? words.enterLater : words.addMemo}: ${shown(call.at)} ${call.masked}`}
              onPress={() => setChosen(call.call)}
            >
              {call.disposition == null ? words.enterLater : words.addMemo}
            </Button>
          </li>
        ))}
      </ol>
      <Later
        {...props}
        call={chosen}
        isEntered={calls.data?.calls.find((one) => one.call === chosen)?.disposition != null}
        onClose={() => setChosen(null)}
      />
    </Panel>
  );
});

function Mark() {
  const words = useWords();
  return <span className="ml-1 rounded-sm border px-1 text-sm">{words.lateEntry}</span>;
}

/** A memo was begun, and not added: by a lock, or because somebody called. */
function Begun({ place }: { readonly place: string }) {
  const words = useWords();
  if (!useIsBegun(place)) return null;
  return <span className="ml-1 rounded-sm border px-1 text-sm">{words.begun}</span>;
}

function Later(props: {
  readonly seat: string;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
  readonly call: OwnCall["call"] | null;
  readonly isEntered: boolean;
  readonly onClose: () => void;
}) {
  const words = useWords();
  const agent = useAgent(props.seat);
  const card = useQuery(cardOf(props.call));
  return (
    <Window title={words.lateEntry} isOpen={props.call !== null} onClose={props.onClose}>
      <Fault error={card.error} />
      {card.data !== undefined && card.data.call === props.call && (
        <>
          <CardOf card={card.data} catalogue={props.catalogue} />
          {!props.isEntered && agent !== undefined && (
            <Outcome
              key={card.data.call}
              card={card.data}
              agent={agent}
              catalogue={props.catalogue}
              requests={props.requests}
              isLater
            />
          )}
          <Memos key={`memos ${card.data.call}`} card={card.data} />
        </>
      )}
      <Button looks="quiet" onPress={props.onClose}>
        {words.close}
      </Button>
    </Window>
  );
}

/** Memos with the time at which they were typed; a further one is added, none is changed. */
export function Memos({ card }: { readonly card: Card }) {
  const words = useWords();
  const say = useSayAloud();
  const queries = useQueryClient();
  const { form, change, send, done, isReady, saving, masked } = useUnsent(placeOf(card.call), EMPTY);
  const { note } = form;
  const before = card.memos.at(-1)?.note ?? card.outcome?.note ?? "";
  const { busy, error, attempt } = useAttempt();
  const add = async () => {
    const params = { path: { call: card.call } };
    const text = guard(note, before).text;
    const post = (key: string) =>
      told(api.POST("/api/calls/{call}/memos", { params, body: { key, note: text } }));
    if (!(await attempt(() => send(post)))) return;
    done();
    say(words.kept);
    await queries.invalidateQueries({ queryKey: ["card", card.call] });
    await queries.invalidateQueries({ queryKey: ["day"] });
  };
  return (
    <section aria-label={words.memo} className="flex flex-col gap-2">
      <h3 className="font-bold">{words.memo}</h3>
      <ol>
        {card.memos.map((memo) => (
          <li key={`${memo.at} ${memo.note}`} className="border-t border-neutral-400 py-1">
            <span className="tabular-nums">{shown(memo.at)}</span> <bdi>{memo.announced_name}</bdi>
            <Mark />
            <p className="whitespace-pre-wrap">{memo.note}</p>
          </li>
        ))}
      </ol>
      {isReady && (
        <Guarded
          label={words.memoNote}
          hint={`${words.memoHint} ${words.noteHint}`}
          rows={3}
          value={note}
          masked={masked}
          before={before}
          onChange={(text) => change({ note: text })}
        />
      )}
      <SavingTold saving={saving} />
      <Fault error={error} />
      <div>
        <Button looks="main" isDisabled={busy || note.trim() === "" || !isKeepable(note, LONGEST_NOTE)} onPress={() => void add()}>
          {words.addMemo}
        </Button>
      </div>
    </section>
  );
}
