import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, told } from "../api/client";
import { fieldsOf } from "../parts/fault";
import { Guarded } from "../parts/guarded";
import { useSpoken } from "../words/language";
import { useBookingWords } from "./words";

const STILL = 300; // milliseconds after the last key
const SHORTEST = 5; // S1.1.1 is longer

/** What the server makes of a birth date, with the age on the day of the visit. */
export function useEcho(text: string, day: string | null) {
  const asked = useStill(text.trim());
  const { language } = useSpoken();
  const query = useQuery({
    queryKey: ["birth-date", asked, day],
    queryFn: () => told(api.POST("/api/bookings/birth-date", { body: { text: asked, day } })),
    enabled: asked.length >= SHORTEST,
    gcTime: 0,
    retry: false,
  });
  const isFor = asked === text.trim();
  return {
    echo: isFor ? (query.data ?? null) : null,
    fault: isFor ? fieldsOf(query.error, language)["text"] : undefined,
  };
}

/** One box for a birth date, which is echoed in both calendars with the age. */
export function BirthDate(props: {
  readonly value: string;
  readonly day: string | null; // of the visit
  readonly fault: string | undefined;
  readonly onChange: (value: string) => void;
}) {
  const words = useBookingWords();
  const { echo, fault } = useEcho(props.value, props.day);
  return (
    <div data-stop>
      <Guarded
        label={words.birthDate}
        hint={words.birthHint}
        hintBelow
        longest={40}
        fault={fault ?? props.fault}
        value={props.value}
        onChange={props.onChange}
      />
      <p role="status" className="min-h-6 font-bold tabular-nums">
        {echo !== null &&
          `${echo.japanese}(${echo.western}) ${props.day === null ? "" : words.onVisit}${echo.age}${words.age}`}
      </p>
    </div>
  );
}

function useStill(text: string): string {
  const [still, setStill] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setStill(text), STILL);
    return () => window.clearTimeout(timer);
  }, [text]);
  return still;
}
