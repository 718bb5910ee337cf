import { useQueryClient } from "@tanstack/react-query";
import { lazy, startTransition, Suspense, useCallback, useEffect, useState } from "react";

import { cardOf, expectCard, isCitizens } from "../api/card";
import { OwedList } from "../bookings/owed";
import { useCatalogue } from "../catalogue";
import { useAgent, useHeard, useStale } from "../news/feed";
import type { Feed } from "../news/store";
import { Fault } from "../parts/fault";
import { PhoneCheck } from "../phone/check";
import { Unannounced } from "../phone/keys";
import { Alarms } from "../room/alarms";
import { Closing } from "../room/closing";
import { Handover, Messages, Notices } from "../room/letters";
import { Lines } from "../room/lines";
import { MyDay } from "../room/myDay";
import { useSigned } from "../session";
import { useWords } from "../words/language";
import { Call } from "./call";
import { HandedOn } from "./handedOn";
import { Head } from "./head";
import { OwnCalls } from "./later";
import { OwnEscalations } from "./ownEscalations";
import { useRequests } from "./requests";
import { States } from "./states";

const Escalations = lazy(async () => ({
  default: (await import("../office/escalations")).Escalations,
}));

const WITH_ROOM = "grid grid-cols-1 gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]";
const BELOW = "grid grid-cols-1 items-start gap-3 md:grid-cols-2 lg:grid-cols-3";

/** An agent's page: what they do, who calls, what came of it, and the room around them. */
export function Desk({ seat }: { readonly seat: string }) {
  const words = useWords();
  const { session, person } = useSigned();
  const agent = useAgent(seat);
  const catalogue = useCatalogue();
  const { requests, error } = useRequests();
  const [isWide, setWide] = useState(false); // what is typed beside the card needs the room

  const showsRoom = useInSecondPlace(agent !== undefined && catalogue !== undefined);
  useCardAtOnce(seat);
  if (agent === undefined || catalogue === undefined)
    return (
      <>
        <Trouble />
        <Unannounced agent={agent} />
      </>
    );
  return (
    <div className="mx-auto flex max-w-screen-2xl flex-col gap-3 p-3">
      <a href="#call" className="sr-only focus:not-sr-only">
        {words.skip}
      </a>
      <Head seat={seat} catalogue={catalogue} />
      <Trouble />
      {session.leaving && (
        <p role="alert" className="border-2 border-red-900 bg-white p-2 font-bold text-red-900">
          {words.leaving}
        </p>
      )}
      <Unannounced agent={agent} />
      <Alarms role={person.role} />
      <Closing seat={seat} />
      <Fault error={error} />
      <States agent={agent} catalogue={catalogue} requests={requests} />
      <PhoneCheck />
      <div className={isWide ? "flex flex-col gap-3" : WITH_ROOM}>
        <main id="call" className="flex flex-col gap-3">
          <HandedOn state={agent.state} catalogue={catalogue} />
          <Call agent={agent} catalogue={catalogue} requests={requests} onWide={setWide} />
          {person.role === "supervisor" && (
            <Suspense fallback={null}>
              <Escalations />
            </Suspense>
          )}
        </main>
        <aside className={isWide ? BELOW : "flex flex-col gap-3"} aria-label={words.room}>
          {showsRoom && (
            <>
              <Lines catalogue={catalogue} />
              <OwedList />
              <OwnEscalations />
              <Messages />
              <Notices />
              <Handover />
              <OwnCalls seat={seat} catalogue={catalogue} requests={requests} />
              <MyDay agent={agent} catalogue={catalogue} />
            </>
          )}
        </aside>
      </div>
    </div>
  );
}

/** After what is there first: somebody who loads the page in a call sees the call before the room. */
function useInSecondPlace(isThere: boolean): boolean {
  const [is, setIs] = useState(false);
  useEffect(() => {
    if (isThere) startTransition(() => setIs(true));
  }, [isThere]);
  return is;
}

/** Has the card come as soon as it is known whose call it is: to draw that takes an old PC a while. */
function useCardAtOnce(seat: string): void {
  const queries = useQueryClient();
  const heard = useCallback(
    ({ floor }: Feed) => {
      const agent = floor.agents.find((each) => each.seat === seat);
      const call = agent?.offer?.call ?? agent?.call;
      if (!isCitizens(call)) return;
      expectCard(call);
      void queries.prefetchQuery(cardOf(call));
    },
    [queries, seat],
  );
  useHeard(heard);
}

function Trouble() {
  const words = useWords();
  const stale = useStale();
  if (stale === null) return null;
  return (
    <p role="status" className="rounded-md border-2 border-yellow-900 bg-yellow-50 px-3 py-2">
      <span aria-hidden="true">⚠ </span>
      {words[stale]}
      {stale === "controllerStopped" && ` ${words.controllerStoppedKeys}`}
    </p>
  );
}
