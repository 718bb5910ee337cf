import { useQuery, useQueryClient } from "@tanstack/react-query";

import { api, newKey, type Schemas, told } from "../api/client";
import type { Agent } from "../news/floor";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { Panel } from "../parts/panel";
import { useCallbackWords, useTerms } from "./words";

type Result = Schemas["AttemptForm"]["result"];

const SAID: readonly Result[] = ["reached", "other_person", "machine", "wrong_number"];

/** Who it was that answered: one key each, 1 to 4. */
export function Results(props: { readonly callback: string; readonly attempt: string }) {
  const words = useCallbackWords();
  const terms = useTerms();
  const queries = useQueryClient();
  const { busy, error, attempt } = useAttempt();
  const say = async (result: Result) => {
    const params = { path: { callback: props.callback } };
    const body = { key: newKey(), attempt: props.attempt, result };
    await attempt(() => told(api.POST("/api/callbacks/{callback}/result", { params, body })));
    await queries.invalidateQueries({ queryKey: ["callbacks"] });
  };
  useKeys(Object.fromEntries(SAID.map((result, at) => [String(at + 1), () => void say(result)])));
  return (
    <div role="group" aria-label={words.whoWasIt} className="flex flex-wrap items-center gap-1">
      <span className="text-sm">{words.whoWasIt}</span>
      {SAID.map((result, at) => (
        <Button key={result} isDisabled={busy} keys={String(at + 1)} onPress={() => void say(result)}>
          {terms.result(result)}
        </Button>
      ))}
      <Fault error={error} />
    </div>
  );
}

/** After a callback, at the desk itself: the telephone is about a call that no citizen began. */
export function ResultAtTheDesk({ agent }: { readonly agent: Agent }) {
  const words = useCallbackWords();
  const call = agent.call ?? null;
  const page = useQuery({
    queryKey: ["callbacks", "of", call],
    queryFn: () => told(api.GET("/api/callbacks")),
    enabled: call !== null,
    refetchInterval: 1000,
    gcTime: 0,
  });
  const mine = page.data?.callbacks.find((one) => one.last_attempt === call);
  if (mine === undefined || call === null || mine.last_result !== "answered") return null;
  return (
    <Panel title={words.callbacks}>
      <p className="mb-2">
        <span className="tabular-nums">{mine.masked}</span> <strong>{mine.name}</strong>{" "}
        <bdi>{mine.topic}</bdi>
      </p>
      <Results callback={mine.id} attempt={call} />
    </Panel>
  );
}
