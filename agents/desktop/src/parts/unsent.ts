import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, isKeyTaken, newKey, type Schemas, told } from "../api/client";
import { guard } from "../guard/individualNumber";
import { isKeepable, LONGEST_NOTE } from "../guard/length";
import { useSaved } from "./saved";

type Kept = Schemas["UnsentSeen"];
type Fields = { readonly [name: string]: string };

// Fields that are no free text: the server knows what they may be.
const EXEMPT = new Set(["number", "calendar"]);
const KEEPS_ALIVE = 15_000; // characters: a page that is left may send 64 KiB at most

/** Everything that whoever is here has typed and not sent. A lock drops it, an unlock asks again. */
export const UNSENT = queryOptions({
  queryKey: ["unsent"],
  queryFn: async () => (await told(api.GET("/api/unsent"))).unsent,
});

/** A form that is sent as one: until then the server keeps it, and a lock or a reload loses nothing.
 *
 * `send` does it under the key that names the sending, so that it is done once. Show no field before `isReady`: what was typed
 * earlier would come too late.
 */
export function useUnsent<F extends Fields>(
  place: string,
  empty: F,
  longest: Partial<Record<keyof F, number>> = {},
) {
  const queries = useQueryClient();
  const kept = useQuery({ ...UNSENT, notifyOnChangeProps: ["status"] });
  const before = () => queries.getQueryData(UNSENT.queryKey)?.find((one) => one.place === place);
  const [key, setKey] = useState(() => before()?.key ?? newKey());
  const saved = useSaved<F>({
    version: 0, // of one person's letter the last words count
    begin: () => ({ ...empty, ...before()?.fields }),
    put: async (sent) => {
      const params = { path: { place } };
      const body = { key, fields: guarded(sent) };
      const keepalive = Object.values(sent).join("").length < KEEPS_ALIVE;
      const answer = await told(api.PUT("/api/unsent/{place}", { params, body, keepalive }));
      return { version: 0, changed: answer.masked.length > 0 ? (answer.fields as F) : null };
    },
    isUnfit: (sent) =>
      Object.entries(sent).some(([name, text]) => !isKeepable(text, longest[name] ?? LONGEST_NOTE)),
  });
  const isThere = useRef(kept.data !== undefined);
  useEffect(() => {
    const found = before();
    if (isThere.current || kept.data === undefined) return;
    isThere.current = true;
    if (found === undefined) return;
    setKey(found.key);
    saved.adopt({ ...empty, ...(found.fields as Partial<F>) });
  }, [kept.status]);
  const change = (changed: Partial<F>) => {
    saved.change(changed);
    // Whoever comes back to this form before the server has it finds it all the same.
    const fields: Fields = saved.latest.current;
    remember(queries, { place, key, fields });
  };
  /** Whoever hears that other words of theirs have arrived under the key may send these as well; until
   * they hear it, these must not become a second promise or question beside the first.
   */
  const send = async <T>(post: (key: string) => Promise<T>): Promise<T> => {
    try {
      return await post(key);
    } catch (problem) {
      if (isKeyTaken(problem)) {
        const next = newKey();
        setKey(next);
        remember(queries, { place, key: next, fields: saved.latest.current });
        saved.change({});
      }
      throw problem;
    }
  };
  /** It was sent: an empty form ends it on the server, too, and the next one is another. */
  const done = () => {
    change(empty);
    setKey(newKey());
    void saved.settle();
  };
  return {
    form: saved.form,
    change,
    send,
    done,
    isReady: !kept.isPending,
    isBegun: !isEmpty(saved.form),
    saving: isEmpty(saved.form) ? ("none" as const) : saved.saving,
    masked: saved.masked,
  };
}

/** Whether anything is typed and not sent at this place. */
export function useIsBegun(place: string): boolean {
  const isHere = (all: Kept[]) => all.some((one) => one.place === place);
  return useQuery({ ...UNSENT, select: isHere }).data === true;
}

function remember(queries: QueryClient, typed: Kept): void {
  queries.setQueryData(UNSENT.queryKey, (all: Kept[] | undefined) => {
    const others = (all ?? []).filter((one) => one.place !== typed.place);
    return isEmpty(typed.fields) ? others : [typed, ...others];
  });
}

function guarded(fields: Fields): Record<string, string> {
  const safe = ([name, text]: [string, string]) => [name, EXEMPT.has(name) ? text : guard(text).text];
  return Object.fromEntries(Object.entries(fields).map(safe)) as Record<string, string>;
}

function isEmpty(fields: Fields): boolean {
  return Object.values(fields).every((text) => text.trim() === "");
}
