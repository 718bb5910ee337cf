import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { useCatalogue } from "../catalogue";
import { useAgent, useFeed } from "../news/feed";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { Handover, Messages, Notices } from "../room/letters";
import { Lines } from "../room/lines";
import { MyDay } from "../room/myDay";
import { useForget, useSession, useSigned } from "../session";
import { useSpoken, useWords } from "../words/language";
import { Call } from "./call";
import { KeyTable } from "./keyTable";
import { useRequests } from "./requests";
import { States } from "./states";

/** An agent's page: what they do, who calls, what came of it, and the room around them. */
export function Desk({ seat }: { readonly seat: string }) {
  const { words, other } = useSpoken();
  const { session, person } = useSigned();
  const agent = useAgent(seat);
  const catalogue = useCatalogue();
  const { requests, error } = useRequests();
  const [showsKeys, setShowsKeys] = useState(false);
  const leave = useLeave();

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
          <Button onPress={other}>{words.language}</Button>
          <Button onPress={() => void leave.signOut()}>{words.signOut}</Button>
        </div>
      </header>
      <Trouble />
      {session.leaving && (
        <p role="alert" className="border-2 border-red-900 bg-white p-2 font-bold text-red-900">
          {words.leaving}
        </p>
      )}
      <Fault error={error ?? leave.error} />
      <States agent={agent} catalogue={catalogue} requests={requests} lock={leave.lock} />
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]">
        <main id="call" className="flex flex-col gap-3">
          <Call agent={agent} catalogue={catalogue} requests={requests} />
        </main>
        <aside className="flex flex-col gap-3" aria-label={words.room}>
          <Lines catalogue={catalogue} />
          <Messages seat={seat} />
          <Notices />
          <Handover />
          <MyDay agent={agent} catalogue={catalogue} />
        </aside>
      </div>
      <KeyTable isOpen={showsKeys} onClose={() => setShowsKeys(false)} />
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
  const forget = useForget();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const lock = async () => {
    setError(null);
    try {
      await told(api.POST("/api/session/lock"));
      queries.removeQueries({ queryKey: ["card"] });
      await query.refetch();
    } catch (problem) {
      setError(problem);
    }
  };
  const signOut = async () => {
    setError(null);
    try {
      await told(api.DELETE("/api/session"));
      await forget();
    } catch (problem) {
      setError(problem);
    }
  };
  return { lock, signOut, error };
}
