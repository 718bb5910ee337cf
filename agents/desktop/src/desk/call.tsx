import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";

import { cardOf, isCitizens } from "../api/card";
import type { Schemas } from "../api/client";
import type { Mode } from "../bookings/form";
import { useBookingWords } from "../bookings/words";
import type { Catalogue } from "../catalogue";
import { useFloor } from "../news/feed";
import type { Agent } from "../news/floor";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { useSayAloud } from "../parts/live";
import { Panel } from "../parts/panel";
import { Since } from "../parts/timer";
import { useNotice } from "../phone/notice";
import { phone } from "../phone/phone";
import { announced, useHangUp, useIsPutDown, useUnannounced } from "../phone/use";
import { usePhoneWords } from "../phone/words";
import { useSay, useWords } from "../words/language";
import { CardOf } from "./card";
import { Consult, useConsult } from "./consult";
import { Owed } from "../callbacks/owed";
import { Promised } from "../callbacks/promise";
import { Script } from "../callbacks/script";
import { ResultAtTheDesk } from "../callbacks/results";
import { Escalate } from "./escalate";
import { Held } from "./held";
import { Outcome } from "./outcome";
import type { Requests } from "./requests";
import { Resumed, useIsResumed } from "./resumed";
import { ringOncePainted } from "./ring";
import { MAY_BE_CALLED, MAY_BE_HANDED_TO, Targets } from "./targets";

// Whoever books nothing loads none of it.
const Bookings = lazy(async () => ({ default: (await import("../bookings/panel")).Bookings }));

export type Card = Schemas["Card"];
type Asking = {
  readonly agent: Agent;
  readonly catalogue: Catalogue;
  readonly requests: Requests;
};
type Props = Asking & {
  readonly onWide: (wide: boolean) => void; // a booking stands beside the card
};

const RING_AT_LAST = 300; // milliseconds: it rings then, whether the card is there or not
const ANEW = 3000; // milliseconds until a card that could not be had is asked for again
const BEHIND = 400; // milliseconds until a card that is behind is asked for again
const BESIDE = "grid grid-cols-1 items-start gap-3 lg:grid-cols-[minmax(15rem,1fr)_minmax(0,3fr)]";
const PHONE_LOST = "phone_lost";
const IN_CALL = new Set(["talking", "hold"]);

/** The call at this telephone: first the card, then the ring. */
export function Call({ agent, catalogue, requests, onWide }: Props) {
  const words = useWords();
  const bookingWords = useBookingWords();
  const phoneWords = usePhoneWords();
  const say = useSayAloud();
  const inWords = useSay();
  const about = agent.offer?.call ?? agent.call ?? null;
  const call = isCitizens(about) ? about : null;
  const isOwn = about !== null && call === null;
  const path = usePath(call);
  const card = useQuery({
    ...cardOf(call),
    refetchInterval: ({ state }) => (state.error !== null ? ANEW : isBehind(state.data, path) && BEHIND),
  });
  const rings = useRinging(agent.state === "offered", card.data !== undefined || isOwn);
  const menu = card.data?.menu_ja ?? "";
  const number = card.data?.caller.masked ?? "";
  const leg = announced(agent);
  const isResumed = useIsResumed(call);

  useEffect(() => {
    if (rings) say([words.ringing, isResumed && words.resumed, number, menu].filter(Boolean).join(" "), true);
  }, [rings, leg, isResumed, number, menu, say, words]);
  useEffect(() => {
    if (agent.state === "hold") say(words.hold);
  }, [agent.state, say, words]);
  useEffect(() => (rings ? ringOncePainted() : undefined), [rings]);
  useNotice(rings);

  const inCall = IN_CALL.has(agent.state);
  const [promising, setPromising] = useState<string | null>(null);
  const consult = useConsult(agent, call);
  const isLost = agent.reason === PHONE_LOST;
  const isPlain = consult === null && !isLost;
  const booking = useBooking(call, call !== null && agent.state !== "offered", onWide);
  const second = () => {
    if (agent.state === "offered" && !phone.answer()) void requests.answer();
    else if (agent.state === "offered") return;
    else if (isOwn || !isPlain) return;
    else if (agent.state === "talking") void requests.hold();
    else if (agent.state === "hold") void requests.resume();
  };
  const hangUp = useHangUp(requests);
  const isPutDown = useIsPutDown(agent);
  const mayHangUp = inCall && !isPutDown;
  const isAlone = useUnannounced(agent) === null; // else these keys are for what is here by SIP alone
  useKeys({ F2: second, "Shift+F2": () => (mayHangUp ? hangUp() : undefined) }, isAlone);

  if (isOwn && agent.state === "wrap_up") return <ResultAtTheDesk agent={agent} />;
  if (about === null) return <NoCall agent={agent} catalogue={catalogue} requests={requests} />;
  return (
    <>
      <div className={booking.isOpen ? BESIDE : "flex flex-col gap-3"}>
        <Panel
          title={words.call}
          beside={
            <p className="font-bold">
              <Since at={agent.since} />
            </p>
          }
        >
          <div
            className={
              rings ? "lamp-ringing mb-3 border-4 border-red-900 p-2 text-xl font-bold text-red-900" : "hidden"
            }
          >
            <span aria-hidden="true">◆ </span>
            {words.ringing}
          </div>
          {isPutDown && (
            <p role="status" className="mb-3 font-bold">
              {phoneWords.putDown}
            </p>
          )}
          <Resumed call={call} />
          {agent.state === "hold" && !isLost && <Held key={agent.since} since={agent.since} />}
          <div className="mb-3 flex flex-wrap gap-2">
            {agent.state === "offered" && (
              <Button looks="main" keys="F2" onPress={second}>
                {words.answer}
              </Button>
            )}
            {agent.state === "talking" && !isOwn && isPlain && (
              <Button keys="F2" onPress={second}>
                {words.hold}
              </Button>
            )}
            {agent.state === "hold" && isPlain && (
              <Button looks="main" keys="F2" onPress={second}>
                {words.resume}
              </Button>
            )}
            {call !== null && agent.state !== "offered" && (
              <Button keys="B" aria-expanded={booking.isOpen} onPress={booking.toggle}>
                {bookingWords.open}
              </Button>
            )}
            {inCall && call !== null && (
              <>
                {isPlain && <Transfer agent={agent} catalogue={catalogue} requests={requests} />}
                {!isLost && (
                  <Consult
                    key={`consult ${call}`}
                    agent={agent}
                    call={call}
                    catalogue={catalogue}
                    requests={requests}
                  />
                )}
                <Escalate key={`escalate ${call}`} call={call} />
              </>
            )}
            {call !== null && card.data !== undefined && agent.state !== "offered" && (
              <Promised
                key={`promise ${call}`}
                call={call}
                hasNumber={card.data.caller.masked !== ""}
                isOpen={promising === call}
                setOpen={(isOpen) => setPromising(isOpen ? call : null)}
              />
            )}
            {mayHangUp && (isPlain || consult === "asked") && (
              <Button looks="danger" keys="Shift+F2" onPress={hangUp}>
                {words.hangUp}
              </Button>
            )}
          </div>
          {isOwn && (
            <p className="text-lg font-bold">
              {inWords(catalogue.states.given[agent.reason ?? ""], words.call)}
            </p>
          )}
          {isOwn && agent.reason === "callback" && <Script />}
          <Fault error={card.error} />
          {card.data !== undefined && <CardOf card={card.data} catalogue={catalogue} />}
        </Panel>
        {booking.wasOpen && call !== null && card.data !== undefined && (
          <div hidden={!booking.isOpen}>
            <Suspense fallback={null}>
              <Bookings
                key={call}
                call={call}
                begins={modeOf(card.data.prefill.disposition)}
                isOpen={booking.isOpen}
                onClose={booking.toggle}
                onPending={booking.setPending}
              />
            </Suspense>
          </div>
        )}
      </div>
      {card.data !== undefined && call !== null && (
        <Owed key={`owed ${call}`} call={call} rings={agent.state === "offered"} />
      )}
      {card.data !== undefined && agent.state !== "offered" && (
        <Outcome
          key={call}
          card={card.data}
          agent={agent}
          catalogue={catalogue}
          requests={requests}
          yields={booking.isPending || promising === call}
        />
      )}
    </>
  );
}

