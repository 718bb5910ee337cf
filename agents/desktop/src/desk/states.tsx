import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, newKey, type Schemas, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { clock, Since, useNow } from "../parts/timer";
import { PhoneKeys } from "../phone/keys";
import { MiniPhone } from "../phone/mini";
import { useSay, useWords } from "../words/language";
import { lock } from "./lock";
import type { Requests } from "./requests";

type Props = {
  readonly agent: Agent;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
};
type Work = "card_pre" | "card_post";

const SHAPES: Readonly<Record<string, string>> = {
  signed_out: "○",
  ready: "●",
  offered: "◆",
  talking: "▶",
  hold: "‖",
  wrap_up: "■",
  paused: "▲",
};
// Elsewhere a break begins later, and locks then.
const AT_ONCE = new Set(["ready", "paused", "wrap_up"]);

/** What the agent does, since when, and what else they may choose: during a call for after it. */
export function States({ agent, catalogue, requests }: Props) {
  const words = useWords();
  const say = useSay();
  const [window, setWindow] = useState<"pause" | "work" | null>(null);
  const pauses = catalogue.states.pauses;
  const works = catalogue.states.works;
  const reason = agent.reason ?? agent.work ?? "";
  const reasonWord = pauses[reason] ?? works[reason] ?? catalogue.states.given[reason];

  const pause = async (code: string) => {
    setWindow(null);
    if (pauses[code]?.locks === true && AT_ONCE.has(agent.state)) lock(code);
    else await requests.pause(code);
  };
  useKeys({
    r: () => void requests.ready(),
    a: () => setWindow("pause"),
    w: () => setWindow("work"),
  });

  return (
    <section
      aria-label={words.myState}
      className="flex flex-wrap items-center gap-3 rounded-lg border border-neutral-500 bg-white p-3"
    >
      <p className="min-w-48 text-2xl font-bold">
        <span aria-hidden="true">{SHAPES[agent.state]} </span>
        {say(catalogue.states.states[agent.state], agent.state)}
        {reasonWord !== undefined && <span className="text-lg"> · {say(reasonWord)}</span>}{" "}
        <Since at={agent.since} />
      </p>
      <Phone agent={agent} />
      <PhoneKeys agent={agent} />
      <MiniPhone agent={agent} catalogue={catalogue} requests={requests} />
      <WrapUpTarget agent={agent} />
      <div className="flex flex-wrap gap-2">
        <Button looks="main" keys="R" onPress={() => void requests.ready()}>
          {words.ready}
        </Button>
        <Button keys="A" onPress={() => setWindow("pause")}>
          {words.pause}
        </Button>
        <Button keys="W" onPress={() => setWindow("work")}>
          {words.cardWork}
        </Button>
      </div>
      {agent.work != null && <Pieces work={agent.work as Work} catalogue={catalogue} />}
      {agent.afterwards != null && (
        <p className="rounded-md border-2 border-blue-900 px-3 py-1">
          {words.afterwards}:{" "}
          {say(
            pauses[agent.afterwards.reason ?? ""],
            say(catalogue.states.states[agent.afterwards.state]),
          )}{" "}
          <Button looks="quiet" onPress={() => void requests.ready()}>
            {words.revoke}
          </Button>
        </p>
      )}
      <Window
        title={window === "work" ? words.cardWork : words.pause}
        isOpen={window !== null}
        onClose={() => setWindow(null)}
      >
        <div className="grid grid-cols-2 gap-2">
          {window === "pause" &&
            Object.entries(pauses).map(([code, word], place) => (
              <Button key={code} autoFocus={place === 0} onPress={() => void pause(code)}>
                {say(word)}
              </Button>
            ))}
          {window === "work" &&
            Object.entries(works).map(([code, word], place) => (
              <Button
                key={code}
                autoFocus={place === 0}
                onPress={() => {
                  setWindow(null);
                  void requests.work(code as Work);
                }}
              >
                {say(word)} ({words.reserve})
              </Button>
            ))}
        </div>
        <Button looks="quiet" onPress={() => setWindow(null)}>
          {words.cancel}
        </Button>
      </Window>
    </section>
  );
}

function Phone({ agent }: { readonly agent: Agent }) {
  const words = useWords();
  const told = { free: words.phoneFree, in_use: words.phoneInUse }[agent.phone ?? "gone"] ?? words.phoneGone;
  const bad = agent.phone === "gone";
  return (
    <p className={bad ? "font-bold text-red-900" : ""}>
      <span aria-hidden="true">{bad ? "⚠" : "☎"} </span>
      {words.phone}: {told}
    </p>
  );
}

function WrapUpTarget({ agent }: { readonly agent: Agent }) {
  const words = useWords();
  const now = useNow();
  if (agent.state !== "wrap_up" || agent.wrap_up_target == null || agent.since == null) return null;
  const late = now - agent.since > agent.wrap_up_target;
  return (
    <p className={late ? "font-bold text-red-900" : ""}>
      <span aria-hidden="true">{late ? "⚠ " : ""}</span>
      {words.target} {clock(agent.wrap_up_target)}
    </p>
  );
}

function Pieces({ work, catalogue }: { readonly work: Work; readonly catalogue: Catalogue }) {
  const words = useWords();
  const say = useSay();
  const queries = useQueryClient();
  const counted = useQuery({
    queryKey: ["pieces"],
    queryFn: () => told(api.GET("/api/pieces")),
    gcTime: 0,
  });
  const [error, setError] = useState<unknown>(null);
  const keep = async (asked: Promise<Schemas["Pieces"]>) => {
    setError(null);
    try {
      queries.setQueryData(["pieces"], await asked);
      void queries.invalidateQueries({ queryKey: ["day"] });
    } catch (problem) {
      setError(problem);
    }
  };
  const add = (more: number) =>
    void keep(told(api.POST("/api/pieces", { body: { key: newKey(), work, count: more } })));
  const undo = () => void keep(told(api.POST("/api/pieces/undo", { body: { key: newKey() } })));
  useKeys({ "+": () => add(1), "*": () => add(10), "-": undo });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span aria-live="polite">
        {say(catalogue.states.works[work])}{" "}
        {counted.data !== undefined &&
          `${counted.data.pieces[work] ?? 0} ${catalogue.states.works[work]?.pieces ?? ""}`}
      </span>
      <Button keys="+" onPress={() => add(1)}>
        {words.plusOne}
      </Button>
      <Button keys="*" onPress={() => add(10)}>
        {words.plusTen}
      </Button>
      <Button keys="-" onPress={undo}>
        {words.undo}
      </Button>
      <Fault error={error} />
    </div>
  );
}
