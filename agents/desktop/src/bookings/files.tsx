import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";

import { api, newKey, type Schemas, told } from "../api/client";
import { moment } from "../own/times";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault, fieldsOf } from "../parts/fault";
import { Panel } from "../parts/panel";
import { useNow } from "../parts/timer";
import { useSpoken } from "../words/language";
import { type BookingWords, useBookingWords, wordOf } from "./words";

type What = "slots" | "bookings" | "results";
type Seen = Schemas["CitySystemSeen"];

const EVERY = 10_000; // milliseconds: what waits for the city's system changes by itself
const LARGEST = 10 * 1024 * 1024;
const PIECE = 0x8000;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Files of the city's system, how old what it told is, and what it is still to be told. */
export function Files() {
  const words = useBookingWords();
  const { other, words: common } = useSpoken();
  const city = useQuery({
    queryKey: ["booking-deliveries"],
    queryFn: () => told(api.GET("/api/booking-deliveries")),
    refetchInterval: EVERY,
    gcTime: 0,
  });
  const seen = city.data;
  const kinds: readonly What[] = seen?.master === "own" ? ["results"] : ["slots", "bookings", "results"];
  return (
    <main className="mx-auto flex max-w-4xl flex-col gap-4 p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="text-xl font-bold">{words.cityFiles}</h1>
        <Button looks="quiet" onPress={other}>
          {common.language}
        </Button>
      </div>
      <Fault error={city.error} />
      {seen !== undefined && kinds.map((what) => <Taking key={what} what={what} seen={seen} />)}
      {seen !== undefined && <Letters seen={seen} />}
    </main>
  );
}

