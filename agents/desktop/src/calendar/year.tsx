import { useState } from "react";

import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { type Day, spans, useDays, useMonth } from "./days";
import { Notices } from "./month";
import { Why } from "./why";
import { useCalendarWords } from "./words";

/** A fiscal year on one sheet of A4: what differs from an ordinary day is in words. */
export function Year() {
  const words = useCalendarWords();
  const [present, month] = useMonth();
  const [year, setYear] = useState(month >= 4 ? present : present - 1);
  const [asked, setAsked] = useState<string | null>(null);
  const days = useDays(`${year}-04-01`, `${year + 1}-03-31`);
  const months = Map.groupBy(days.data?.days ?? [], (day) => day.date.slice(0, 7));
  const unconfirmed = Object.entries(days.data?.holidays_confirmed ?? {}).filter(([, sure]) => !sure);
  return (
    <section>
      <div className="mb-2 flex items-center gap-3">
        <span className="flex gap-3 print:hidden">
          <Button onPress={() => setYear(year - 1)}>{words.previous}</Button>
          <Button onPress={() => setYear(year + 1)}>{words.following}</Button>
          <Button onPress={() => window.print()}>{words.print}</Button>
        </span>
        <h2 className="text-xl font-bold">
          <span className="hidden print:inline">{words.calendar} </span>
          {year}-04 – {year + 1}-03 (令和{year - 2018}年度)
        </h2>
        <p className="hidden text-xs print:block">
          {words.printedOn} {printedOn()}
        </p>
      </div>
      <Fault error={days.error} />
      {unconfirmed.map(([each]) => (
        <p key={each} role="alert" className="border-2 border-red-900 bg-red-50 p-2 font-bold">
          {each}
          {words.unconfirmed}
        </p>
      ))}
      <div className="print:hidden">
        <Notices notices={days.data?.notices ?? []} />
      </div>
      <div className="grid grid-cols-2 gap-2 md:grid-cols-3 lg:grid-cols-4 print:grid-cols-4 print:gap-1">
        {[...months].map(([month, all]) => (
          <MonthOfYear key={month} month={month} days={all} ask={setAsked} />
        ))}
      </div>
      {asked !== null && <Why date={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}

/** A sheet on a wall is older than it looks. */
function printedOn(): string {
  return new Intl.DateTimeFormat("ja-JP", { dateStyle: "medium", timeZone: "Asia/Tokyo" }).format();
}

function MonthOfYear(props: {
  readonly month: string;
  readonly days: readonly Day[];
  readonly ask: (date: string) => void;
}) {
  const words = useCalendarWords();
  return (
    <table className="break-inside-avoid self-start border-collapse bg-white text-xs [print-color-adjust:exact] print:text-[6.5pt] print:leading-none">
      <caption className="font-bold">{props.month}</caption>
      <tbody>
        {props.days.map((day) => (
          <tr key={day.date} className={day.open ? "" : "bg-neutral-200"}>
            <th scope="row" className="border border-neutral-500 px-1 text-right font-normal tabular-nums">
              <button
                type="button"
                className="min-w-6 underline print:no-underline"
                onClick={() => props.ask(day.date)}
              >
                {Number(day.date.slice(8))}
                <span className="sr-only">
                  {" "}
                  {day.date} {words.why}
                </span>
              </button>
              {"月火水木金土日"[day.weekday - 1]}
            </th>
            <td className="border border-neutral-500 px-1 tabular-nums">{day.open ? spans(day) : "–"}</td>
            <td className="border border-neutral-500 px-1">
              {day.layer === "base" ? "" : day.name}
              {day.outreach.length > 0 && ` ${words.outreach}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
