import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import { shown } from "../desk/card";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Panel } from "../parts/panel";
import { clock } from "../parts/timer";
import { useSay, useWords } from "../words/language";
import { MissedOffers } from "./missed";

const REFRESHED = 30_000; // milliseconds

/** One's own figures of today, the calls that they count, and why an offer was not taken. */
export function MyDay({ agent, catalogue }: { readonly agent: Agent; readonly catalogue: Catalogue }) {
  const words = useWords();
  const say = useSay();
  const [isOpen, setOpen] = useState(false);
  const day = useQuery({
    queryKey: ["day"],
    queryFn: () => told(api.GET("/api/me/day")),
    refetchInterval: REFRESHED,
  }).data;
  const counted = (
    <Button looks="quiet" onPress={() => setOpen(true)}>
      {words.counted}
    </Button>
  );
  return (
    <Panel title={words.myDay} beside={counted}>
      {day !== undefined && (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 tabular-nums">
          <Row name={words.answered}>{day.answered}</Row>
          <Row name={words.talked}>{clock(day.talked + day.held)}</Row>
          <Row name={words.wrappedUp}>{clock(day.wrapped_up)}</Row>
          {day.begun > 0 && <Row name={words.begunHere}>{clock(day.begun)}</Row>}
          {Object.entries(day.worked).map(([work, seconds]) => (
            <Row key={work} name={say(catalogue.states.works[work], work)}>
              {clock(seconds)} {day.pieces[work] ?? 0}
              {catalogue.states.works[work]?.pieces}
            </Row>
          ))}
        </dl>
      )}
      <MissedOffers agent={agent} />
      <Window title={words.countedCalls} isOpen={isOpen} onClose={() => setOpen(false)}>
        {isOpen && <Counted />}
        <Button onPress={() => setOpen(false)}>{words.close}</Button>
      </Window>
    </Panel>
  );
}

/** The calls behind the figures, with what one had to do with each: the latest hundred that have a record already. */
function Counted() {
  const words = useWords();
  const calls = useQuery({
    queryKey: ["day", "calls"],
    queryFn: () => told(api.GET("/api/me/calls")),
    gcTime: 0,
  });
  const cell = "border-t border-neutral-400 p-1 text-right";
  return (
    <>
      <Fault error={calls.error} />
      {calls.data?.calls.length === 0 && <p>{words.noCalls}</p>}
      {calls.data !== undefined && calls.data.calls.length > 0 && (
        <table className="w-full border-collapse tabular-nums">
          <thead>
            <tr>
              <th scope="col" className="p-1 text-left">
                {words.callOfDay}
              </th>
              <th scope="col" className="p-1 text-right">
                {words.talked}
              </th>
              <th scope="col" className="p-1 text-right">
                {words.wrappedUp}
              </th>
            </tr>
          </thead>
          <tbody>
            {calls.data.calls.map((call) => (
              <tr key={call.call}>
                <td className="border-t border-neutral-400 p-1">
                  {shown(call.at)} {call.masked}
                </td>
                <td className={cell}>{clock(call.talked)}</td>
                <td className={cell}>{clock(call.wrapped_up)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
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
