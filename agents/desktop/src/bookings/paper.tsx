import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, newKey, type Schemas, told } from "../api/client";
import { useAttempt } from "../parts/attempt";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Choices, Field } from "../parts/field";
import { useNow } from "../parts/timer";
import { useSigned } from "../session";
import { useSpoken } from "../words/language";
import { FRESH } from "./panel";
import type { Place } from "./place";
import { clockOf } from "./times";
import { useBookingWords, wordOf } from "./words";

type Sheet = Schemas["SheetSeen"];
type Kind = "pick" | "move" | "dispatch" | "memo";
interface Hours {
  readonly since: string;
  readonly until: string;
}
const DAY_SECONDS = 86_400;
const MEMO_LINES = 12;
const COLUMNS = 9;
const WHOLE: Hours = { since: "", until: "" };
const LOOKS: Readonly<Record<string, string>> = {
  same: "",
  new: "font-bold",
  changed: "font-bold",
  gone: "[&>td:nth-child(n+3)]:line-through",
};

/** A sheet of A4, with who printed it and when on it; what is around it stays on the screen. */
export function Paper({ slip, moves }: Place) {
  return slip === null ? <Lists moves={moves} /> : <Slip booking={slip} />;
}

function Lists({ moves }: { readonly moves: boolean }) {
  const words = useBookingWords();
  const { other, words: common, language } = useSpoken();
  const now = useNow();
  const [kind, setKind] = useState<Kind>(moves ? "move" : "pick");
  const [day, setDay] = useState(() => civilDay(moves ? now : now + DAY_SECONDS));
  const [site, setSite] = useState("");
  const [hours, setHours] = useState(WHOLE);
  const [printed, setPrinted] = useState<Sheet | null>(null);
  const { busy, error, attempt } = useAttempt();
  const sites = useQuery({
    queryKey: ["booking-sites"],
    queryFn: () => told(api.GET("/api/bookings/sites")),
  });
  const sheet = useQuery({
    queryKey: ["booking-sheet", kind, day, site, hours],
    queryFn: () => told(api.GET("/api/booking-sheets/{sheet}", { params: of(kind, day, site, hours) })),
    enabled: kind !== "memo" && isDay(day) && isTime(hours.since) && isTime(hours.until),
    gcTime: 0,
  });
  const print = () =>
    attempt(async () => {
      if (kind !== "memo") {
        const params = { path: { sheet: kind } };
        const body = { key: newKey(), ...of(kind, day, site, hours).query };
        setPrinted(await told(api.POST("/api/booking-sheets/{sheet}", { params, body })));
      }
      window.setTimeout(() => window.print());
    });
  const choose = (next: Kind) => {
    setPrinted(null);
    setHours(WHOLE);
    if (next === "move") setDay(civilDay(now));
    setKind(next);
  };
  const shown = printed ?? sheet.data;
  const titles: Readonly<Record<Kind, string>> = {
    pick: words.pick,
    move: words.move,
    dispatch: words.dispatch,
    memo: words.memo,
  };
  return (
    <main className="mx-auto max-w-4xl p-4 print:max-w-none print:p-0">
      <div className="mb-4 flex flex-col gap-3 print:hidden">
        <h1 className="text-xl font-bold">{words.paper}</h1>
        <div className="flex flex-wrap gap-2">
          {(Object.keys(titles) as Kind[]).map((each) => (
            <Button
              key={each}
              looks={each === kind ? "main" : "plain"}
              aria-pressed={each === kind}
              onPress={() => choose(each)}
            >
              {titles[each]}
            </Button>
          ))}
          <Button looks="quiet" onPress={other}>
            {common.language}
          </Button>
        </div>
        {kind !== "memo" && (
          <div className="grid grid-cols-2 gap-3">
            <Field
              label={words.day}
              value={day}
              onChange={(text) => {
                setPrinted(null);
                setDay(text.normalize("NFKC"));
              }}
            />
            <Choices
              label={words.site}
              value={site}
              empty={words.everySite}
              choices={(sites.data?.sites ?? []).map((one) => ({ value: one.code, text: one[language] }))}
              onChange={(code) => {
                setPrinted(null);
                setSite(code);
              }}
            />
          </div>
        )}
        {kind === "move" && (
          <div className="grid grid-cols-2 gap-3">
            {(["since", "until"] as const).map((end) => (
              <Field
                key={end}
                label={end === "since" ? words.sinceTime : words.untilTime}
                value={hours[end]}
                hint={words.hoursHint}
                onChange={(text) => {
                  setPrinted(null);
                  setHours({ ...hours, [end]: text.normalize("NFKC") });
                }}
              />
            ))}
          </div>
        )}
        <Fault error={sites.error ?? sheet.error ?? error} />
        <div>
          <Button
            looks="main"
            isDisabled={busy || (kind !== "memo" && shown === undefined)}
            onPress={() => void print()}
          >
            {words.print}
          </Button>
        </div>
      </div>
      {kind === "memo" ? (
        <Memo />
      ) : (
        shown !== undefined && <Table title={titles[kind]} sheet={shown} />
      )}
    </main>
  );
}

