import { useQuery } from "@tanstack/react-query";

import { api, type Schemas, told } from "../api/client";
import { dayOf } from "../own/times";
import { useNowOnce } from "../parts/timer";

export type Day = Schemas["CalendarDay"];

/** `2027-02-11`, of the day's own date; no zone moves it. */
export function iso(day: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The days of a stretch. */
export function useDays(first: string, last: string) {
  return useQuery({
    queryKey: ["calendar", first, last],
    queryFn: () => told(api.GET("/api/calendar/days", { params: { query: { first, last } } })),
  });
}

/** How it stands at a moment; without one now, asked again each minute. */
export function useWhy(at: string | null) {
  return useQuery({
    queryKey: ["calendar", "why", at],
    queryFn: () =>
      told(api.GET("/api/calendar/why", { params: { query: at === null ? {} : { at } } })),
    refetchInterval: at === null ? 60_000 : false,
  });
}

export function spans(day: Day): string {
  return day.hours.map(([opens, closes]) => `${opens}–${closes}`).join(" ");
}

/** Year and month in Japan, by the server's time: a PC may be anywhere and an hour off. */
export function useMonth(): readonly [number, number] {
  const [year = 0, month = 1] = dayOf(useNowOnce()).split("-").map(Number);
  return [year, month];
}
