import { useState } from "react";

import { api, told } from "../api/client";
import type { Catalogue } from "../catalogue";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { Scrolling } from "../parts/scrolling";
import { clock } from "../parts/timer";
import { useSay, useSpoken } from "../words/language";
import type { Card } from "./call";
import { Sounded } from "./sounded";

type Topics = Catalogue["groups"][number]["topics"];

/** Who calls, from where, about what, and what was said before. */
export function CardOf({ card, catalogue }: { readonly card: Card; readonly catalogue: Catalogue }) {
  const { words, language } = useSpoken();
  const menu = language === "ja" ? card.menu_ja : card.menu_en;
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid items-baseline grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="font-bold">{card.caller.label}</dt>
        <dd>
          <CallersNumber card={card} />
        </dd>
        <dt className="font-bold">{words.menuPath}</dt>
        <dd className="text-lg font-bold">{menu === "" ? words.noMenu : menu}</dd>
        {card.waited != null && (
          <>
            <dt className="font-bold">{words.waited}</dt>
            <dd className="tabular-nums">{clock(card.waited)}</dd>
          </>
        )}
        {card.line != null && (
          <>
            <dt className="font-bold">{words.line}</dt>
            <dd>{card.line}</dd>
          </>
        )}
      </dl>
      <Said card={card} catalogue={catalogue} />
      <Obligations card={card} catalogue={catalogue} />
      <Answers card={card} />
      <Earlier card={card} catalogue={catalogue} />
      <Sounded card={card} />
    </div>
  );
}

function CallersNumber({ card }: { readonly card: Card }) {
  const { words } = useSpoken();
  const [number, setNumber] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const show = async () => {
    setError(null);
    const asked = api.POST("/api/calls/{call}/number", { params: { path: { call: card.call } } });
    try {
      setNumber((await told(asked)).number.replace(/^\+81/u, "0")); // as it is dialled here
    } catch (problem) {
      setError(problem);
    }
  };
  const has = card.caller.masked !== "";
  useKeys({ n: () => (has ? void show() : undefined) });
  if (!has) return null;
  return (
    <>
      <span className="text-lg tabular-nums">{number ?? card.caller.masked} </span>
      {number === null && (
        <Button looks="quiet" keys="N" onPress={() => void show()}>
          {words.showNumber}
        </Button>
      )}
      <Fault error={error} />
    </>
  );
}

/** What was written down about this very call, such as by whoever hands it on. */
function Said({ card, catalogue }: { readonly card: Card; readonly catalogue: Catalogue }) {
  const { words } = useSpoken();
  const say = useSay();
  const topics = Object.assign({}, ...catalogue.groups.map((group) => group.topics)) as Topics;
  if (card.memos.length === 0) return null;
  return (
    <section aria-label={words.said} className="rounded-md border-2 border-blue-900 p-2">
      <h3 className="font-bold">{words.said}</h3>
      {card.memos.map((memo) => (
        <p key={`${memo.at} ${memo.note}`} className="whitespace-pre-wrap">
          <bdi>{memo.announced_name}</bdi>: {memo.reason != null && `【${say(topics[memo.reason], memo.reason)}】`}
          <bdi>{memo.note}</bdi>
        </p>
      ))}
    </section>
  );
}

/** What an earlier call of this number left open. */
function Obligations({ card, catalogue }: { readonly card: Card; readonly catalogue: Catalogue }) {
  const { words } = useSpoken();
  const say = useSay();
  if (card.obligations.length === 0) return null;
  return (
    <section aria-label={words.obligations} className="rounded-md border-2 border-yellow-900 p-2">
      <h3 className="font-bold">
        <span aria-hidden="true">⚠ </span>
        {words.obligations}
      </h3>
      <ul>
        {card.obligations.map((one) => (
          <li key={`${one.kind} ${one.call} ${one.at}`}>
            <span className="tabular-nums">{shown(one.at)}</span>{" "}
            {one.kind === "outcome"
              ? say(catalogue.outcomes.dispositions[one.disposition ?? ""], one.disposition ?? "")
              : `${words.escalate} ${one.to === "city" ? words.toCity : words.toSupervisor}`}{" "}
            (<bdi>{one.announced_name}</bdi>) <bdi>{one.note}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was asked about this call, and what is to be told. */
function Answers({ card }: { readonly card: Card }) {
  const { words } = useSpoken();
  if (card.escalations.length === 0) return null;
  return (
    <section aria-label={words.myEscalations} aria-live="polite">
      <h3 className="font-bold">{words.myEscalations}</h3>
      <ul>
        {card.escalations.map((one) => (
          <li key={one.key}>
            {one.to === "city" ? words.toCity : words.toSupervisor}: <bdi>{one.note}</bdi> —{" "}
            <strong>
              {one.answer != null
                ? `${words.reply}: ${one.answer}`
                : one.taken
                  ? words.takenByOther
                  : words.waitingForReply}
            </strong>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Earlier({ card, catalogue }: { readonly card: Card; readonly catalogue: Catalogue }) {
  const { words } = useSpoken();
  const say = useSay();
  const topics = Object.assign({}, ...catalogue.groups.map((group) => group.topics)) as Record<
    string,
    { ja: string; en: string }
  >;
  const cameOf = ({ disposition, outcome }: Card["earlier"][number]) => {
    if (disposition != null) return say(catalogue.outcomes.dispositions[disposition], disposition);
    if (outcome == null) return ""; // it goes on
    return outcome === "answered" ? words.notEntered : words.notServed;
  };
  return (
    <section aria-label={words.earlier}>
      <h3 className="font-bold">{words.earlier}</h3>
      {card.earlier.length === 0 && <p>{words.noEarlier}</p>}
      <Scrolling label={words.earlier} height="max-h-56">
        {card.earlier.map((call) => (
          <li key={call.id} className="border-t border-neutral-400 py-1">
            <span className="tabular-nums">{shown(call.at)}</span>{" "}
            {call.reasons.map((reason) => say(topics[reason], reason)).join("、")}{" "}
            {cameOf(call)}{" "}
            {call.citizen != null && <bdi>{call.citizen}</bdi>}{" "}
            {call.announced_name != null && <span>({call.announced_name})</span>}
            {call.note !== "" && <p className="whitespace-pre-wrap text-sm">{call.note}</p>}
          </li>
        ))}
      </Scrolling>
    </section>
  );
}

/** 2026-11-27T10:05:03.000+09:00 → 11/27 10:05; the server's time, never the PC's. */
export function shown(at: string): string {
  const found = /^\d{4}-(\d{2})-(\d{2})T(\d{2}:\d{2})/u.exec(at);
  return found === null ? at : `${Number(found[1])}/${Number(found[2])} ${found[3] ?? ""}`;
}