function of(kind: Kind, day: string, site: string, { since, until }: Hours) {
  const query = {
    day,
    ...(site !== "" && { site }),
    ...(since !== "" && { since }),
    ...(until !== "" && { until }),
  };
  return { path: { sheet: kind }, query };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/u.test(text);
}

function isTime(text: string): boolean {
  return text === "" || /^([01]\d|2[0-3]):[0-5]\d$/u.test(text);
}

function civilDay(at: number): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: "Asia/Tokyo" }).format(
    at * 1000,
  );
}

/** Whose paper it is: a sheet that lies about says who is to be asked. */
function Head(props: { readonly title: string; readonly beside: string; readonly at: number; readonly by: string }) {
  const words = useBookingWords();
  return (
    <header className="mb-3 border-b-2 border-black pb-2">
      <p className="flex justify-between gap-4">
        <strong className="border-2 border-black px-2">{words.confidential}</strong>
        <span>
          {words.printedAt} {clockOf(props.at)} {words.printedBy} {props.by}
        </span>
      </p>
      <h2 className="mt-2 text-2xl font-bold">
        {props.title} <span className="text-lg font-normal">{props.beside}</span>
      </h2>
    </header>
  );
}

function hoursOf({ since, until }: Sheet): string {
  return since === "" && until === "" ? "" : `${since}–${until} `;
}