/** One kind of file: the last one, how old it is, and taking the next. */
function Taking({ what, seen }: { readonly what: What; readonly seen: Seen }) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const queries = useQueryClient();
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [key, setKey] = useState(newKey);
  const [done, setDone] = useState("");
  const { busy, error, attempt } = useAttempt();
  const titles = { slots: words.fileSlots, bookings: words.fileBookings, results: words.fileResults };
  const last = seen.imports.find((one) => one.what === what);
  const isLarge = file !== null && file.size > LARGEST;

  const choose = (chosen: File | null) => {
    setFile(chosen);
    setKey(newKey()); // another file is another request; the same one sent again is not
    setDone("");
  };
  const take = async () => {
    if (file === null) return;
    setDone("");
    const taken = await attempt(async () => {
      setDone(await sent(what, { key, content: await inBase64(file) }, words));
    });
    if (!taken) return;
    setFile(null);
    if (box.current !== null) box.current.value = "";
    await queries.invalidateQueries({ queryKey: ["booking-deliveries"] });
  };
  const rows = Object.entries(fieldsOf(error, language));
  return (
    <Panel title={titles[what]}>
      <p className="mb-2">
        {words.lastTaken}: {last === undefined ? words.neverTaken : <LastOne of={last} />}
      </p>
      {what === "slots" && <Ages seen={seen} />}
      <div className="flex flex-wrap items-end gap-3">
        <div className="flex grow flex-col gap-1">
          <label htmlFor={id} className="font-bold">
            {words.chooseFile}
          </label>
          <input
            ref={box}
            id={id}
            type="file"
            accept=".csv,text/csv"
            className="min-h-11 rounded-md border border-neutral-700 bg-white px-3 py-2"
            onChange={(event) => choose(event.target.files?.[0] ?? null)}
          />
        </div>
        <Button looks="main" isDisabled={busy || file === null || isLarge} onPress={() => void take()}>
          {words.takeFile}
        </Button>
      </div>
      {isLarge && <p role="alert">⚠ {words.fileTooLarge}</p>}
      <p role="status" className="font-bold">
        {done}
      </p>
      <Fault error={error} />
      {rows.length > 0 && (
        <ol aria-label={words.wrongRows} className="max-h-72 overflow-auto" tabIndex={0}>
          {rows.map(([name, sentence]) => (
            <li key={name} className="border-t border-neutral-400">
              <strong className="tabular-nums">{rowOf(name, words)}</strong> {sentence}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

async function sent(what: What, body: Schemas["FileForm"], words: BookingWords): Promise<string> {
  if (what === "bookings") {
    const found = await told(api.POST("/api/booking-files/bookings", { body }));
    return words.takenBookings.replace(/\{(\w+)\}/gu, (_, name: keyof typeof found) => String(found[name]));
  }
  const post =
    what === "slots"
      ? api.POST("/api/booking-files/slots", { body })
      : api.POST("/api/booking-files/results", { body });
  return `${(await told(post)).rows}${words.takenRows}`;
}

/** As bytes: the server finds out which encoding it is. */
async function inBase64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(text);
}

function rowOf(name: string, words: BookingWords): string {
  const number = /^row (\d+)$/u.exec(name)?.[1];
  return number === undefined ? name : `${number}${words.row}`;
}

function LastOne({ of }: { readonly of: Schemas["ImportSeen"] }) {
  const words = useBookingWords();
  return (
    <>
      <Ago at={of.at} /> — {moment(of.at)}, {of.rows} {words.rowsOf}, {wordOf(words, `way_${of.way}`)},{" "}
      {of.announced_name}
    </>
  );
}

/** Our times are a hint: an old one must look old. */
function Ages({ seen }: { readonly seen: Seen }) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const sites = useQuery({
    queryKey: ["booking-sites"],
    queryFn: () => told(api.GET("/api/bookings/sites")),
  });
  if (seen.slots.length === 0) return null;
  const name = (code: string) => sites.data?.sites.find((one) => one.code === code)?.[language] ?? code;
  return (
    <dl aria-label={words.slotsAge} className="mb-2 grid grid-cols-[auto_1fr] gap-x-3">
      {seen.slots.map((one) => (
        <div key={one.site} className="contents">
          <dt>{name(one.site)}</dt>
          <dd>
            <Ago at={one.known_at} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Ago({ at }: { readonly at: number }) {
  const words = useBookingWords();
  const { language } = useSpoken();
  const seconds = Math.max(0, useNow() - at);
  const [value, unit] =
    seconds < HOUR
      ? [seconds / MINUTE, "minute"]
      : seconds < DAY
        ? [seconds / HOUR, "hour"]
        : [seconds / DAY, "day"];
  const text = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
  return (
    <span className={`tabular-nums ${seconds >= DAY ? "font-bold" : ""}`}>
      {seconds >= DAY && <span aria-hidden="true">⚠ </span>}
      {text.format(Math.floor(value))}
      {language === "ja" ? words.ago : ` ${words.ago}`}
    </span>
  );
}

/** What the city's system is still to be told by itself; nobody's name. */
function Letters({ seen }: { readonly seen: Seen }) {
  const words = useBookingWords();
  const queries = useQueryClient();
  const { busy, error, attempt } = useAttempt();
  if (!seen.has_webhook)
    return (
      <Panel title={words.lettersTitle}>
        <p>{words.lettersOff}</p>
      </Panel>
    );
  const again = async () => {
    await attempt(() => told(api.POST("/api/booking-deliveries")));
    await queries.invalidateQueries({ queryKey: ["booking-deliveries"] });
  };
  return (
    <Panel
      title={words.lettersTitle}
      beside={
        <Button isDisabled={busy || seen.stuck.length === 0} onPress={() => void again()}>
          {words.sendAgain}
        </Button>
      }
    >
      <Fault error={error} />
      <p role="status">
        {words.lettersWaiting} <strong>{seen.waiting}</strong>
        {seen.oldest_at != null && (
          <>
            {" "}
            ({words.lettersSince} <Ago at={seen.oldest_at} />)
          </>
        )}
        {" · "}
        {seen.refused > 0 && <span aria-hidden="true">⚠ </span>}
        {words.lettersRefused} <strong>{seen.refused}</strong>
        {seen.last_delivered_at != null && ` · ${words.lettersLast} ${moment(seen.last_delivered_at)}`}
      </p>
      {seen.superseded > 0 && <p>{words.lettersSuperseded.replace("{letters}", String(seen.superseded))}</p>}
      {seen.stuck.length === 0 ? (
        <p>{words.lettersNone}</p>
      ) : (
        <ul>
          {seen.stuck.map((one) => (
            <li key={`${one.booking} ${one.version}`} className="border-t border-neutral-400">
              {moment(one.at)} {wordOf(words, `letterState_${one.state}`)} — {one.attempts} {words.attempts} (
              {one.reason})
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
