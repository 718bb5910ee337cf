import { useQuery } from "@tanstack/react-query";

import { api, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import type { Agent } from "../news/floor";
import { Panel } from "../parts/panel";
import { clock } from "../parts/timer";
import { useSay, useWords } from "../words/language";

const REFRESHED = 30_000; // milliseconds

/** One's own figures of today, and why an offer was not taken. */
export function MyDay({ agent, catalogue }: { readonly agent: Agent; readonly catalogue: Catalogue }) {
  const words = useWords();
  const say = useSay();
  const day = useQuery({
    queryKey: ["day"],
    queryFn: () => told(api.GET("/api/me/day")),
    refetchInterval: REFRESHED,
  }).data;
  const why: Readonly<Record<string, string>> = {
    no_answer: words.noAnswer,
    busy: words.busy,
    declined: words.declined,
    unreachable: words.unreachable,
  };
  const device: Readonly<Record<string, string>> = {
    free: words.phoneFree,
    in_use: words.phoneInUse,
    gone: words.phoneGone,
  };
  return (
    <Panel title={words.myDay}>
      {day !== undefined && (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 tabular-nums">
          <dt>{words.answered}</dt>
          <dd>{day.answered}</dd>
          <dt>{words.talked}</dt>
          <dd>{clock(day.talked + day.held)}</dd>
          <dt>{words.wrappedUp}</dt>
          <dd>{clock(day.wrapped_up)}</dd>
          {Object.entries(day.worked).map(([work, seconds]) => (
            <Row key={work} name={say(catalogue.states.works[work], work)}>
              {clock(seconds)} {day.pieces[work] ?? 0}
              {catalogue.states.works[work]?.pieces}
            </Row>
          ))}
        </dl>
      )}
      <h3 className="mt-2 font-bold">{words.missedOffers}</h3>
      {(agent.missed ?? []).length === 0 && <p>{words.missedNone}</p>}
      <ol>
        {(agent.missed ?? []).map((missed) => (
          <li key={`${missed.call}-${missed.at}`}>
            {new Intl.DateTimeFormat("ja-JP", { timeStyle: "short", timeZone: "Asia/Tokyo" }).format(
              missed.at * 1000,
            )}{" "}
            {why[missed.why] ?? missed.why} ({words.phone}: {device[missed.device] ?? missed.device})
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Row(props: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}
