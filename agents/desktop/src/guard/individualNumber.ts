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
  NUMERALS.set("⓪①②③④⑤⑥⑦⑧⑨".charAt(n), n);
}
for (const zero of "零○◯") NUMERALS.set(zero, 0);
for (const [formal, n] of [["壱", 1], ["弐", 2], ["参", 3]] as const) NUMERALS.set(formal, n);

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
const gap =
  "(?:[\\s\\u3000\\u00ad\\u200b-\\u200f\\u2060\\ufeff,，、.．・_\\-‐‑‒–—―−ーｰ－~〜～" +
  "/／\\|｜*＊+＋()（）]|の|えーと|えっと|はい){0,12}?";
const spoken = `(?:(?:${reading})${gap}){${SPOKEN_AT_LEAST},}(?:${reading})?`;
const RUN = new RegExp(`(?:${numeral}|${spoken})(?:${gap}(?:${numeral}|${spoken}))*`, "gu");
const TOKEN = new RegExp(`${reading}|${numeral}`, "gu");
const GROUPED = /^[0-9]{1,3}(?:,[0-9]{3})+$/u;
// What is counted, right after one or two digits, and a year's four.
const COUNTED = /^\s?[時分秒名人月日件回階歳才年円個通枚代台本冊度目つ]/u;
const YEAR = /^\s?年/u;
const DATE_JOINTS = "-/.－／．";
const SLASHES = "/／";
const YEARS = [1900, 2100] as const;
const MONTHS = [1, 12] as const;
const DAYS = [1, 31] as const;
const LAST_OF_TELEPHONE = 3; // digits, at least
const MOST_GROUPS = 4; // of a telephone number
const CORPORATE = 13; // digits: 法人番号

