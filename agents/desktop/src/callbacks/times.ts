const DAY_AND_TIME = new Intl.DateTimeFormat("ja-JP", {
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "Asia/Tokyo",
});
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** 11/30 14:00, in Japan's time whatever the PC's is. */
export function short(at: number | null | undefined): string {
  return at == null ? "" : DAY_AND_TIME.format(at * 1000);
}

/** Days, hours or minutes; seconds would only flicker. */
export function age(seconds: number): string {
  const whole = Math.max(0, seconds);
  if (whole >= DAY) return `${Math.floor(whole / DAY)}d ${Math.floor((whole % DAY) / HOUR)}h`;
  if (whole >= HOUR)
    return `${Math.floor(whole / HOUR)}:${String(Math.floor((whole % HOUR) / MINUTE)).padStart(2, "0")}`;
  return `0:${String(Math.floor(whole / MINUTE)).padStart(2, "0")}`;
}

/** What a field for day and time holds, as an instant; null where it is empty. */
export function instant(local: string): number | null {
  const at = Date.parse(`${local}:00+09:00`);
  return local === "" || Number.isNaN(at) ? null : at / 1000;
}
