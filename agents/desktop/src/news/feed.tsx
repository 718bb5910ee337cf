import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

import { token } from "../api/client";
import { type Agent, after, type FloorSeen, type News, NOTHING, type Told } from "./floor";

type Feed = { readonly floor: FloorSeen; readonly connected: boolean };

const Context = createContext<Feed>({ floor: NOTHING, connected: false });
const AGAIN = [200, 400, 800, 1600, 3000]; // milliseconds until we connect again
const SILENT_FOR = 20_000; // milliseconds
const SIGNED_OUT = 4401;

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
  const [floor, setFloor] = useState<FloorSeen>(NOTHING);
  const [connected, setConnected] = useState(false);
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
      seq.current = message.seq;
      setConnected(true);
      if (message.floor != null) {
        setFloor(message.floor);
        void queries.invalidateQueries();
      }
      const news = message.news;
      if (news != null) {
        setFloor((known) => after(known, news));
        concern(news);
      }
    };
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
  }, [queries]);

  const feed = useMemo(() => ({ floor, connected }), [floor, connected]);
  return <Context value={feed}>{children}</Context>;
}

export function useFeed(): Feed {
  return useContext(Context);
}

export function useFloor(): FloorSeen {
  return useFeed().floor;
}

export function useAgent(seat: string | null): Agent | undefined {
  return useFloor().agents.find((agent) => agent.seat === seat);
}
