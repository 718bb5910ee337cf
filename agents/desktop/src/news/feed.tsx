import { type Query, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";

import { takeCard } from "../api/card";
import { token } from "../api/client";
import { type Agent, after, type FloorSeen, type News, type Told } from "./floor";
import { type Feed, storeOf } from "./store";

const Context = createContext(storeOf());
const AGAIN = [200, 400, 800, 1600, 3000]; // milliseconds until we connect again
const SILENT_FOR = 20_000; // milliseconds
const SIGNED_OUT = 4401;
const LASTING = new Set<unknown>(["session", "catalogue"]);

// What must be asked for again when the desk tells of it.
const CONCERNS: Readonly<Record<string, readonly string[]>> = {
  message: ["messages"],
  notice: ["notices"],
  handover: ["handover"],
  help: ["help", "escalations", "card"],
  outcome: ["day", "card"],
  draft: ["card"],
  callback: ["callbacks", "callback-counts"],
  booking: ["bookings-owed", "booking-slots"],
};

/** News by number: whoever comes back says the last one, and hears what was missed. */
export function WithNews({ children }: { readonly children: ReactNode }) {
  const [store] = useState(storeOf);
  const queries = useQueryClient();
  const seq = useRef<string>("");

  useEffect(() => {
    let socket: WebSocket | null = null;
    let timer = 0;
    let failures = 0;
    let over = false;
    let silence = 0;

    // The desk says something at least every ten seconds: a line that is silent for longer is dead.
    const watch = () => {
      window.clearTimeout(silence);
      silence = window.setTimeout(() => lost(0), SILENT_FOR);
    };
    const concern = (news: News) => {
      if (news.kind !== "desk") return;
      for (const key of CONCERNS[news.what] ?? []) void queries.invalidateQueries({ queryKey: [key] });
    };
    const hear = (message: Told) => {
      setConnected(true);
      if (message.card != null) {
        takeCard(message.card);
        return; // it is no news, and has no number
      }
      const { floor, news, seq: latest } = message;
      if (floor != null) {
        store.change((feed) => ({ ...feed, floor }));
        // What a page began with is as new as this; of later ones nobody knows what was missed.
        const isFirst = seq.current === "";
        const old = (query: Query) => !isFirst || !LASTING.has(query.queryKey[0]);
        void queries.invalidateQueries({ predicate: old });
      }
      if (news != null) {
        store.change((feed) => withNews(feed, news));
        concern(news);
      }
      seq.current = latest;
    };
    const setConnected = (connected: boolean) =>
      store.change((feed) => (feed.connected === connected ? feed : { ...feed, connected }));
    const connect = () => {
      const address = new URL("/api/news", window.location.href);
      address.protocol = address.protocol.replace("http", "ws");
      if (seq.current !== "") address.searchParams.set("after", seq.current);
      socket = new WebSocket(address);
      socket.onopen = () => {
        failures = 0;
        watch();
        void queries.refetchQueries({ predicate: (query) => query.state.status === "error" });
        socket?.send(JSON.stringify({ csrf: token() }));
        setConnected(true);
      };
      socket.onmessage = (event: MessageEvent<string>) => {
        watch();
        hear(JSON.parse(event.data) as Told);
      };
      socket.onclose = (event) => lost(event.code);
    };
    const lost = (code: number) => {
      window.clearTimeout(silence);
      if (over) return;
      if (socket !== null) socket.onclose = null; // once for each socket
      socket?.close();
      setConnected(false);
      if (code === SIGNED_OUT) {
        void queries.invalidateQueries({ queryKey: ["session"] });
        return;
      }
      timer = window.setTimeout(connect, AGAIN[Math.min(failures, AGAIN.length - 1)]);
      failures += 1;
    };
    connect();
    return () => {
      over = true;
      window.clearTimeout(timer);
      window.clearTimeout(silence);
      socket?.close();
    };
  }, [queries, store]);

  return <Context value={store}>{children}</Context>;
}

function withNews(feed: Feed, news: News): Feed {
  const floor = after(feed.floor, news);
  return floor === feed.floor ? feed : { ...feed, floor };
}

/** A part of what is known, never something made from it; drawn again only when that has changed. */
export function useFeed<Part>(part: (feed: Feed) => Part): Part {
  const store = useContext(Context);
  return useSyncExternalStore(store.subscribe, () => part(store.now()));
}

/** Told of each change at once, before anything is drawn again. */
export function useHeard(told: (feed: Feed) => void): void {
  const store = useContext(Context);
  useEffect(() => store.subscribe(() => told(store.now())), [store, told]);
}

export function useFloor<Part>(part: (floor: FloorSeen) => Part): Part {
  return useFeed((feed) => part(feed.floor));
}

/** Why what is shown may be old; null while it is as it is now. */
export function useStale(): "connectionLost" | "controllerStopped" | "controllerAway" | null {
  return useFeed(({ connected, floor }) => {
    if (!connected) return "connectionLost";
    if (!floor.led) return "controllerStopped";
    return floor.away ? "controllerAway" : null;
  });
}

/** What people call a seat; its code, where nobody knows it. */
export function useSeatName(): (seat: string) => string {
  const agents = useFloor((floor) => floor.agents);
  return (seat) => agents.find((agent) => agent.seat === seat)?.name ?? seat;
}

export function useAgent(seat: string | null): Agent | undefined {
  return useFloor((floor) => floor.agents.find((agent) => agent.seat === seat));
}
