import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, type Schemas, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import { useFloor } from "../news/feed";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { useSayAloud } from "../parts/live";
import { useWords } from "../words/language";

type HandedOn = Schemas["HandedOnSeen"];

const LOOKS_EVERY = 2000; // milliseconds, while somebody is being rung
const WRITTEN_WITHIN = 1500; // milliseconds: records come a little later than news
const KEY = ["handed-on"];
const NOBODY: readonly HandedOn[] = [];
const NONE: readonly Agent[] = [];
const SHAPES: Readonly<Record<HandedOn["became"], string>> = {
  underway: "◆",
  taken: "●",
  returned: "⚠",
};

/** 取次: whoever was handed on and not taken is seen by whom they trusted, until they are served. */
export function HandedOn(props: { readonly state: string; readonly catalogue: Catalogue }) {
  const { state, catalogue } = props;
  const queries = useQueryClient();
  const words = useWords();
  const say = useSayAloud();
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const known = useRef<Readonly<Record<string, string>>>({});
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => told(api.GET("/api/me/handed-on")),
    refetchInterval: (asked) => {
      const open = asked.state.data?.handed_on.some((one) => one.became !== "taken") ?? false;
      return open ? LOOKS_EVERY : false;
    },
  });
  // By a key of the page or of the telephone: handing on ends the call for this agent.
  useEffect(() => {
    if (state === "offered") return undefined; // nothing ends by that, and the card is more urgent
    const look = () => void queries.invalidateQueries({ queryKey: KEY });
    look();
    const timer = window.setTimeout(look, WRITTEN_WITHIN);
    return () => window.clearTimeout(timer);
  }, [state, queries]);
  const all = query.data?.handed_on ?? NOBODY;
  const agents = useFloor((floor) => (all.length === 0 ? NONE : floor.agents));
  const nameOf = (target: string) =>
    catalogue.extensions.find((one) => one.target === target)?.name ??
    agents.find((agent) => agent.seat === target)?.name ??
    target;
  const said = { underway: words.handedUnderway, taken: words.handedTaken, returned: words.handedReturned };

  useEffect(() => {
    for (const one of all) {
      if (known.current[one.call] !== one.became && one.became !== "underway")
        say(`${words.handedTo} ${nameOf(one.target)} ${said[one.became]}`, one.became === "returned");
    }
    known.current = Object.fromEntries(all.map((one) => [one.call, one.became]));
  });

  const idOf = (one: HandedOn) => `${one.call} ${one.at} ${one.became}`;
  const shown = all.filter((one) => !hidden.includes(idOf(one)));
  if (shown.length === 0) return null;
  return (
    <ul className="flex flex-col gap-2" aria-label={words.handedTo}>
      {shown.map((one) => (
        <li
          key={one.call}
          className={
            one.became === "returned"
              ? "flex flex-wrap items-center gap-3 rounded-md border-4 border-red-900 bg-white px-3 py-1 font-bold text-red-900"
              : "flex flex-wrap items-center gap-3 rounded-md border-2 border-blue-900 bg-white px-3 py-1"
          }
        >
          <span>
            <span aria-hidden="true">{SHAPES[one.became]} </span>
            {words.handedTo}: {nameOf(one.target)}
            {one.line != null && ` (${words.line}${one.line})`} — {said[one.became]}
          </span>
          <Button looks="quiet" onPress={() => setHidden((before) => [...before, idOf(one)])}>
            {words.close}
          </Button>
        </li>
      ))}
    </ul>
  );
}
