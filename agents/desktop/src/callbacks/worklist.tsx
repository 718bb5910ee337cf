import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, newKey, type Schemas, told } from "../api/client";
import { useFloor } from "../news/feed";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useKeys } from "../parts/keys";
import { Panel } from "../parts/panel";
import { useNow } from "../parts/timer";
import { useSession } from "../session";
import { One } from "./one";
import { Results } from "./results";
import { age, short } from "./times";
import { Script } from "./script";
import { useCallbackWords, useTerms } from "./words";

export type Callback = Schemas["CallbackSeen"];
type Deed = Schemas["CallbackDeed"]["do"];

const AGAIN = 3000; // milliseconds; what a call opens is told by no news of the desk
const DIALLING: readonly string[] = ["fetching", "ringing"];
const CELL = "border-t border-neutral-400 px-2 py-1 text-left align-middle";

/** 折り返し一覧: first due first; whatever is past its time says so in words and by a border. */
export function Worklist({ closed = false }: { readonly closed?: boolean }) {
  const words = useCallbackWords();
  const [at, setAt] = useState(0);
  const [shown, setShown] = useState<string | null>(null);
  const { found, counts, query } = useFound(closed);
  const { act, ring, busy, error } = useDeeds();
  const calls = useFloor((floor) => floor.calls);
  const callOf = (one: Callback) =>
    closed ? undefined : calls.find((call) => call.direction === "callback" && call.target === one.id);
  const here = found[Math.min(at, found.length - 1)];
  const hold = (one: Callback | undefined) => {
    if (one !== undefined && !closed) void act(one.id, one.mine ? "release" : "claim");
  };
  useKeys({
    arrowdown: () => setAt((now) => Math.min(now + 1, found.length - 1)),
    arrowup: () => setAt((now) => Math.max(Math.min(now, found.length - 1) - 1, 0)),
    c: () => hold(here),
    h: () => setShown(here?.id ?? null),
    F2: () => {
      if (here !== undefined && !closed && !busy && callOf(here) === undefined) void ring(here.id);
    },
  });
  return (
    <Panel title={closed ? words.over : words.worklist} beside={closed ? undefined : counts}>
      <Fault error={error ?? query.error} />
      {query.data !== undefined && found.length === 0 && <p>{words.nothing}</p>}
      {found.length > 0 && (
        <>
          <p className="mb-1 text-sm print:hidden">{words.keysHint}</p>
          {!closed && <Script />}
          <table className="w-full border-collapse bg-white text-base print:text-[8pt]">
            <Heads />
            <tbody>
              {found.map((one, place) => (
                <Row
                  key={one.id}
                  one={one}
                  stage={callOf(one)?.stage}
                  isHere={one === here}
                  busy={busy}
                  onFocus={() => setAt(place)}
                  onHold={() => hold(one)}
                  onRing={() => void ring(one.id)}
                  onShow={() => setShown(one.id)}
                />
              ))}
            </tbody>
          </table>
        </>
      )}
      {query.hasNextPage && (
        <Button onPress={() => void query.fetchNextPage()}>{words.older}</Button>
      )}
      <One id={shown} onClose={() => setShown(null)} act={act} />
    </Panel>
  );
}

