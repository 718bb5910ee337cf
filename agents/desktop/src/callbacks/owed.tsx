import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, newKey, type Schemas, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { Panel } from "../parts/panel";
import { short } from "./times";
import { useCallbackWords, useTerms } from "./words";

type Callback = Schemas["CallbackSeen"];

const MOST_KEYS = 9;
const AGAIN = 3000; // milliseconds: the record that they were answered may come after the card

/** What the caller's number is owed; once they are answered it is 済, and 別の方 is one key away. */
export function Owed({ call, rings }: { readonly call: string; readonly rings: boolean }) {
  const words = useCallbackWords();
  const { found, split, confirmAll, busy, error } = useOwed(call, rings);
  const met = found.filter((one) => one.provisional);
  // 0: all of them are done, as is preset; Shift is needed by nobody.
  useKeys(
    Object.fromEntries([
      ...met.slice(0, MOST_KEYS).map((one, at) => [`${at + 1}`, () => void split(one)]),
      ["0", () => void confirmAll()],
    ]),
    !rings, // nobody has spoken to them yet
  );
  if (found.length === 0) return null;
  return (
    <Panel title={words.owed}>
      {!rings && <p className="mb-1 text-sm">{words.owedHint}</p>}
      <ul>
        {found.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-3 border-t border-neutral-400 py-1">
            <Told one={one} />
            {one.provisional && !rings && (
              <Button
                isDisabled={busy}
                {...(met.indexOf(one) < MOST_KEYS ? { keys: `${met.indexOf(one) + 1}` } : {})}
                onPress={() => void split(one)}
              >
                {words.another}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Fault error={error} />
    </Panel>
  );
}

function Told({ one }: { readonly one: Callback }) {
  const words = useCallbackWords();
  const terms = useTerms();
  return (
    <>
      <strong className="border-2 border-neutral-900 px-2">
        {one.provisional ? `✓ ${words.done}` : words.stillOpen}
      </strong>
      <span>
        {terms.cause(one.cause)} <span className="tabular-nums">{short(one.opened_at)}</span>{" "}
        <strong>{[one.name, one.topic].filter(Boolean).join(" / ")}</strong>
      </span>
    </>
  );
}

function useOwed(call: string, rings: boolean) {
  const queries = useQueryClient();
  const { busy, error, attempt } = useAttempt();
  const [found, setFound] = useState<readonly Callback[]>([]);
  const params = { path: { call } };
  const query = useQuery({
    queryKey: ["callbacks", "owed", call, rings], // to be answered changes it
    queryFn: () => told(api.GET("/api/calls/{call}/callbacks", { params })),
    refetchInterval: AGAIN,
    gcTime: 0,
  });
  useEffect(() => {
    if (query.data !== undefined) setFound(query.data.callbacks);
  }, [query.data]);
  const act = (one: Callback, deed: "split" | "confirm") =>
    attempt(() =>
      told(
        api.POST("/api/callbacks/{callback}/deeds", {
          params: { path: { callback: one.id } },
          body: { key: newKey(), do: deed, text: "", until: null },
        }),
      ),
    );
  const again = () => queries.invalidateQueries({ queryKey: ["callbacks"] });
  const split = async (one: Callback) => {
    await act(one, "split");
    await again();
  };
  const confirmAll = async () => {
    for (const one of found.filter((each) => each.provisional)) await act(one, "confirm");
    await again();
  };
  return { found, split, confirmAll, busy, error };
}

/** With the outcome, whatever nobody called 別の方 is done for good. */
export async function confirmOwed(call: string): Promise<void> {
  const { callbacks } = await told(
    api.GET("/api/calls/{call}/callbacks", { params: { path: { call } } }),
  );
  await Promise.all(
    callbacks
      .filter((one) => one.provisional)
      .map((one) =>
        told(
          api.POST("/api/callbacks/{callback}/deeds", {
            params: { path: { callback: one.id } },
            body: { key: newKey(), do: "confirm", text: "", until: null },
          }),
        ),
      ),
  );
}
