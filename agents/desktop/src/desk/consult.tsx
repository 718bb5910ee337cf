import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { cardOf } from "../api/card";
import { api, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NOTE } from "../guard/length";
import { useFloor } from "../news/feed";
import type { Agent, CallSeen } from "../news/floor";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Choices } from "../parts/field";
import { Guarded } from "../parts/guarded";
import { useUnsent } from "../parts/unsent";
import { useSay, useSpoken, useWords } from "../words/language";
import type { Requests } from "./requests";
import { MAY_BE_CALLED, Targets } from "./targets";

type Props = {
  readonly agent: Agent;
  readonly call: string;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
};

const EMPTY = { note: "", reason: "" };
const NOT_SAID = "-"; // chosen so, where the outcome would say a reason

// The texts of consulting; English has the same keys, or the build fails.
const ja = {
  consult: "取次(相談)",
  consultWhom: "取次先",
  reason: "用件(任意)",
  noReason: "選ばない",
  note: "取次で伝えること(任意)",
  noteHint: "相手の画面に表示されます。",
  asked: "取次先",
  nobody: "呼び出しています。お客様は保留中です。",
  target: "取次先と話しています。お客様は保留中です。",
  caller: "お客様と話しています。取次先は保留中です。",
  all: "三者で話しています。",
  swap: "相手を切り替える",
  confer: "三者通話",
  handOver: "転送して終わる",
  end: "取次をやめる",
  mine: "取次を受けています。切断で抜けられます。",
};
type ConsultWords = { readonly [Key in keyof typeof ja]: string };
const en: ConsultWords = {
  consult: "Consult",
  consultWhom: "Whom to consult",
  reason: "What it is about (optional)",
  noReason: "Not said",
  note: "What they should know (optional)",
  noteHint: "It is shown on their page.",
  asked: "Consulting",
  nobody: "It is ringing. The caller is on hold.",
  target: "You talk to them. The caller is on hold.",
  caller: "You talk to the caller. They are on hold.",
  all: "All three talk.",
  swap: "Switch",
  confer: "Conference",
  handOver: "Hand over",
  end: "End consulting",
  mine: "You are being consulted. Hang up to leave.",
};
function useConsultWords(): ConsultWords {
  return useSpoken().language === "ja" ? ja : en;
}

/** Somebody is asked about this call: which of the two agents is here, if so. */
export function useConsult(agent: Agent, call: string | null): "asks" | "asked" | null {
  const seen = useFloor((floor) => floor.calls.find((each) => each.id === call));
  if (seen?.consult == null || agent.offer == null) return null;
  return seen.agent === agent.seat ? "asks" : "asked";
}

/** Ask somebody about the call in hand, or go on with whom one asks. */
export function Consult({ agent, call, catalogue, requests }: Props) {
  const words = useConsultWords();
  const seen = useFloor((floor) => floor.calls.find((each) => each.id === call));
  const role = useConsult(agent, call);
  if (role === "asked") return <p className="font-bold">{words.mine}</p>;
  if (role === "asks" && seen?.consult != null)
    return <Asking consult={seen.consult} catalogue={catalogue} requests={requests} />;
  return <Begin agent={agent} call={call} catalogue={catalogue} requests={requests} />;
}

function Begin({ agent, call, catalogue, requests }: Props) {
  const words = useConsultWords();
  const common = useWords();
  const { form, change, send, done, isReady, masked } = useUnsent(`consult:${call}`, EMPTY);
  const { note } = form;
  const say = useSay();
  const card = useQuery(cardOf(call)).data;
  const first = draftsReason(card?.draft?.form) ?? card?.prefill.reasons[0] ?? "";
  const reason = form.reason === "" ? first : form.reason === NOT_SAID ? "" : form.reason;
  const [error, setError] = useState<unknown>(null);
  const begin = async (target: string) => {
    setError(null);
    const text = guard(note).text;
    try {
      if (text.trim() !== "" || reason !== "") {
        const params = { path: { call } };
        const body = { note: text, reason: reason === "" ? null : reason };
        await send((key) =>
          told(api.POST("/api/calls/{call}/memos", { params, body: { key, ...body } })),
        );
      }
    } catch (problem) {
      setError(problem); // what they should know must not get lost on the way
      return;
    }
    if (!(await requests.consult(target))) return;
    done();
  };
  return (
    <>
      <Targets
        title={words.consultWhom}
        says={words.consult}
        agent={agent}
        catalogue={catalogue}
        free={MAY_BE_CALLED}
        isBlocked={!isKeepable(note, LONGEST_NOTE)}
        above={
          isReady && (
            <>
            <Choices
              label={words.reason}
              value={reason}
              empty={words.noReason}
              choices={catalogue.groups.flatMap((group) =>
                Object.entries(group.topics).map(([code, word]) => ({
                  value: code,
                  text: `${code} ${say(word)}`,
                  group: `${group.code} ${say(group)}`,
                })),
              )}
              onChange={(code) => change({ reason: code === "" ? NOT_SAID : code })}
            />
            <Guarded
              label={words.note}
              hint={`${words.noteHint} ${common.noteHint}`}
              rows={2}
              value={note}
              masked={masked}
              onChange={(text) => change({ note: text })}
            />
            </>
          )
        }
        onChosen={(target) => void begin(target)}
      />
      <Fault error={error} />
    </>
  );
}

/** What the outcome says so far, of what is kept of it. */
function draftsReason(form: unknown): string | undefined {
  const reasons: unknown = (form as { reasons?: unknown } | null | undefined)?.reasons;
  return Array.isArray(reasons) && typeof reasons[0] === "string" ? reasons[0] : undefined;
}

function Asking(props: {
  readonly consult: NonNullable<CallSeen["consult"]>;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
}) {
  const words = useConsultWords();
  const agents = useFloor((floor) => floor.agents);
  const { consult, requests } = props;
  const seat = agents.find((each) => each.seat === consult.target);
  const outside = props.catalogue.extensions.find((each) => each.target === consult.target);
  const meeting = consult.meeting as "nobody" | "target" | "caller" | "all";
  const hasAnswered = meeting !== "nobody";
  return (
    <div role="group" aria-label={words.asked} className="flex flex-wrap items-center gap-2 border-2 border-blue-900 p-2">
      <p role="status">
        <span className="font-bold">
          {words.asked}: {seat?.name ?? outside?.name ?? consult.target}
        </span>{" "}
        {words[meeting]}
      </p>
      {hasAnswered && (
        <>
          <Button looks="main" onPress={() => void requests.handOver()}>
            {words.handOver}
          </Button>
          <Button onPress={() => void requests.swap()}>{words.swap}</Button>
          {meeting !== "all" && (
            <Button onPress={() => void requests.confer()}>{words.confer}</Button>
          )}
        </>
      )}
      <Button onPress={() => void requests.endConsult()}>{words.end}</Button>
    </div>
  );
}
