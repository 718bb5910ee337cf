import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useRef, useState } from "react";

import { api, told } from "../api/client";
import { CloseOfDay, OwedList, useOwedCount } from "../bookings/owed";
import { PaperLink } from "../bookings/link";
import { CalendarLink } from "../calendar/link";
import { CallbacksLink } from "../callbacks/link";
import { useCatalogue } from "../catalogue";
import { useAgent, useFeed } from "../news/feed";
import { Button } from "../parts/button";
import { Window } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { settleAll } from "../parts/unsaved";
import { Closing } from "../room/closing";
import { Handover, Messages, Notices } from "../room/letters";
import { Lines } from "../room/lines";
import { MyDay } from "../room/myDay";
import { useSession, useSigned, useSignOut } from "../session";
import { useSpoken, useWords } from "../words/language";
import { useBreakLock } from "./breakLock";
import { Call } from "./call";
import { HandedOn } from "./handedOn";
import { KeyTable } from "./keyTable";
import { OwnCalls } from "./later";
import { OwnEscalations } from "./ownEscalations";
import { useRequests } from "./requests";
import { States } from "./states";

const Security = lazy(async () => ({ default: (await import("../own/security")).Security }));
const Escalations = lazy(async () => ({
  default: (await import("../office/escalations")).Escalations,
}));

const WITH_ROOM = "grid grid-cols-1 gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]";
const BELOW = "grid grid-cols-1 items-start gap-3 md:grid-cols-2 lg:grid-cols-3";

/** An agent's page: what they do, who calls, what came of it, and the room around them. */
export function Desk({ seat }: { readonly seat: string }) {
  const { words, other } = useSpoken();
  const { session, person } = useSigned();
  const agent = useAgent(seat);
  const catalogue = useCatalogue();
  const { requests, error } = useRequests();
  const [showsKeys, setShowsKeys] = useState(false);
  const [showsSettings, setShowsSettings] = useState(false);
  const [isWide, setWide] = useState(false); // what is typed beside the card needs the room
  const leave = useLeave();
  const [isClosing, setClosing] = useState(false);
  const owed = useOwedCount();
  const goHome = () => ((owed?.due ?? 0) > 0 ? setClosing(true) : void leave.signOut());

  useBreakLock(agent, catalogue, leave.lock);
  useKeys({ "?": () => setShowsKeys(true), l: () => void leave.lock() });
  if (agent === undefined || catalogue === undefined) return <Trouble />;
  return (
    <div className="mx-auto flex max-w-screen-2xl flex-col gap-3 p-3">
      <a href="#call" className="sr-only focus:not-sr-only">
        {words.skip}
      </a>
      <header className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-blue-1100 px-4 py-2 text-white">
        <h1 className="text-xl font-bold">
          {words.product} <span className="text-base font-normal">{seat}</span>
        </h1>
        <p>{person.announced_name}</p>
        <div className="flex flex-wrap gap-2">
          <Button onPress={() => setShowsKeys(true)} keys="?">
            {words.keys}
          </Button>
          <Button onPress={() => void leave.lock()} keys="L">
            {words.lock}
          </Button>
          <Button onPress={() => setShowsSettings(true)}>{words.security}</Button>
          <CallbacksLink />
          <CalendarLink />
          <PaperLink />
          <Button onPress={other}>{words.language}</Button>
          <Button onPress={goHome}>{words.signOut}</Button>
        </div>
      </header>
      <Trouble />
      {session.leaving && (
        <p role="alert" className="border-2 border-red-900 bg-white p-2 font-bold text-red-900">
          {words.leaving}
        </p>
      )}
      <Closing seat={seat} />
      <Fault error={error ?? leave.error} />
      <States agent={agent} catalogue={catalogue} requests={requests} lock={leave.lock} />
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
          <Lines catalogue={catalogue} />
          <OwedList />
          <OwnEscalations />
          <Messages seat={seat} />
          <Notices />
          <Handover />
          <OwnCalls seat={seat} catalogue={catalogue} requests={requests} />
          <MyDay agent={agent} catalogue={catalogue} />
        </aside>
      </div>
      <Window
        title={words.security}
        isOpen={showsSettings}
        onClose={() => setShowsSettings(false)}
      >
        <Suspense fallback={null}>
          <Security />
        </Suspense>
        <Button onPress={() => setShowsSettings(false)}>{words.close}</Button>
      </Window>
      <CloseOfDay
        isOpen={isClosing}
        onStay={() => setClosing(false)}
        onLeave={() => {
          setClosing(false);
          void leave.signOut();
        }}
      />
      <KeyTable catalogue={catalogue} isOpen={showsKeys} onClose={() => setShowsKeys(false)} />
    </div>
  );
}

function Trouble() {
  const words = useWords();
  const { floor, connected } = useFeed();
  if (connected && !floor.away) return null;
  return (
    <p role="status" className="rounded-md border-2 border-yellow-900 bg-yellow-50 px-3 py-2">
      <span aria-hidden="true">⚠ </span>
      {connected ? words.controllerAway : words.connectionLost}
    </p>
  );
}

function useLeave() {
  const query = useSession();
  const bye = useSignOut();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const locking = useRef(false);
  const { refetch } = query;
  const lock = useCallback(async () => {
    if (locking.current) return;
    locking.current = true;
    setError(null);
    try {
      await settleAll();
      await told(api.POST("/api/session/lock"));
      queries.removeQueries({ queryKey: ["card"] });
      await refetch();
    } catch (problem) {
      setError(problem);
    } finally {
      locking.current = false;
    }
  }, [queries, refetch]);
  const signOut = async () => {
    setError(null);
    try {
      await bye();
    } catch (problem) {
      setError(problem);
    }
  };
  return { lock, signOut, error };
}