/** The booking of this call, once somebody has asked for it; another call begins without one. */
function useBooking(call: string | null, mayOpen: boolean, onWide: (wide: boolean) => void) {
  const [opened, setOpened] = useState<{ readonly call: string; readonly is: boolean } | null>(null);
  const [isPending, setPending] = useState(false);
  const wasOpen = mayOpen && opened !== null && opened.call === call;
  const isOpen = wasOpen && opened.is;
  const toggle = () => {
    if (call !== null && mayOpen) setOpened({ call, is: !isOpen });
  };
  useKeys({ b: toggle }, mayOpen);
  useEffect(() => {
    onWide(isOpen);
    return () => onWide(false);
  }, [isOpen, onWide]);
  return { isOpen, wasOpen, toggle, isPending, setPending };
}

/** What they chose in the menu; also of a call that has just ended, which the room has forgotten. */
function usePath(call: string | null): string | undefined {
  const told = useFloor((floor) => floor.calls.find((each) => each.id === call)?.menu_path);
  const last = useRef({ call, path: told });
  if (told !== undefined || last.current.call !== call) last.current = { call, path: told };
  return last.current.path;
}

function modeOf(disposition: string | null | undefined): Mode {
  return disposition === "D03" ? "change" : disposition === "D04" ? "cancel" : "new";
}

/** The record may be written later than the telephone rings: ask until it has what is told. */
function isBehind(card: Schemas["Card"] | undefined, path: string | undefined): boolean {
  return card !== undefined && path !== undefined && card.menu_path !== path;
}

/** Once the card is painted, or after 300 ms. */
function useRinging(offered: boolean, painted: boolean): boolean {
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    setWaited(false);
    if (!offered) return undefined;
    const timer = window.setTimeout(() => setWaited(true), RING_AT_LAST);
    return () => window.clearTimeout(timer);
  }, [offered]);
  return offered && (painted || waited || document.hidden); // nobody sees the card there
}

function NoCall({ agent, catalogue, requests }: Asking) {
  const words = useWords();
  return (
    <Panel title={words.call}>
      <p className="text-lg font-bold">{words.noCall}</p>
      <p className="mb-3">{words.noCallHint}</p>
      <Targets
        title={words.callInside}
        agent={agent}
        catalogue={catalogue}
        free={MAY_BE_CALLED}
        onChosen={(target) => void requests.call(target)}
      />
    </Panel>
  );
}

function Transfer({ agent, catalogue, requests }: Asking) {
  const words = useWords();
  return (
    <Targets
      title={words.transferTo}
      says={words.transfer}
      agent={agent}
      catalogue={catalogue}
      free={MAY_BE_HANDED_TO}
      onChosen={(target) => void requests.transfer(target)}
      keys="Shift+F4"
    />
  );
}
