import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";

import { cardOf, isCitizens } from "../api/card";
import type { Catalogue } from "../catalogue";
import { useConsult } from "../desk/consult";
import type { Requests } from "../desk/requests";
import { useIsResumed } from "../desk/resumed";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Since } from "../parts/timer";
import { useSay, useWords } from "../words/language";
import { phone } from "./phone";
import { useHangUp, useIsPutDown, useUnannounced } from "./use";
import { usePhoneWords } from "./words";

type Props = {
  readonly agent: Agent;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
};
type Opener = { requestWindow(size: { width: number; height: number }): Promise<globalThis.Window> };
const SIZE = { width: 360, height: 240 };
const IN_CALL = new Set(["talking", "hold"]);
const PHONE_LOST = "phone_lost";

function opener(): Opener | undefined {
  return (window as { documentPictureInPicture?: Opener }).documentPictureInPicture;
}

/** The call in a small window above all others, for who works in the city's own system meanwhile. */
export function MiniPhone(props: Props) {
  const words = usePhoneWords();
  const [there, setThere] = useState<globalThis.Window | null>(null);
  useEffect(() => () => there?.close(), [there]);
  const from = opener();
  if (from === undefined) return null; // a browser without such windows
  const open = async () => {
    const small = await from.requestWindow(SIZE);
    dress(small.document);
    small.addEventListener("pagehide", () => setThere(null));
    setThere(small);
  };
  return (
    <>
      <Button looks="quiet" aria-pressed={there !== null} onPress={() => void (there === null ? open() : there.close())}>
        {words.mini}
      </Button>
      {there !== null && createPortal(<Inside {...props} />, there.document.body)}
    </>
  );
}

/** In the clothes of the page: its style sheets are files of our own origin. */
function dress(small: Document): void {
  small.documentElement.lang = document.documentElement.lang;
  small.title = document.title;
  for (const sheet of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]"))
    small.head.append(small.importNode(sheet));
}

function Inside({ agent, catalogue, requests }: Props) {
  const words = useWords();
  const say = useSay();
  const about = agent.offer?.call ?? agent.call ?? null;
  const call = isCitizens(about) ? about : null;
  const card = useQuery(cardOf(call)).data;
  const isResumed = useIsResumed(call);
  const consult = useConsult(agent, call);
  const unannounced = useUnannounced(agent);
  const hangUp = useHangUp(requests);
  const isPutDown = useIsPutDown(agent);
  const mayHangUp = IN_CALL.has(agent.state) && !isPutDown;
  const isPlain = consult === null && agent.reason !== PHONE_LOST;
  const reason = catalogue.states.given[agent.reason ?? ""] ?? catalogue.states.pauses[agent.reason ?? ""];
  const answer = () => {
    if (!phone.answer()) void requests.answer();
  };
  return (
    <main className="flex min-h-screen flex-col gap-2 bg-white p-3">
      <p className="text-xl font-bold">
        {say(catalogue.states.states[agent.state], agent.state)}
        {reason !== undefined && ` · ${say(reason)}`} <Since at={agent.since} />
      </p>
      {card !== undefined && (
        <p>
          {card.caller.label} <span className="tabular-nums">{card.caller.masked}</span>
          {card.menu_ja !== "" && ` · ${card.menu_ja}`}
          {isResumed && <strong> · {words.resumed}</strong>}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {(agent.state === "offered" || unannounced === "rings") && (
          <Button looks="main" onPress={answer}>
            {words.answer}
          </Button>
        )}
        {agent.state === "talking" && call !== null && isPlain && (
          <Button onPress={() => void requests.hold()}>{words.hold}</Button>
        )}
        {agent.state === "hold" && call !== null && isPlain && (
          <Button looks="main" onPress={() => void requests.resume()}>
            {words.resume}
          </Button>
        )}
        {unannounced === "talks" && (
          <Button looks="danger" onPress={() => phone.hangUp()}>
            {words.hangUp}
          </Button>
        )}
        {mayHangUp && (isPlain || consult === "asked") && (
          <Button looks="danger" onPress={hangUp}>
            {words.hangUp}
          </Button>
        )}
      </div>
    </main>
  );
}
