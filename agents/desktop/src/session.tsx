import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef } from "react";

import { api, ending, type Schemas, told, useToken } from "./api/client";
import { tellAll } from "./guard/report";
import { settleAll } from "./parts/unsaved";
import { noLockHere } from "./sign-in/lockedHere";

export type Session = Schemas["SessionTold"];
export type Person = Schemas["Person"];

const LOOKED_AT = 5000; // milliseconds

/** Who is signed in here; asked again when the desk says that something has changed. */
export function useSession() {
  const query = useQuery({
    queryKey: ["session"],
    queryFn: () => told(api.GET("/api/session")),
    // That an account has ended, or a seat was taken over from another page, nobody else tells.
    refetchInterval: (asked) => (asked.state.data?.signed_in === true ? LOOKED_AT : false),
  });
  useToken(query.data?.csrf);
  return query;
}

/** What an answer said of the session counts at once. */
export function useAdopt(): (session: Session) => void {
  const queries = useQueryClient();
  return useCallback(
    (session) => {
      useToken(session.csrf);
      queries.setQueryData(["session"], session);
    },
    [queries],
  );
}

/** Sign out, and forget everything of whoever was here: the next person must find nothing. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(async () => {
    await settleAll();
    await tellAll();
    await queries.cancelQueries(undefined, { silent: true });
    await ending(() => told(api.DELETE("/api/session")));
    useToken(null);
    // The session's own query is what the page is made from: reset, it blanks the page and asks
    // again. Removed, nothing would be told that it is gone, and the page would stay.
    await queries.resetQueries({ queryKey: ["session"] });
  }, [queries]);
}

/** Of a session that ended without a word of ours, nothing stays either. */
export function useNothingLeft(isSignedIn: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (isSignedIn) return;
    dropAllBut(queries, "session");
    noLockHere();
  }, [queries, isSignedIn]);
}

function dropAllBut(queries: QueryClient, kept: string): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== kept });
}

const Signed = createContext<{ session: Session; person: Person } | null>(null);

export function SignedIn(props: {
  readonly session: Session;
  readonly person: Person;
  readonly children: ReactNode;
}) {
  const { person, children } = props;
  const session = useWhileSame(props.session);
  const value = useMemo(() => ({ session, person }), [session, person]);
  return <Signed value={value}>{children}</Signed>;
}

/** The session is asked for every few seconds; that only its time is another draws nothing again. */
function useWhileSame(session: Session): Session {
  const kept = useRef(session);
  const said = (one: Session) => JSON.stringify({ ...one, now: 0 });
  if (said(kept.current) !== said(session)) kept.current = session;
  return kept.current;
}

export function useSigned(): { session: Session; person: Person } {
  const signed = useContext(Signed);
  if (signed === null) throw new Error("outside SignedIn");
  return signed;
}
