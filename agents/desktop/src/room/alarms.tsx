import { useQuery } from "@tanstack/react-query";

import { api, told } from "../api/client";
import { useFloor } from "../news/feed";
import type { CallSeen } from "../news/floor";
import { useSpoken } from "../words/language";

const EVERY = 30_000; // milliseconds
const WHILE_LOST = 1000; // the same, of an alarm that is over within a minute
const PHONE_LOST = "phone_lost";
const WHO = new Set(["supervisor", "general_manager", "administrator"]);

/** What the controller finds wrong with the house, for those who can have it mended. */
export function Alarms({ role }: { readonly role: string }) {
  const { words, language } = useSpoken();
  const isLost = useFloor((floor) => floor.calls.some(hasLostTheirAgent));
  const { data } = useQuery({
    queryKey: ["alarms"],
    queryFn: () => told(api.GET("/api/alarms")),
    enabled: WHO.has(role),
    refetchInterval: ({ state }) => {
      const isRaised = state.data?.alarms.some((alarm) => alarm.id === PHONE_LOST) ?? false;
      return isLost || isRaised ? WHILE_LOST : EVERY;
    },
    retry: false, // a controller that is away is told of elsewhere
  });
  if (data === undefined || data.alarms.length === 0) return null;
  return (
    <section
      aria-label={words.alarms}
      className="rounded-lg border-2 border-yellow-900 bg-yellow-50 p-3"
    >
      <h2 className="font-bold">
        <span aria-hidden="true">⚠ </span>
        {words.alarms}
      </h2>
      <ul className="list-disc pl-6">
        {data.alarms.map((alarm) => (
          <li key={alarm.id} className={alarm.critical ? "font-bold text-red-900" : ""}>
            <Sentence text={language === "ja" ? alarm.text_ja : alarm.text} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Commands stand between backticks in it. */
function Sentence({ text }: { readonly text: string }) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}

/** They hear music for want of their agent's telephone, or wait once more because of it. */
function hasLostTheirAgent(call: CallSeen): boolean {
  return call.stage === "lost" || (call.resumed === true && call.stage === "waiting");
}
