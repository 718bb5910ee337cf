import { useState } from "react";

import { api, told } from "../api/client";
import { useFloor, useSeatName } from "../news/feed";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useSigned } from "../session";
import { useWords } from "../words/language";

const LEADERS = new Set(["supervisor", "general_manager"]);

/** After closing: how many calls that came in time are left, and who is asked to stay for them. */
export function Closing({ seat }: { readonly seat?: string }) {
  const words = useWords();
  const closing = useFloor((floor) => floor.closing);
  if (closing.calls_left === 0) return null;
  const stays = seat !== undefined && closing.asked_to_stay.includes(seat);
  return (
    <section
      aria-label={words.closing}
      className="flex flex-wrap items-center gap-3 rounded-md border-2 border-yellow-900 bg-yellow-50 px-3 py-2"
    >
      <p role="status">
        <span aria-hidden="true">◷ </span>
        {words.closing}
        <span className="font-bold">
          {words.callsLeft} {closing.calls_left}
        </span>
        {stays && <strong className="ml-3">{words.pleaseStay}</strong>}
      </p>
      <Released seats={closing.asked_to_stay} />
    </section>
  );
}

/** One key for each who has to stay: whoever leads may let them go, and it is on record. */
function Released({ seats }: { readonly seats: readonly string[] }) {
  const words = useWords();
  const { person } = useSigned();
  const nameOf = useSeatName();
  const [error, setError] = useState<unknown>(null);
  if (!LEADERS.has(person.role)) return null;
  const release = async (seat: string) => {
    setError(null);
    try {
      await told(api.POST("/api/seats/{seat}/release", { params: { path: { seat } } }));
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      {seats.map((seat) => (
        <Button key={seat} onPress={() => void release(seat)}>
          {nameOf(seat)}: {words.letGo}
        </Button>
      ))}
      <Fault error={error} />
    </>
  );
}
