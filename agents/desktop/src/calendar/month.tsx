import { useState } from "react";

import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { useSpoken } from "../words/language";
import { type Day, iso, spans, useDays, useMonth } from "./days";
import { Why } from "./why";
import { useCalendarWords } from "./words";

const WEEK = { ja: ["月", "火", "水", "木", "金", "土", "日"], en: ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] };

/** One month, with a reason behind each day. */
export function Month() {
  const words = useCalendarWords();
  const [year, month] = useMonth();
  const [shown, setShown] = useState(() => new Date(year, month - 1, 1));
  const move = (months: number) =>
    setShown(new Date(shown.getFullYear(), shown.getMonth() + months, 1));
  const last = new Date(shown.getFullYear(), shown.getMonth() + 1, 0);
  const days = useDays(iso(shown), iso(last));
  return (
    <section>
      <div className="mb-2 flex items-center gap-3">
        <Button onPress={() => move(-1)}>{words.previous}</Button>
        <h2 className="text-xl font-bold tabular-nums">
          {shown.getFullYear()}-{String(shown.getMonth() + 1).padStart(2, "0")}
        </h2>
        <Button onPress={() => move(1)}>{words.following}</Button>
      </div>
      <Fault error={days.error} />
      <Notices notices={days.data?.notices ?? []} />
      {days.data !== undefined && <Grid days={days.data.days} />}
    </section>
  );
}

export function Notices({ notices }: { readonly notices: readonly string[] }) {
  const words = useCalendarWords();
  if (notices.length === 0) return null;
  return (
    <div role="status" className="mb-2 border-2 border-yellow-900 bg-yellow-50 p-2">
      <h3 className="font-bold">{words.notices}</h3>
      <ul>
        {notices.map((notice) => (
          <li key={notice}>{notice}</li>
        ))}
      </ul>
    </div>
  );
}

function Grid({ days }: { readonly days: readonly Day[] }) {
  const { language } = useSpoken();
  const words = useCalendarWords();
  const [asked, setAsked] = useState<string | null>(null);
  const before = (days[0]?.weekday ?? 1) - 1;
  const cells: (Day | null)[] = [...Array<null>(before).fill(null), ...days];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) =>
    cells.slice(week * 7, week * 7 + 7),
  );
  return (
    <>
      <table className="w-full table-fixed border-collapse bg-white">
        <thead>
          <tr>
            {WEEK[language].map((name) => (
              <th key={name} scope="col" className="border border-neutral-500 p-1">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week, number) => (
            <tr key={week.find((day) => day !== null)?.date ?? number}>
              {week.map((day, place) => (
                <td
                  key={day?.date ?? `empty ${place}`}
                  className={`h-24 border border-neutral-500 p-1 align-top ${day?.open === false ? "bg-neutral-100" : ""}`}
                >
                  {day !== null && (
                    <>
                      <span className="font-bold tabular-nums">{Number(day.date.slice(8))}</span>{" "}
                      {day.layer !== "base" && <span>{day.name}</span>}
                      <p className="tabular-nums">{day.open ? spans(day) : words.closedDay}</p>
                      {day.outreach.map((event) => (
                        <p key={event.opens}>{words.outreach}</p>
                      ))}
                      <Button looks="quiet" onPress={() => setAsked(day.date)} aria-label={`${day.date} ${words.why}`}>
                        {words.why}
                      </Button>
                    </>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {asked !== null && <Why date={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
