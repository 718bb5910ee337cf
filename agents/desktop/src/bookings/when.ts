/** A day and a time of the counter's wall. */
export type When = { readonly day: string; readonly start: string };

const NTH = /^[1-9]$/u;
const RUN = /^(?:(\d{4}))?(\d{2})(\d{2})\s+(\d{2})(\d{2})$/u;
const WRITTEN =
  /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})(?:日\s*|\s+)(午前|午後)?\s*(\d{1,2})(?:[:時](\d{1,2})?分?|)$/u;

/** One box: `1` to `9` is one of those offered; else `12/3 10:00`, `1203 1000`, `12月3日午後1時`. */
export function readWhen(text: string, offered: readonly When[], today: string): When | null {
  const plain = text.normalize("NFKC").replace(/[ー−－]/gu, "-").trim();
  if (NTH.test(plain)) return offered[Number(plain) - 1] ?? null;
  const run = RUN.exec(plain);
  if (run !== null) return moment(run[1], run[2], run[3], Number(run[4]), Number(run[5]), today);
  const found = WRITTEN.exec(plain);
  if (found === null) return null;
  const afternoon = found[4] === "午後" && Number(found[5]) < 12 ? 12 : 0;
  const hour = Number(found[5]) + afternoon;
  return moment(found[1], found[2], found[3], hour, Number(found[6] ?? "0"), today);
}

function moment(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  hour: number,
  minute: number,
  today: string,
): When | null {
  if (hour > 23 || minute > 59) return null;
  const monthDay = `${two(Number(month))}-${two(Number(day))}`;
  const thisYear = Number(today.slice(0, 4));
  const said = year ?? String(monthDay < today.slice(5) ? thisYear + 1 : thisYear);
  const found = `${said}-${monthDay}`;
  const there = new Date(`${found}T00:00:00Z`);
  // 2026-02-30 is no day: read back, it would be another.
  if (Number.isNaN(there.getTime()) || there.toISOString().slice(0, 10) !== found) return null;
  return { day: found, start: `${two(hour)}:${two(minute)}` };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** 12/3(木) 10:00 */
export function shortly(when: When, language: "ja" | "en"): string {
  const day = new Date(`${when.day}T00:00:00Z`);
  const locale = language === "ja" ? "ja-JP" : "en-GB";
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(day);
  return `${day.getUTCMonth() + 1}/${day.getUTCDate()}(${weekday}) ${when.start}`;
}
