import { useQuery } from "@tanstack/react-query";
import { memo } from "react";

import { api, told } from "../api/client";
import { Fault } from "../parts/fault";
import { Panel } from "../parts/panel";
import { Scrolling } from "../parts/scrolling";
import { useWords } from "../words/language";
import { shown } from "./card";

/** What one asked of the supervisor or the city today, and the answers as they come. */
export const OwnEscalations = memo(function OwnEscalations() {
  const words = useWords();
  const found = useQuery({
    queryKey: ["help", "own-escalations"],
    queryFn: () => told(api.GET("/api/me/escalations")),
    gcTime: 0,
  });
  const all = found.data?.escalations ?? [];
  if (all.length === 0 && found.error == null) return null;
  return (
    <Panel title={words.myEscalations}>
      <Fault error={found.error} />
      <Scrolling label={words.myEscalations} height="max-h-56" isLive>
        {all.map((one) => (
          <li key={one.key} className="border-t border-neutral-400 py-1">
            <p>
              <span className="tabular-nums">{shown(one.at)}</span> →{" "}
              {one.to === "city" ? words.toCity : words.toSupervisor}{" "}
              {one.answer == null && (
                <span className="rounded-sm border px-1 text-sm">
                  {one.taken ? words.takenByOther : words.waitingForReply}
                </span>
              )}
            </p>
            <p className="text-sm whitespace-pre-wrap">{one.note}</p>
            {one.answer != null && (
              <p className="border-l-4 border-blue-900 pl-2 font-bold whitespace-pre-wrap">
                {words.reply}: {one.answer}
              </p>
            )}
          </li>
        ))}
      </Scrolling>
    </Panel>
  );
});