function Table({ title, sheet }: { readonly title: string; readonly sheet: Sheet }) {
  const words = useBookingWords();
  const { person } = useSigned();
  const now = useNow();
  const marks: Readonly<Record<string, string>> = {
    same: "",
    new: words.markNew,
    changed: words.markChanged,
    gone: words.markGone,
  };
  const by = sheet.printed ?? { at: now, announced_name: person.announced_name };
  return (
    <article className="bg-white p-6 text-black print:p-0">
      <table className="w-full border-collapse text-left text-sm leading-tight">
        <thead>
          {/* On every page: one that lies about alone says what it is, too. */}
          <tr>
            <td colSpan={COLUMNS} className="text-base leading-normal">
              <Head title={title} beside={`${sheet.day_ja} ${hoursOf(sheet)}${sheet.site}`} at={by.at} by={by.announced_name} />
              <p className="mb-2">
                {sheet.rows.length}
                {words.cards}
                {sheet.last == null
                  ? ` ${sheet.printed == null ? words.firstPrint : words.firstSheet}`
                  : ` ${words.lastPrint} ${clockOf(sheet.last.at)} ${sheet.last.announced_name} — ${words.changedSince} ${sheet.changed}${words.count}`}
              </p>
            </td>
          </tr>
          <tr className="border-b-2 border-black">
            {[words.done_box, words.mark, words.site, words.timeOf, words.name, words.noticeNo, sheet.sheet === "move" ? words.phone : words.visitor, words.needs, words.numberOf].map(
              (head) => (
                <th key={head} scope="col" className="p-1">
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {sheet.rows.map((row) => (
            <tr
              key={`${row.booking} ${row.of_party}`}
              className={`break-inside-avoid border-b border-neutral-500 align-top ${LOOKS[row.mark] ?? ""}`}
            >
              <td className="px-1 py-0.5">□</td>
              <td className="px-1 py-0.5">{marks[row.mark]}</td>
              <td className="px-1 py-0.5">{row.site}</td>
              <td className="px-1 py-0.5 whitespace-nowrap tabular-nums">
                {sheet.sheet === "dispatch" && `${row.day.slice(5)} `}
                {row.start}
              </td>
              <td className="px-1 py-0.5">
                <span className="text-xs">{row.kana}</span>
                <br />
                {row.name}
                {row.of_party !== "1/1" && ` (${row.of_party})`}
              </td>
              <td className="px-1 py-0.5 tabular-nums">{row.notice_no}</td>
              <td className="px-1 py-0.5">
                {sheet.sheet === "move" ? <span className="whitespace-nowrap">{row.phone}</span> : row.visitor}
              </td>
              <td className="px-1 py-0.5">{row.needs}</td>
              <td className="px-1 py-0.5 tabular-nums">
                {row.number ?? wordOf(words, `status_${row.status}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  );
}

/** For calls while nothing works: written by hand, entered later, then destroyed. */
function Memo() {
  const words = useBookingWords();
  const { person } = useSigned();
  const [now] = useState(useNow());
  const fields = [
    words.memoAt, words.memoLine, words.what, words.noticeNo, words.name, words.nameKana,
    words.birthDate, words.phone, words.visitor, words.site, words.when, words.needs,
  ];
  return (
    <article className="bg-white p-6 text-black print:p-0">
      <Head title={words.memo} beside="" at={now} by={person.announced_name} />
      <p className="mb-2 border-2 border-black p-2 font-bold">{words.memoNever}</p>
      <dl className="grid grid-cols-2 gap-x-6">
        {fields.map((field) => (
          <div key={field} className="flex h-12 items-end gap-2 border-b border-black pb-1">
            <dt className="w-36 shrink-0">{field}</dt>
            <dd className="grow" />
          </div>
        ))}
      </dl>
      <h3 className="mt-4 font-bold">{words.note}</h3>
      <div aria-hidden="true">
        {Array.from({ length: MEMO_LINES }, (_, at) => (
          <div key={at} className="h-9 border-b border-neutral-600" />
        ))}
      </div>
      <p className="mt-3">□ {words.memoEntered} ______________ □ {words.memoDestroyed}</p>
    </article>
  );
}

function Slip({ booking }: { readonly booking: string }) {
  const words = useBookingWords();
  const [key] = useState(newKey);
  const params = { path: { booking } };
  const slip = useQuery({
    ...FRESH,
    queryKey: ["booking-slip", booking],
    queryFn: () => told(api.POST("/api/bookings/{booking}/slip", { params, body: { key } })),
  });
  const it = slip.data;
  useEffect(() => {
    document.title = words.slip;
  }, [words]);
  return (
    <main className="mx-auto max-w-4xl p-4 print:max-w-none print:p-0">
      <div className="mb-4 print:hidden">
        <Fault error={slip.error} />
        <Button looks="main" isDisabled={it === undefined} onPress={() => window.print()}>
          {words.print}
        </Button>
      </div>
      {it !== undefined && (
        <article className="bg-white p-6 text-black print:p-0">
          <Head title={words.slip} beside={wordOf(words, `status_${it.booking.status}`)} at={it.printed.at} by={it.printed.announced_name} />
          <dl className="grid grid-cols-[8rem_1fr] gap-x-4 gap-y-2 text-lg">
            <dt>{words.numberOf}</dt>
            <dd className="text-2xl font-bold tabular-nums">
              {it.booking.number ?? words.noNumberYet}
            </dd>
            <dt>{words.when}</dt>
            <dd className="font-bold">
              {it.day_ja} {it.start}
            </dd>
            <dt>{words.site}</dt>
            <dd>
              {it.site} {it.address}
            </dd>
            <dt>{words.name}</dt>
            <dd>
              {it.booking.party.map((card) => (
                <p key={`${card.name} ${card.birth_date}`}>{card.name} 様</p>
              ))}
            </dd>
          </dl>
          <h3 className="mt-6 text-lg font-bold">{words.bring}</h3>
          {it.bring.length === 0 ? (
            <p>{words.bringUnknown}</p>
          ) : (
            <ol className="list-decimal pl-6 text-lg">
              {it.bring.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ol>
          )}
          <ul className="mt-6 list-disc pl-6">
            <li>{words.slipLate.replace("5", String(it.late_grace_minutes))}</li>
            <li>{words.slipChange}</li>
            <li>{words.slipPin}</li>
          </ul>
          {it.version != null && (
            <p className="mt-6 text-sm">
              {words.bring} {words.version} {it.version}
            </p>
          )}
        </article>
      )}
    </main>
  );
}
