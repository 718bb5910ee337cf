import { useQuery } from "@tanstack/react-query";

import { api, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import type { Agent } from "../news/floor";
import { Panel } from "../parts/panel";
import { clock } from "../parts/timer";
import { useSay, useWords } from "../words/language";
import { MissedOffers } from "./missed";

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
      <MissedOffers agent={agent} />
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