function Heads() {
  const words = useCallbackWords();
  const heads = [
    words.due, words.age, words.caller, words.cause, words.tries, words.latest, words.held,
  ];
  return (
    <thead>
      <tr>
        {heads.map((head) => (
          <th key={head} scope="col" className="px-2 text-left text-sm">
            {head}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Row(props: {
  readonly one: Callback;
  readonly stage: string | undefined; // of the call to them, while there is one
  readonly isHere: boolean;
  readonly busy: boolean;
  readonly onFocus: () => void;
  readonly onHold: () => void;
  readonly onRing: () => void;
  readonly onShow: () => void;
}) {
  const { one, isHere, busy } = props;
  const words = useCallbackWords();
  const terms = useTerms();
  const now = useNow();
  const isOpen = one.state === "open";
  const isLate = isOpen && one.due_at < now;
  const isElses = one.claimed_by != null && !one.mine;
  return (
    <tr
      aria-selected={isHere}
      onFocus={props.onFocus}
      onClick={props.onFocus}
      className={isHere ? "bg-yellow-50 outline-2 -outline-offset-2 outline-blue-900" : ""}
    >
      <td className={CELL}>
        <span className="tabular-nums">{short(one.due_at)}</span>
        {isLate && (
          <strong className="ml-2 border-2 border-red-900 px-1 text-red-900">⚠ {words.late}</strong>
        )}
        {one.wanted_at != null && <span className="ml-2">({words.wanted})</span>}
      </td>
      <td className={`${CELL} tabular-nums`}>{age(now - one.opened_at)}</td>
      <td className={CELL}>
        <span className="tabular-nums">{one.masked}</span>{" "}
        <strong>{[one.name, one.topic].filter(Boolean).join(" / ")}</strong>
      </td>
      <td className={CELL}>
        {terms.cause(one.cause)}
        {one.wishes > 1 && ` ×${one.wishes}`}
      </td>
      <td className={`${CELL} tabular-nums`}>
        {one.attempts}
        {isOpen && one.attempts > 0 && one.next_at > now && (
          <span className="ml-1 text-sm">
            {words.notBefore} {short(one.next_at)}
          </span>
        )}
      </td>
      <td className={CELL}>
        {one.last_result != null && terms.result(one.last_result)}
        {isOpen && one.mine && one.last_result === "answered" && one.last_attempt != null && (
          <Results callback={one.id} attempt={one.last_attempt} />
        )}
      </td>
      <td className={CELL}>
        {isOpen ? (
          <span className="flex flex-wrap items-center gap-1 print:[&_button]:hidden">
            {props.stage !== undefined && (
              <strong className="rounded-sm border-2 border-neutral-900 px-2">
                <span aria-hidden="true">☎ </span>
                {DIALLING.includes(props.stage) ? words.dialling : words.talking}
              </strong>
            )}
            {isElses ? (
              <span className="rounded-sm border px-2">
                {one.claimed_name}
                {words.heldBy}
              </span>
            ) : (
              <>
                <Button isDisabled={busy} onPress={props.onHold}>
                  {one.mine ? words.release : words.claim}
                </Button>
                {props.stage === undefined && <RingKey isDisabled={busy} onPress={props.onRing} />}
              </>
            )}
            <Button looks="quiet" onPress={props.onShow}>
              {words.details}
            </Button>
          </span>
        ) : (
          <Button looks="quiet" onPress={props.onShow}>
            {terms.state(one.state)}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** Only whoever sits at a telephone can ring anybody. */
function RingKey(props: { readonly isDisabled: boolean; readonly onPress: () => void }) {
  const words = useCallbackWords();
  const seat = useSession().data?.seat;
  if (seat == null) return null;
  return (
    <Button looks="main" isDisabled={props.isDisabled} onPress={props.onPress}>
      {words.ring}
    </Button>
  );
}

function useFound(closed: boolean) {
  const words = useCallbackWords();
  const query = useInfiniteQuery({
    queryKey: ["callbacks", closed],
    initialPageParam: null as Callback | null,
    queryFn: ({ pageParam: last }) =>
      told(
        api.GET("/api/callbacks", {
          params: {
            query: {
              closed,
              ...(last === null ? {} : { after_due: last.due_at, after_no: last.no }),
            },
          },
        }),
      ),
    getNextPageParam: (page) => (page.more && !closed ? (page.callbacks.at(-1) ?? null) : null),
    gcTime: 0,
  });
  const found = query.data?.pages.flatMap((page) => page.callbacks) ?? [];
  const first = useCounts();
  const counts =
    first === undefined ? undefined : (
      <p role="status" className="flex flex-wrap gap-4 font-bold tabular-nums">
        <span>
          {words.open} {first.open}
        </span>
        <span className={first.overdue > 0 ? "border-2 border-red-900 px-1 text-red-900" : ""}>
          {words.overdue} {first.overdue}
        </span>
        <span>
          {words.provisional} {first.provisional}
        </span>
        <span>
          {words.unnumbered} {first.unnumbered}
        </span>
      </p>
    );
  return { found, counts, query };
}

/** Asked for often; the list itself only when something has happened to any of them. */
function useCounts() {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: ["callback-counts"],
    queryFn: () => told(api.GET("/api/callback-counts")),
    refetchInterval: AGAIN,
    gcTime: 0,
  });
  const happened = data?.happened;
  const before = useRef(happened);
  useEffect(() => {
    if (before.current !== undefined && before.current !== happened)
      void queries.invalidateQueries({ queryKey: ["callbacks"] });
    before.current = happened;
  }, [happened, queries]);
  return data;
}

export type Act = (
  id: string,
  deed: Deed,
  more?: { readonly text?: string; readonly until?: number | null },
) => Promise<boolean>;

function useDeeds() {
  const queries = useQueryClient();
  const { busy, error, attempt } = useAttempt();
  const again = () => queries.invalidateQueries({ queryKey: ["callbacks"] });
  const act: Act = async (id, deed, more = {}) => {
    const params = { path: { callback: id } };
    const body = { key: newKey(), do: deed, text: more.text ?? "", until: more.until ?? null };
    const done = await attempt(() =>
      told(api.POST("/api/callbacks/{callback}/deeds", { params, body })),
    );
    await again();
    return done;
  };
  const ring = async (id: string) => {
    const params = { path: { callback: id } };
    const body = { key: newKey() };
    await attempt(() => told(api.POST("/api/callbacks/{callback}/call", { params, body })));
    await again();
  };
  return { act, ring, busy, error };
}
