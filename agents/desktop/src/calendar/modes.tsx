import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, told } from "../api/client";
import { openMoves } from "../bookings/place";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Field } from "../parts/field";
import { Panel } from "../parts/panel";
import { useSigned } from "../session";
import { useCalendarWords } from "./words";

const LEADERS = new Set(["supervisor", "general_manager"]);
const NAMES = ["emergency", "outage", "surge"] as const;
type Mode = (typeof NAMES)[number];

/** What was set by hand, and one key for each mode; it ends by itself. */
export function Modes() {
  const words = useCalendarWords();
  const { person } = useSigned();
  const queries = useQueryClient();
  const [minutes, setMinutes] = useState("60");
  const [error, setError] = useState<unknown>(null);
  const modes = useQuery({
    queryKey: ["modes"],
    queryFn: () => told(api.GET("/api/modes")),
    refetchInterval: 10_000,
  });
  const set = async (mode: Mode, lasts: number) => {
    setError(null);
    try {
      const body = { minutes: lasts };
      const answer = await told(api.POST("/api/modes/{mode}", { params: { path: { mode } }, body }));
      queries.setQueryData(["modes"], answer);
    } catch (problem) {
      setError(problem);
    }
  };
  const until = (at: number) =>
    new Intl.DateTimeFormat("ja-JP", { timeStyle: "short", timeZone: "Asia/Tokyo" }).format(at * 1000);
  const lasts = Number.parseInt(minutes.normalize("NFKC"), 10);
  const isLeader = LEADERS.has(person.role);
  const on = modes.data?.modes ?? [];
  return (
    <Panel title={words.modes}>
      <Fault error={error ?? modes.error} />
      {modes.data !== undefined && on.length === 0 && <p>{words.noMode}</p>}
      <ul>
        {on.map((mode) => (
          <li key={mode.mode} className="flex items-center gap-3 border-2 border-red-900 bg-red-50 p-2">
            <span className="font-bold">
              {mode.name} {until(mode.until)} {words.modeOn}
            </span>
            {mode.mode === "outage" && <Button onPress={openMoves}>{words.moves}</Button>}
            {isLeader && (
              <Button onPress={() => void set(mode.mode as Mode, 0)}>{words.end}</Button>
            )}
          </li>
        ))}
      </ul>
      {isLeader && (
        <div className="mt-3 flex flex-col gap-2">
          <Field label={words.minutes} value={minutes} onChange={setMinutes} inputMode="numeric" />
          {NAMES.map((mode) => (
            <Button
              key={mode}
              looks={mode === "emergency" ? "danger" : "plain"}
              isDisabled={!(lasts >= 1 && lasts <= 1440)}
              onPress={() => void set(mode, lasts)}
            >
              {words[mode]}
            </Button>
          ))}
        </div>
      )}
    </Panel>
  );
}