const alnum = "0-9０-９A-Za-zＡ-Ｚａ-ｚ";
const pinWord = "(?:暗証番号|暗証|パスワード|ＰＩＮ|PIN|pin|ピン番号)";
const PIN_WORD = new RegExp(pinWord, "u");
const noPin = `(?![${alnum}]|\\s*(?:桁|けた|ケタ|文字|回|年|月|円))`;
const pin = `(?<pin>(?=[A-ZＡ-Ｚa-zａ-ｚ]*[0-9０-９])[${alnum}]{4,16})${noPin}`;
const PIN = new RegExp(`${pinWord}[^${alnum}\\n]{0,12}${pin}`, "gu");
const NEXT_PIN = new RegExp(`(?:[とや、,・/／\\s]|または|および){1,4}${pin}`, "yu");
const SPELT_PIN = new RegExp(
  `${pinWord}[^${alnum}\\n]{0,12}?` +
    `(?<pin>${numeral}(?:${gap}${numeral}){3,15}|(?:${reading})(?:${gap}(?:${reading})){3,15})${noPin}`,
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
type Group = readonly Digit[];
const LENGTHS = [
  ["application_id", APPLICATION],
  ["individual_number", INDIVIDUAL],
] as const;

function isValid(digits: readonly number[]): boolean {
  if (digits.length !== INDIVIDUAL) return false;
  const rest = WEIGHTS.reduce((sum, weight, at) => sum + weight * (digits[at] ?? 0), 0) % 11;
  return digits[INDIVIDUAL - 1] === (rest <= 1 ? 0 : 11 - rest);
}

/** Mask what must not be kept; `before` is the end of what was saved just before. */
export function guard(text: string, before = ""): Guarded {
  const head = before === "" ? "" : `${before}\n`;
  const joined = head + text;
  const finds = [...numbers(joined), ...pins(joined)].sort((a, b) => a.start - b.start);
  const own = finds
    .filter((find) => find.end > head.length)
    .map((find) => ({
      ...find,
      start: Math.max(0, find.start - head.length),
      end: find.end - head.length,
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
  for (const digits of runs(text)) {
    const first = digits[0]?.start ?? 0;
    const last = digits[digits.length - 1]?.end ?? 0;
    if (digits.length === RESIDENT && RESIDENT_WORD.test(text.slice(Math.max(0, first - 20), first)))
      yield { kind: "resident_code", start: first, end: last, valid: false };
    for (const piece of pieces(text, grouped(digits))) yield* inGroups(piece);
  }
}

function* runs(text: string): Generator<Group> {
  for (const run of text.matchAll(RUN)) {
    if (GROUPED.test(run[0].trim())) continue;
    yield [...run[0].matchAll(TOKEN)].map((token) => ({
      value: NUMERALS.get(token[0]) ?? READINGS.get(token[0]) ?? 0,
      start: run.index + token.index,
      end: run.index + token.index + token[0].length,
    }));
  }
}

/** What is left between telephone numbers, dates and counts. */
function* pieces(text: string, groups: readonly Group[]): Generator<Group[]> {
  let piece: Group[] = [];
  let at = 0;
  for (let group = groups[at]; group !== undefined; group = groups[at]) {
    let length = telephone(groups, at) || date(text, groups, at);
    if (length === 0 && !endsInANumber([...piece, group])) length = count(text, group); // "…8 本人確認済"
    if (length === 0) {
      piece.push(group);
      at += 1;
      continue;
    }
    if (piece.length > 0) yield piece;
    piece = [];
    at += length;
  }
  if (piece.length > 0) yield piece;
}

/** How many groups from here are a telephone number, a date or a count; 0 where none begins. */
function everyday(text: string, groups: readonly Group[], at: number): number {
  return telephone(groups, at) || date(text, groups, at) || count(text, groups[at] ?? []);
}

function endsInANumber(groups: readonly Group[]): boolean {
  const taken = filling([...groups].reverse(), 0, INDIVIDUAL);
  const last = groups.slice(groups.length - taken).flat();
  return groups.length > 1 && isValid(last.map((digit) => digit.value));
}

/** How many groups from here are a telephone number; 0 where none begins. */
function telephone(groups: readonly Group[], at: number): number {
  if (groups[at]?.[0]?.value !== 0) return 0;
  let total = 0;
  for (const [before, group] of groups.slice(at, at + MOST_GROUPS).entries()) {
    total += group.length;
    if ((total === 10 || total === 11) && group.length >= LAST_OF_TELEPHONE) return before + 1;
  }
  return 0;
}

/** A year, a month and a day, or the latter two; in groups, 0 where none begins. */
function date(text: string, groups: readonly Group[], at: number): number {
  for (const [parts, joints] of [
    [[YEARS, MONTHS, DAYS], DATE_JOINTS],
    [[MONTHS, DAYS], SLASHES],
  ] as const) {
    const these = groups.slice(at, at + parts.length);
    const fits = ([least, most]: readonly [number, number], of: number) => {
      const group = these[of] ?? [];
      const number = numberOf(group);
      const mayBe = group.length <= String(most).length; // 0001 is no month
      return mayBe && least <= number && number <= most;
    };
    if (these.length === parts.length && areJoined(text, these, joints) && parts.every(fits))
      return parts.length;
  }
  return 0;
}

function areJoined(text: string, groups: readonly Group[], joints: string): boolean {
  return groups.slice(1).every((group, before) => {
    const between = text.slice(groups[before]?.at(-1)?.end, group[0]?.start);
    return between.length === 1 && joints.includes(between);
  });
}

function numberOf(group: Group): number {
  return group.length === 0 ? -1 : Number(group.map((digit) => digit.value).join(""));
}

function count(text: string, group: Group): number {
  const after = text.slice(group.at(-1)?.end);
  if (group.length <= 2) return COUNTED.test(after) ? 1 : 0;
  return group.length === 4 && YEAR.test(after) ? 1 : 0;
}

/** Neighbouring groups that are twelve digits together, or twenty-three; and long groups. */
function* inGroups(groups: readonly Group[]): Generator<Find> {
  let at = 0;
  for (let group = groups[at]; group !== undefined; group = groups[at]) {
    const [kind, taken] = LENGTHS.map(([of, length]) => [of, filling(groups, at, length)] as const).find(
      ([, found]) => found > 0,
    ) ?? [null, 0];
    if (kind !== null) yield findOf(kind, groups.slice(at, at + taken).flat());
    else if (group.length > CORPORATE) yield* inLong(group);
    at += Math.max(taken, 1);
  }
}

/** How many groups from here have so many digits; 0 where none has. */
function filling(groups: readonly Group[], at: number, length: number): number {
  let total = 0;
  for (const [before, group] of groups.slice(at, at + length).entries()) {
    total += group.length;
    if (total === length) return before + 1;
  }
  return 0;
}

/** Individual numbers with nothing between them, or between one and a date: all of it goes. */
function* inLong(group: Group): Generator<Find> {
  const values = group.map((digit) => digit.value);
  const valid = values.some((_, at) => isValid(values.slice(at, at + INDIVIDUAL)));
  if (valid || group.length % INDIVIDUAL === 0)
    yield { ...findOf("individual_number", group), valid };
}

function findOf(kind: Kind, digits: Group): Find {
  const valid = isValid(digits.map((digit) => digit.value));
  return { kind, start: digits[0]?.start ?? 0, end: digits.at(-1)?.end ?? 0, valid };
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

function* pins(text: string): Generator<Find> {
  if (!PIN_WORD.test(text)) return;
  const passed = new Set(everydayStarts(text)); // and what was found already
  for (const first of text.matchAll(PIN)) {
    let found: RegExpExecArray | null = first;
    while (found !== null) {
      const given: string = found.groups?.["pin"] ?? "";
      const end: number = found.index + found[0].length;
      const start = end - given.length;
      if (!passed.has(start)) yield { kind: "pin", start, end, valid: false };
      passed.add(start);
      NEXT_PIN.lastIndex = end;
      found = NEXT_PIN.exec(text);
    }
  }
  for (const found of text.matchAll(SPELT_PIN)) {
    const given = found.groups?.["pin"] ?? "";
    const end = found.index + found[0].length;
    const start = end - given.length;
    const tokens = [...given.matchAll(TOKEN)].map((token) => token[0]);
    const particles = tokens.filter((token) => READINGS.has(token) && token.length === 1).length;
    if (!passed.has(start) && 2 * particles <= tokens.length)
      yield { kind: "pin", start, end, valid: false };
  }
}

function* everydayStarts(text: string): Generator<number> {
  for (const digits of runs(text)) {
    const groups = grouped(digits);
    for (const [at, group] of groups.entries())
      if (everyday(text, groups, at) > 0 && group[0] !== undefined) yield group[0].start;
  }
}
