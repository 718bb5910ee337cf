// Instants as people read them, and days as they type them; in Japan's time, whatever the PC's is.

const SHOWN = new Intl.DateTimeFormat("ja-JP", {
  dateStyle: "short",
  timeStyle: "medium",
  timeZone: "Asia/Tokyo",
});
const DAY = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: "Asia/Tokyo" });
const SECONDS = 86_400;

export function moment(at: number | null | undefined): string {
  return at == null ? "" : SHOWN.format(at * 1000);
}

/** The day of an instant, as a date field has it; "" where there is none. */
export function dayOf(at: number | null | undefined): string {
  return at == null ? "" : DAY.format(at * 1000);
}

/** The last day that is good before an instant. */
export function lastDayOf(at: number | null | undefined): string {
  return at == null ? "" : dayOf(at - 1);
}

export function beginOf(day: string): number | null {
  return day === "" ? null : Date.parse(`${day}T00:00:00+09:00`) / 1000;
}

/** The day counts whole. */
export function endOf(day: string): number | null {
  const begin = beginOf(day);
  return begin === null ? null : begin + SECONDS;
}
