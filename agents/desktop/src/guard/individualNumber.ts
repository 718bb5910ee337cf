// The My Number guard in the browser: what may not be kept never leaves the page. The same rules as
// telephony/privacy/individual_number.py; both are held to tests/privacy/vectors.json.

const MASK = "●";
const INDIVIDUAL = 12;
const RESIDENT = 11;
const APPLICATION = 23;
const WEIGHTS = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
const SPOKEN_AT_LEAST = 3;

const NUMERALS = new Map<string, number>();
for (let n = 0; n < 10; n += 1) {
  NUMERALS.set(String(n), n);
  NUMERALS.set(String.fromCharCode(0xff10 + n), n);
  NUMERALS.set("〇一二三四五六七八九".charAt(n), n);
}
for (const zero of "零○◯") NUMERALS.set(zero, 0);

const READINGS = new Map<string, number>(
  Object.entries({
    ゼロ: 0, ぜろ: 0, れい: 0, レイ: 0, まる: 0, マル: 0,
    いち: 1, イチ: 1, に: 2, ニ: 2, さん: 3, サン: 3,
    よん: 4, ヨン: 4, し: 4, シ: 4, ご: 5, ゴ: 5, ろく: 6, ロク: 6,
    なな: 7, ナナ: 7, しち: 7, シチ: 7, はち: 8, ハチ: 8,
    きゅう: 9, キュウ: 9, きゅー: 9, く: 9, ク: 9,
  }),
);

const reading = [...READINGS.keys()].sort((a, b) => b.length - a.length).join("|");
const numeral = `[${[...NUMERALS.keys()].join("")}]`;
const gap = "(?:[\\s\\u3000,，、.．・_\\-‐‑‒–—―−ーｰ－~〜～]|の|えーと|えっと|はい){0,4}?";
const spoken = `(?:(?:${reading})${gap}){${SPOKEN_AT_LEAST},}(?:${reading})?`;
const RUN = new RegExp(`(?:${numeral}|${spoken})(?:${gap}(?:${numeral}|${spoken}))*`, "gu");
const TOKEN = new RegExp(`${reading}|${numeral}`, "gu");
const GROUPED = /^[0-9]{1,3}(?:,[0-9]{3})+$/u;
const alnum = "0-9０-９A-Za-zＡ-Ｚａ-ｚ";
const PIN = new RegExp(
  "(?:暗証番号|暗証|パスワード|ＰＩＮ|PIN|pin|ピン番号)" +
    `[^${alnum}\\n]{0,12}` +
    `(?<pin>(?=[A-ZＡ-Ｚa-zａ-ｚ]*[0-9０-９])[${alnum}]{4,16})` +
    `(?![${alnum}]|\\s*(?:桁|けた|ケタ|文字|回|年|月|円))`,
  "gu",
);
const RESIDENT_WORD = /住民票コード[^0-9０-９\n]{0,8}$/u;

export type Kind = "individual_number" | "resident_code" | "application_id" | "pin";
export type Find = {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly valid: boolean;
};
export type Guarded = { readonly text: string; readonly finds: readonly Find[] };
type Digit = { readonly value: number; readonly start: number; readonly end: number };

function isValid(digits: readonly number[]): boolean {
  if (digits.length !== INDIVIDUAL) return false;
  const rest = WEIGHTS.reduce((sum, weight, at) => sum + weight * (digits[at] ?? 0), 0) % 11;
  return digits[INDIVIDUAL - 1] === (rest <= 1 ? 0 : 11 - rest);
}

/** Mask what must not be kept; `before` is the end of what was saved just before. */
export function guard(text: string, before = ""): Guarded {
  const joined = before + text;
  const finds = [...numbers(joined), ...pins(joined)].sort((a, b) => a.start - b.start);
  const own = finds
    .filter((find) => find.end > before.length)
    .map((find) => ({
      ...find,
      start: Math.max(0, find.start - before.length),
      end: find.end - before.length,
    }));
  return { text: masked(text, own), finds: own };
}

function masked(text: string, finds: readonly Find[]): string {
  let kept = "";
  let at = 0;
  for (const find of finds) {
    if (find.end <= at) continue;
    const start = Math.max(at, find.start);
    const sign = find.kind === "pin" ? /\S/gu : TOKEN;
    kept += text.slice(at, start) + text.slice(start, find.end).replace(sign, MASK);
    at = find.end;
  }
  return kept + text.slice(at);
}

function* numbers(text: string): Generator<Find> {
  for (const run of text.matchAll(RUN)) {
    const digits = [...run[0].matchAll(TOKEN)].map((token) => ({
      value: NUMERALS.get(token[0]) ?? READINGS.get(token[0]) ?? 0,
      start: run.index + token.index,
      end: run.index + token.index + token[0].length,
    }));
    if (!GROUPED.test(run[0].trim())) yield* inRun(text, digits);
  }
}

function* inRun(text: string, digits: readonly Digit[]): Generator<Find> {
  const first = digits[0]?.start ?? 0;
  const last = digits[digits.length - 1]?.end ?? 0;
  if (digits.length === RESIDENT && RESIDENT_WORD.test(text.slice(Math.max(0, first - 20), first)))
    yield { kind: "resident_code", start: first, end: last, valid: false };
  const groups = grouped(digits);
  if (!areTelephones(groups)) yield* inGroups(groups, digits);
}

function* inGroups(groups: readonly Digit[][], digits: readonly Digit[]): Generator<Find> {
  const bounds = [0];
  for (const group of groups) bounds.push((bounds[bounds.length - 1] ?? 0) + group.length);
  const ends = new Set(bounds);
  let at = 0;
  for (const start of bounds.slice(0, -1)) {
    if (start < at) continue;
    for (const [kind, length] of [
      ["application_id", APPLICATION],
      ["individual_number", INDIVIDUAL],
    ] as const) {
      const found = digits.slice(start, start + length);
      const head = found[0];
      const tail = found[length - 1];
      if (ends.has(start + length) && head !== undefined && tail !== undefined) {
        const valid = isValid(found.map((digit) => digit.value));
        yield { kind, start: head.start, end: tail.end, valid };
        at = start + length;
        break;
      }
    }
  }
}

function grouped(digits: readonly Digit[]): Digit[][] {
  const groups: Digit[][] = [];
  for (const digit of digits) {
    const last = groups[groups.length - 1];
    if (last !== undefined && last[last.length - 1]?.end === digit.start) last.push(digit);
    else groups.push([digit]);
  }
  return groups;
}

function areTelephones(groups: readonly Digit[][]): boolean {
  let sum = 0;
  let first = true;
  for (const group of groups) {
    if (first && group[0]?.value !== 0) return false;
    sum += group.length;
    first = false;
    if (sum === 10 || sum === 11) {
      sum = 0;
      first = true;
    } else if (sum > RESIDENT) return false;
  }
  return first;
}

function* pins(text: string): Generator<Find> {
  for (const found of text.matchAll(PIN)) {
    const pin = found.groups?.["pin"] ?? "";
    const end = found.index + found[0].length;
    yield { kind: "pin", start: end - pin.length, end, valid: false };
  }
}
